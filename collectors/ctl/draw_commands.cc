#include <fmt/format.h>
#include <shouwang/v1/follow_up.grpc.pb.h>

#include <memory>
#include <string>

#include "collectors/ctl/case_words.h"
#include "collectors/ctl/commands.h"
#include "collectors/ctl/parsed.h"
#include "collectors/ctl/words.h"
#include "storage/contract/draw_book.h"
#include "storage/vocabulary/date.h"

namespace shouwang::ctl {
namespace {

std::string Word(v1::VisitOutcome outcome) {
  return std::string(OutcomeName(static_cast<VisitOutcome>(outcome)));
}

std::string Shown(v1::VisitOutcome outcome, Language language) {
  if (language == Language::kEnglish) return Word(outcome);
  return std::string(OutcomeTitleZh(static_cast<VisitOutcome>(outcome)));
}

Json HouseholdJson(const v1::DrawnHousehold& household) {
  Json visits = Json::array();
  for (const v1::DrawnVisit& visit : household.visits()) {
    visits.push_back({{"outcome", Word(visit.outcome())},
                      {"at", InstantText(visit.at_ms())},
                      {"role", ctl::Word(visit.role())},
                      {"actor", visit.actor()},
                      {"note", visit.note()}});
  }
  return {
      {"subject", household.subject()},
      {"division_path", household.division_path()},
      {"outcome", household.visits().empty() ? Json(nullptr)
                                             : Json(Word(household.visits().rbegin()->outcome()))},
      {"visits", visits}};
}

Json TownshipJson(const v1::TownshipDraw& draw) {
  Json drawn = Json::array();
  for (const v1::DrawnHousehold& household : draw.drawn())
    drawn.push_back(HouseholdJson(household));
  return {{"township", draw.township()},
          {"division_path", draw.division_path()},
          {"month", Month::OfIndex(draw.month()).ToString()},
          {"drawn_at", InstantText(draw.drawn_at_ms())},
          {"policy_version", draw.policy_version()},
          {"households", draw.households()},
          {"unflagged", draw.unflagged()},
          {"drawn", drawn}};
}

void PrintTownship(const Session& session, const v1::TownshipDraw& draw) {
  const std::string month = Month::OfIndex(draw.month()).ToString();
  const bool chinese = session.language() == Language::kChinese;
  session.out() << '\n'
                << (chinese ? fmt::format("{}  {}：{} 抽取 {} 户（无线索 {} 户，共 {} 户）\n",
                                          draw.township(), draw.division_path(), month,
                                          draw.drawn_size(), draw.unflagged(), draw.households())
                            : fmt::format("{}  {}: {} drawn for {}, of {} without a clue among {} "
                                          "households\n",
                                          draw.township(), draw.division_path(), draw.drawn_size(),
                                          month, draw.unflagged(), draw.households()));
  Table table({{session.Title("农户", "HOUSEHOLD")},
               {session.Title("结果", "FOUND")},
               {session.Title("时间", "AT")},
               {session.Title("走访人", "BY")},
               {session.Title("备注", "NOTE")},
               {session.Title("地点", "WHERE")}});
  for (const v1::DrawnHousehold& household : draw.drawn()) {
    if (household.visits().empty()) {
      table.Add({household.subject(), session.Title("未走访", "not visited"), "", "", "",
                 household.division_path()});
      continue;
    }
    const v1::DrawnVisit& last = *household.visits().rbegin();
    table.Add({household.subject(), Shown(last.outcome(), session.language()),
               InstantText(last.at_ms()),
               fmt::format("{} {}", ctl::Shown(last.role(), session.language()), last.actor()),
               last.note(), household.division_path()});
  }
  table.Print(session.out());
}

}  // namespace

void ListDraws(const Session& session, const DrawArguments& arguments) {
  const auto stub = v1::FollowUpService::NewStub(session.channel());
  v1::ListDrawsRequest request;
  request.set_region(arguments.region);
  if (!arguments.month.empty()) {
    request.set_month(Parsed("--month", arguments.month, Month::Parse).index());
  }
  const bool table = session.output() == Output::kTable;
  Listing listing(session, {});
  bool any = false;
  do {
    v1::ListDrawsResponse page;
    session.Call(
        [&](grpc::ClientContext* context) { return stub->ListDraws(context, request, &page); });
    for (const v1::TownshipDraw& draw : page.draws()) {
      any = true;
      if (table) {
        PrintTownship(session, draw);
        session.out().flush();  // some townships are drawn for each page
      } else {
        listing.Add(TownshipJson(draw), {});
      }
    }
    request.set_page_token(page.next_page_token());
  } while (!request.page_token().empty());
  if (!table) {
    listing.Close("");
  } else if (!any) {
    session.out() << session.Title("那里当月没有抽查", "no township there drew in that month")
                  << '\n';
  }
}

void RecordVisit(const Session& session, const DrawArguments& arguments) {
  const auto stub = v1::FollowUpService::NewStub(session.channel());
  v1::RecordVisitRequest request;
  request.set_subject(arguments.subject);
  if (!arguments.month.empty()) {
    request.set_month(Parsed("--month", arguments.month, Month::Parse).index());
  }
  request.set_outcome(
      static_cast<v1::VisitOutcome>(Parsed("--outcome", arguments.outcome, ParseOutcome)));
  request.set_role(static_cast<v1::Role>(Parsed("--role", arguments.role, ParseRole)));
  request.set_actor(arguments.actor);
  request.set_note(arguments.note);
  v1::RecordVisitResponse response;
  session.Call(
      [&](grpc::ClientContext* context) { return stub->RecordVisit(context, request, &response); });
  const v1::DrawnHousehold& household = response.household();
  if (session.output() != Output::kTable) {
    session.Print(HouseholdJson(household));
    return;
  }
  const v1::VisitOutcome outcome = household.visits().rbegin()->outcome();
  session.out() << fmt::format("{}  {}: {}\n", household.subject(), household.division_path(),
                               Shown(outcome, session.language()));
  if (outcome == v1::VISIT_OUTCOME_AT_RISK) {
    session.out() << session.Title("工单已建立，见 shouwangctl case show ",
                                   "its case is open: shouwangctl case show ")
                  << household.subject() << '\n';
  }
}

}  // namespace shouwang::ctl
