#include "daemon/risk/exit_guard.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "daemon/risk/engine.h"
#include "daemon/risk/program.h"
#include "daemon/risk/syntax.h"

namespace shouwang::risk {
namespace {

// A policy whose rules are the conditions, numbered from 1, so that the engine of rules decides
// them; what the case says are constants of it.
Policy ConditionsAsRules(const Policy& policy, const CaseFigures& figures) {
  Policy made = policy;
  made.rules.clear();
  const std::array<int, kCaseFigures.size()> values = {
      figures.measures, figures.targeted_measures, figures.months_supported, figures.open_warnings};
  for (size_t i = 0; i < values.size(); ++i) {
    Constant constant;
    constant.name = std::string(kCaseFigures[i]);
    constant.value = values[i];
    made.constants.push_back(std::move(constant));
  }
  for (const ExitCondition& condition : policy.cases->exit) {
    Rule rule;
    rule.id = static_cast<RuleId>(made.rules.size() + 1);
    rule.when = condition.when;
    made.rules.push_back(std::move(rule));
  }
  return made;
}

// Today, the beginning of the longest hold, and every reporting date between; the latest first.
std::vector<Date> DatesToJudge(const Policy& policy, const History& history, Date today) {
  int longest = 0;
  std::vector<Date> dates = {today};
  for (const ExitCondition& condition : policy.cases->exit) {
    longest = std::max(longest, condition.hold_months);
    if (condition.hold_months > 0) dates.push_back(today.PlusMonths(-condition.hold_months));
  }
  for (const Date date : history.dates()) {
    if (today.PlusMonths(-longest) < date && date < today) dates.push_back(date);
  }
  std::ranges::sort(dates, std::ranges::greater());
  dates.erase(std::unique(dates.begin(), dates.end()), dates.end());
  return dates;
}

std::optional<double> Known(double value) {
  return std::isnan(value) ? std::nullopt : std::optional<double>(value);
}

std::vector<Comparison> ComparisonsOf(const CompiledRule& rule, const Program& program,
                                      size_t lane) {
  const std::vector<ComparisonText> texts = ComparisonsIn(rule.rule->when);
  std::vector<Comparison> comparisons;
  for (size_t i = 0; i < std::min(texts.size(), rule.when.comparisons.size()); ++i) {
    const Recorded::Comparison& seen = rule.when.comparisons[i];
    comparisons.push_back({texts[i].whole, Known(program.Value(seen.left, lane)),
                           Known(program.Value(seen.right, lane)), texts[i].op,
                           TruthOf(program.Value(seen.truth, lane))});
  }
  return comparisons;
}

}  // namespace

std::vector<ExitFinding> JudgeExit(const Policy& policy, const Catalogue& catalogue,
                                   const History& history, const CaseFigures& figures, Date today) {
  const Policy conditions = ConditionsAsRules(policy, figures);
  Program program(conditions, catalogue, SubjectKind::kHousehold);
  std::vector<ExitFinding> findings(policy.cases->exit.size());
  const std::vector<Date> dates = DatesToJudge(policy, history, today);
  for (size_t first = 0; first < dates.size(); first += Tape::kLanes) {
    const size_t lanes = std::min(Tape::kLanes, dates.size() - first);
    program.Open(history, dates[first + lanes - 1], dates[first]);
    for (size_t lane = 0; lane < lanes; ++lane) program.Take(dates[first + lane], lane);
    program.Decide(lanes);
    for (const CompiledRule& rule : program.rules()) {
      const size_t index = rule.rule->id - size_t{1};
      ExitFinding& finding = findings[index];
      const ExitCondition& condition = policy.cases->exit[index];
      for (size_t lane = 0; lane < lanes; ++lane) {
        const Date date = dates[first + lane];
        const bool judged = finding.condition != nullptr;
        // The latest day on which it does not hold is known already.
        if (judged && finding.truth != Truth::kTrue) break;
        if (date < today.PlusMonths(-condition.hold_months)) break;
        const Truth truth = TruthOf(program.Value(rule.when.result, lane));
        if (judged && truth == Truth::kTrue) continue;
        finding = {&condition, truth, date, ComparisonsOf(rule, program, lane)};
      }
    }
  }
  return findings;
}

}  // namespace shouwang::risk
