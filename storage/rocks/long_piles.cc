#include "storage/rocks/long_piles.h"

#include <algorithm>

#include "absl/hash/hash.h"

namespace shouwang::rocks {
namespace {

// A read looks at every part, which costs more than its bytes; and folding writes the first part,
// often a block of a whole village's year, anew: not for a few parts that are small beside it.
constexpr size_t kFewParts = 48;
constexpr size_t kManyParts = 192;
constexpr size_t kLeastShare = 4;

std::string NameOf(Family family, std::string_view key) {
  std::string name(1, static_cast<char>(family));
  return name.append(key);
}

}  // namespace

bool LongPiles::IsLong(std::span<const std::string_view> parts) {
  if (parts.size() <= kFewParts) return false;
  if (parts.size() > kManyParts) return true;
  size_t added = 0;
  for (const std::string_view part : parts.subspan(1)) added += part.size();
  return added * (kLeastShare - 1) >= parts[0].size();
}

void LongPiles::Note(Family family, std::string_view key) {
  if (key.size() < kGroupKeyBytes) return;
  std::string name = NameOf(family, key);
  absl::MutexLock lock(&mutex_);
  if (noted_ >= kMostNoted) return;
  std::vector<std::string>& notes = notes_[std::string(key.substr(0, kGroupKeyBytes))];
  if (std::ranges::find(notes, name) != notes.end()) return;
  notes.push_back(std::move(name));
  ++noted_;
}

bool LongPiles::TakeNotes(const std::string& group, std::vector<std::string>* folds) {
  absl::MutexLock lock(&mutex_);
  const auto it = notes_.find(group);
  if (it == notes_.end()) return false;
  noted_ -= it->second.size();
  for (std::string& name : it->second) folds->push_back(std::move(name));
  notes_.erase(it);
  return true;
}

uint64_t LongPiles::LaneOf(const SubjectGroup& group) {
  return uint64_t{1} << absl::HashOf(group.place, group.kind, group.group) % kLanes;
}

void LongPiles::Turn::Join(const Subject& subject) {
  const SubjectGroup group = SubjectGroup::Of(subject);
  if (group == last_group_) return;
  last_group_ = group;
  const uint64_t lane = LaneOf(group);
  shared_ |= lane;
  if (piles_->noted_.load(std::memory_order_relaxed) == 0) return;
  std::string bytes;
  AppendGroupKey(group, &bytes);
  if (piles_->TakeNotes(bytes, &folds_)) alone_ |= lane;
}

LongPiles::Turn::Turn(const Transaction& transaction, LongPiles* piles) : piles_(piles) {
  for (const ObservationList::Report& report : transaction.observations.reports()) {
    Join(report.subject);
  }
  for (const SubjectRisk& risk : transaction.risks) Join(risk.subject);
  for (const Residence& residence : transaction.residences) Join(residence.household);
  shared_ &= ~alone_;
  Lock();
}

LongPiles::Turn::Turn(const SubjectGroup& group, LongPiles* piles)
    : piles_(piles), alone_(LaneOf(group)) {
  Lock();
}

// Lanes are taken in ascending order by all, so that nobody waits in a circle. The analysis of
// locks does not know arrays of them.
void LongPiles::Turn::Lock() ABSL_NO_THREAD_SAFETY_ANALYSIS {
  for (size_t lane = 0; lane < kLanes; ++lane) {
    if ((alone_ >> lane & 1) != 0) piles_->lanes_[lane].Lock();
    if ((shared_ >> lane & 1) != 0) piles_->lanes_[lane].ReaderLock();
  }
}

LongPiles::Turn::~Turn() ABSL_NO_THREAD_SAFETY_ANALYSIS {
  for (size_t lane = 0; lane < kLanes; ++lane) {
    if ((alone_ >> lane & 1) != 0) piles_->lanes_[lane].Unlock();
    if ((shared_ >> lane & 1) != 0) piles_->lanes_[lane].ReaderUnlock();
  }
}

bool LongPiles::Turn::Folds(Family family, std::string_view key) const {
  return !folds_.empty() && std::ranges::find(folds_, NameOf(family, key)) != folds_.end();
}

}  // namespace shouwang::rocks
