#include "daemon/ingest/transitions.h"

#include <algorithm>
#include <optional>

namespace shouwang::ingest {
namespace {

using StateAt = std::vector<RuleState>::const_iterator;

// The open state of the rule, at `at` or behind it, where `at` is left; nullptr: none. States lie
// in the order of their rules, so one way along serves all rules that are asked for in that order.
const RuleState* FindOpen(const SubjectRisk& risk, RuleId rule, StateAt* at) {
  while (*at != risk.states.end() && (*at)->rule < rule) ++*at;
  return *at == risk.states.end() || (*at)->rule != rule || !(*at)->opened_on ? nullptr : &**at;
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

// When what was open has cleared; nullopt where it never did.
std::optional<Date> ClearedOn(const RuleState& state, const SubjectRisk& after) {
  for (const Episode& episode : after.episodes) {
    if (episode.rule == state.rule && episode.opened_on == *state.opened_on) {
      return episode.cleared_on;
    }
  }
  return std::nullopt;
}

// The old warning is over and another of its rule is open: reports that come in together must not
// make one episode of two.
bool IsReopened(const RuleState& old, const RuleState& state, const SubjectRisk& after) {
  return old.opened_on != state.opened_on && ClearedOn(old, after).has_value();
}

}  // namespace

Transitions CompareRisks(const SubjectRisk& before, const SubjectRisk& after, Instant known_at) {
  Transitions transitions;
  StateAt at = before.states.begin();
  for (const RuleState& state : after.states) {
    if (!state.opened_on) continue;
    const RuleState* old = FindOpen(before, state.rule, &at);
    if (old == nullptr || IsReopened(*old, state, after)) {
      transitions.opened.push_back(ToWarning(after.subject, state, known_at));
    } else if (old->opened_on != state.opened_on || old->severity != state.severity ||
               old->kind != state.kind || old->policy_version != state.policy_version) {
      transitions.changed.push_back(ToWarning(after.subject, state, known_at));
    }
  }
  at = after.states.begin();
  for (const RuleState& state : before.states) {
    if (!state.opened_on) continue;
    const RuleState* now = FindOpen(after, state.rule, &at);
    if (now != nullptr && !IsReopened(state, *now, after)) continue;
    Warning warning = ToWarning(after.subject, state, known_at);
    warning.cleared_on = ClearedOn(state, after).value_or(*state.opened_on);
    transitions.cleared.push_back(warning);
  }
  return transitions;
}

}  // namespace shouwang::ingest
