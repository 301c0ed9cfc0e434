// How a case stands: what its events and the subject's open warnings come to. A pure function of
// both and of the policies.
//
// A clue needs no record: it is implied where a household has an open warning that no closed round
// of its case has seen. So warnings stay a function of observations alone, and a clue is there the
// moment that its warning is. It is written down with the first step that somebody takes.
//
// Values; any thread.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "daemon/cases/clues.h"
#include "daemon/risk/exit_guard.h"
#include "daemon/risk/policy.h"
#include "storage/vocabulary/case.h"

namespace shouwang::cases {

struct TakenMeasure {
  std::string name;
  Date on;
  Instant at;  // when it was noted
  std::optional<Role> role;
  std::string actor;
  std::string note;
};

struct CaseStanding {
  Subject subject;
  CaseState state = CaseState::kNone;
  uint32_t revision = 0;
  uint32_t round = 0;  // 1 for the first; 0: never opened
  // The opening of a clue of which the book has nothing yet; else nullopt.
  std::optional<CaseEvent> implied;
  Instant opened_at;   // of this round: when its warning became a clue
  Instant entered_at;  // when this state was entered
  std::optional<HouseholdCategory> category;
  std::string reason;                   // of a dismissal
  std::optional<DismissalCause> cause;  // of it, where it was said
  std::vector<TakenMeasure> measures;   // of this round
  std::vector<CaseWarning> warnings;    // open now, by rule: all of them are this one case
  std::vector<RiskKind> kinds;          // that warnings of this round have or had, ascending

  Date opened_on() const { return DateOf(opened_at); }
  Date entered_on() const { return DateOf(entered_at); }
};

// `open` are the subject's open warnings, by rule. `clues` tell which of them are clues: none where
// the policy in force keeps no cases.
CaseStanding StandingOf(const Case& record, std::span<const Warning> open, const Clues& clues);

// The measure by the latest policy that has it; nullptr where none has.
const risk::Measure* FindMeasure(const risk::PolicySet& policies, std::string_view name);

// Risk kinds of a registered or supported case that no measure of this round fits: 因病 without a
// medical measure. Empty in other states.
std::vector<RiskKind> KindsWithoutMeasure(const CaseStanding& standing,
                                          const risk::PolicySet& policies);

// What conditions for leaving may ask of the case.
risk::CaseFigures FiguresOf(const CaseStanding& standing, const risk::PolicySet& policies,
                            Date today);

}  // namespace shouwang::cases
