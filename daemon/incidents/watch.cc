#include "daemon/incidents/watch.h"

#include <algorithm>
#include <utility>

#include "absl/time/time.h"

namespace shouwang::incidents {
namespace {

absl::Status CountHouseholds(const Store& store, std::map<Division, int64_t>* households) {
  return store.ScanTallies(RollupView::kSettlement, Division(), [&](const Tally& tally) {
    for (Division division = tally.place.township;; division = division.Parent()) {
      (*households)[division] += tally.households;
      if (division.level() == DivisionLevel::kNation) break;
    }
  });
}

}  // namespace

IncidentWatch::IncidentWatch(const Store* store, const CurrentRulebook* rulebook,
                             std::function<Instant()> now)
    : store_(store), rulebook_(rulebook), now_(std::move(now)) {}

IncidentWatch::~IncidentWatch() { Stop(); }

absl::Status IncidentWatch::Refresh(const std::stop_token& stop) {
  const auto started = std::chrono::steady_clock::now();
  auto look = std::make_shared<Look>();
  look->looked_at = now_();
  const Date today = DateOf(look->looked_at);
  const std::shared_ptr<const Rulebook> rulebook = rulebook_->Get();
  const risk::PolicySet& policies = rulebook->policies;
  if (const auto& policy = policies.InForce(today).incidents) {
    look->looked_for = true;
    const auto table = ReadOnsets(*store_, policies, *policy, today.month(), stop);
    if (!table.ok()) return table.status();
    look->findings = FindIncidents(*table, *policy, MonthsOfChange(policies));
    for (const Incident& incident : look->findings.incidents) {
      if (!incident.open) continue;
      const auto membership = CountMembers(*store_, incident.id, incident.last);
      if (!membership.ok()) return membership.status();
      look->open[incident.id] = *membership;
      if (stop.stop_requested()) return absl::CancelledError("the daemon stops");
    }
    const absl::Status counted = CountHouseholds(*store_, &look->households);
    if (!counted.ok()) return counted;
  }
  look->took = std::chrono::steady_clock::now() - started;
  absl::MutexLock lock(&mutex_);
  latest_ = std::move(look);
  return absl::OkStatus();
}

void IncidentWatch::Work(std::chrono::milliseconds refresh,
                         const std::function<void(const absl::Status&)>& fault,
                         const std::stop_token& stop) {
  while (true) {
    const auto started = std::chrono::steady_clock::now();
    const absl::Status status = Refresh(stop);
    if (stop.stop_requested()) return;
    if (!status.ok()) fault(status);
    const std::chrono::nanoseconds took = std::chrono::steady_clock::now() - started;
    const std::chrono::nanoseconds rest =
        std::max<std::chrono::nanoseconds>(refresh, took * kRestFactor);
    absl::MutexLock lock(&mutex_);
    if (mutex_.AwaitWithTimeout(absl::Condition(&stopping_), absl::FromChrono(rest))) return;
  }
}

void IncidentWatch::Start(std::chrono::milliseconds refresh,
                          std::function<void(const absl::Status&)> fault) {
  thread_ = std::jthread([this, refresh, fault = std::move(fault)](const std::stop_token& stop) {
    Work(refresh, fault, stop);
  });
}

void IncidentWatch::Stop() {
  {
    absl::MutexLock lock(&mutex_);
    stopping_ = true;
  }
  if (!thread_.joinable()) return;
  thread_.request_stop();
  thread_.join();
}

std::shared_ptr<const Look> IncidentWatch::Latest() const {
  absl::MutexLock lock(&mutex_);
  return latest_;
}

}  // namespace shouwang::incidents
