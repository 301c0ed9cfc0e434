#include "daemon/ingest/group_windows.h"

#include <algorithm>
#include <utility>

namespace shouwang::ingest {
namespace {

constexpr int kTimesLeftAlone = 12;
// Then all are tried anew.
constexpr size_t kMostScattered = 1 << 16;
// Of windows that find the memory full, one in so many stays.
constexpr uint32_t kOneStaysIn = 16;
// Windows that pass take one in so many bytes of the memory; what is left of them for the next
// part, no more than a village or two have.
constexpr int64_t kPassingShare = 8;
constexpr size_t kMostPassing = 8;
// Reading a group for less than one in so many of its subjects costs more than reading them.
constexpr size_t kMostForOne = 4;

bool Suits(const GroupWindow& window, size_t new_dates) {
  return window.IsDense() && window.dates().size() + new_dates <= GroupWindow::kMostRows;
}

}  // namespace

void GroupWindows::ReadFor(const risk::PolicySet& policies) {
  if (policies.fingerprint() == read_for_) return;
  Clear();
  read_for_ = policies.fingerprint();
  indicators_ = policies.IndicatorsRead();
  if (indicators_.empty()) indicators_.push_back(kAnyIndicator);  // which nobody reports
  kept_.assign(size_t{indicators_.back()} + 1, 0);
  for (const IndicatorId indicator : indicators_) kept_[indicator] = 1;
}

absl::StatusOr<GroupWindow*> GroupWindows::Open(const SubjectGroup& group,
                                                std::span<const Member> members, size_t new_dates,
                                                WindowReader& reader) {
  if (IsScattered(group)) return nullptr;
  Date from = Date::Max();
  size_t missing = 0;
  for (const Member& member : members) from = std::min(from, member.from);
  GroupWindow* window = recent_.Find(group, from);
  if (window == nullptr || !HasAll(*window, members) || !Suits(*window, new_dates)) {
    // Windows that the part needs are not dropped, however many they are.
    if (window == nullptr && bytes() > max_bytes_ + max_bytes_ / 4) return nullptr;
    absl::StatusOr<GroupWindow*> loaded = Load(group, from, members.size(), new_dates, reader);
    if (!loaded.ok() || *loaded == nullptr) return loaded;
    window = *loaded;
  }
  for (const Member& member : members) missing += window->LaneOf(member.low) ? 0 : 1;
  window->ReserveLanes(window->held() + missing);
  for (const Member& member : members) window->LaneFor(member.low);
  return window;
}

absl::StatusOr<GroupWindow*> GroupWindows::Load(const SubjectGroup& group, Date from,
                                                size_t members, size_t new_dates,
                                                WindowReader& reader) {
  loading_.Reset(group);
  if (from == Date::Max()) return TakeOver(Date::Min());
  const absl::StatusOr<bool> fits = reader.Fill({from, Date::Max()}, indicators_, &loading_);
  if (absl::IsDataLoss(fits.status())) return nullptr;
  if (!fits.ok()) return fits.status();
  if (*fits && Suits(loading_, new_dates) && loading_.held() <= kMostForOne * members) {
    return TakeOver(from);
  }
  Scatter(group);
  return nullptr;
}

GroupWindow* GroupWindows::TakeOver(Date from) {
  const SubjectGroup group = loading_.group();
  if (Stays(group)) return recent_.Keep(&loading_, from);
  recent_.Forget(group);
  last_passed_ = (last_passed_ + 1) % passed_.size();
  passed_[last_passed_] = group;
  if (passing_count_ == passing_.size()) {
    passing_bytes_ += passing_.emplace_back(std::make_unique<GroupWindow>())->Bytes();
  }
  GroupWindow* window = passing_[passing_count_++].get();
  passing_bytes_ -= window->Bytes();
  std::swap(*window, loading_);
  passing_bytes_ += window->Bytes();
  return window;
}

bool GroupWindows::Stays(const SubjectGroup& group) {
  const bool passes = recent_.IsFull() && passing_bytes_ <= max_bytes_ / kPassingShare &&
                      std::ranges::find(passed_, group) == passed_.end() &&
                      ++passed_since_ < kOneStaysIn;
  if (!passes) passed_since_ = 0;
  return !passes;
}

void GroupWindows::EndPart(int lookback_months) {
  passing_count_ = 0;
  passing_bytes_ = 0;
  size_t left = 0;
  for (; left < std::min(passing_.size(), kMostPassing); ++left) {
    const int64_t bytes = passing_[left]->Bytes();
    if (passing_bytes_ + bytes > max_bytes_ / kPassingShare) break;
    passing_bytes_ += bytes;
  }
  passing_.resize(left);
  recent_.EndUse(lookback_months, max_bytes_ - passing_bytes_);
}

// One of which nothing is stored gets a lane when it is needed.
bool GroupWindows::HasAll(const GroupWindow& window, std::span<const Member> members) {
  return std::ranges::all_of(members, [&](const Member& member) {
    return member.from == Date::Max() || window.LaneOf(member.low).has_value();
  });
}

bool GroupWindows::IsScattered(const SubjectGroup& group) {
  const auto it = scattered_.find(group);
  if (it == scattered_.end()) return false;
  if (--it->second == 0) scattered_.erase(it);
  return true;
}

void GroupWindows::Scatter(const SubjectGroup& group) {
  if (scattered_.size() == kMostScattered) scattered_.clear();
  scattered_[group] = kTimesLeftAlone;
  recent_.Forget(group);
}

void GroupWindows::Leave(const Subject& subject) {
  // However far back it reaches.
  GroupWindow* window = recent_.Find(SubjectGroup::Of(subject), Date::Max());
  if (window != nullptr) window->DropLane(SubjectGroup::LowOf(subject));
}

void GroupWindows::Clear() {
  recent_.Clear();
  scattered_.clear();
}

}  // namespace shouwang::ingest
