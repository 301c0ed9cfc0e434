#include "daemon/app/app_metrics.h"

#include <chrono>

#include "daemon/app/version.h"

namespace shouwang::app {
namespace {

prometheus::Gauge& AddGauge(const char* name, const char* help, prometheus::Registry* registry,
                            const prometheus::Labels& labels = {}) {
  return prometheus::BuildGauge().Name(name).Help(help).Register(*registry).Add(labels);
}

}  // namespace

AppMetrics::AppMetrics(prometheus::Registry* registry)
    : reload_successful_(AddGauge("shouwang_config_last_reload_successful",
                                  "0 after a refused reload; the old configuration then stays.",
                                  registry)),
      reload_time_(AddGauge("shouwang_config_last_reload_success_timestamp_seconds",
                            "When catalogue, divisions, sites and policies were last loaded.",
                            registry)),
      reevaluation_(AddGauge("shouwang_reevaluation_progress_ratio",
                             "1 when all warnings follow the policy in force.", registry)) {
  AddGauge("shouwang_build_info", "Version of the daemon; always 1.", registry,
           {{"version", kVersion}})
      .Set(1);
}

void AppMetrics::ReloadSucceeded(Instant now) {
  reload_time_.Set(std::chrono::duration<double>(now.time_since_epoch()).count());
  reload_successful_.Set(1);
}

}  // namespace shouwang::app
