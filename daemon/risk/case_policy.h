// What a policy says about cases (工单): who may take which step, within how many days, what has to
// hold before a household is marked as out (风险消除), which measures there are and what they fit,
// and which days are worked. A part of a policy file; README.md gives every key.
//
//   cases: {from_severity: orange, decide_within_days: 15, states: [...], moves: [...],
//           escalation: [...], draw: {...}, ...}
//   exit: [{name: income_above_line, when: net_income > line, hold_months: 6, ...}]
//   measures: [{name: medical_assistance, fits: [illness], ...}]
//   calendar: [{kind: holiday, from: 2026-10-01, to: 2026-10-07, ...}]
//
// Values; read by any thread once their policy is loaded.
#pragma once

#include <array>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "storage/vocabulary/case.h"
#include "storage/vocabulary/date.h"
#include "storage/vocabulary/warning.h"

namespace shouwang::risk {

// So many days after a day, which itself is not counted.
struct Term {
  int days = 0;
  bool working = false;  // working days; else days of the calendar
  friend bool operator==(const Term&, const Term&) = default;
};

// How long a case stays in a state.
struct StateTerms {
  CaseState state = CaseState::kClue;
  std::optional<Term> within;  // overdue from the day after
  // Days of the calendar before it may go on (to verifying it may go back at once): a public notice
  // hangs for so long.
  int at_least_days = 0;
  std::string citation;
};

struct CaseMove {
  CaseState from = CaseState::kNone;
  CaseState to = CaseState::kClue;
  std::vector<Role> roles;
};

// One condition for state cleared. Unknown refuses as false does.
struct ExitCondition {
  std::string name;
  std::string title_zh;
  std::string title_en;
  // Over constants, features of households and kCaseFigures.
  std::string when;
  // Must have held on every reporting date of so many months to now, and at their beginning.
  int hold_months = 0;
  std::string citation;
};

struct Measure {
  std::string name;
  std::string title_zh;
  std::string title_en;
  std::vector<RiskKind> fits;
  std::string citation;
  bool Fits(RiskKind kind) const;
};

// A day that is not as its weekday says.
struct CalendarDay {
  Date date;
  bool working = false;  // a weekend's day that is worked; else a holiday
};

// A case that is overdue by so many days is the business of a higher level.
struct Escalation {
  CaseState state = CaseState::kClue;  // under way
  Role to = Role::kTownship;
  Term overdue;  // behind the last day; 0 days: on it already, which no file gives
  std::string citation;
};

// Households without a clue that are visited all the same, drawn by lot, so that somebody
// learns what the rules miss.
struct DrawPolicy {
  int per_township = 0;      // households that each township draws a month
  int estimate_months = 12;  // how many months of draws the estimate of what is missed reads
  std::string citation;
};

struct CasePolicy {
  // A warning of at least this severity is a clue.
  Severity from_severity = Severity::kYellow;
  // From the clue to state registered or dismissed.
  std::optional<Term> decide_within;
  std::string citation;
  std::vector<StateTerms> states;
  std::vector<CaseMove> moves;
  std::vector<Escalation> escalation;  // by (state, to)
  std::optional<DrawPolicy> draw;      // nullopt: nobody is drawn
  // Of intervals around shares that visits found, between 0 and 1.
  double confidence = 0.95;
  std::vector<ExitCondition> exit;
  std::vector<Measure> measures;

  const StateTerms* TermsOf(CaseState state) const;
  const Measure* FindMeasure(std::string_view name) const;
  // Empty: nobody may.
  std::span<const Role> RolesOf(CaseState from, CaseState to) const;
  // The lowest level that may take a case onwards from `state`: whose it is in time.
  Role OwnerOf(CaseState state) const;
};

// What conditions for leaving may ask of the case itself, beside features.
inline constexpr std::array<std::string_view, 4> kCaseFigures = {
    "case_measures",           // measures taken in this round
    "case_targeted_measures",  // of them, those that fit a risk kind of the case
    "case_months_supported",   // whole months since state supported
    "case_open_warnings",      // open now
};

}  // namespace shouwang::risk
