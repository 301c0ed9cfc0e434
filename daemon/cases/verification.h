// What verification found of each rule: a round of a case that ended registered confirms the rules
// whose warnings were open at its clue, one that ended dismissed refutes them, one that is not
// decided yet does neither.
//
// A round counts once for each of its rules, since nobody can say which of them it was. The rules
// are those that were written with the round's opening, at the first step that somebody took: of
// the warnings open then those that were known at the clue. A warning that came later, and one that
// cleared before, is none of them. Of a clue that nobody has taken on, those open now that were
// known at it. The round's day is its clue's.
//
// Values and pure functions; any thread.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <vector>

#include "daemon/cases/proportion.h"
#include "daemon/cases/standing.h"

namespace shouwang::cases {

enum class RoundOutcome : uint8_t { kPending, kConfirmed, kRefuted };

struct RoundFinding {
  Date clue_on;
  std::vector<RuleId> rules;  // ascending; none: opened by hand, where no rule had warned
  RoundOutcome outcome = RoundOutcome::kPending;
  std::optional<DismissalCause> cause;  // kRefuted, where it was said
  int days = 0;  // of the calendar from the clue to the decision; 0 while pending
};

// Of every round that there was, the oldest first. `standing` is the record's.
std::vector<RoundFinding> FindingsOf(const Case& record, const CaseStanding& standing);

// Counts of rounds.
struct VerificationCount {
  int64_t confirmed = 0;
  // By why: that nobody said it is kOther.
  std::array<int64_t, 3> refuted_by_cause{};
  int64_t pending = 0;
  std::map<int, int64_t> decided_by_days;  // days from clue to decision -> rounds

  void Add(const RoundFinding& finding);
  int64_t refuted() const;
  int64_t refuted_for(DismissalCause cause) const {
    return refuted_by_cause[static_cast<size_t>(cause) - 1];
  }
  // Rounds that a warning led to.
  int64_t rounds() const { return confirmed + refuted() + pending; }
  // Confirmed of decided; nullopt where none is.
  std::optional<Proportion> Precision(double confidence) const;
  // Of two in the middle, their mean; nullopt where none is decided.
  std::optional<double> MedianDays() const;
};

struct Verification {
  std::map<RuleId, VerificationCount> rules;
  VerificationCount any_rule;          // each round with a rule once
  int64_t confirmed_without_rule = 0;  // registered though no rule had warned

  void Add(const RoundFinding& finding);
};

}  // namespace shouwang::cases
