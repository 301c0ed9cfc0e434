#include "daemon/metrics/place_count.h"

#include <fmt/format.h>

#include <algorithm>

namespace shouwang::metrics {

void PlaceCount::Add(const Tally& tally) {
  households += tally.households;
  sites += tally.sites;
  observations += tally.observations;
  latest_known_at = std::max(latest_known_at, tally.latest_known_at);
  for (const Tally::OpenWarnings& open : tally.warnings) {
    warnings[{open.rule, open.severity}] += open.count;
  }
}

std::string RuleLabel(const risk::PolicySet& policies, RuleId rule) {
  std::string name = policies.RuleName(rule);
  return name.empty() ? fmt::format("rule_{}", rule) : name;
}

std::map<std::pair<RuleId, Severity>, int64_t> WithZeros(const PlaceCount& count,
                                                         const risk::Policy& policy) {
  auto warnings = count.warnings;
  for (const risk::Rule& rule : policy.rules) {
    const bool household = rule.applies_to == SubjectKind::kHousehold;
    if (household ? count.households > 0 : count.sites > 0) {
      warnings.try_emplace({rule.id, rule.severity}, 0);
    }
  }
  return warnings;
}

}  // namespace shouwang::metrics
