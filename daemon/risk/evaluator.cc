#include "daemon/risk/evaluator.h"

#include <algorithm>
#include <cmath>
#include <tuple>

#include "daemon/risk/engine.h"

namespace shouwang::risk {

Truth TruthOf(double value) {
  if (std::isnan(value)) return Truth::kUnknown;
  return value != 0 ? Truth::kTrue : Truth::kFalse;
}

Program& Evaluator::Engine::ProgramOf(const Policy& policy, SubjectKind kind) {
  const auto index = static_cast<size_t>(&policy - policies.All().data());
  std::unique_ptr<Program>& program = programs[index][static_cast<size_t>(kind)];
  if (program == nullptr) program = std::make_unique<Program>(policy, catalogue, kind);
  return *program;
}

void Evaluator::Engine::CollectDates(const History& history, Date after) {
  const auto first = std::ranges::upper_bound(history.dates(), after);
  dates.assign(first, history.dates().end());
}

SubjectRisk Evaluator::Engine::Fold(SubjectRisk risk, const History& history, Date after) {
  risk.subject = history.subject();
  risk.policy_fingerprint = policies.fingerprint();
  CollectDates(history, after);
  const size_t episodes_before = risk.episodes.size();
  for (size_t first = 0; first < dates.size();) {
    const Policy& policy = policies.InForce(dates[first]);
    size_t last = first + 1;
    while (last < dates.size() && &policies.InForce(dates[last]) == &policy) ++last;
    FoldUnder(ProgramOf(policy, history.subject().kind), history, first, last, &risk);
    first = last;
  }
  if (!dates.empty()) risk.evaluated_through = dates.back();
  if (risk.episodes.size() != episodes_before) {
    std::ranges::sort(risk.episodes, [](const Episode& a, const Episode& b) {
      return std::tie(a.opened_on, a.rule) < std::tie(b.opened_on, b.rule);
    });
  }
  return risk;
}

void Evaluator::Engine::FoldUnder(Program& program, const History& history, size_t first,
                                  size_t last, SubjectRisk* risk) {
  TakeUp(program, dates[first], risk);
  program.Open(history, dates[first], dates[last - 1]);
  for (size_t i = first; i < last; ++i) {
    program.MoveTo(dates[i]);
    for (size_t r = 0; r < program.rules().size(); ++r) {
      Judge(program.rules()[r], program.policy().version, dates[i], &progress[r], risk);
    }
  }
  PutDown(program, risk);
}

// Spreads the states over the rules of `program`. A warning whose rule is gone clears on `date`,
// the first that the policy without it judges.
void Evaluator::Engine::TakeUp(const Program& program, Date date, SubjectRisk* risk) {
  const auto& rules = program.rules();
  progress.assign(rules.size(), Progress{});
  for (const RuleState& state : risk->states) {
    const auto it = std::ranges::lower_bound(
        rules, state.rule, {}, [](const CompiledRule& rule) { return rule.rule->id; });
    if (it != rules.end() && it->rule->id == state.rule) {
      progress[static_cast<size_t>(it - rules.begin())] = {state.opened_on, state.clearing_since,
                                                           state.unknown,   state.severity,
                                                           state.kind,      state.policy_version};
    } else if (state.opened_on) {
      risk->episodes.push_back(
          {state.rule, *state.opened_on, date, state.severity, state.kind, state.policy_version});
    }
  }
  risk->states.clear();
}

void Evaluator::Engine::Judge(const CompiledRule& rule, uint32_t policy_version, Date date,
                              Progress* p, SubjectRisk* risk) const {
  const Truth when = TruthOf(rule.when.Value());
  p->unknown = when == Truth::kUnknown;
  if (!p->opened_on) {
    if (when != Truth::kTrue) return;
    p->opened_on = date;
    p->severity = rule.rule->severity;
    p->kind = rule.rule->kind;
    p->policy_version = policy_version;
    return;
  }
  if (TruthOf(rule.clear.Value()) != Truth::kTrue) {
    p->clearing_since.reset();
    return;
  }
  if (!p->clearing_since) p->clearing_since = date;
  if (date < p->clearing_since->PlusMonths(rule.rule->hold_months)) return;
  risk->episodes.push_back(
      {rule.rule->id, *p->opened_on, date, p->severity, p->kind, p->policy_version});
  const bool unknown = p->unknown;
  *p = {};
  p->unknown = unknown;
}

// Keeps only the rules that are open or unknown.
void Evaluator::Engine::PutDown(const Program& program, SubjectRisk* risk) const {
  for (size_t r = 0; r < progress.size(); ++r) {
    const Progress& p = progress[r];
    if (!p.opened_on && !p.unknown) continue;
    const Rule& rule = *program.rules()[r].rule;
    const bool open = p.opened_on.has_value();
    risk->states.push_back({rule.id, p.opened_on, p.clearing_since, p.unknown,
                            open ? p.severity : rule.severity, open ? p.kind : rule.kind,
                            open ? p.policy_version : 0});
  }
}

Evaluator::Evaluator(const PolicySet& policies, const Catalogue& catalogue)
    : engine_(std::make_unique<Engine>(policies, catalogue)) {}
Evaluator::~Evaluator() = default;
Evaluator::Evaluator(Evaluator&&) noexcept = default;

SubjectRisk Evaluator::Advance(const SubjectRisk& prior, const History& history) {
  // Nothing evaluated yet is no date evaluated, not even the first one there is.
  if (prior.policy_fingerprint == 0) return Replay(history);
  return engine_->Fold(prior, history, prior.evaluated_through);
}

SubjectRisk Evaluator::Replay(const History& history) {
  return engine_->Fold({}, history, Date::Min() - 1);
}

}  // namespace shouwang::risk
