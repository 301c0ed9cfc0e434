#include "daemon/cases/deadlines.h"

#include <algorithm>

namespace shouwang::cases {
namespace {

const risk::CasePolicy* CasesFrom(const risk::PolicySet& policies, Date date) {
  const risk::Policy* in_force = &policies.InForce(date);
  const std::vector<risk::Policy>& all = policies.All();
  for (const risk::Policy* policy = in_force; policy != all.data() + all.size(); ++policy) {
    if (policy->cases) return &*policy->cases;
  }
  return nullptr;
}

}  // namespace

std::optional<Date> Deadlines::due() const {
  if (step_by && decide_by) return std::min(*step_by, *decide_by);
  return step_by ? step_by : decide_by;
}

int Deadlines::DaysOver(Date today) const {
  const std::optional<Date> last = due();
  return last && today > *last ? today.days() - last->days() : 0;
}

Deadlines DeadlinesOf(const CaseStanding& standing, const risk::PolicySet& policies,
                      const WorkingDays& working_days) {
  Deadlines deadlines;
  if (!IsUnderWay(standing.state)) return deadlines;
  const Date entered = standing.entered_on();
  const risk::CasePolicy* policy = CasesFrom(policies, entered);
  const risk::StateTerms* terms = policy == nullptr ? nullptr : policy->TermsOf(standing.state);
  if (terms != nullptr && terms->within) {
    deadlines.step_by = working_days.EndOf(entered, *terms->within);
  }
  if (terms != nullptr && terms->at_least_days > 0) {
    deadlines.not_before = entered + terms->at_least_days;
  }
  if (!IsUndecided(standing.state)) return deadlines;
  const Date opened = standing.opened_on();
  if (const risk::CasePolicy* then = CasesFrom(policies, opened); then && then->decide_within) {
    deadlines.decide_by = working_days.EndOf(opened, *then->decide_within);
  }
  return deadlines;
}

}  // namespace shouwang::cases
