#include "daemon/ingest/transitions.h"

#include <algorithm>

namespace shouwang::ingest {
namespace {

const RuleState* FindOpen(const SubjectRisk& risk, RuleId rule) {
  const auto it = std::ranges::find(risk.states, rule, &RuleState::rule);
  return it == risk.states.end() || !it->opened_on ? nullptr : &*it;
}

Warning ToWarning(const Subject& subject, const RuleState& state, Instant known_at) {
  Warning warning;
  warning.subject = subject;
  warning.rule = state.rule;
  warning.severity = state.severity;
  warning.kind = state.kind;
  warning.opened_on = *state.opened_on;
  warning.policy_version = state.policy_version;
  warning.known_at = known_at;
  return warning;
}

Date ClearedOn(const RuleState& state, const SubjectRisk& after) {
  for (const Episode& episode : after.episodes) {
    if (episode.rule == state.rule && episode.opened_on == *state.opened_on) {
      return episode.cleared_on;
    }
  }
  return *state.opened_on;
}

}  // namespace

Transitions CompareRisks(const SubjectRisk& before, const SubjectRisk& after, Instant known_at) {
  Transitions transitions;
  for (const RuleState& state : after.states) {
    if (!state.opened_on) continue;
    const RuleState* old = FindOpen(before, state.rule);
    const Warning warning = ToWarning(after.subject, state, known_at);
    if (old == nullptr) {
      transitions.opened.push_back(warning);
    } else if (old->opened_on != state.opened_on || old->severity != state.severity ||
               old->kind != state.kind || old->policy_version != state.policy_version) {
      transitions.changed.push_back(warning);
    }
  }
  for (const RuleState& state : before.states) {
    if (!state.opened_on || FindOpen(after, state.rule) != nullptr) continue;
    Warning warning = ToWarning(after.subject, state, known_at);
    warning.cleared_on = ClearedOn(state, after);
    transitions.cleared.push_back(warning);
  }
  return transitions;
}

}  // namespace shouwang::ingest
