#include "daemon/cases/draw_desk.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <utility>

#include "daemon/cases/lot.h"
#include "daemon/cases/note.h"

namespace shouwang::cases {
namespace {

// Whether a warning is open that the policy makes a clue of: one below that is nobody's to visit,
// so the household stays in the lot.
bool IsFlagged(const SubjectRisk& risk, const risk::CasePolicy& policy) {
  return std::ranges::any_of(risk.states, [&](const RuleState& state) {
    return state.opened_on && state.severity >= policy.from_severity;
  });
}

}  // namespace

std::vector<FieldFault> FaultsOf(const VisitNote& note) {
  std::vector<FieldFault> faults;
  const auto check = [&](const char* field, const absl::Status& status) {
    if (!status.ok()) faults.push_back({field, std::string(status.message())});
  };
  check("actor", CheckActor(note.actor));
  check("note", CheckNote(note.note));
  return faults;
}

absl::StatusOr<Draw> DrawDesk::Make(const risk::Policy& policy, const Division& township,
                                    Month month, Instant now) const {
  Draw draw;
  draw.township = township;
  draw.month = month;
  draw.drawn_at = now;
  draw.policy_version = policy.version;
  std::set<Subject> under_way;
  absl::Status status = cases_->ScanCases(township, Subject(), [&](const Case& record) {
    if (IsUnderWay(record.state())) under_way.insert(record.subject);
    return true;
  });
  std::vector<Subject> unflagged;
  status.Update(
      store_->ScanStates(township, [&](const Subject& subject, const SubjectState& state) {
        if (subject.kind != SubjectKind::kHousehold || !state.risk) return true;
        ++draw.households;
        if (!IsFlagged(*state.risk, *policy.cases) && !under_way.contains(subject)) {
          unflagged.push_back(subject);
        }
        return true;
      }));
  // Half a township's households would make a draw that can never be made again.
  if (!status.ok()) return status;
  if (draw.households == 0) {
    return absl::NotFoundError(
        fmt::format("no household of {} has ever reported", township.ToString()));
  }
  draw.unflagged = static_cast<uint32_t>(unflagged.size());
  draw.drawn = DrawLots(unflagged, policy.version, month,
                        static_cast<size_t>(policy.cases->draw->per_township));
  return draw;
}

absl::StatusOr<Draw> DrawDesk::Of(const Rulebook& rulebook, const Division& township, Month month,
                                  Instant now, const AuditCaller& by) {
  const absl::StatusOr<std::optional<Draw>> there = book_->LoadDraw(township, month);
  if (!there.ok()) return there.status();
  if (there->has_value()) return **there;
  const Month this_month = DateOf(now).month();
  if (month < this_month) {
    return absl::NotFoundError(
        fmt::format("{} has no draw of {}: nobody asked for it in that "
                    "month, and what was unflagged then is not known now",
                    township.ToString(), month.ToString()));
  }
  if (month > this_month) {
    return absl::OutOfRangeError(
        fmt::format("{} is a month to come; this is {}", month.ToString(), this_month.ToString()));
  }
  const risk::Policy& policy = rulebook.policies.InForce(DateOf(now));
  if (!policy.cases || !policy.cases->draw) {
    return absl::FailedPreconditionError(
        fmt::format("policy {}, in force on {}, draws nobody: it has no 'draw' under 'cases'",
                    policy.version, DateOf(now).ToString()));
  }
  absl::StatusOr<Draw> draw = Make(policy, township, month, now);
  if (!draw.ok()) return draw;
  const absl::Status added = book_->AddDraw(*draw, by);
  if (!absl::IsAlreadyExists(added)) return added.ok() ? draw : added;
  // Somebody else asked at the same moment; theirs stands.
  const absl::StatusOr<std::optional<Draw>> theirs = book_->LoadDraw(township, month);
  if (!theirs.ok()) return theirs.status();
  return **theirs;
}

absl::Status DrawDesk::OpenCase(const Rulebook& rulebook, const Subject& subject,
                                const VisitNote& note, Instant now) {
  const absl::StatusOr<CaseLook> look = desk_->Look(rulebook, subject, now);
  if (!look.ok()) return look.status();
  if (IsUnderWay(look->standing.state)) return absl::OkStatus();
  Step step;
  step.to = CaseState::kClue;
  step.role = note.role;
  step.actor = note.actor;
  step.note = note.note;
  step.peer = note.peer;
  return desk_->Advance(rulebook, subject, look->standing.revision, step, now).status();
}

absl::StatusOr<Draw> DrawDesk::Record(const Rulebook& rulebook, const Subject& subject, Month month,
                                      const VisitNote& note, Instant now) {
  if (subject.kind != SubjectKind::kHousehold) {
    return absl::InvalidArgumentError(
        fmt::format("{} is a site; households are drawn", subject.ToString()));
  }
  const Division township = subject.In(DivisionLevel::kTownship);
  DrawVisit visit{subject, note.outcome, now, note.role, note.actor, note.note};
  const absl::StatusOr<std::optional<Draw>> draw = book_->LoadDraw(township, month);
  if (!draw.ok()) return draw.status();
  if (absl::Status status = CheckAddition(*draw, township, month, visit); !status.ok()) {
    return status;
  }
  if (note.outcome == VisitOutcome::kAtRisk) {
    if (absl::Status opened = OpenCase(rulebook, subject, note, now); !opened.ok()) return opened;
  }
  if (absl::Status added = book_->AddVisit(township, month, visit, note.peer); !added.ok()) {
    return added;
  }
  const absl::StatusOr<std::optional<Draw>> now_at = book_->LoadDraw(township, month);
  if (!now_at.ok()) return now_at.status();
  return **now_at;
}

}  // namespace shouwang::cases
