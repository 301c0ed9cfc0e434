#include "daemon/cases/taken_on.h"

#include <algorithm>

namespace shouwang::cases {

void TakenOnCount::Add(const CaseStanding& standing, const Deadlines& deadlines, Date today) {
  if (standing.state == CaseState::kNone) return;
  const bool taken_on = standing.state != CaseState::kClue;
  const uint64_t township = standing.subject.In(DivisionLevel::kTownship).code();
  for (const CaseWarning& warning : standing.warnings) {
    TakenOn& count = counts_[{township, warning.rule, warning.severity}];
    count.households += taken_on ? 1 : 0;
    if (deadlines.EscalatedOn(today)) {
      const Role level = deadlines.LevelOn(today);
      count.level = std::max(count.level.value_or(level), level);
    }
  }
}

TakenOn TakenOnCount::Of(const Division& township, RuleId rule, Severity severity) const {
  const auto it = counts_.find({township.code(), rule, severity});
  return it == counts_.end() ? TakenOn() : it->second;
}

}  // namespace shouwang::cases
