// What app itself shows in the scrape. Any thread. The registry outlives it.
#pragma once

#include <prometheus/gauge.h>
#include <prometheus/registry.h>

#include "storage/vocabulary/date.h"

namespace shouwang::app {

class AppMetrics {
 public:
  explicit AppMetrics(prometheus::Registry* registry);

  void ReloadSucceeded(Instant now);
  void ReloadRefused() { reload_successful_.Set(0); }
  void SetReevaluation(double progress) { reevaluation_.Set(progress); }

 private:
  prometheus::Gauge& reload_successful_;
  prometheus::Gauge& reload_time_;
  prometheus::Gauge& reevaluation_;
};

}  // namespace shouwang::app
