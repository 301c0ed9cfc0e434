// The gauges of divisions, sites, rules and the store that a scrape sees: read by one thread every
// `refresh`, handed out as they are, so that a scrape never waits for the disk.
//
// A reading that fails keeps the one before, but for the gauges of the store itself, which say why;
// shouwang_metrics_refresh_timestamp_seconds then stands still, which an alert can see. Damaged
// records of reporters only keep these out of shouwang_reporters_silent. Collect may be called from
// any thread; Refresh and Start by the owner's.
#pragma once

#include <prometheus/collectable.h>

#include <chrono>
#include <functional>
#include <memory>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "daemon/metrics/figures.h"
#include "daemon/pace/paced_thread.h"

namespace shouwang::metrics {

class DivisionSnapshot final : public prometheus::Collectable {
 public:
  // `store`, `rulebook` and `reporters` outlive it; without reporters (nullptr) no silence of
  // theirs is told. InvalidArgument for a depth below township.
  static absl::StatusOr<std::shared_ptr<DivisionSnapshot>> Of(const FigureSettings& settings,
                                                              const Store* store,
                                                              const CurrentRulebook* rulebook,
                                                              std::function<Instant()> now,
                                                              const Reporters* reporters = nullptr);

  // Reads everything now. DataLoss: also where only records of reporters are damaged.
  absl::Status Refresh();
  // From now on every `refresh`, on a thread of its own; failures go to `fault`.
  void Start(std::chrono::milliseconds refresh, std::function<void(const absl::Status&)> fault);
  void Stop() { thread_.Stop(); }

  std::vector<prometheus::MetricFamily> Collect() const override;

 private:
  DivisionSnapshot(const FigureSettings& settings, const Store* store,
                   const CurrentRulebook* rulebook, std::function<Instant()> now,
                   const Reporters* reporters);

  // OK though records of reporters are damaged, which goes to `damage`.
  absl::Status ReadFigures(Gauges* gauges, absl::Status* damage) const;

  const FigureSettings settings_;
  const Store* const store_;
  const CurrentRulebook* const rulebook_;
  const std::function<Instant()> now_;
  const Reporters* const reporters_;

  mutable absl::Mutex mutex_;
  Gauges gauges_ ABSL_GUARDED_BY(mutex_);
  PacedThread thread_;  // last: it uses all of the above
};

}  // namespace shouwang::metrics
