#include "daemon/query/case_answer.h"

#include <fmt/format.h>

#include <charconv>
#include <cmath>
#include <optional>
#include <set>
#include <string>

#include "daemon/query/answers.h"
#include "daemon/query/case_fields.h"
#include "daemon/query/field_check.h"
#include "daemon/query/page_token.h"
#include "daemon/wire/convert.h"

namespace shouwang::query {
namespace {

// How many cases are looked at between two questions whether the caller is still there.
constexpr size_t kCasesUnasked = 4096;

std::string EtagOf(uint32_t revision) { return std::to_string(revision); }

uint32_t RevisionOf(const std::string& etag, FieldCheck* check) {
  uint32_t revision = 0;
  const auto [end, error] = std::from_chars(etag.data(), etag.data() + etag.size(), revision);
  if (etag.empty() || error != std::errc() || end != etag.data() + etag.size()) {
    check->Fault("etag", "not one that GetCase or ListCases gave out");
  }
  return revision;
}

void FillMeasure(const cases::TakenMeasure& taken, const Rulebook& rulebook,
                 v1::TakenMeasure* out) {
  out->set_measure(taken.name);
  if (const risk::Measure* measure = cases::FindMeasure(rulebook.policies, taken.name)) {
    out->set_title_zh(measure->title_zh);
    out->set_title_en(measure->title_en);
  }
  out->set_on(taken.on.days());
  if (taken.role) out->set_role(SameNumber<v1::Role>(*taken.role));
  out->set_actor(taken.actor);
  out->set_note(taken.note);
}

void FillDeadlines(const cases::CaseStanding& standing, const cases::Deadlines& deadlines,
                   Date today, v1::Case* out) {
  if (standing.round > 0) {
    out->set_opened_on(standing.opened_on().days());
    out->set_entered_on(standing.entered_on().days());
  }
  if (deadlines.step_by) out->set_step_by(deadlines.step_by->days());
  if (deadlines.decide_by) out->set_decide_by(deadlines.decide_by->days());
  if (const std::optional<Date> due = deadlines.due()) out->set_due_on(due->days());
  out->set_days_over(static_cast<uint32_t>(deadlines.DaysOver(today)));
  if (deadlines.not_before && today < *deadlines.not_before) {
    out->set_not_before(deadlines.not_before->days());
  }
  if (!IsUnderWay(standing.state)) return;
  out->set_owner(SameNumber<v1::Role>(deadlines.owner));
  out->set_level(SameNumber<v1::Role>(deadlines.LevelOn(today)));
  if (const std::optional<Date> up = deadlines.NextUpOn(today)) out->set_up_on(up->days());
}

void FillCase(const cases::CaseStanding& standing, const cases::Deadlines& deadlines,
              const Rulebook& rulebook, Date today, v1::Case* out) {
  out->set_subject(standing.subject.ToString());
  out->set_division_path(PathOf(standing.subject, rulebook.reg.divisions));
  out->set_state(SameNumber<v1::CaseState>(standing.state));
  out->set_etag(EtagOf(standing.revision));
  out->set_round(standing.round);
  FillDeadlines(standing, deadlines, today, out);
  if (standing.category) out->set_category(SameNumber<v1::HouseholdCategory>(*standing.category));
  out->set_reason(standing.reason);
  if (standing.cause) out->set_cause(SameNumber<v1::DismissalCause>(*standing.cause));
  for (const CaseWarning& open : standing.warnings) {
    Warning warning;
    warning.subject = standing.subject;
    warning.rule = open.rule;
    warning.severity = open.severity;
    warning.kind = open.kind;
    warning.opened_on = open.opened_on;
    FillWarning(warning, rulebook, out->add_warnings());
  }
  for (const RiskKind kind : standing.kinds) out->add_risk_kinds(std::string(RiskKindName(kind)));
  for (const RiskKind kind : cases::KindsWithoutMeasure(standing, rulebook.policies)) {
    out->add_kinds_without_measure(std::string(RiskKindName(kind)));
  }
  for (const cases::TakenMeasure& taken : standing.measures) {
    FillMeasure(taken, rulebook, out->add_measures());
  }
  const risk::Policy& policy = rulebook.policies.InForce(today);
  if (!policy.cases) return;
  for (const cases::NextStep& next :
       cases::NextSteps(standing.state, *policy.cases, deadlines, today)) {
    v1::NextStep* step = out->add_next();
    step->set_to(SameNumber<v1::CaseState>(next.to));
    for (const Role role : next.roles) step->add_roles(SameNumber<v1::Role>(role));
  }
}

void FillEvent(const CaseEvent& event, const Rulebook& rulebook, v1::CaseEvent* out) {
  out->set_state(SameNumber<v1::CaseState>(event.state));
  out->set_at_ms(wire::ToMs(event.at));
  if (event.role) out->set_role(SameNumber<v1::Role>(*event.role));
  out->set_actor(event.actor);
  out->set_note(event.note);
  if (event.category) out->set_category(SameNumber<v1::HouseholdCategory>(*event.category));
  out->set_reason(event.reason);
  if (event.cause) out->set_cause(SameNumber<v1::DismissalCause>(*event.cause));
  if (event.kind == CaseEventKind::kMeasure) {
    FillMeasure({event.measure, event.measured_on, event.at, event.role, event.actor, event.note},
                rulebook, out->mutable_measure());
  }
  for (const CaseWarning& warning : event.warnings) {
    const std::string name = rulebook.policies.RuleName(warning.rule);
    out->add_rules(name.empty() ? fmt::format("rule_{}", warning.rule) : name);
  }
}

void FillExit(const risk::ExitFinding& finding, v1::ExitCondition* out) {
  out->set_name(finding.condition->name);
  out->set_title_zh(finding.condition->title_zh);
  out->set_title_en(finding.condition->title_en);
  out->set_when(finding.condition->when);
  out->set_hold_months(static_cast<uint32_t>(finding.condition->hold_months));
  out->set_truth(SameNumber<v1::Truth>(finding.truth));
  out->set_date(finding.date.days());
  for (const risk::Comparison& comparison : finding.comparisons) {
    FillComparison(comparison, out->add_comparisons());
  }
}

// Which cases a caller asked for.
struct CaseSelection {
  std::set<CaseState> states;
  bool overdue_only = false;
  bool without_measure_only = false;
  bool escalated_only = false;
  std::optional<Role> level;

  bool Matches(const cases::CaseStanding& standing, const cases::Deadlines& deadlines,
               const Rulebook& rulebook, Date today) const {
    return states.contains(standing.state) && (!overdue_only || deadlines.DaysOver(today) > 0) &&
           (!escalated_only || deadlines.EscalatedOn(today)) &&
           (!level || (IsUnderWay(standing.state) && deadlines.LevelOn(today) == *level)) &&
           (!without_measure_only || !KindsWithoutMeasure(standing, rulebook.policies).empty());
  }
};

CaseSelection SelectionOf(const v1::ListCasesRequest& request, FieldCheck* check) {
  CaseSelection selection;
  selection.overdue_only = request.overdue_only();
  selection.without_measure_only = request.without_measure_only();
  selection.escalated_only = request.escalated_only();
  if (request.level() != v1::ROLE_UNSPECIFIED) {
    selection.level = SameNumber<Role>(request.level());
    if (RoleName(*selection.level) == "unknown") {
      check->Fault("level", fmt::format("{} is no level", static_cast<int>(request.level())));
    }
  }
  for (int i = 0; i < request.states_size(); ++i) {
    const auto state = SameNumber<CaseState>(request.states(i));
    if (state == CaseState::kNone || CaseStateName(state) == "unknown") {
      check->Fault(fmt::format("states[{}]", i),
                   fmt::format("{} is no state of a case", static_cast<int>(request.states(i))));
    }
    selection.states.insert(state);
  }
  if (request.states().empty()) {
    for (const CaseState state : AllCaseStates()) {
      if (IsUnderWay(state)) selection.states.insert(state);
    }
  }
  return selection;
}

cases::Step StepOf(const v1::AdvanceCaseRequest& request, FieldCheck* check) {
  cases::Step step;
  step.to = SameNumber<CaseState>(request.to());
  if (CaseStateName(step.to) == "unknown") {
    check->Fault("to", fmt::format("{} is no state of a case", static_cast<int>(request.to())));
  }
  step.role = RoleOf(request.role(), check);
  step.actor = request.actor();
  step.note = request.note();
  step.reason = request.reason();
  if (request.category() != v1::HOUSEHOLD_CATEGORY_UNSPECIFIED) {
    step.category = SameNumber<HouseholdCategory>(request.category());
    if (CategoryName(*step.category) == "unknown") {
      check->Fault("category", fmt::format("{} is no category of households",
                                           static_cast<int>(request.category())));
    }
  }
  if (request.cause() != v1::DISMISSAL_CAUSE_UNSPECIFIED) {
    step.cause = SameNumber<DismissalCause>(request.cause());
    if (CauseName(*step.cause) == "unknown") {
      check->Fault("cause",
                   fmt::format("{} is no cause of a dismissal", static_cast<int>(request.cause())));
    }
  }
  AddFaults(FaultsOf(step), check);
  return step;
}

}  // namespace

absl::Status AnswerGetCase(const cases::CaseDesk& desk, const Rulebook& rulebook, Instant now,
                           const v1::GetCaseRequest& request, v1::GetCaseResponse* response) {
  FieldCheck check("GetCase");
  const Subject subject = check.ParseSubject("subject", request.subject());
  if (!check.ok()) return check.ToStatus();
  const absl::StatusOr<cases::CaseLook> look = desk.Look(rulebook, subject, now);
  if (!look.ok()) return look.status();
  FillCase(look->standing, look->deadlines, rulebook, DateOf(now), response->mutable_case_());
  for (const CaseEvent& event : look->record.events) {
    FillEvent(event, rulebook, response->add_events());
  }
  for (const risk::ExitFinding& finding : look->exit) FillExit(finding, response->add_exit());
  return absl::OkStatus();
}

absl::Status AnswerListCases(const cases::CaseDesk& desk, const Rulebook& rulebook, Instant now,
                             const v1::ListCasesRequest& request,
                             absl::FunctionRef<bool()> cancelled, v1::ListCasesResponse* response) {
  FieldCheck check("ListCases");
  const Division region = check.Region("region", request.region(), rulebook.reg.divisions);
  const CaseSelection selection = SelectionOf(request, &check);
  const size_t page_size = check.PageSize(request.page_size(), kDefaultCasesPage, kMaxCasesPage);
  v1::ListCasesRequest listed = request;
  listed.clear_page_token();
  listed.clear_page_size();
  const uint64_t listing = Fingerprint("ListCases " + listed.SerializeAsString());
  const Subject from = check.PageStart(request.page_token(), listing, DecodePosition).subject;
  if (!check.ok()) return check.ToStatus();

  const Date today = DateOf(now);
  size_t looked_at = 0;
  bool left = false;
  absl::Status status =
      desk.Scan(rulebook, region, from, now,
                [&](const cases::CaseStanding& standing, const cases::Deadlines& deadlines) {
                  if (++looked_at % kCasesUnasked == 0 && cancelled()) {
                    left = true;
                    return false;
                  }
                  const bool matches = selection.Matches(standing, deadlines, rulebook, today);
                  const bool full = static_cast<size_t>(response->cases_size()) == page_size;
                  if ((matches && full) || looked_at > kMaxCasesLookedAt) {
                    response->set_next_page_token(
                        EncodePageToken(listing, EncodePosition({standing.subject, 0})));
                    return false;
                  }
                  if (matches)
                    FillCase(standing, deadlines, rulebook, today, response->add_cases());
                  return true;
                });
  return left ? absl::CancelledError("the caller has left") : status;
}

absl::Status AnswerAdvanceCase(cases::CaseDesk* desk, const Rulebook& rulebook, Instant now,
                               const v1::AdvanceCaseRequest& request, std::string_view peer,
                               v1::AdvanceCaseResponse* response) {
  FieldCheck check("AdvanceCase");
  const Subject subject = check.ParseSubject("subject", request.subject());
  const uint32_t revision = RevisionOf(request.etag(), &check);
  cases::Step step = StepOf(request, &check);
  step.peer = peer;
  if (!check.ok()) return check.ToStatus();
  const absl::StatusOr<cases::CaseLook> look =
      desk->Advance(rulebook, subject, revision, step, now);
  if (!look.ok()) return look.status();
  FillCase(look->standing, look->deadlines, rulebook, DateOf(now), response->mutable_case_());
  return absl::OkStatus();
}

absl::Status AnswerAddMeasure(cases::CaseDesk* desk, const Rulebook& rulebook, Instant now,
                              const v1::AddMeasureRequest& request, std::string_view peer,
                              v1::AddMeasureResponse* response) {
  FieldCheck check("AddMeasure");
  const Subject subject = check.ParseSubject("subject", request.subject());
  const uint32_t revision = RevisionOf(request.etag(), &check);
  cases::MeasureNote note;
  note.measure = request.measure();
  note.on = request.on() == 0 ? DateOf(now) : check.Day("on", request.on());
  note.role = RoleOf(request.role(), &check);
  note.actor = request.actor();
  note.note = request.note();
  note.peer = peer;
  AddFaults(FaultsOf(note), &check);
  if (!check.ok()) return check.ToStatus();
  const absl::StatusOr<cases::CaseLook> look =
      desk->AddMeasure(rulebook, subject, revision, note, now);
  if (!look.ok()) return look.status();
  FillCase(look->standing, look->deadlines, rulebook, DateOf(now), response->mutable_case_());
  return absl::OkStatus();
}

}  // namespace shouwang::query
