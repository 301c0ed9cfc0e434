// One Alertmanager and what it is told, round by round: read what fires, post all of it, record
// what is news, remember. Nothing queues while the Alertmanager is away: the next round says how
// things stand then.
//
// One thread, but for Stop (any).
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "daemon/alerts/alerts_metrics.h"
#include "daemon/alerts/http.h"
#include "daemon/alerts/posting.h"
#include "daemon/alerts/told.h"

namespace shouwang::alerts {

struct SenderParts {
  const Store* store = nullptr;
  Deliveries* deliveries = nullptr;
  const CurrentRulebook* rulebook = nullptr;
  const cases::TakenOnBoard* taken_on = nullptr;  // nullptr: every warning is open
  AlertsMetrics* metrics = nullptr;
  std::function<Instant()> now;
  // Told, for the log, when something changes: one line of text. Any thread.
  std::function<void(std::string_view)> notice;
  std::string link;
  int min_cell = 5;
  std::chrono::milliseconds lifetime{};
};

class Sender {
 public:
  // `standing`: of any receiver.
  Sender(SenderParts parts, std::string alertmanager, std::unique_ptr<Http> http,
         std::span<const Delivery> standing);

  // Whether the Alertmanager took all that it was to be told, refusals of single alerts aside.
  bool Round();
  void Stop() { http_->Stop(); }
  const std::string& alertmanager() const { return alertmanager_; }

 private:
  Firing Read(const Rulebook& rulebook, Instant now);
  void Record(const Posted& posted, Instant now);
  // Gives notice when `what` begins, with why, and when it is over.
  void Tell(std::string_view what, const absl::Status& status, bool* troubled) const;

  const SenderParts parts_;
  const std::string alertmanager_;
  const std::unique_ptr<Http> http_;
  Told told_;
  bool unreadable_ = false;
  bool unreachable_ = false;
  bool unrecorded_ = false;
  bool left_out_ = false;
};

}  // namespace shouwang::alerts
