// The steps that a case may take: in which order (storage/vocabulary/case.h), by whom and how early
// (the policy), and with what said. Who asks is believed here; that the caller is who it says is
// the caller's certificate's business, once there is one.
//
// Pure; any thread.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "daemon/cases/deadlines.h"
#include "daemon/cases/standing.h"

namespace shouwang::cases {

struct Step {
  CaseState to = CaseState::kNone;
  Role role = Role::kVillage;
  std::string actor;
  std::string note;                           // may be empty
  std::optional<HouseholdCategory> category;  // for registered, and nothing else
  std::string reason;                         // for dismissed, and nothing else
  std::optional<DismissalCause> cause;        // may be absent; for dismissed, and nothing else
  std::string peer{};                         // the address of who asks, for the audit trail
};

// What somebody notes as done for the household.
struct MeasureNote {
  std::string measure;  // its name in the policy
  Date on;
  Role role = Role::kVillage;
  std::string actor;
  std::string note;
  std::string peer{};  // as of a Step
};

struct FieldFault {
  std::string field;
  std::string description;
};

// What is wrong with what was said, whatever the case.
std::vector<FieldFault> FaultsOf(const Step& step);
std::vector<FieldFault> FaultsOf(const MeasureNote& note);

struct NextStep {
  CaseState to = CaseState::kNone;
  std::vector<Role> roles;  // the lowest first
};
// Who may take that step today: those whom the policy names, and of a case that went up also the
// levels from there to where it is now, but none a step that is only a higher level's.
std::vector<Role> RolesFor(CaseState from, CaseState to, const risk::CasePolicy& policy,
                           const Deadlines& deadlines, Date today);
// Where the case may go and who may take it there; what nobody may is left out.
std::vector<NextStep> NextSteps(CaseState from, const risk::CasePolicy& policy,
                                const Deadlines& deadlines, Date today);

// FailedPrecondition for a step out of order or too early, naming the state and what is possible
// from it; PermissionDenied for a role that the policy does not give it to. `policy` is in force
// today and keeps cases.
absl::Status CheckStep(const CaseStanding& standing, const Step& step, const risk::Policy& policy,
                       const Deadlines& deadlines, Date today);
// FailedPrecondition unless the case is somewhere from verifying to supported; InvalidArgument for
// a measure that the policy has not, and for a day before the round or after today.
absl::Status CheckMeasure(const CaseStanding& standing, const MeasureNote& note,
                          const risk::Policy& policy, Date today);

// "the case of 520502001001/17 is in state verifying since 2026-10-05 (revision 2)"
std::string InWords(const CaseStanding& standing);

}  // namespace shouwang::cases
