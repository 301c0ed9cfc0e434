// The gauges of cases that a scrape sees (case_figures.h): how many are overdue, went up, confirmed
// a rule; and, for alerts, how many households of a warning were taken on. A clue is implied by
// its warning (daemon/cases/standing.h), so counting them means to look through all open warnings:
// on a thread of its own, which rests between two readings at least as long as kRestFactor readings
// took.
//
// A reading that fails keeps the one before; shouwang_cases_refresh_timestamp_seconds then stands
// still. Collect may be called from any thread; Refresh, Start and Stop by the owner's.
#pragma once

#include <prometheus/collectable.h>

#include <chrono>
#include <functional>
#include <stop_token>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "daemon/cases/desk.h"
#include "daemon/cases/taken_on.h"
#include "daemon/metrics/figures.h"
#include "daemon/pace/paced_thread.h"
#include "storage/contract/draw_book.h"

namespace shouwang::metrics {

// All of it outlives the snapshot.
struct CaseSnapshotParts {
  const Store* store = nullptr;
  const cases::CaseDesk* desk = nullptr;
  const DrawBook* draws = nullptr;
  cases::TakenOnBoard* board = nullptr;  // told of each reading
  const CurrentRulebook* rulebook = nullptr;
  std::function<Instant()> now;
};

class CaseSnapshot final : public prometheus::Collectable {
 public:
  // One fiftieth of a processor at most. At 10 million households two such threads, resting twenty
  // times as long, took a sixteenth of what the daemon had.
  static constexpr int kRestFactor = 50;

  // Depth and small cells are those of the division figures.
  CaseSnapshot(const FigureSettings& settings, const CaseSnapshotParts& parts);

  // Reads everything now; Cancelled once `stop` says so.
  absl::Status Refresh(const std::stop_token& stop = {});
  // From now on, at once and then every `refresh` or less often; failures go to `fault`.
  void Start(std::chrono::milliseconds refresh, std::function<void(const absl::Status&)> fault);
  void Stop() { thread_.Stop(); }

  std::vector<prometheus::MetricFamily> Collect() const override;

 private:
  const FigureSettings settings_;
  const Store* const store_;
  const cases::CaseDesk* const desk_;
  const DrawBook* const draws_;
  cases::TakenOnBoard* const board_;
  const CurrentRulebook* const rulebook_;
  const std::function<Instant()> now_;

  mutable absl::Mutex mutex_;
  std::vector<prometheus::MetricFamily> families_ ABSL_GUARDED_BY(mutex_);
  PacedThread thread_;  // last: it uses all of the above
};

}  // namespace shouwang::metrics
