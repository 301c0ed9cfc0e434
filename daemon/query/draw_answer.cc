#include "daemon/query/draw_answer.h"

#include <fmt/format.h>

#include <optional>
#include <string>
#include <vector>

#include "daemon/query/answers.h"
#include "daemon/query/case_fields.h"
#include "daemon/query/field_check.h"
#include "daemon/query/page_token.h"
#include "daemon/wire/convert.h"

namespace shouwang::query {
namespace {

// Of a request with an optional `month`.
template <typename Request>
Month MonthOf(const Request& request, Instant now, FieldCheck* check) {
  if (!request.has_month()) return DateOf(now).month();
  const Month month = Month::OfIndex(request.month());
  if (month < Date::Min().month() || month > Date::Max().month()) {
    check->Fault("month",
                 fmt::format("{} months since 1970-01 lie outside 1900 to 2199", request.month()));
  }
  return month;
}

void FillHousehold(const Draw& draw, const Subject& subject, const Rulebook& rulebook,
                   v1::DrawnHousehold* out) {
  out->set_subject(subject.ToString());
  out->set_division_path(PathOf(subject, rulebook.reg.divisions));
  for (const DrawVisit& visit : draw.visits) {
    if (visit.subject != subject) continue;
    v1::DrawnVisit* told = out->add_visits();
    told->set_outcome(SameNumber<v1::VisitOutcome>(visit.outcome));
    told->set_at_ms(wire::ToMs(visit.at));
    told->set_role(SameNumber<v1::Role>(visit.role));
    told->set_actor(visit.actor);
    told->set_note(visit.note);
  }
}

void FillDraw(const Draw& draw, const Rulebook& rulebook, v1::TownshipDraw* out) {
  out->set_township(draw.township.ToString());
  out->set_division_path(rulebook.reg.divisions.PathOf(draw.township));
  out->set_month(draw.month.index());
  out->set_drawn_at_ms(wire::ToMs(draw.drawn_at));
  out->set_policy_version(draw.policy_version);
  out->set_households(draw.households);
  out->set_unflagged(draw.unflagged);
  for (const Subject& subject : draw.drawn) {
    FillHousehold(draw, subject, rulebook, out->add_drawn());
  }
}

std::vector<Division> TownshipsOf(const Division& region, const DivisionTree& tree) {
  if (region.level() >= DivisionLevel::kTownship) return {region.At(DivisionLevel::kTownship)};
  return tree.Within(region, DivisionLevel::kTownship);
}

}  // namespace

absl::Status AnswerListDraws(cases::DrawDesk* desk, const Rulebook& rulebook, Instant now,
                             const v1::ListDrawsRequest& request, const Caller& caller,
                             absl::FunctionRef<bool()> cancelled, v1::ListDrawsResponse* response) {
  FieldCheck check("ListDraws");
  const Division region = check.Region("region", request.region(), rulebook.reg.divisions);
  const Month month = MonthOf(request, now, &check);
  // With the month, since "this month" is another one on a later page.
  const uint64_t listing =
      Fingerprint(fmt::format("ListDraws {} {}", region.ToString(), month.ToString()));
  const Division from = check.PageStart(
      request.page_token(), listing, [](std::string_view code) -> std::optional<Division> {
        const absl::StatusOr<Division> division = Division::Parse(code);
        return division.ok() ? std::optional(*division) : std::nullopt;
      });
  if (!check.ok()) return check.ToStatus();

  const std::vector<Division> townships = TownshipsOf(region, rulebook.reg.divisions);
  size_t households = 0;
  size_t drawn_now = 0;
  for (const Division& township : townships) {
    if (township.FirstVillageCode() < from.FirstVillageCode()) continue;
    if (cancelled()) return absl::CancelledError("the caller has left");
    if (households >= kMaxDrawnOfPage || drawn_now >= kMaxTownshipsDrawnForPage) {
      response->set_next_page_token(EncodePageToken(listing, township.ToString()));
      break;
    }
    const absl::StatusOr<Draw> draw =
        desk->Of(rulebook, township, month, now, {caller.actor, caller.peer});
    if (absl::IsNotFound(draw.status()) && townships.size() > 1) continue;
    if (!draw.ok()) return draw.status();
    drawn_now += draw->drawn_at == now ? 1 : 0;
    households += draw->drawn.size();
    FillDraw(*draw, rulebook, response->add_draws());
  }
  return absl::OkStatus();
}

absl::Status AnswerRecordVisit(cases::DrawDesk* desk, const Rulebook& rulebook, Instant now,
                               const v1::RecordVisitRequest& request, std::string_view peer,
                               v1::RecordVisitResponse* response) {
  FieldCheck check("RecordVisit");
  const Subject subject = check.ParseSubject("subject", request.subject());
  const Month month = MonthOf(request, now, &check);
  cases::VisitNote note;
  note.outcome = SameNumber<VisitOutcome>(request.outcome());
  if (OutcomeName(note.outcome) == "unknown") {
    check.Fault("outcome", fmt::format("{} is no outcome of a visit (1 fine, 2 at risk)",
                                       static_cast<int>(request.outcome())));
  }
  note.role = RoleOf(request.role(), &check);
  note.actor = request.actor();
  note.note = request.note();
  note.peer = peer;
  AddFaults(FaultsOf(note), &check);
  if (!check.ok()) return check.ToStatus();
  const absl::StatusOr<Draw> draw = desk->Record(rulebook, subject, month, note, now);
  if (!draw.ok()) return draw.status();
  FillHousehold(*draw, subject, rulebook, response->mutable_household());
  return absl::OkStatus();
}

}  // namespace shouwang::query
