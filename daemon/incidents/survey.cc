#include "daemon/incidents/survey.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <tuple>

namespace shouwang::incidents {
namespace {

// While a new policy makes its way through the households, places would differ by it alone.
constexpr int64_t kStaleShare = 100;

// What warns a household of the kind: by rule, when it opens, when it clears and the hold.
using Conditions = std::map<RuleId, std::tuple<std::string, std::string, int>>;

Conditions ConditionsOf(const risk::Policy& policy, RiskKind kind) {
  Conditions conditions;
  for (const risk::Rule& rule : policy.rules) {
    if (rule.kind != kind || rule.applies_to != SubjectKind::kHousehold) continue;
    conditions[rule.id] = {rule.when, rule.clear_when, rule.hold_months};
  }
  return conditions;
}

absl::Status ReadReported(const Store& store, Month first, Month through,
                          OnsetTableBuilder* builder) {
  for (const RollupView view : {RollupView::kSettlement, RollupView::kSite}) {
    RollupQuery query;
    query.view = view;
    query.indicator = kAnyIndicator;
    query.from = first;
    query.to = through;
    absl::Status status = store.ScanRollups(query, [&](std::span<const RollupCell> cells) {
      for (const RollupCell& cell : cells) {
        if (view == RollupView::kSite) {
          builder->AddReportedAtSite(cell.place.site, cell.month, cell.count);
        } else {
          builder->AddReported(cell.place.township, cell.month, cell.count);
        }
      }
      return true;
    });
    if (!status.ok()) return status;
  }
  return absl::OkStatus();
}

std::optional<Member> MemberOf(const CountedMonths& counted, const MemberQuery& query,
                               const Subject& subject, const SubjectState& state) {
  if (subject.kind != SubjectKind::kHousehold || !state.risk) return std::nullopt;
  const IncidentPlace& place = query.id.place;
  if (place.IsSite() && (!state.residence || state.residence->site != place.site)) {
    return std::nullopt;
  }
  for (const Onset& onset : OnsetsOf(*state.risk)) {
    const Month month = onset.on.month();
    if (onset.kind != query.id.kind || month < query.id.first || month > query.last) continue;
    const bool is_counted = place.IsSite()
                                ? counted.OfSite(place.site, month)
                                : counted.OfVillage(subject.In(DivisionLevel::kVillage), month);
    if (is_counted) return Member{subject, onset, state.risk->evaluated_through};
  }
  return std::nullopt;
}

}  // namespace

std::vector<RiskKind> KindsOfHouseholds(const risk::PolicySet& policies) {
  std::set<RiskKind> kinds;
  for (const risk::Policy& policy : policies.All()) {
    for (const risk::Rule& rule : policy.rules) {
      if (rule.applies_to == SubjectKind::kHousehold) kinds.insert(rule.kind);
    }
  }
  return {kinds.begin(), kinds.end()};
}

std::vector<PolicyChange> ChangesOf(const risk::PolicySet& policies) {
  std::vector<PolicyChange> changes;
  for (size_t i = 1; i < policies.All().size(); ++i) {
    const risk::Policy& before = policies.All()[i - 1];
    const risk::Policy& policy = policies.All()[i];
    PolicyChange& change = changes.emplace_back();
    change.month = policy.effective_from.month();
    for (const RiskKind kind : KindsOfHouseholds(policies)) {
      if (ConditionsOf(before, kind) != ConditionsOf(policy, kind)) change.kinds.push_back(kind);
    }
  }
  return changes;
}

absl::StatusOr<OnsetTable> ReadOnsets(const Store& store, const risk::PolicySet& policies,
                                      const risk::IncidentPolicy& policy, Month through,
                                      const std::stop_token& stop) {
  const int months = MonthsToRead(policy);
  const Month first = through - (months - 1);
  OnsetTableBuilder builder({.first = first,
                             .months = months,
                             .settle_months = policy.settle_months,
                             .kinds = KindsOfHouseholds(policies)});
  absl::Status fault = absl::OkStatus();
  int64_t households = 0;
  int64_t stale = 0;
  const absl::Status scanned =
      store.ScanStates(Division(), [&](const Subject& subject, const SubjectState& state) {
        if (subject.kind == SubjectKind::kHousehold && state.risk) {
          const Subject site = state.residence ? state.residence->site : Subject();
          ++households;
          stale += state.risk->policy_fingerprint == policies.fingerprint() ? 0 : 1;
          fault = builder.Add(subject, *state.risk, site);
        }
        return fault.ok() && !stop.stop_requested();
      });
  if (stop.stop_requested()) return absl::CancelledError("the daemon stops");
  if (!scanned.ok()) return scanned;
  if (!fault.ok()) return fault;
  if (stale * kStaleShare > households) {
    return absl::UnavailableError(fmt::format(
        "{} of {} households are not judged by the policies in force yet; incidents are "
        "looked for when all but one in {} are",
        stale, households, kStaleShare));
  }
  // The year before, too, tells how long a place has been reporting.
  const absl::Status reported =
      ReadReported(store, first - policy.settle_months, through, &builder);
  if (!reported.ok()) return reported;
  return std::move(builder).Close();
}

absl::Status ScanMembers(const Store& store, const CountedMonths& counted, const MemberQuery& query,
                         absl::FunctionRef<bool(const Member&)> visit) {
  const Division& region = query.id.place.division;
  for (const Division& village : counted.Villages(region, query.from.place)) {
    bool stopped = false;
    bool wanted = true;
    absl::Status scanned =
        store.ScanStates(village, [&](const Subject& subject, const SubjectState& state) {
          stopped = query.stopped && query.stopped();
          if (stopped) return false;
          if (subject < query.from) return true;
          if (const auto member = MemberOf(counted, query, subject, state)) wanted = visit(*member);
          return wanted;
        });
    if (stopped) return absl::CancelledError("nobody waits for the members any more");
    if (!scanned.ok()) return scanned;
    if (!wanted) break;
  }
  return absl::OkStatus();
}

absl::StatusOr<Membership> CountMembers(const Store& store, const CountedMonths& counted,
                                        const MemberQuery& query) {
  Membership membership;
  const absl::Status scanned = ScanMembers(store, counted, query, [&](const Member& member) {
    ++membership.members;
    membership.worst = std::max(membership.worst, member.onset.severity);
    ++membership.by_rule[member.onset.rule];
    return true;
  });
  if (!scanned.ok()) return scanned;
  return membership;
}

}  // namespace shouwang::incidents
