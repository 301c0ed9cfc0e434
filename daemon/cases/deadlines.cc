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

size_t IndexOf(Role level) {
  return static_cast<size_t>(level) - static_cast<size_t>(Role::kTownship);
}

// A day overdue by `term`: the first of so many behind the last day.
void AddEscalation(CaseState state, const risk::CasePolicy& policy, const WorkingDays& working_days,
                   Deadlines* deadlines) {
  const std::optional<Date> due = deadlines->due();
  if (!due) return;
  for (const risk::Escalation& escalation : policy.escalation) {
    if (escalation.state != state || escalation.to <= deadlines->owner) continue;
    deadlines->up_on[IndexOf(escalation.to)] = working_days.EndOf(*due, escalation.overdue);
  }
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

Role Deadlines::LevelOn(Date today) const {
  Role level = owner;
  for (const Role higher : {Role::kTownship, Role::kCounty, Role::kPrefecture}) {
    const std::optional<Date>& from = up_on[IndexOf(higher)];
    if (from && *from <= today) level = std::max(level, higher);
  }
  return level;
}

std::optional<Date> Deadlines::NextUpOn(Date today) const {
  std::optional<Date> next;
  for (const Role higher : {Role::kTownship, Role::kCounty, Role::kPrefecture}) {
    const std::optional<Date>& from = up_on[IndexOf(higher)];
    if (higher <= LevelOn(today) || !from || *from <= today) continue;
    next = std::min(next.value_or(*from), *from);
  }
  return next;
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
  if (IsUndecided(standing.state)) {
    const Date opened = standing.opened_on();
    if (const risk::CasePolicy* then = CasesFrom(policies, opened); then && then->decide_within) {
      deadlines.decide_by = working_days.EndOf(opened, *then->decide_within);
    }
  }
  if (policy != nullptr) {
    deadlines.owner = policy->OwnerOf(standing.state);
    AddEscalation(standing.state, *policy, working_days, &deadlines);
  }
  return deadlines;
}

}  // namespace shouwang::cases
