#include "daemon/cases/transitions.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <utility>

#include "daemon/cases/note.h"

namespace shouwang::cases {
namespace {

void CheckText(std::string_view field, const absl::Status& status,
               std::vector<FieldFault>* faults) {
  if (!status.ok()) faults->push_back({std::string(field), std::string(status.message())});
}

std::string NamesOf(std::span<const Role> roles) {
  std::vector<std::string_view> names;
  for (const Role role : roles) names.push_back(RoleName(role));
  return fmt::format("{}", fmt::join(names, " or "));
}

// "reviewed (by village or township), dismissed (by township)"
std::string Possible(CaseState from, const risk::CasePolicy& policy, const Deadlines& deadlines,
                     Date today) {
  std::vector<std::string> steps;
  for (const NextStep& next : NextSteps(from, policy, deadlines, today)) {
    steps.push_back(fmt::format("{} (by {})", CaseStateName(next.to), NamesOf(next.roles)));
  }
  return steps.empty() ? "nowhere" : fmt::format("{}", fmt::join(steps, ", "));
}

}  // namespace

std::vector<FieldFault> FaultsOf(const Step& step) {
  std::vector<FieldFault> faults;
  CheckText("actor", CheckActor(step.actor), &faults);
  CheckText("note", CheckNote(step.note), &faults);
  CheckText("reason", CheckNote(step.reason), &faults);
  if (step.to == CaseState::kNone) {
    faults.push_back({"to", "is missing: the state that the case is to go to"});
  }
  const bool dismisses = step.to == CaseState::kDismissed;
  if (dismisses && step.reason.find_first_not_of(" \n") == std::string::npos) {
    faults.push_back({"reason", "is missing: why the household is not registered"});
  } else if (!dismisses && !step.reason.empty()) {
    faults.push_back({"reason", "is for a dismissal; for anything else there is the note"});
  }
  if (!dismisses && step.cause) faults.push_back({"cause", "is for a dismissal only"});
  const bool registers = step.to == CaseState::kRegistered;
  if (registers && !step.category) {
    faults.push_back({"category", "is missing: unstable, marginal or sudden_hardship"});
  } else if (!registers && step.category) {
    faults.push_back({"category", "is for state registered only"});
  }
  return faults;
}

std::vector<FieldFault> FaultsOf(const MeasureNote& note) {
  std::vector<FieldFault> faults;
  CheckText("actor", CheckActor(note.actor), &faults);
  CheckText("note", CheckNote(note.note), &faults);
  if (note.measure.empty()) faults.push_back({"measure", "is missing: its name in the policy"});
  return faults;
}

std::vector<Role> RolesFor(CaseState from, CaseState to, const risk::CasePolicy& policy,
                           const Deadlines& deadlines, Date today) {
  const std::span<const Role> named = policy.RolesOf(from, to);
  std::vector<Role> roles(named.begin(), named.end());
  std::ranges::sort(roles);
  if (roles.empty() || !deadlines.EscalatedOn(today)) return roles;
  const Role lowest = roles.front();
  for (const Role role : AllRoles()) {
    if (role > lowest && role <= deadlines.LevelOn(today)) roles.push_back(role);
  }
  std::ranges::sort(roles);
  roles.erase(std::unique(roles.begin(), roles.end()), roles.end());
  return roles;
}

std::vector<NextStep> NextSteps(CaseState from, const risk::CasePolicy& policy,
                                const Deadlines& deadlines, Date today) {
  std::vector<NextStep> steps;
  for (const CaseState to : StatesAfter(from)) {
    std::vector<Role> roles = RolesFor(from, to, policy, deadlines, today);
    if (!roles.empty()) steps.push_back({to, std::move(roles)});
  }
  return steps;
}

std::string InWords(const CaseStanding& standing) {
  if (standing.state == CaseState::kNone) {
    return fmt::format("{} has no case (revision 0)", standing.subject.ToString());
  }
  return fmt::format("the case of {} is in state {} since {} (revision {})",
                     standing.subject.ToString(), CaseStateName(standing.state),
                     standing.entered_on().ToString(), standing.revision);
}

absl::Status CheckStep(const CaseStanding& standing, const Step& step, const risk::Policy& policy,
                       const Deadlines& deadlines, Date today) {
  const risk::CasePolicy& cases = *policy.cases;
  if (!MayFollow(standing.state, step.to)) {
    return absl::FailedPreconditionError(
        fmt::format("{}; from there it can go to {}, not to {}", InWords(standing),
                    Possible(standing.state, cases, deadlines, today), CaseStateName(step.to)));
  }
  const std::vector<Role> roles = RolesFor(standing.state, step.to, cases, deadlines, today);
  if (std::ranges::find(roles, step.role) == roles.end()) {
    return absl::PermissionDeniedError(
        fmt::format("{}; by policy {} it is taken from there to {} by {}, not by {}",
                    InWords(standing), policy.version, CaseStateName(step.to),
                    roles.empty() ? "nobody" : NamesOf(roles), RoleName(step.role)));
  }
  // An objection is heard at once.
  const bool goes_on = step.to != CaseState::kVerifying;
  if (goes_on && deadlines.not_before && today < *deadlines.not_before) {
    return absl::FailedPreconditionError(
        fmt::format("{}, where it has to stay until {}; today is {}", InWords(standing),
                    deadlines.not_before->ToString(), today.ToString()));
  }
  return absl::OkStatus();
}

absl::Status CheckMeasure(const CaseStanding& standing, const MeasureNote& note,
                          const risk::Policy& policy, Date today) {
  if (!IsUnderWay(standing.state) || standing.state == CaseState::kClue) {
    return absl::FailedPreconditionError(
        fmt::format("{}; measures are noted from verifying to supported", InWords(standing)));
  }
  if (policy.cases->FindMeasure(note.measure) == nullptr) {
    std::vector<std::string_view> names;
    for (const risk::Measure& measure : policy.cases->measures) names.push_back(measure.name);
    return absl::InvalidArgumentError(fmt::format("policy {} has no measure '{}' ({})",
                                                  policy.version, note.measure.substr(0, 64),
                                                  fmt::join(names, ", ")));
  }
  if (note.on < standing.opened_on() || note.on > today) {
    return absl::InvalidArgumentError(
        fmt::format("{} is no day of this round, which began on {}; today is {}",
                    note.on.ToString(), standing.opened_on().ToString(), today.ToString()));
  }
  return absl::OkStatus();
}

}  // namespace shouwang::cases
