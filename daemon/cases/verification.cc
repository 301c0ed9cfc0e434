#include "daemon/cases/verification.h"

#include <algorithm>

namespace shouwang::cases {
namespace {

std::vector<RuleId> RulesOf(const std::vector<CaseWarning>& warnings) {
  std::vector<RuleId> rules;
  rules.reserve(warnings.size());
  for (const CaseWarning& warning : warnings) rules.push_back(warning.rule);
  std::ranges::sort(rules);
  rules.erase(std::unique(rules.begin(), rules.end()), rules.end());
  return rules;
}

void Decide(RoundOutcome outcome, const CaseEvent& event, RoundFinding* round) {
  round->outcome = outcome;
  round->cause = event.cause;
  // A clock that was set back must not make it less than none.
  round->days = std::max(DateOf(event.at).days() - round->clue_on.days(), 0);
}

}  // namespace

std::vector<RoundFinding> FindingsOf(const Case& record, const CaseStanding& standing) {
  std::vector<RoundFinding> rounds;
  for (const CaseEvent& event : record.events) {
    if (event.kind == CaseEventKind::kOpened) {
      RoundFinding& round = rounds.emplace_back();
      round.clue_on = DateOf(event.at);
      round.rules = RulesOf(event.warnings);
    } else if (event.kind == CaseEventKind::kMoved && !rounds.empty()) {
      if (event.state == CaseState::kRegistered) {
        Decide(RoundOutcome::kConfirmed, event, &rounds.back());
      } else if (event.state == CaseState::kDismissed) {
        Decide(RoundOutcome::kRefuted, event, &rounds.back());
      }
    }
  }
  if (standing.implied) {
    RoundFinding& round = rounds.emplace_back();
    round.clue_on = standing.opened_on();
    round.rules = RulesOf(standing.implied->warnings);
  }
  return rounds;
}

void VerificationCount::Add(const RoundFinding& finding) {
  switch (finding.outcome) {
    case RoundOutcome::kPending:
      ++pending;
      return;
    case RoundOutcome::kConfirmed:
      ++confirmed;
      break;
    case RoundOutcome::kRefuted:
      ++refuted_by_cause[static_cast<size_t>(finding.cause.value_or(DismissalCause::kOther)) - 1];
      break;
  }
  ++decided_by_days[finding.days];
}

int64_t VerificationCount::refuted() const {
  int64_t sum = 0;
  for (const int64_t count : refuted_by_cause) sum += count;
  return sum;
}

std::optional<Proportion> VerificationCount::Precision(double confidence) const {
  const auto decided = static_cast<double>(confirmed + refuted());
  if (decided == 0) return std::nullopt;
  return Wilson(static_cast<double>(confirmed) / decided, decided, confidence);
}

std::optional<double> VerificationCount::MedianDays() const {
  const int64_t decided = confirmed + refuted();
  if (decided == 0) return std::nullopt;
  // The positions of the two in the middle; the same one where the number is odd.
  const int64_t lower = (decided - 1) / 2;
  const int64_t upper = decided / 2;
  int64_t before = 0;
  double sum = 0;
  for (const auto& [days, count] : decided_by_days) {
    if (before <= lower && lower < before + count) sum += days;
    if (before <= upper && upper < before + count) sum += days;
    before += count;
  }
  return sum / 2;
}

void Verification::Add(const RoundFinding& finding) {
  for (const RuleId rule : finding.rules) rules[rule].Add(finding);
  if (!finding.rules.empty()) {
    any_rule.Add(finding);
  } else if (finding.outcome == RoundOutcome::kConfirmed) {
    ++confirmed_without_rule;
  }
}

}  // namespace shouwang::cases
