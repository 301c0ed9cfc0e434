#include "storage/contract/case_book.h"

#include <fmt/format.h>

#include <string_view>

namespace shouwang {
namespace {

constexpr uint64_t kEndOfPlaces = 1'000'000'000'000;

bool CanBe(Date date) { return Date::Min() <= date && date <= Date::Max(); }

bool CanBe(const CaseWarning& warning) {
  return warning.rule > 0 && Severity::kYellow <= warning.severity &&
         warning.severity <= Severity::kRed && RiskKindName(warning.kind) != "unknown" &&
         CanBe(warning.opened_on);
}

// What is wrong with the event alone; empty where nothing is.
std::string_view FaultOf(const CaseEvent& event) {
  if (event.kind < CaseEventKind::kOpened || event.kind > CaseEventKind::kMeasure) {
    return "no such kind of event";
  }
  if (event.state < CaseState::kClue || event.state > CaseState::kDismissed) return "no such state";
  if (!CanBe(DateOf(event.at))) return "instant outside 1900 to 2199";
  if (event.role && RoleName(*event.role) == "unknown") return "no such role";
  if (event.category && CategoryName(*event.category) == "unknown") return "no such category";
  if (event.cause && CauseName(*event.cause) == "unknown") return "no such cause of a dismissal";
  if (event.cause && event.state != CaseState::kDismissed) return "only a dismissal has a cause";
  if (event.actor.size() > kMaxActorBytes) return "the actor is too long";
  if (event.note.size() > kMaxNoteBytes) return "the note is too long";
  if (event.reason.size() > kMaxNoteBytes) return "the reason is too long";
  if (event.measure.size() > kMaxMeasureBytes) return "the measure's name is too long";
  if ((event.kind == CaseEventKind::kMeasure) == event.measure.empty()) {
    return "a measure has a name, and nothing else has one";
  }
  if (!CanBe(event.measured_on)) return "date outside 1900 to 2199";
  if (event.warnings.size() > kMaxCaseWarnings) return "too many warnings";
  for (const CaseWarning& warning : event.warnings) {
    if (!CanBe(warning)) return "a warning that cannot be";
  }
  return "";
}

}  // namespace

absl::Status CheckCaseEvents(const Subject& subject, std::span<const CaseEvent> events) {
  if (subject.place >= kEndOfPlaces || subject.number == 0 || subject.kind > SubjectKind::kSite) {
    return absl::InvalidArgumentError(fmt::format(
        "case refused: no such subject: place {}, number {}", subject.place, subject.number));
  }
  if (events.empty()) {
    return absl::InvalidArgumentError(
        fmt::format("case of {} refused: nothing is added to it", subject.ToString()));
  }
  for (const CaseEvent& event : events) {
    if (const std::string_view fault = FaultOf(event); !fault.empty()) {
      return absl::InvalidArgumentError(
          fmt::format("case of {} refused: {}", subject.ToString(), fault));
    }
  }
  return absl::OkStatus();
}

absl::Status CheckAddition(const Case& record, uint32_t revision,
                           std::span<const CaseEvent> events) {
  if (absl::Status status = CheckCaseEvents(record.subject, events); !status.ok()) return status;
  if (record.revision() != revision) {
    return absl::AbortedError(fmt::format("the case of {} has revision {} by now, not {}",
                                          record.subject.ToString(), record.revision(), revision));
  }
  if (record.events.size() + events.size() > kMaxCaseEvents) {
    return absl::ResourceExhaustedError(fmt::format(
        "the case of {} has {} events; {} more would pass the limit of {}",
        record.subject.ToString(), record.events.size(), events.size(), kMaxCaseEvents));
  }
  CaseState state = record.state();
  for (const CaseEvent& event : events) {
    if (!MayStandBehind(state, event)) {
      return absl::InvalidArgumentError(
          fmt::format("case of {} refused: state {} may not follow {} so",
                      record.subject.ToString(), CaseStateName(event.state), CaseStateName(state)));
    }
    state = event.state;
  }
  return absl::OkStatus();
}

}  // namespace shouwang
