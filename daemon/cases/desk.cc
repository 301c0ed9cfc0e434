#include "daemon/cases/desk.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <utility>

namespace shouwang::cases {
namespace {

// The township, or the villages' range below it, in which `region` is looked through piece by
// piece: memory is that of one township's cases.
std::vector<Division> PiecesOf(const Division& region, const DivisionTree& tree) {
  if (region.level() >= DivisionLevel::kTownship) return {region};
  return tree.Within(region, DivisionLevel::kTownship);
}

// "net_income >= line (7,200 >= 8,800)" of the comparisons that do not hold.
std::string NumbersOf(const risk::ExitFinding& finding) {
  const auto number = [](const std::optional<double>& value) {
    return value ? fmt::format("{:g}", *value) : "unknown";
  };
  std::vector<std::string> texts;
  for (const risk::Comparison& comparison : finding.comparisons) {
    if (comparison.truth == risk::Truth::kTrue) continue;
    texts.push_back(fmt::format("{}: {} {} {}", comparison.text, number(comparison.left),
                                comparison.op, number(comparison.right)));
  }
  return fmt::format("{}", fmt::join(texts, "; "));
}

}  // namespace

absl::Status ExitStatus(const CaseStanding& standing, std::span<const risk::ExitFinding> findings) {
  if (findings.empty()) {
    return absl::FailedPreconditionError(
        fmt::format("{}; it cannot be cleared, as no condition was judged", InWords(standing)));
  }
  // Names before numbers: a long message is cut on the wire.
  std::vector<std::string> names;
  std::vector<std::string> numbers;
  for (const risk::ExitFinding& finding : findings) {
    if (finding.truth == risk::Truth::kTrue) continue;
    const bool unknown = finding.truth == risk::Truth::kUnknown;
    names.push_back(
        fmt::format("{} ({})", finding.condition->name, unknown ? "unknown" : "not met"));
    numbers.push_back(fmt::format("on {}: {}", finding.date.ToString(), NumbersOf(finding)));
  }
  if (names.empty()) return absl::OkStatus();
  return absl::FailedPreconditionError(fmt::format(
      "{}; it cannot be cleared, as {} of {} conditions do not hold: {}; {}", InWords(standing),
      names.size(), findings.size(), fmt::join(names, ", "), fmt::join(numbers, "; ")));
}

absl::StatusOr<std::vector<Warning>> CaseDesk::OpenWarnings(const Subject& subject) const {
  std::vector<Warning> warnings;
  absl::Status status = store_->ScanWarnings(subject.In(DivisionLevel::kVillage), subject, 0,
                                             [&](const Warning& warning) {
                                               if (warning.subject != subject) return false;
                                               warnings.push_back(warning);
                                               return true;
                                             });
  if (!status.ok()) return status;
  return warnings;
}

absl::Status CaseDesk::CheckKnown(const Subject& subject) const {
  const absl::StatusOr<std::vector<SubjectState>> states = store_->LoadStates({&subject, 1});
  if (!states.ok()) return states.status();
  if (states->front().risk) return absl::OkStatus();
  return absl::NotFoundError(fmt::format("{} has never reported", subject.ToString()));
}

absl::StatusOr<CaseLook> CaseDesk::Look(const Rulebook& rulebook, const Subject& subject,
                                        Instant now) const {
  if (subject.kind != SubjectKind::kHousehold) {
    return absl::InvalidArgumentError(
        fmt::format("{} is a site; cases are of households", subject.ToString()));
  }
  absl::StatusOr<Case> record = book_->LoadCase(subject);
  if (!record.ok()) return record.status();
  const absl::StatusOr<std::vector<Warning>> open = OpenWarnings(subject);
  if (!open.ok()) return open.status();
  if (record->events.empty() && open->empty()) {
    if (absl::Status known = CheckKnown(subject); !known.ok()) return known;
  }
  CaseLook look;
  look.standing = StandingOf(*record, *open, CluesOn(rulebook.policies, DateOf(now)));
  look.deadlines = DeadlinesOf(look.standing, rulebook.policies, WorkingDays(rulebook.policies));
  look.record = *std::move(record);
  if (look.standing.state == CaseState::kSupported) {
    if (absl::Status judged = JudgeExit(rulebook, now, &look); !judged.ok()) return judged;
  }
  return look;
}

absl::Status CaseDesk::JudgeExit(const Rulebook& rulebook, Instant now, CaseLook* look) const {
  const Date today = DateOf(now);
  const risk::Policy& policy = rulebook.policies.InForce(today);
  if (!policy.cases) return absl::OkStatus();
  const auto histories = store_->LoadHistories({&look->standing.subject, 1}, DateRange{});
  if (!histories.ok()) return histories.status();
  look->exit = risk::JudgeExit(policy, rulebook.reg.catalogue, histories->front(),
                               FiguresOf(look->standing, rulebook.policies, today), today);
  return absl::OkStatus();
}

absl::Status CaseDesk::Scan(
    const Rulebook& rulebook, const Division& region, const Subject& from, Instant now,
    absl::FunctionRef<bool(const CaseStanding&, const Deadlines&)> visit) const {
  return ScanRecords(rulebook, region, from, now,
                     [&](const Case& /*record*/, const CaseStanding& standing,
                         const Deadlines& deadlines) { return visit(standing, deadlines); });
}

absl::Status CaseDesk::ScanRecords(
    const Rulebook& rulebook, const Division& region, const Subject& from, Instant now,
    absl::FunctionRef<bool(const Case&, const CaseStanding&, const Deadlines&)> visit) const {
  const Clues clues = CluesOn(rulebook.policies, DateOf(now));
  const WorkingDays working_days(rulebook.policies);
  absl::Status damage;
  bool stopped = false;
  for (const Division& piece : PiecesOf(region, rulebook.reg.divisions)) {
    if (stopped || piece.EndVillageCode() <= from.place) continue;
    std::vector<Case> records;
    damage.Update(book_->ScanCases(piece, from, [&](const Case& record) {
      records.push_back(record);
      return true;
    }));
    if (!damage.ok() && !absl::IsDataLoss(damage)) return damage;
    size_t next = 0;
    const auto show = [&](const Case& record, std::span<const Warning> open) {
      const CaseStanding standing = StandingOf(record, open, clues);
      if (standing.state == CaseState::kNone || stopped) return;
      stopped = !visit(record, standing, DeadlinesOf(standing, rulebook.policies, working_days));
    };
    // Shows the cases up to the subject, which these warnings are of.
    std::vector<Warning> open;
    const auto flush = [&] {
      if (open.empty()) return;
      const Subject subject = open.front().subject;
      while (next < records.size() && records[next].subject < subject) show(records[next++], {});
      const bool has_record = next < records.size() && records[next].subject == subject;
      show(has_record ? records[next++] : Case{subject, {}}, open);
      open.clear();
    };
    damage.Update(store_->ScanWarnings(piece, from, 0, [&](const Warning& warning) {
      if (!open.empty() && open.front().subject != warning.subject) flush();
      if (warning.subject.kind == SubjectKind::kHousehold) open.push_back(warning);
      return !stopped;
    }));
    flush();
    while (next < records.size()) show(records[next++], {});
    if (!damage.ok() && !absl::IsDataLoss(damage)) return damage;
  }
  return damage;
}

absl::StatusOr<CaseLook> CaseDesk::LookAt(const Rulebook& rulebook, const Subject& subject,
                                          uint32_t revision, Instant now) const {
  const risk::Policy& policy = rulebook.policies.InForce(DateOf(now));
  if (!policy.cases) {
    return absl::FailedPreconditionError(
        fmt::format("policy {}, in force on {}, keeps no cases: it has no section 'cases'",
                    policy.version, DateOf(now).ToString()));
  }
  absl::StatusOr<CaseLook> look = Look(rulebook, subject, now);
  if (!look.ok() || look->standing.revision == revision) return look;
  return absl::AbortedError(
      fmt::format("somebody else was faster: {}, no longer at revision {}; look at it again",
                  InWords(look->standing), revision));
}

absl::StatusOr<CaseLook> CaseDesk::Add(const Rulebook& rulebook, const CaseLook& look,
                                       std::vector<CaseEvent> events, std::string_view peer,
                                       Instant now) {
  const CaseStanding& standing = look.standing;
  for (CaseEvent& event : events) {
    if (event.kind != CaseEventKind::kMeasure) event.warnings = standing.warnings;
  }
  if (standing.implied) events.insert(events.begin(), *standing.implied);
  const absl::Status added = book_->AddToCase(standing.subject, standing.revision, events, peer);
  if (absl::IsAborted(added)) {
    // Between looking and adding; say how it stands by now.
    const absl::StatusOr<CaseLook> now_at =
        LookAt(rulebook, standing.subject, standing.revision, now);
    return now_at.ok() ? added : now_at.status();
  }
  if (!added.ok()) return added;
  return Look(rulebook, standing.subject, now);
}

absl::StatusOr<CaseLook> CaseDesk::Advance(const Rulebook& rulebook, const Subject& subject,
                                           uint32_t revision, const Step& step, Instant now) {
  absl::StatusOr<CaseLook> look = LookAt(rulebook, subject, revision, now);
  if (!look.ok()) return look;
  const Date today = DateOf(now);
  absl::Status status =
      CheckStep(look->standing, step, rulebook.policies.InForce(today), look->deadlines, today);
  if (status.ok() && step.to == CaseState::kCleared) {
    status = ExitStatus(look->standing, look->exit);
  }
  if (!status.ok()) return status;
  CaseEvent event;
  event.kind = step.to == CaseState::kClue ? CaseEventKind::kOpened : CaseEventKind::kMoved;
  event.state = step.to;
  event.at = now;
  event.role = step.role;
  event.actor = step.actor;
  event.note = step.note;
  event.category = step.category;
  event.reason = step.reason;
  event.cause = step.cause;
  return Add(rulebook, *look, {event}, step.peer, now);
}

absl::StatusOr<CaseLook> CaseDesk::AddMeasure(const Rulebook& rulebook, const Subject& subject,
                                              uint32_t revision, const MeasureNote& note,
                                              Instant now) {
  absl::StatusOr<CaseLook> look = LookAt(rulebook, subject, revision, now);
  if (!look.ok()) return look;
  const Date today = DateOf(now);
  const risk::Policy& policy = rulebook.policies.InForce(today);
  if (absl::Status status = CheckMeasure(look->standing, note, policy, today); !status.ok()) {
    return status;
  }
  CaseEvent event;
  event.kind = CaseEventKind::kMeasure;
  event.state = look->standing.state;
  event.at = now;
  event.role = note.role;
  event.actor = note.actor;
  event.note = note.note;
  event.measure = note.measure;
  event.measured_on = note.on;
  return Add(rulebook, *look, {event}, note.peer, now);
}

}  // namespace shouwang::cases
