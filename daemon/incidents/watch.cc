#include "daemon/incidents/watch.h"

#include <utility>

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
    look->findings = FindIncidents(*table, *policy, ChangesOf(policies));
    for (const Incident& incident : look->findings.incidents) {
      if (!incident.open) continue;
      const auto membership =
          CountMembers(*store_, look->findings.counted,
                       {.id = incident.id, .last = incident.last, .from = {}, .stopped = [&] {
                          return stop.stop_requested();
                        }});
      if (!membership.ok()) return membership.status();
      look->open[incident.id] = *membership;
    }
    absl::Status counted = CountHouseholds(*store_, &look->households);
    if (!counted.ok()) return counted;
  }
  look->took = std::chrono::steady_clock::now() - started;
  absl::MutexLock lock(&mutex_);
  latest_ = std::move(look);
  return absl::OkStatus();
}

void IncidentWatch::Start(std::chrono::milliseconds refresh,
                          std::function<void(const absl::Status&)> fault) {
  thread_.Start(
      {.every = refresh, .rest_factor = kRestFactor},
      [this](const std::stop_token& stop) { return Refresh(stop); }, std::move(fault));
}

std::shared_ptr<const Look> IncidentWatch::Latest() const {
  absl::MutexLock lock(&mutex_);
  return latest_;
}

}  // namespace shouwang::incidents
