#include "daemon/query/whatif_run.h"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <memory>
#include <utility>

#include "absl/synchronization/mutex.h"
#include "daemon/query/background_work.h"
#include "daemon/query/whatif_counts.h"
#include "daemon/risk/contrast.h"
#include "storage/contract/as_of.h"

namespace shouwang::query {
namespace {

// Whole histories that are judged together, of an instant that has passed.
constexpr size_t kTogether = 64;

// What the threads share.
class Run {
 public:
  Run(const Snapshot& snapshot, const WhatIfQuestion& question, const RegionParts& parts,
      absl::FunctionRef<bool()> cancelled)
      : snapshot_(snapshot),
        question_(question),
        parts_(parts),
        cancelled_(cancelled),
        counts_(question) {}

  // Judges part after part until none is left or it is of no more use.
  void Work() {
    risk::Contrast contrast(question_.rulebook->policies, question_.after,
                            question_.rulebook->reg.catalogue,
                            std::min(question_.through, parts_.latest));
    WhatIfCounts counts(question_);
    absl::Status status;
    while (status.ok() && !GivenUp()) {
      const size_t part = next_.fetch_add(1);
      if (part >= parts_.divisions.size()) break;
      const Division& division = parts_.divisions[part];
      status = question_.as_of ? JudgeAsOf(division, &contrast, &counts)
                               : JudgeNow(division, &contrast, &counts);
    }
    absl::MutexLock lock(&mutex_);
    status_.Update(status);
    if (!status.ok()) failed_ = true;
    counts_.Merge(std::move(counts));
  }

  uint64_t done() const { return done_; }
  // After all threads have ended.
  absl::StatusOr<std::vector<v1::WhatIfResponse>> Answer(uint64_t took_ms) {
    absl::MutexLock lock(&mutex_);
    if (left_) return absl::CancelledError("the caller has left");
    if (!status_.ok()) return status_;
    return counts_.ToAnswer(took_ms);
  }

 private:
  bool GivenUp() {
    if (!left_ && cancelled_()) left_ = true;
    return left_ || failed_;
  }

  absl::Status JudgeNow(const Division& part, risk::Contrast* contrast, WhatIfCounts* counts) {
    absl::Status judged;
    std::vector<const SubjectRisk*> known;
    absl::Status status = snapshot_.ScanNeighbours(
        part, contrast->RecentFrom(), contrast->reaches(), [&](const Neighbours& neighbours) {
          if (GivenUp()) return false;
          known.clear();
          for (const SubjectState& state : neighbours.states) {
            known.push_back(state.risk ? &*state.risk : nullptr);
          }
          size_t next = 0;
          judged = contrast->Judge({.recent = neighbours.recent,
                                    .window = neighbours.window,
                                    .subjects = neighbours.subjects,
                                    .recent_is_whole = neighbours.recent_is_whole,
                                    .known = known,
                                    .reported = neighbours.reported,
                                    .read_whole = neighbours.read_whole,
                                    .read_window = neighbours.read_window},
                                   [&](const Subject& subject, const risk::Standing& standing) {
                                     if (!counts->Add(subject, standing)) return;
                                     while (neighbours.subjects[next] != subject) ++next;
                                     const std::optional<Residence>& residence =
                                         neighbours.states[next].residence;
                                     if (residence)
                                       counts->AddAtSite(residence->site, subject, standing);
                                   });
          done_ += neighbours.subjects.size();
          return judged.ok();
        });
    return judged.ok() ? status : judged;
  }

  absl::Status JudgeAsOf(const Division& part, risk::Contrast* contrast, WhatIfCounts* counts) {
    std::vector<History> lot;
    const auto judge = [&] {
      contrast->Judge(lot, [&](const Subject& subject, const risk::Standing& standing) {
        counts->Add(subject, standing);
      });
      done_ += lot.size();
      lot.clear();
    };
    absl::Status status = snapshot_.ScanWithSuperseded(
        part, Subject{part.FirstVillageCode(), SubjectKind::kHousehold, 0},
        [&](const History& history, std::span<const SupersededValue> superseded) {
          lot.push_back(AsOf(history, superseded, *question_.as_of));
          if (lot.size() < kTogether) return true;
          judge();
          return !GivenUp();
        });
    judge();
    return status;
  }

  const Snapshot& snapshot_;
  const WhatIfQuestion& question_;
  const RegionParts& parts_;
  absl::FunctionRef<bool()> cancelled_;
  std::atomic<size_t> next_ = 0;
  std::atomic<uint64_t> done_ = 0;
  std::atomic<bool> left_ = false;
  std::atomic<bool> failed_ = false;
  absl::Mutex mutex_;
  absl::Status status_ ABSL_GUARDED_BY(mutex_);
  WhatIfCounts counts_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace

absl::StatusOr<std::vector<v1::WhatIfResponse>> RunWhatIf(
    const Store& store, const WhatIfQuestion& question, int threads,
    absl::FunctionRef<bool()> cancelled, absl::FunctionRef<void(const WhatIfProgress&)> progress) {
  using Clock = std::chrono::steady_clock;
  const auto begun = Clock::now();
  const std::unique_ptr<const Snapshot> snapshot = store.TakeSnapshot();
  const absl::StatusOr<RegionParts> parts = PartsOf(store, question.region);
  if (!parts.ok()) return parts.status();
  Run run(*snapshot, question, *parts, cancelled);
  progress({0, parts->subjects});
  const auto wanted = std::min(static_cast<size_t>(std::max(threads, 1)),
                               std::max<size_t>(parts->divisions.size(), 1));
  WorkInBackground(
      wanted, [&] { run.Work(); },
      [&] {
        // A subject that came in after the tallies were read must not make it more than all.
        progress({std::min(run.done(), std::max(parts->subjects, uint64_t{1})), parts->subjects});
      });
  const auto took = std::chrono::duration_cast<std::chrono::milliseconds>(Clock::now() - begun);
  return run.Answer(static_cast<uint64_t>(took.count()));
}

}  // namespace shouwang::query
