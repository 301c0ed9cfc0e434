// The alerts room: tells every configured Alertmanager of the open warnings of households, one
// alert for each township, rule and severity, never one for a household.
//
//   auto alerts = alerts::Alerts::Of(settings, parts);
//   alerts->Start();
//   ...
//   alerts->Stop();       // before the store goes
//
// Threads: one for each Alertmanager, so that one that hangs holds up no other; it reads the store,
// never the path of a report. Start and Stop by the owner's thread. What it is given outlives it.
//
// Failures: an Alertmanager that cannot be reached is tried again (pace.h) and told how things
// stand when it answers; metrics and the notice say so. Nothing here stops the daemon.
#pragma once

#include <prometheus/registry.h>

#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "daemon/alerts/alerts_metrics.h"
#include "daemon/alerts/sender.h"

namespace shouwang::alerts {

struct AlertsSettings {
  std::vector<std::string> alertmanagers;  // "http://127.0.0.1:9093", no path of the API
  std::chrono::seconds interval{60};       // between two rounds
  std::chrono::seconds timeout{10};        // of one POST
  std::chrono::seconds lifetime{3600};     // of an alert that is not told again
  std::string link;                        // see message.h
  int min_cell = 5;                        // fewer households are told as "fewer than"
  int history_days = 400;
};

struct AlertsParts {
  const Store* store = nullptr;
  Deliveries* deliveries = nullptr;
  const cases::TakenOnBoard* taken_on = nullptr;  // see SenderParts
  const CurrentRulebook* rulebook = nullptr;
  prometheus::Registry* registry = nullptr;
  std::function<Instant()> now;
  std::function<void(std::string_view)> notice;  // see SenderParts
};

class Alerts {
 public:
  // Reads what stands at each Alertmanager and forgets those that are configured no more. Where
  // that cannot be read, `notice` says so and everything is told anew.
  Alerts(const AlertsSettings& settings, const AlertsParts& parts);
  ~Alerts();

  void Start();
  void Stop();

 private:
  std::vector<Delivery> Standing();
  void Work(Sender* sender);
  // Once a day, by whichever thread comes first.
  void DropOldHistory();

  const AlertsSettings settings_;
  const AlertsParts parts_;
  AlertsMetrics metrics_;
  std::vector<std::unique_ptr<Sender>> senders_;
  std::vector<std::jthread> threads_;
  absl::Mutex mutex_;
  bool stopping_ ABSL_GUARDED_BY(mutex_) = false;
  Date dropped_on_ ABSL_GUARDED_BY(mutex_) = Date::Min();
};

}  // namespace shouwang::alerts
