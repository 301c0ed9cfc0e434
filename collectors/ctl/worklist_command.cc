#include <fmt/format.h>
#include <shouwang/v1/risk.grpc.pb.h>

#include <memory>
#include <string>

#include "collectors/ctl/commands.h"
#include "collectors/ctl/explanation.h"
#include "collectors/ctl/words.h"

namespace shouwang::ctl {
namespace {

Json ProjectionJson(const v1::IncomeProjection& projection) {
  return {{"line", projection.line()},
          {"reported", projection.reported()},
          {"expected", projection.expected()},
          {"low", projection.low()},
          {"high", projection.high()},
          {"months_to_come", projection.months_to_come()},
          {"probability", projection.probability()},
          {"probability_low", projection.probability_low()},
          {"probability_high", projection.probability_high()}};
}

Json VisitJson(const v1::Visit& visit) {
  Json terms = Json::object();
  for (const v1::RankTerm& term : visit.terms()) terms[term.name()] = term.points();
  Json warnings = Json::array();
  for (const v1::Warning& warning : visit.warnings()) warnings.push_back(WarningJson(warning));
  return {
      {"subject", visit.subject()},
      {"division_path", visit.division_path()},
      {"rank", visit.rank()},
      {"terms", terms},
      {"months_open", visit.months_open()},
      {"trend", visit.has_trend() ? Json(visit.trend()) : Json(nullptr)},
      {"vulnerability", visit.has_vulnerability() ? Json(visit.vulnerability()) : Json(nullptr)},
      {"projection", visit.has_projection() ? ProjectionJson(visit.projection()) : Json(nullptr)},
      {"warnings", warnings},
      {"text_zh", visit.text_zh()},
      {"text_en", visit.text_en()}};
}

Json TownshipJson(const v1::ListWorklistResponse& page, const v1::TownshipWorklist& township) {
  Json visits = Json::array();
  for (const v1::Visit& visit : township.visits()) visits.push_back(VisitJson(visit));
  return {{"township", township.township()},     {"division_path", township.division_path()},
          {"date", DateText(page.date())},       {"policy_version", page.policy_version()},
          {"households", township.households()}, {"visits", visits}};
}

void PrintTownship(const Session& session, const v1::TownshipWorklist& township) {
  session.out() << fmt::format(
      "\n{}  {}", township.township(),
      session.Title(
          fmt::format("{}：{} 户有未解除的预警，列出 {} 户\n", township.division_path(),
                      township.households(), township.visits_size()),
          fmt::format("{}: {} of {} households with open warnings\n", township.division_path(),
                      township.visits_size(), township.households())));
  Table table({{session.Title("排序分", "RANK"), Table::Align::kRight},
               {session.Title("农户", "HOUSEHOLD")},
               {session.Title("原因", "WHY")}});
  for (const v1::Visit& visit : township.visits()) {
    table.Add({fmt::format("{:.1f}", visit.rank()), visit.subject(),
               session.Title(visit.text_zh(), visit.text_en())});
  }
  table.Print(session.out());
}

}  // namespace

void Worklist(const Session& session, const WorklistArguments& arguments) {
  const auto stub = v1::RiskService::NewStub(session.channel());
  v1::ListWorklistRequest request;
  request.set_region(arguments.region);
  request.set_visits(arguments.visits);
  const bool table = session.output() == Output::kTable;
  Listing listing(session, {});
  bool any = false;
  do {
    v1::ListWorklistResponse page;
    session.Call(
        [&](grpc::ClientContext* context) { return stub->ListWorklist(context, request, &page); });
    if (table && request.page_token().empty()) {
      const std::string date = DateText(page.date());
      const std::string policy = fmt::format("{} {}", page.policy_version(), page.policy_title());
      session.out() << session.Title(
          fmt::format("优先走访，截至 {}，政策 {}\n", date, policy),
          fmt::format("to visit first, as of {}, policy {}\n", date, policy));
    }
    for (const v1::TownshipWorklist& township : page.townships()) {
      any = true;
      if (table) {
        PrintTownship(session, township);
      } else {
        listing.Add(TownshipJson(page, township), {});
      }
    }
    request.set_page_token(page.next_page_token());
  } while (!request.page_token().empty());
  if (!table) {
    listing.Close("");
  } else if (!any) {
    session.out() << "no household there has an open warning\n";
  }
}

}  // namespace shouwang::ctl
