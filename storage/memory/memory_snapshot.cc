#include "storage/memory/memory_snapshot.h"

#include <set>
#include <utility>

namespace shouwang {
namespace {

// So few that a test of a handful of subjects sees several lots.
constexpr size_t kTogether = 3;

}  // namespace

absl::Status MemorySnapshot::ScanNeighbours(
    const Division& region, Date from, std::span<const Reach>,
    absl::FunctionRef<bool(const Neighbours&)> visit) const {
  std::vector<History> whole;
  absl::Status failure;
  const auto show = [&] {
    std::vector<History> recent;
    recent.reserve(whole.size());
    bool recent_is_whole = true;
    for (const History& history : whole) {
      recent.push_back(history.From(from));
      recent_is_whole = recent_is_whole && history.dates().front() >= from;
    }
    std::set<IndicatorId> found;
    for (const History& history : whole) {
      found.insert(history.indicators().begin(), history.indicators().end());
    }
    const std::vector<IndicatorId> reported(found.begin(), found.end());
    std::vector<Subject> subjects;
    subjects.reserve(whole.size());
    for (const History& history : whole) subjects.push_back(history.subject());
    std::vector<SubjectState> states;
    failure.Update(copy_->FillStates(subjects, &states));
    const bool wanted = visit(
        {.subjects = subjects,
         .recent = recent,
         .recent_is_whole = recent_is_whole,
         .states = states,
         .reported = reported,
         .read_whole =
             [&](size_t index, std::span<const IndicatorId>, History* out) {
               *out = whole[index];
               return absl::OkStatus();
             },
         .read_window = [](std::span<const IndicatorId>) -> absl::StatusOr<const GroupWindow*> {
           return nullptr;
         }});
    whole.clear();
    return wanted;
  };
  bool wanted = true;
  absl::Status status = copy_->ScanHistories(region, DateRange{}, [&](const History& history) {
    whole.push_back(history);
    if (whole.size() == kTogether) wanted = show();
    return wanted;
  });
  if (wanted && !whole.empty()) show();
  status.Update(failure);
  return status;
}

std::unique_ptr<Snapshot> MemoryStore::TakeSnapshot() const {
  auto copy = std::make_unique<MemoryStore>();
  {
    absl::MutexLock lock(&mutex_);
    absl::MutexLock copy_lock(&copy->mutex_);
    copy->histories_ = histories_;
    copy->superseded_ = superseded_;
    copy->states_ = states_;
  }
  return std::make_unique<MemorySnapshot>(std::move(copy));
}

}  // namespace shouwang
