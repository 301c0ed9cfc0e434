#include <fmt/format.h>
#include <fmt/ranges.h>
#include <shouwang/v1/admin.grpc.pb.h>
#include <shouwang/v1/catalogue.grpc.pb.h>

#include "collectors/ctl/commands.h"
#include "collectors/ctl/words.h"

namespace shouwang::ctl {
namespace {

constexpr uint32_t kPage = 10'000;

Json OrNull(const std::string& text) { return text.empty() ? Json(nullptr) : Json(text); }

}  // namespace

void Divisions(const Session& session, const DivisionsArguments& arguments) {
  const auto stub = v1::CatalogueService::NewStub(session.channel());
  v1::ListDivisionsRequest request;
  request.set_region(arguments.region);
  request.set_page_size(kPage);
  if (!arguments.level.empty()) {
    const auto level = LevelFromWord(arguments.level);
    if (!level.ok()) throw Failure{std::string(level.status().message())};
    request.set_level(*level);
  }
  Listing listing(session, {{session.Title("代码", "CODE")},
                            {session.Title("级别", "LEVEL")},
                            {session.Title("户数", "HOUSEHOLDS"), Table::Align::kRight},
                            {session.Title("名称", "NAME")}});
  do {
    v1::ListDivisionsResponse response;
    session.Call([&](grpc::ClientContext* context) {
      return stub->ListDivisions(context, request, &response);
    });
    for (const v1::Division& division : response.divisions()) {
      const std::string level = Word(division.level());
      listing.Add({{"code", division.code()},
                   {"name", division.name()},
                   {"level", level},
                   {"households", division.households()}},
                  {division.code(), level, std::to_string(division.households()), division.name()});
    }
    request.set_page_token(response.next_page_token());
  } while (!request.page_token().empty());
  listing.Close("no divisions there");
}

void Indicators(const Session& session) {
  const auto stub = v1::CatalogueService::NewStub(session.channel());
  v1::ListIndicatorsResponse response;
  session.Call(
      [&](grpc::ClientContext* context) { return stub->ListIndicators(context, {}, &response); });
  Listing listing(session, {{session.Title("编号", "ID"), Table::Align::kRight},
                            {session.Title("标识", "NAME")},
                            {session.Title("名称", "TITLE")},
                            {session.Title("单位", "UNIT")},
                            {session.Title("下限", "MIN"), Table::Align::kRight},
                            {session.Title("上限", "MAX"), Table::Align::kRight},
                            {session.Title("频次", "CADENCE")},
                            {session.Title("对象", "OF")},
                            {session.Title("数据来源", "SUPPLIED BY")}});
  for (const v1::Indicator& indicator : response.indicators()) {
    const std::string min = DecimalText(indicator.min(), indicator.decimals());
    const std::string max = DecimalText(indicator.max(), indicator.decimals());
    listing.Add(
        {{"id", indicator.id()},
         {"name", indicator.name()},
         {"title_zh", indicator.title_zh()},
         {"title_en", indicator.title_en()},
         {"unit", indicator.unit()},
         {"decimals", indicator.decimals()},
         {"min", min},
         {"max", max},
         {"cadence", Word(indicator.cadence())},
         {"applies_to", Word(indicator.applies_to())},
         {"supplied_by", Word(indicator.supplied_by())}},
        {std::to_string(indicator.id()), indicator.name(),
         session.Title(indicator.title_zh(), indicator.title_en()), indicator.unit(), min, max,
         Word(indicator.cadence()), Word(indicator.applies_to()), Word(indicator.supplied_by())});
  }
  listing.Close("the catalogue is empty");
}

void Sites(const Session& session, const std::string& region) {
  const auto stub = v1::CatalogueService::NewStub(session.channel());
  v1::ListSitesRequest request;
  request.set_region(region);
  v1::ListSitesResponse response;
  session.Call(
      [&](grpc::ClientContext* context) { return stub->ListSites(context, request, &response); });
  Listing listing(session, {{session.Title("安置点", "SITE")},
                            {session.Title("户数", "HOUSEHOLDS"), Table::Align::kRight},
                            {session.Title("名称", "NAME")},
                            {session.Title("迁出地", "ORIGINS")}});
  for (const v1::Site& site : response.sites()) {
    listing.Add({{"subject", site.subject()},
                 {"name_zh", site.name_zh()},
                 {"name_en", site.name_en()},
                 {"origins", site.origins()},
                 {"households", site.households()}},
                {site.subject(), std::to_string(site.households()),
                 session.Title(site.name_zh(), site.name_en()),
                 fmt::format("{}", fmt::join(site.origins(), " "))});
  }
  listing.Close("no sites there");
}

void Status(const Session& session) {
  const auto stub = v1::AdminService::NewStub(session.channel());
  v1::GetStatusResponse s;
  session.Call([&](grpc::ClientContext* context) { return stub->GetStatus(context, {}, &s); });
  const Json json = {{"version", s.version()},
                     {"started_at", InstantText(s.started_at_ms())},
                     {"divisions", s.divisions()},
                     {"sites", s.sites()},
                     {"indicators", s.indicators()},
                     {"households", s.households()},
                     {"observations", s.observations()},
                     {"batches", s.batches()},
                     {"warnings_open", s.warnings_open()},
                     {"policy_version", s.policy_version()},
                     {"policy_title", s.policy_title()},
                     {"reevaluating", s.reevaluating()},
                     {"reevaluation_progress", s.reevaluation_progress()},
                     {"store_engine", s.store_engine()},
                     {"store_bytes", s.store_bytes()},
                     {"reload_error", s.reload_error()},
                     {"writable", s.writable()},
                     {"read_only_reason", OrNull(s.read_only_reason())},
                     {"figures_damage", OrNull(s.figures_damage())},
                     {"damage", s.damage()},
                     {"failed_compactions", s.failed_compactions()}};
  if (session.output() != Output::kTable) {
    session.Print(json);
    return;
  }
  for (const auto& [key, value] : json.items()) {
    if (value.is_null() || (value.is_string() && value.get<std::string>().empty())) continue;
    session.out() << fmt::format("{:<22} {}\n", key,
                                 value.is_string() ? value.get<std::string>() : value.dump());
  }
}

}  // namespace shouwang::ctl
