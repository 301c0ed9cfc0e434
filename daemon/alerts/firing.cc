#include "daemon/alerts/firing.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <vector>

namespace shouwang::alerts {
namespace {

template <typename Key>
const risk::Rule* Find(const risk::PolicySet& policies, Key key, Date today) {
  if (const risk::Rule* rule = policies.InForce(today).FindRule(key)) return rule;
  const auto& all = policies.All();
  for (auto policy = all.rbegin(); policy != all.rend(); ++policy) {
    if (const risk::Rule* rule = policy->FindRule(key)) return rule;
  }
  return nullptr;
}

// The least severe go, and of those the last.
void KeepTheMostSevere(Firing* firing) {
  if (firing->households.size() <= kMaxGroups) return;
  firing->left_out = firing->households.size() - kMaxGroups;
  size_t to_drop = firing->left_out;
  for (const Severity severity : {Severity::kYellow, Severity::kOrange, Severity::kRed}) {
    auto it = firing->households.end();
    while (to_drop > 0 && it != firing->households.begin()) {
      --it;
      if (it->first.severity != severity) continue;
      it = firing->households.erase(it);
      --to_drop;
    }
  }
}

// 0 for what is told as "fewer than".
int64_t StepOf(std::string_view households) {
  int64_t count = 0;
  std::from_chars(households.data(), households.data() + households.size(), count);
  int64_t step = 0;
  for (int64_t power = 1; power <= count && power < 1'000'000'000; power *= 10) {
    for (const int64_t next : {power, 2 * power, 5 * power}) {
      if (next <= count) step = next;
    }
  }
  return step;
}

Handling HandlingOf(const cases::TakenOn& taken_on, int64_t waiting) {
  if (!taken_on.level) return waiting == 0 ? Handling::kAcknowledged : Handling::kOpen;
  switch (*taken_on.level) {
    case Role::kPrefecture:
      return Handling::kPrefecture;
    case Role::kCounty:
      return Handling::kCounty;
    default:
      return Handling::kTownship;
  }
}

}  // namespace

const risk::Rule* RuleFor(const risk::PolicySet& policies, RuleId id, Date today) {
  return Find(policies, id, today);
}

const risk::Rule* RuleFor(const risk::PolicySet& policies, std::string_view name, Date today) {
  return Find(policies, name, today);
}

Firing ReadFiring(const Store& store, const Rulebook& rulebook, const cases::TakenOnCount* taken_on,
                  Date today, absl::Status* fault) {
  Firing firing;
  if (taken_on != nullptr) firing.waiting.emplace();
  std::map<RuleId, const risk::Rule*> rules;
  *fault = store.ScanTallies(RollupView::kSettlement, Division(), [&](const Tally& tally) {
    for (const Tally::OpenWarnings& open : tally.warnings) {
      const auto [it, unseen] = rules.try_emplace(open.rule, nullptr);
      if (unseen) it->second = RuleFor(rulebook.policies, open.rule, today);
      const risk::Rule* const rule = it->second;
      if (rule == nullptr || rule->applies_to != SubjectKind::kHousehold || open.count <= 0) {
        continue;
      }
      WarningGroup group{tally.place.township, rule->name, open.severity, rule->kind};
      if (taken_on != nullptr) {
        const cases::TakenOn taken = taken_on->Of(group.township, open.rule, open.severity);
        const int64_t waiting = std::max<int64_t>(open.count - taken.households, 0);
        group.handling = HandlingOf(taken, waiting);
        (*firing.waiting)[group] += waiting;
      }
      firing.households[group] += open.count;
    }
  });
  firing.whole = fault->ok();
  KeepTheMostSevere(&firing);
  return firing;
}

std::string HouseholdsText(int64_t households, int min_cell) {
  return 0 < households && households < min_cell ? fmt::format("<{}", min_cell)
                                                 : std::to_string(households);
}

bool TellsMore(std::string_view households, std::string_view before) {
  return StepOf(households) != StepOf(before);
}

}  // namespace shouwang::alerts
