// process_resident_memory_bytes, process_cpu_seconds_total, process_open_fds and
// process_start_time_seconds, read from /proc/self at each scrape. Any thread. What cannot be read
// is left out.
#pragma once

#include <prometheus/collectable.h>
#include <prometheus/metric_family.h>

#include <vector>

namespace shouwang::metrics {

class ProcessMetrics final : public prometheus::Collectable {
 public:
  std::vector<prometheus::MetricFamily> Collect() const override;
};

}  // namespace shouwang::metrics
