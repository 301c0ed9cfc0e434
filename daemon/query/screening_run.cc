#include "daemon/query/screening_run.h"

#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <iterator>
#include <memory>
#include <optional>
#include <utility>

#include "absl/synchronization/mutex.h"
#include "daemon/query/background_work.h"

namespace shouwang::query {
namespace {

using screening::BatchOrigin;
using screening::ReporterTally;
using screening::TownshipTally;

// What the threads share.
class Run {
 public:
  Run(const Store& store, const Snapshot& snapshot, const ScreeningQuestion& question,
      const RegionParts& parts, absl::FunctionRef<bool()> cancelled)
      : store_(store),
        snapshot_(snapshot),
        question_(question),
        parts_(parts),
        cancelled_(cancelled) {}

  // Tallies township after township until none is left or it is of no more use.
  void Work() {
    absl::Status status;
    while (status.ok() && !GivenUp()) {
      const size_t part = next_.fetch_add(1);
      if (part >= parts_.divisions.size()) break;
      status = TallyTownship(parts_.divisions[part]);
    }
    if (status.ok()) return;
    absl::MutexLock lock(&mutex_);
    status_.Update(status);
    failed_ = true;
  }

  uint64_t done() const { return done_; }
  // After all threads have ended.
  absl::StatusOr<ScreeningResult> Result() {
    absl::MutexLock lock(&mutex_);
    if (left_) return absl::CancelledError("the caller has left");
    if (!status_.ok()) return status_;
    ScreeningResult result;
    result.comparison = screening::Compare(tallies_, *question_.policy->screening);
    result.subjects = done_;
    result.values_of_unknown_batches = unknown_;
    return result;
  }

 private:
  bool GivenUp() {
    if (!left_ && cancelled_()) left_ = true;
    return left_ || failed_;
  }

  absl::Status TallyTownship(const Division& township) {
    const auto origin_of = [&](uint64_t number) -> absl::StatusOr<std::optional<BatchOrigin>> {
      absl::StatusOr<std::optional<BatchRecord>> batch = store_.FindBatch(number);
      if (!batch.ok()) return batch.status();
      if (!*batch) return std::nullopt;
      return BatchOrigin{std::move((*batch)->collector), (*batch)->source, (*batch)->reported_at};
    };
    TownshipTally tally(*question_.policy, question_.rulebook->reg.catalogue, township,
                        question_.months, origin_of);
    absl::Status added;
    absl::Status scanned = snapshot_.ScanWithSuperseded(
        township, Subject{township.FirstVillageCode(), SubjectKind::kHousehold, 0},
        [&](const History& history, std::span<const SupersededValue> superseded) {
          if (GivenUp()) return false;
          added = tally.Add(history, superseded);
          ++done_;
          return added.ok();
        });
    if (!added.ok()) return added;
    if (!scanned.ok()) return scanned;
    std::vector<ReporterTally> reporters = tally.Finish();
    absl::MutexLock lock(&mutex_);
    unknown_ += tally.values_of_unknown_batches();
    std::ranges::move(reporters, std::back_inserter(tallies_));
    if (tallies_.size() <= kMaxScreenedReporters) return absl::OkStatus();
    return absl::ResourceExhaustedError(
        fmt::format("Screen: region '{}' has more than {} reporters; ask for a smaller region",
                    question_.compared.ToString(), kMaxScreenedReporters));
  }

  const Store& store_;
  const Snapshot& snapshot_;
  const ScreeningQuestion& question_;
  const RegionParts& parts_;
  absl::FunctionRef<bool()> cancelled_;
  std::atomic<size_t> next_ = 0;
  std::atomic<uint64_t> done_ = 0;
  std::atomic<bool> left_ = false;
  std::atomic<bool> failed_ = false;
  absl::Mutex mutex_;
  absl::Status status_ ABSL_GUARDED_BY(mutex_);
  std::vector<ReporterTally> tallies_ ABSL_GUARDED_BY(mutex_);
  uint64_t unknown_ ABSL_GUARDED_BY(mutex_) = 0;
};

}  // namespace

absl::StatusOr<ScreeningResult> RunScreening(
    const Store& store, const ScreeningQuestion& question, int threads,
    absl::FunctionRef<bool()> cancelled,
    absl::FunctionRef<void(const ScreeningProgress&)> progress) {
  using Clock = std::chrono::steady_clock;
  const auto begun = Clock::now();
  const std::unique_ptr<const Snapshot> snapshot = store.TakeSnapshot();
  const absl::StatusOr<RegionParts> parts = PartsOf(store, question.compared);
  if (!parts.ok()) return parts.status();
  Run run(store, *snapshot, question, *parts, cancelled);
  const auto tell = [&] {
    // A subject that came in after the tallies were read must not make it more than all.
    progress({std::min(run.done(), parts->subjects), parts->subjects});
  };
  tell();
  const size_t wanted =
      std::min(static_cast<size_t>(std::max(threads, 1)), parts->divisions.size());
  WorkInBackground(
      wanted, [&] { run.Work(); }, tell);
  absl::StatusOr<ScreeningResult> result = run.Result();
  if (!result.ok()) return result.status();
  const auto took = std::chrono::duration_cast<std::chrono::milliseconds>(Clock::now() - begun);
  result->took_ms = static_cast<uint64_t>(took.count());
  return result;
}

}  // namespace shouwang::query
