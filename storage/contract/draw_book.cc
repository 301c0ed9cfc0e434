#include "storage/contract/draw_book.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

namespace shouwang {
namespace {

bool CanBe(Date date) { return Date::Min() <= date && date <= Date::Max(); }

absl::Status Refused(const Draw& draw, std::string_view why) {
  return absl::InvalidArgumentError(fmt::format(
      "draw of {} in {} refused: {}", draw.township.ToString(), draw.month.ToString(), why));
}

size_t VisitsOf(const Draw& draw, const Subject& subject) {
  return static_cast<size_t>(std::ranges::count(draw.visits, subject, &DrawVisit::subject));
}

}  // namespace

std::string_view OutcomeName(VisitOutcome outcome) {
  switch (outcome) {
    case VisitOutcome::kFine:
      return "fine";
    case VisitOutcome::kAtRisk:
      return "at_risk";
  }
  return "unknown";
}

std::string_view OutcomeTitleZh(VisitOutcome outcome) {
  switch (outcome) {
    case VisitOutcome::kFine:
      return "无风险";
    case VisitOutcome::kAtRisk:
      return "有风险";
  }
  return "未知";
}

absl::StatusOr<VisitOutcome> ParseOutcome(std::string_view name) {
  for (const VisitOutcome outcome : {VisitOutcome::kFine, VisitOutcome::kAtRisk}) {
    if (OutcomeName(outcome) == name) return outcome;
  }
  return absl::InvalidArgumentError(
      fmt::format("'{}' is not an outcome of a visit (fine, at_risk)", name));
}

bool Draw::Has(const Subject& subject) const {
  return std::ranges::find(drawn, subject) != drawn.end();
}

const DrawVisit* Draw::VisitOf(const Subject& subject) const {
  const auto last = std::ranges::find(visits.rbegin(), visits.rend(), subject, &DrawVisit::subject);
  return last == visits.rend() ? nullptr : &*last;
}

absl::Status CheckDraw(const Draw& draw) {
  if (draw.township.level() != DivisionLevel::kTownship) {
    return absl::InvalidArgumentError(fmt::format("draw refused: {} '{}' is no township",
                                                  LevelName(draw.township.level()),
                                                  draw.township.ToString()));
  }
  if (draw.month < Date::Min().month() || draw.month > Date::Max().month()) {
    return absl::InvalidArgumentError(
        fmt::format("draw of {} refused: month outside 1900 to 2199", draw.township.ToString()));
  }
  if (!CanBe(DateOf(draw.drawn_at))) return Refused(draw, "instant outside 1900 to 2199");
  if (draw.drawn.size() > kMaxDrawn) {
    return Refused(draw, fmt::format("{} households; {} at most", draw.drawn.size(), kMaxDrawn));
  }
  if (draw.drawn.size() > draw.unflagged || draw.unflagged > draw.households) {
    return Refused(draw, fmt::format("{} drawn of {} of {} households", draw.drawn.size(),
                                     draw.unflagged, draw.households));
  }
  if (!draw.visits.empty()) return Refused(draw, "nobody is visited before the draw");
  std::set<Subject> seen;
  for (const Subject& subject : draw.drawn) {
    if (subject.kind != SubjectKind::kHousehold || subject.number == 0 ||
        subject.place < draw.township.FirstVillageCode() ||
        subject.place >= draw.township.EndVillageCode()) {
      return Refused(draw, fmt::format("{} is no household of it", subject.ToString()));
    }
    if (!seen.insert(subject).second) {
      return Refused(draw, fmt::format("{} is drawn twice", subject.ToString()));
    }
  }
  return absl::OkStatus();
}

absl::Status CheckVisit(const DrawVisit& visit) {
  const auto refused = [&](std::string_view why) {
    return absl::InvalidArgumentError(
        fmt::format("visit to {} refused: {}", visit.subject.ToString(), why));
  };
  if (OutcomeName(visit.outcome) == "unknown") return refused("no such outcome");
  if (RoleName(visit.role) == "unknown") return refused("no such role");
  if (!CanBe(DateOf(visit.at))) return refused("instant outside 1900 to 2199");
  if (visit.actor.size() > kMaxVisitActorBytes) return refused("the actor is too long");
  if (visit.note.size() > kMaxVisitNoteBytes) return refused("the note is too long");
  return absl::OkStatus();
}

absl::Status CheckAddition(const std::optional<Draw>& draw, const Division& township, Month month,
                           const DrawVisit& visit) {
  if (absl::Status status = CheckVisit(visit); !status.ok()) return status;
  if (!draw) {
    return absl::NotFoundError(
        fmt::format("{} has no draw of {}", township.ToString(), month.ToString()));
  }
  if (!draw->Has(visit.subject)) {
    return absl::NotFoundError(fmt::format("{} was not drawn in {} in {}", visit.subject.ToString(),
                                           township.ToString(), month.ToString()));
  }
  if (VisitsOf(*draw, visit.subject) >= kMaxVisitsOfDrawn) {
    return absl::ResourceExhaustedError(fmt::format("{} has {} visits of the draw of {}, the limit",
                                                    visit.subject.ToString(), kMaxVisitsOfDrawn,
                                                    month.ToString()));
  }
  return absl::OkStatus();
}

}  // namespace shouwang
