#include "daemon/risk/evaluator.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <iterator>
#include <tuple>

#include "daemon/risk/engine.h"

namespace shouwang::risk {

namespace {

// Fewer subjects than this are judged one by one.
constexpr size_t kFewestAbreast = 8;
// Side by side, every date is judged for every subject: not more of them, for each that counts,
// than so many.
constexpr size_t kMostDatesForOne = 2;

bool WasJudged(const SubjectRisk* prior) {
  return prior != nullptr && prior->policy_fingerprint != 0;
}

}  // namespace

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

void Evaluator::Engine::Begin(const SubjectRisk* prior, const Subject& subject,
                              SubjectRisk* judged) {
  SubjectRisk& risk = *judged;
  if (WasJudged(prior)) {
    risk = *prior;
  } else {
    risk.states.clear();
    risk.episodes.clear();
    risk.evaluated_through = Date::Min();
  }
  risk.subject = subject;
  risk.policy_fingerprint = policies.fingerprint();
}

size_t Evaluator::Engine::FirstNewRow(const Passage& passage) {
  // Nothing evaluated yet is no date evaluated, not even the first one there is.
  if (!WasJudged(passage.prior)) return 0;
  const std::span<const Date> dates = passage.history->dates();
  const auto it = std::ranges::upper_bound(dates, passage.prior->evaluated_through);
  return static_cast<size_t>(it - dates.begin());
}

void Evaluator::Engine::TakeAll(const Passage& passage) {
  const History& history = *passage.history;
  const std::span<const Date> all = history.dates();
  for (size_t first = FirstNewRow(passage); first < all.size();) {
    const Policy& policy = policies.InForce(all[first]);
    Program& wanted = ProgramOf(policy, history.subject().kind);
    if (program != &wanted || lanes == Tape::kLanes) Flush();
    program = &wanted;
    size_t last = first + 1;
    while (last < all.size() && last - first < Tape::kLanes - lanes &&
           &policies.InForce(all[last]) == &policy) {
      ++last;
    }
    stretches.push_back({&passage, first, last, lanes});
    program->Open(history, all[first], all[last - 1]);
    for (size_t row = first; row < last; ++row) program->Take(all[row], lanes++);
    first = last;
  }
}

void Evaluator::Engine::Flush() {
  if (lanes == 0) return;
  Decide(lanes);
  for (const Stretch& stretch : stretches) {
    const std::span<const Date> all = stretch.passage->history->dates();
    for (size_t row = stretch.first; row < stretch.last; ++row) {
      Fold(stretch.lane + row - stretch.first, all[row], stretch.passage->judged);
    }
  }
  stretches.clear();
  lanes = 0;
}

// How much of the dates to judge is in common: so long as most lanes have most of them, a step for
// all costs less than one for each.
void Evaluator::Engine::GatherNewDates(std::span<const Passage> passages) {
  histories.clear();
  next_rows.clear();
  dates.clear();
  for (const Passage& passage : passages) {
    histories.push_back(passage.history);
    next_rows.push_back(FirstNewRow(passage));
    const std::span<const Date> all = passage.history->dates();
    const std::span<const Date> own = all.subspan(next_rows.back());
    if (std::ranges::equal(own, dates)) continue;
    const auto middle = static_cast<std::ptrdiff_t>(dates.size());
    dates.insert(dates.end(), own.begin(), own.end());
    std::ranges::inplace_merge(dates, dates.begin() + middle);
    dates.erase(std::unique(dates.begin(), dates.end()), dates.end());
  }
}

bool Evaluator::Engine::JudgeAbreast(std::span<const Passage> passages) {
  if (passages.size() < kFewestAbreast) return false;
  GatherNewDates(passages);
  size_t rows = 0;
  for (size_t i = 0; i < passages.size(); ++i) {
    rows += histories[i]->dates().size() - next_rows[i];
  }
  if (dates.size() * passages.size() > kMostDatesForOne * rows) return false;
  Flush();
  const SubjectKind kind = histories[0]->subject().kind;
  for (size_t first = 0; first < dates.size();) {
    const Policy& policy = policies.InForce(dates[first]);
    program = &ProgramOf(policy, kind);
    size_t last = first + 1;
    while (last < dates.size() && &policies.InForce(dates[last]) == &policy) ++last;
    program->OpenAbreast(histories, dates[first], dates[last - 1]);
    for (; first < last; ++first) {
      program->TakeAbreast(dates[first]);
      Decide(passages.size());
      for (size_t i = 0; i < passages.size(); ++i) {
        const std::span<const Date> all = histories[i]->dates();
        if (next_rows[i] == all.size() || all[next_rows[i]] != dates[first]) continue;
        ++next_rows[i];
        Fold(i, dates[first], passages[i].judged);
      }
    }
  }
  return true;
}

void Evaluator::Engine::GatherNewDates(const GroupWindow& window, size_t first_lane,
                                       std::span<const LanePassage> passages) {
  dates.clear();
  lanes_to_judge.clear();
  const std::span<const Date> all = window.dates();
  Date since = Date::Max();
  uint64_t asked = 0;
  uint64_t fresh = 0;  // of which every date is to be judged
  for (const LanePassage& passage : passages) {
    const size_t lane = passage.lane - first_lane;
    passages_by_lane[lane] = &passage;
    asked |= uint64_t{1} << lane;
    const bool judged = WasJudged(passage.prior);
    if (!judged) fresh |= uint64_t{1} << lane;
    since = std::min(since, judged ? passage.prior->evaluated_through : Date::Min());
  }
  const auto begin = fresh != 0 ? all.begin() : std::ranges::upper_bound(all, since);
  for (auto it = begin; it != all.end(); ++it) {
    const auto row = static_cast<size_t>(it - all.begin());
    uint64_t wanted = window.ReportedOn(row, first_lane) & asked;
    for (uint64_t known = wanted & ~fresh; known != 0; known &= known - 1) {
      const auto lane = static_cast<size_t>(std::countr_zero(known));
      if (*it <= passages_by_lane[lane]->prior->evaluated_through) wanted &= ~(known & -known);
    }
    if (wanted == 0) continue;
    dates.push_back(*it);
    lanes_to_judge.push_back(wanted);
  }
}

void Evaluator::Engine::JudgeLanes(const GroupWindow& window, size_t first_lane,
                                   std::span<const LanePassage> passages) {
  GatherNewDates(window, first_lane, passages);
  const size_t count = std::min(Tape::kLanes, window.size() - first_lane);
  for (size_t first = 0; first < dates.size();) {
    const Policy& policy = policies.InForce(dates[first]);
    program = &ProgramOf(policy, window.group().kind);
    size_t last = first + 1;
    while (last < dates.size() && &policies.InForce(dates[last]) == &policy) ++last;
    program->OpenAbreast(window, first_lane, count, dates[first], dates[last - 1]);
    for (; first < last; ++first) {
      program->TakeAbreast(dates[first]);
      Decide(count);
      for (uint64_t left = lanes_to_judge[first]; left != 0; left &= left - 1) {
        const auto lane = static_cast<size_t>(std::countr_zero(left));
        Fold(lane, dates[first], passages_by_lane[lane]->judged);
      }
    }
  }
}

void Evaluator::Engine::Decide(size_t count) {
  program->Decide(count);
  std::fill_n(marks.begin(), count, Marks{});
  const uint64_t all = count == Tape::kLanes ? ~uint64_t{0} : (uint64_t{1} << count) - 1;
  for (size_t r = 0; r < program->rules().size(); ++r) {
    const Register when = program->rules()[r].when.result;
    uint64_t marked = (program->TrueLanes(when) | program->UnknownLanes(when)) & all;
    for (; marked != 0; marked &= marked - 1) {
      marks[static_cast<size_t>(std::countr_zero(marked))].set(r);
    }
  }
}

// Rules that are neither marked nor have a state stay as they are: known not to hold. The others
// come in the order of their ids, in which both rules and states lie.
void Evaluator::Engine::Fold(size_t lane, Date date, SubjectRisk* risk) {
  const std::vector<CompiledRule>& rules = program->rules();
  const Marks& marked = marks[lane];
  const size_t episodes_before = risk->episodes.size();
  states.clear();
  auto state = risk->states.begin();
  size_t rule = marked._Find_first();
  while (state != risk->states.end() || rule < rules.size()) {
    if (state == risk->states.end() ||
        (rule < rules.size() && rules[rule].rule->id < state->rule)) {
      FoldRule(rules[rule], nullptr, true, lane, date, risk);
      rule = marked._Find_next(rule);
      continue;
    }
    const RuleState& before = *state++;
    if (rule < rules.size() && rules[rule].rule->id == before.rule) {
      FoldRule(rules[rule], &before, true, lane, date, risk);
      rule = marked._Find_next(rule);
      continue;
    }
    const auto it = std::ranges::lower_bound(rules, before.rule, {},
                                             [](const CompiledRule& r) { return r.rule->id; });
    if (it != rules.end() && it->rule->id == before.rule) {
      FoldRule(*it, &before, false, lane, date, risk);
    } else if (before.opened_on) {
      // Its rule is gone: it clears on the first date that the policy without it judges.
      risk->episodes.push_back({before.rule, *before.opened_on, date, before.severity, before.kind,
                                before.policy_version});
    }
  }
  risk->states.assign(states.begin(), states.end());
  risk->evaluated_through = date;
  if (risk->episodes.size() != episodes_before) {
    std::ranges::sort(risk->episodes, [](const Episode& a, const Episode& b) {
      return std::tie(a.opened_on, a.rule) < std::tie(b.opened_on, b.rule);
    });
  }
}

void Evaluator::Engine::FoldRule(const CompiledRule& rule, const RuleState* before, bool marked,
                                 size_t lane, Date date, SubjectRisk* risk) {
  const Truth when = marked ? TruthOf(program->Value(rule.when.result, lane)) : Truth::kFalse;
  // Written where it will stay: to copy what was just written by its fields makes the processor
  // wait for each of them.
  RuleState& next = states.emplace_back();
  next.rule = rule.rule->id;
  next.unknown = when == Truth::kUnknown;
  next.severity = rule.rule->severity;
  next.kind = rule.rule->kind;
  if (before != nullptr && before->opened_on) {
    next = *before;
    next.unknown = when == Truth::kUnknown;
    const bool clears = TruthOf(program->Value(rule.clear.result, lane)) == Truth::kTrue;
    if (!clears) {
      next.clearing_since.reset();
    } else if (!next.clearing_since) {
      next.clearing_since = date;
    }
    if (clears && date >= next.clearing_since->PlusMonths(rule.rule->hold_months)) {
      risk->episodes.push_back(
          {next.rule, *next.opened_on, date, next.severity, next.kind, next.policy_version});
      next.opened_on.reset();
      next.clearing_since.reset();
      next.severity = rule.rule->severity;
      next.kind = rule.rule->kind;
      next.policy_version = 0;
    }
  } else if (when == Truth::kTrue) {
    next.opened_on = date;
    next.policy_version = program->policy().version;
  }
  if (!next.opened_on && !next.unknown) states.pop_back();
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
    engine_->Begin(passage.prior, passage.history->subject(), passage.judged);
  }
  while (!passages.empty()) {
    const SubjectKind kind = passages[0].history->subject().kind;
    size_t count = 1;
    while (count < std::min(passages.size(), Tape::kLanes) &&
           passages[count].history->subject().kind == kind) {
      ++count;
    }
    if (!engine_->JudgeAbreast(passages.first(count))) {
      for (const Passage& passage : passages.first(count)) engine_->TakeAll(passage);
    }
    passages = passages.subspan(count);
  }
  engine_->Flush();
}

void Evaluator::Judge(const GroupWindow& window, std::span<const LanePassage> passages) {
  for (const LanePassage& passage : passages) {
    engine_->Begin(passage.prior, passage.subject, passage.judged);
  }
  while (!passages.empty()) {
    const size_t first_lane = passages[0].lane / Tape::kLanes * Tape::kLanes;
    size_t count = 1;
    while (count < passages.size() && passages[count].lane < first_lane + Tape::kLanes) ++count;
    engine_->JudgeLanes(window, first_lane, passages.first(count));
    passages = passages.subspan(count);
  }
}

}  // namespace shouwang::risk
