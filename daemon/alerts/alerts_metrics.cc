#include "daemon/alerts/alerts_metrics.h"

#include <chrono>

namespace shouwang::alerts {
namespace {

prometheus::Gauge& AddGauge(prometheus::Registry* registry, const char* name, const char* help) {
  return prometheus::BuildGauge().Name(name).Help(help).Register(*registry).Add({});
}

}  // namespace

AlertsMetrics::AlertsMetrics(prometheus::Registry* registry,
                             const std::vector<std::string>& alertmanagers)
    : firing_(
          AddGauge(registry, "shouwang_alerts_firing",
                   "Alerts that Alertmanagers are to know: open warnings by township and rule.")),
      left_out_(AddGauge(registry, "shouwang_alerts_left_out",
                         "Alerts past the limit, which no Alertmanager is told of.")),
      sent_(prometheus::BuildCounter()
                .Name("shouwang_alerts_sent_total")
                .Help("Alerts sent to an Alertmanager, re-sending included, by outcome.")
                .Register(*registry)),
      last_success_(prometheus::BuildGauge()
                        .Name("shouwang_alerts_last_success_timestamp_seconds")
                        .Help("When the Alertmanager last took all alerts; 0: not since start.")
                        .Register(*registry)),
      not_recorded_(prometheus::BuildCounter()
                        .Name("shouwang_alerts_not_recorded_total")
                        .Help("Rounds whose deliveries could not be written into the history.")
                        .Register(*registry)) {
  for (const std::string& alertmanager : alertmanagers) {
    Sent(alertmanager, 0, 0, 0);
    last_success_.Add({{"alertmanager", alertmanager}}).Set(0);
    not_recorded_.Add({{"alertmanager", alertmanager}});
  }
}

void AlertsMetrics::Firing(size_t groups, size_t left_out) {
  firing_.Set(static_cast<double>(groups));
  left_out_.Set(static_cast<double>(left_out));
}

void AlertsMetrics::Sent(const std::string& alertmanager, size_t delivered, size_t refused,
                         size_t failed) {
  const auto count = [&](const char* outcome, size_t alerts) {
    sent_.Add({{"alertmanager", alertmanager}, {"outcome", outcome}})
        .Increment(static_cast<double>(alerts));
  };
  count("delivered", delivered);
  count("refused", refused);
  count("failed", failed);
}

void AlertsMetrics::Succeeded(const std::string& alertmanager, Instant now) {
  last_success_.Add({{"alertmanager", alertmanager}})
      .Set(std::chrono::duration<double>(now.time_since_epoch()).count());
}

void AlertsMetrics::NotRecorded(const std::string& alertmanager) {
  not_recorded_.Add({{"alertmanager", alertmanager}}).Increment();
}

}  // namespace shouwang::alerts
