// One reading of the snapshot's gauges: every family of README.md that this room reads from the
// store, with its HELP, whether or not it has a series yet. A value, filled by one thread. Named
// after what nearly all of them are; some are counters.
#pragma once

#include <prometheus/client_metric.h>
#include <prometheus/metric_family.h>

#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace shouwang::metrics {

// In the order of the scrape.
enum class Gauge {
  kDivisionInfo,
  kHouseholds,
  kObservations,
  kWarningsOpen,
  kOriginHouseholds,
  kOriginWarningsOpen,
  kSiteInfo,
  kSiteHouseholds,
  kSiteWarningsOpen,
  kSiteIndicator,
  kIndicatorMean,
  kCompleteness,
  kTimeliness,
  kHouseholdsSilent,
  kReportersSilent,
  kLastReport,
  kRuleInfo,
  kRefreshTimestamp,
  kRefreshDuration,
  kStoreBytes,
  kStoreMemoryBytes,
  kStorePendingCompactionBytes,
  kStoreRunningCompactions,
  kStoreRunningFlushes,
  kStoreUnsortedFiles,
  kStoreWriteStalled,
  kStoreWriteStalledSeconds,
  kStoreDelayedWriteRate,
  kStoreCacheBytes,
  kStoreCacheLimitBytes,
  kStoreWriteBufferBytes,
  kStoreWritable,
  kStoreDamage,
  kStoreFailedCompactions,
};

class Gauges {
 public:
  using Label = std::pair<std::string_view, std::string_view>;

  Gauges();

  // Each set of labels once per gauge.
  void Add(Gauge gauge, std::initializer_list<Label> labels, double value);
  // Those that `other` has a series of take the place of these.
  void Replace(const Gauges& other);
  const std::vector<prometheus::MetricFamily>& families() const { return families_; }

 private:
  std::vector<prometheus::MetricFamily> families_;
};

}  // namespace shouwang::metrics
