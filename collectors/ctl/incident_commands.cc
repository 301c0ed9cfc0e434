#include <fmt/format.h>
#include <shouwang/v1/incident.grpc.pb.h>

#include <algorithm>
#include <string>

#include "collectors/ctl/commands.h"
#include "collectors/ctl/incident_words.h"
#include "collectors/ctl/words.h"
#include "storage/vocabulary/date.h"

namespace shouwang::ctl {
namespace {

constexpr uint32_t kPage = 1'000;
constexpr uint32_t kMembersPage = 10'000;

int32_t ParseMonth(const std::string& option, const std::string& text) {
  const auto month = Month::Parse(text);
  if (month.ok()) return month->index();
  throw Failure{fmt::format("{} '{}': write a month, 2026-07", option, text.substr(0, 40))};
}

std::vector<std::string> CellsOf(const Session& session, const v1::Incident& incident) {
  const std::string first = MonthText(incident.first_month());
  const std::string last = MonthText(incident.last_month());
  return {incident.id(),
          ShownRiskKind(incident.risk_kind(), session.language()),
          IncidentState(incident, session.language()),
          first == last ? first : first + ".." + last,
          std::to_string(incident.observed()),
          fmt::format("{:.1f}", incident.expected()),
          fmt::format("{:.2g}", incident.q_value()),
          incident.place_path()};
}

void TellOfTheLook(const Session& session, const v1::ListIncidentsResponse& response) {
  if (session.output() != Output::kTable) return;
  const bool chinese = session.language() == Language::kChinese;
  if (!response.looked_for()) {
    session.out() << (chinese ? "现行政策未设“incidents”一节，不查找事件\n"
                              : "the policy in force looks for no incidents\n");
    return;
  }
  session.out() << fmt::format(
      fmt::runtime(
          chinese ? "{} 查找；本月 {} 个地方已判定，{} "
                    "个历史不足或未上报、无法判定；错误发现率上限 {}\n"
                  : "looked for at {}; this month {} places were judged, {} could not be (too "
                    "short a past, or no reports); at most {} of what is told may be chance\n"),
      InstantText(response.looked_at_ms()), response.places_judged(), response.places_unjudged(),
      NumberText(response.false_discovery_rate()));
}

void PrintMonths(const Session& session, const v1::GetIncidentResponse& response) {
  constexpr auto kRight = Table::Align::kRight;
  Table table({{session.Title("月份", "MONTH")},
               {session.Title("新增", "NEW"), kRight},
               {session.Title("应有", "EXPECTED"), kRight},
               {session.Title("q值", "Q"), kRight},
               {session.Title("已报户", "REPORTED"), kRight},
               {session.Title("周边新增", "NEIGHBOURS NEW"), kRight},
               {session.Title("周边已报户", "REPORTED"), kRight}});
  for (const v1::IncidentMonth& month : response.months()) {
    table.Add({MonthText(month.month()), std::to_string(month.observed()),
               month.has_expected() ? fmt::format("{:.1f}", month.expected()) : "",
               month.has_q_value() ? fmt::format("{:.2g}", month.q_value()) : "",
               fmt::format("{:.0f}", month.exposure()), std::to_string(month.neighbours_observed()),
               fmt::format("{:.0f}", month.neighbours_exposure())});
  }
  table.Print(session.out());
}

void PrintIncident(const Session& session, const v1::GetIncidentResponse& response, bool more) {
  const v1::Incident& incident = response.incident();
  session.out() << fmt::format("{}  {}\n{}\n{}\n\n", incident.id(),
                               IncidentState(incident, session.language()),
                               IncidentSentence(incident, session.language()),
                               NeighboursSentence(response, session.language()));
  PrintMonths(session, response);
  session.out() << '\n';
  Table members({{session.Title("农户", "HOUSEHOLD")},
                 {session.Title("自", "SINCE")},
                 {session.Title("级别", "SEVERITY")},
                 {session.Title("原因", "WHY")},
                 {session.Title("地点", "WHERE")}});
  for (const v1::IncidentMember& member : response.members()) {
    const std::string& title = session.Title(member.rule_title_zh(), member.rule_title_en());
    members.Add({member.subject(), DateText(member.opened_on()),
                 Shown(member.severity(), session.language()),
                 title.empty() ? member.rule() : title, member.division_path()});
  }
  members.Print(session.out());
  if (more) session.TellOfMore(members.size());
}

}  // namespace

void Incidents(const Session& session, const IncidentsArguments& arguments) {
  const auto stub = v1::IncidentService::NewStub(session.channel());
  v1::ListIncidentsRequest request;
  request.set_region(arguments.region);
  request.set_risk_kind(arguments.risk);
  request.set_open_only(arguments.open);
  if (!arguments.from.empty()) request.set_from_month(ParseMonth("--from", arguments.from));
  if (!arguments.to.empty()) request.set_to_month(ParseMonth("--to", arguments.to));
  constexpr auto kRight = Table::Align::kRight;
  Listing listing(session, {{session.Title("事件", "INCIDENT")},
                            {session.Title("风险类型", "RISK")},
                            {session.Title("状态", "STATE")},
                            {session.Title("月份", "MONTHS")},
                            {session.Title("新增", "NEW"), kRight},
                            {session.Title("应有", "EXPECTED"), kRight},
                            {session.Title("q值", "Q"), kRight},
                            {session.Title("地点", "WHERE")}});
  v1::ListIncidentsResponse response;
  do {
    const auto left = arguments.limit - static_cast<uint32_t>(listing.size());
    request.set_page_size(arguments.all ? kPage : std::min(kPage, left));
    response.Clear();
    session.Call([&](grpc::ClientContext* context) {
      return stub->ListIncidents(context, request, &response);
    });
    for (const v1::Incident& incident : response.incidents()) {
      listing.Add(IncidentJson(incident), CellsOf(session, incident));
    }
    request.set_page_token(response.next_page_token());
  } while (!request.page_token().empty() && (arguments.all || listing.size() < arguments.limit));
  listing.Close(session.Title("没有事件", "no incidents"));
  if (!request.page_token().empty()) session.TellOfMore(listing.size());
  TellOfTheLook(session, response);
}

void ShowIncident(const Session& session, const IncidentArguments& arguments) {
  const auto stub = v1::IncidentService::NewStub(session.channel());
  v1::GetIncidentRequest request;
  request.set_id(arguments.id);
  v1::GetIncidentResponse whole;
  do {
    const auto left = arguments.limit - static_cast<uint32_t>(whole.members_size());
    request.set_page_size(arguments.all ? kMembersPage : std::min(kMembersPage, left));
    v1::GetIncidentResponse response;
    session.Call([&](grpc::ClientContext* context) {
      return stub->GetIncident(context, request, &response);
    });
    request.set_page_token(response.next_page_token());
    if (whole.incident().id().empty()) {
      whole = std::move(response);
    } else {
      whole.mutable_members()->MergeFrom(response.members());
    }
  } while (!request.page_token().empty() &&
           (arguments.all || static_cast<uint32_t>(whole.members_size()) < arguments.limit));
  if (session.output() == Output::kTable) {
    PrintIncident(session, whole, !request.page_token().empty());
  } else {
    session.Print(IncidentJson(whole));
  }
}

}  // namespace shouwang::ctl
