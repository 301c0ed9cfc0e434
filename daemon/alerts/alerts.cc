#include "daemon/alerts/alerts.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <utility>

#include "absl/time/time.h"
#include "daemon/alerts/curl_http.h"
#include "daemon/alerts/pace.h"

namespace shouwang::alerts {

Alerts::Alerts(const AlertsSettings& settings, const AlertsParts& parts)
    : settings_(settings), parts_(parts), metrics_(parts.registry, settings.alertmanagers) {
  const std::vector<Delivery> standing = Standing();
  for (const std::string& alertmanager : settings_.alertmanagers) {
    senders_.push_back(std::make_unique<Sender>(
        SenderParts{.store = parts_.store,
                    .deliveries = parts_.deliveries,
                    .rulebook = parts_.rulebook,
                    .taken_on = parts_.taken_on,
                    .metrics = &metrics_,
                    .now = parts_.now,
                    .notice = parts_.notice,
                    .link = settings_.link,
                    .min_cell = settings_.min_cell,
                    .lifetime = settings_.lifetime},
        alertmanager, std::make_unique<CurlHttp>(settings_.timeout), standing));
  }
}

Alerts::~Alerts() { Stop(); }

std::vector<Delivery> Alerts::Standing() {
  const absl::StatusOr<std::vector<Delivery>> standing = parts_.deliveries->LoadStanding();
  if (!standing.ok()) {
    parts_.notice(fmt::format("what Alertmanagers were told cannot be read: {}",
                              std::string(standing.status().message())));
    return {};
  }
  std::set<std::string> gone;
  for (const Delivery& delivery : *standing) {
    if (std::ranges::find(settings_.alertmanagers, delivery.receiver) ==
        settings_.alertmanagers.end()) {
      gone.insert(delivery.receiver);
    }
  }
  for (const std::string& receiver : gone) {
    if (absl::Status status = parts_.deliveries->ForgetStanding(receiver); !status.ok()) {
      parts_.notice(fmt::format("{} is configured no more and cannot be forgotten: {}", receiver,
                                std::string(status.message())));
    }
  }
  return *standing;
}

void Alerts::Start() {
  for (const std::unique_ptr<Sender>& sender : senders_) {
    threads_.emplace_back([this, sender = sender.get()] { Work(sender); });
  }
}

void Alerts::Stop() {
  {
    absl::MutexLock lock(&mutex_);
    stopping_ = true;
  }
  for (const std::unique_ptr<Sender>& sender : senders_) sender->Stop();
  threads_.clear();
}

void Alerts::Work(Sender* sender) {
  Pace pace(settings_.interval);
  while (true) {
    const Pace::Pause pause = pace.After(sender->Round());
    DropOldHistory();
    absl::MutexLock lock(&mutex_);
    if (mutex_.AwaitWithTimeout(absl::Condition(&stopping_), absl::FromChrono(pause))) return;
  }
}

void Alerts::DropOldHistory() {
  const Instant now = parts_.now();
  {
    absl::MutexLock lock(&mutex_);
    if (stopping_ || dropped_on_ == DateOf(now)) return;
    dropped_on_ = DateOf(now);
  }
  const absl::Status status =
      parts_.deliveries->DropBefore(now - std::chrono::days(settings_.history_days));
  if (!status.ok()) {
    parts_.notice(
        fmt::format("old deliveries cannot be dropped: {}", std::string(status.message())));
  }
}

}  // namespace shouwang::alerts
