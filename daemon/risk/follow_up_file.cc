#include "daemon/risk/follow_up_file.h"

#include <fmt/format.h>

#include <algorithm>
#include <tuple>
#include <utility>

#include "daemon/risk/yaml_words.h"

namespace shouwang::risk {
namespace {

bool HasDeadline(const CasePolicy& cases, CaseState state) {
  const StateTerms* terms = cases.TermsOf(state);
  return (terms != nullptr && terms->within) || (IsUndecided(state) && cases.decide_within);
}

void CheckEscalation(const YamlMap& map, const CasePolicy& cases, const Escalation& escalation) {
  const std::string_view state = CaseStateName(escalation.state);
  if (!IsUnderWay(escalation.state)) {
    map.Fault(fmt::format("nothing runs in state {}: it cannot be overdue", state), "state");
    return;
  }
  if (!HasDeadline(cases, escalation.state)) {
    map.Fault(fmt::format("state {} has no deadline under 'states': it cannot be overdue", state),
              "state");
  }
  if (const Role owner = cases.OwnerOf(escalation.state); escalation.to <= owner) {
    map.Fault(fmt::format("a case in state {} is the {}'s already: it cannot go up to the {}",
                          state, RoleName(owner), RoleName(escalation.to)),
              "to");
  }
  for (const Escalation& other : cases.escalation) {
    if (other.state != escalation.state) continue;
    const Escalation& higher = other.to > escalation.to ? other : escalation;
    const Escalation& lower = other.to > escalation.to ? escalation : other;
    if (higher.to == lower.to) {
      map.Fault(fmt::format("state {} goes up to the {} twice", state, RoleName(higher.to)), "to");
    } else if (higher.overdue.working == lower.overdue.working &&
               higher.overdue.days <= lower.overdue.days) {
      map.Fault(fmt::format("state {} goes up to the {} after {} days and to the {} after {}: the "
                            "higher level must come later",
                            state, RoleName(lower.to), lower.overdue.days, RoleName(higher.to),
                            higher.overdue.days),
                "to");
    }
  }
}

void ReadEscalation(YamlMap* map, CasePolicy* cases) {
  Escalation escalation;
  const auto state = TakeWord(map, "state", ParseCaseState);
  const auto to = TakeWord(map, "to", ParseRole);
  const auto overdue = TakeTerm(map, "overdue");
  if (!map->Has("overdue_days") && !map->Has("overdue_working_days")) {
    map->Fault("'overdue_days' or 'overdue_working_days' is expected");
  }
  escalation.citation = map->Text("citation");
  map->Done();
  if (!state || !to || !overdue) return;
  escalation.state = *state;
  escalation.to = *to;
  escalation.overdue = *overdue;
  CheckEscalation(*map, *cases, escalation);
  cases->escalation.push_back(std::move(escalation));
}

DrawPolicy ReadDraw(YamlMap* map) {
  DrawPolicy draw;
  if (!map->Has("per_township")) map->Fault("'per_township' is missing");
  draw.per_township =
      static_cast<int>(map->Integer("per_township", 1, kMaxDrawnPerTownship).value_or(1));
  draw.estimate_months = static_cast<int>(
      map->Integer("estimate_months", 1, kMaxEstimateMonths).value_or(draw.estimate_months));
  draw.citation = map->Text("citation");
  map->Done();
  return draw;
}

}  // namespace

void ReadFollowUp(YamlMap* map, CasePolicy* cases) {
  std::vector<YamlMap> escalations = map->Maps("escalation");
  if (escalations.size() > kMaxEscalations) {
    map->Fault(
        fmt::format("{} entries of escalation; {} at most", escalations.size(), kMaxEscalations),
        "escalation");
    escalations.resize(kMaxEscalations, *map);
  }
  for (YamlMap& escalation : escalations) ReadEscalation(&escalation, cases);
  std::ranges::sort(cases->escalation, {},
                    [](const Escalation& e) { return std::tuple(e.state, e.to); });
  if (auto draw = map->Map("draw")) cases->draw = ReadDraw(&*draw);
  if (const std::optional<double> confidence = map->Number("confidence")) {
    if (!(*confidence >= 0.5 && *confidence <= 0.999)) {
      map->Fault(fmt::format("'confidence' is {}; 0.5 to 0.999 is expected", *confidence),
                 "confidence");
    }
    cases->confidence = *confidence;
  }
}

}  // namespace shouwang::risk
