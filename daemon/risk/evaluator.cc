#include "daemon/risk/evaluator.h"

#include <algorithm>
#include <array>
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
  std::unique_ptr<Program>& made = programs[index][static_cast<size_t>(kind)];
  if (made == nullptr) made = std::make_unique<Program>(policy, catalogue, kind);
  return *made;
}

Program& Evaluator::Engine::ProgramOf(const Policy& policy, const Rule& rule) {
  const std::array<const Rule*, 1> rules{&rule};
  return rule_programs.try_emplace(&rule, policy, catalogue, rules).first->second;
}

void Evaluator::Engine::Begin(const Passage& passage) {
  SubjectRisk& risk = *passage.judged;
  if (passage.prior != nullptr && passage.prior->policy_fingerprint != 0) {
    risk = *passage.prior;
  } else {
    risk.states.clear();
    risk.episodes.clear();
    risk.evaluated_through = Date::Min();
  }
  risk.subject = passage.history->subject();
  risk.policy_fingerprint = policies.fingerprint();
}

void Evaluator::Engine::TakeAll(const Passage& passage, Date after) {
  const History& history = *passage.history;
  const std::span<const Date> dates = history.dates();
  const auto after_it = std::ranges::upper_bound(dates, after);
  for (auto first = static_cast<size_t>(after_it - dates.begin()); first < dates.size();) {
    const Policy& policy = policies.InForce(dates[first]);
    Program& wanted = ProgramOf(policy, history.subject().kind);
    if (program != &wanted || lanes == Tape::kLanes) Flush();
    program = &wanted;
    size_t last = first + 1;
    while (last < dates.size() && last - first < Tape::kLanes - lanes &&
           &policies.InForce(dates[last]) == &policy) {
      ++last;
    }
    stretches.push_back({&passage, first, last, lanes});
    program->Open(history, dates[first], dates[last - 1]);
    for (size_t row = first; row < last; ++row) program->Take(dates[row], lanes++);
    first = last;
  }
}

void Evaluator::Engine::Flush() {
  if (lanes == 0) return;
  program->Decide(lanes);
  for (const Stretch& stretch : stretches) Fold(stretch);
  stretches.clear();
  lanes = 0;
}

void Evaluator::Engine::Fold(const Stretch& stretch) {
  SubjectRisk& risk = *stretch.passage->judged;
  const std::span<const Date> dates = stretch.passage->history->dates();
  const size_t episodes_before = risk.episodes.size();
  TakeUp(dates[stretch.first], &risk);
  for (size_t row = stretch.first; row < stretch.last; ++row) {
    const size_t lane = stretch.lane + row - stretch.first;
    for (size_t r = 0; r < progress.size(); ++r) {
      Judge(program->rules()[r], lane, dates[row], &progress[r], &risk);
    }
  }
  PutDown(&risk);
  risk.evaluated_through = dates[stretch.last - 1];
  if (risk.episodes.size() != episodes_before) {
    std::ranges::sort(risk.episodes, [](const Episode& a, const Episode& b) {
      return std::tie(a.opened_on, a.rule) < std::tie(b.opened_on, b.rule);
    });
  }
}

// Spreads the states over the rules of the program. A warning whose rule is gone clears on `date`,
// the first that the policy without it judges.
void Evaluator::Engine::TakeUp(Date date, SubjectRisk* risk) {
  const auto& rules = program->rules();
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

void Evaluator::Engine::Judge(const CompiledRule& rule, size_t lane, Date date, Progress* p,
                              SubjectRisk* risk) const {
  const Truth when = TruthOf(program->Value(rule.when.result, lane));
  p->unknown = when == Truth::kUnknown;
  if (!p->opened_on) {
    if (when != Truth::kTrue) return;
    p->opened_on = date;
    p->severity = rule.rule->severity;
    p->kind = rule.rule->kind;
    p->policy_version = program->policy().version;
    return;
  }
  if (TruthOf(program->Value(rule.clear.result, lane)) != Truth::kTrue) {
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
void Evaluator::Engine::PutDown(SubjectRisk* risk) const {
  for (size_t r = 0; r < progress.size(); ++r) {
    const Progress& p = progress[r];
    if (!p.opened_on && !p.unknown) continue;
    const Rule& rule = *program->rules()[r].rule;
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
  SubjectRisk judged;
  const Passage passage{&prior, &history, &judged};
  Judge({&passage, 1});
  return judged;
}

SubjectRisk Evaluator::Replay(const History& history) {
  SubjectRisk judged;
  const Passage passage{nullptr, &history, &judged};
  Judge({&passage, 1});
  return judged;
}

void Evaluator::Judge(std::span<const Passage> passages) {
  for (const Passage& passage : passages) {
    // Nothing evaluated yet is no date evaluated, not even the first one there is.
    const bool judged = passage.prior != nullptr && passage.prior->policy_fingerprint != 0;
    const Date after = judged ? passage.prior->evaluated_through : Date::Min() - 1;
    engine_->Begin(passage);
    engine_->TakeAll(passage, after);
  }
  engine_->Flush();
}

}  // namespace shouwang::risk
