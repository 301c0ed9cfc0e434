// What this room counts. Every series of every configured Alertmanager is there from start-up on.
// Any thread. The registry outlives it.
#pragma once

#include <prometheus/counter.h>
#include <prometheus/family.h>
#include <prometheus/gauge.h>
#include <prometheus/registry.h>

#include <cstddef>
#include <string>
#include <vector>

#include "storage/vocabulary/date.h"

namespace shouwang::alerts {

class AlertsMetrics {
 public:
  AlertsMetrics(prometheus::Registry* registry, const std::vector<std::string>& alertmanagers);

  void Firing(size_t groups, size_t left_out);
  // Of the alerts of one round; `failed` have not been posted, or not been answered.
  void Sent(const std::string& alertmanager, size_t delivered, size_t refused, size_t failed);
  void Succeeded(const std::string& alertmanager, Instant now);
  void NotRecorded(const std::string& alertmanager);

 private:
  prometheus::Gauge& firing_;
  prometheus::Gauge& left_out_;
  prometheus::Family<prometheus::Counter>& sent_;
  prometheus::Family<prometheus::Gauge>& last_success_;
  prometheus::Family<prometheus::Counter>& not_recorded_;
};

}  // namespace shouwang::alerts
