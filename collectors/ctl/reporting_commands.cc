#include <fmt/format.h>
#include <shouwang/v1/reporting.grpc.pb.h>

#include <algorithm>
#include <chrono>
#include <memory>
#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "collectors/ctl/commands.h"
#include "collectors/ctl/explanation.h"
#include "collectors/ctl/words.h"
#include "storage/vocabulary/date.h"

namespace shouwang::ctl {
namespace {

constexpr uint32_t kPage = 10'000;
constexpr int kDefaultMonths = 12;

template <typename T>
T Must(absl::StatusOr<T> value, std::string_view option) {
  if (!value.ok()) {
    throw Failure{fmt::format("{}: {}", option, std::string(value.status().message()))};
  }
  return *std::move(value);
}

// Of the level below a region's; a township's own.
uint32_t DigitsBelow(const std::string& region) {
  switch (region.size()) {
    case 0:
      return 2;
    case 2:
      return 4;
    case 4:
      return 6;
    default:
      return 9;
  }
}

Json OrNull(bool there, auto value) { return there ? Json(value) : Json(nullptr); }

// nullopt where nothing is expected.
std::optional<double> Ratio(bool known, uint64_t part, uint64_t whole) {
  if (!known || whole == 0) return std::nullopt;
  return static_cast<double>(part) / static_cast<double>(whole);
}

std::string PercentText(const std::optional<double>& ratio) {
  return ratio ? fmt::format("{:.1f}", *ratio * 100) : "";
}

Json RowJson(const v1::DivisionReporting& row, const std::optional<double>& completeness,
             const std::optional<double>& timeliness) {
  return {{"division", row.division()},
          {"name", row.name()},
          {"month", MonthText(row.month())},
          {"due_on", OrNull(row.has_due_on(), DateText(row.due_on()))},
          {"expected", OrNull(row.has_expected(), row.expected())},
          {"reported", row.reported()},
          {"completeness", OrNull(completeness.has_value(), completeness.value_or(0))},
          {"heard", row.heard()},
          {"on_time", OrNull(row.has_on_time(), row.on_time())},
          {"timeliness", OrNull(timeliness.has_value(), timeliness.value_or(0))},
          {"median_delay_days", OrNull(row.has_median_delay_days(), row.median_delay_days())},
          {"p90_delay_days", OrNull(row.has_p90_delay_days(), row.p90_delay_days())}};
}

std::string StateText(const Session& session, v1::ReporterState state) {
  switch (state) {
    case v1::REPORTER_STATE_REPORTING:
      return session.Title("正常", "reporting");
    case v1::REPORTER_STATE_SILENT:
      return session.Title("静默", "silent");
    case v1::REPORTER_STATE_NEVER_HEARD:
      return session.Title("从未上报", "never heard");
    case v1::REPORTER_STATE_GIVEN_UP:
      return session.Title("不再等待", "given up");
    case v1::REPORTER_STATE_NOT_EXPECTED:
      return session.Title("无要求", "not expected");
    default:
      return "";
  }
}

std::string StateWord(v1::ReporterState state) {
  switch (state) {
    case v1::REPORTER_STATE_REPORTING:
      return "reporting";
    case v1::REPORTER_STATE_SILENT:
      return "silent";
    case v1::REPORTER_STATE_NEVER_HEARD:
      return "never_heard";
    case v1::REPORTER_STATE_GIVEN_UP:
      return "given_up";
    case v1::REPORTER_STATE_NOT_EXPECTED:
      return "not_expected";
    default:
      return "";
  }
}

Json SilentJson(const v1::SilentHousehold& household, int32_t on) {
  Json warnings = Json::array();
  for (const v1::Warning& warning : household.warnings()) warnings.push_back(WarningJson(warning));
  return {{"subject", household.subject()},
          {"division_path", household.division_path()},
          {"on", DateText(on)},
          {"last_observed_on", DateText(household.last_observed_on())},
          {"days", household.days()},
          {"last_source", Word(household.last_source())},
          {"last_known_at", InstantText(household.last_known_at_ms())},
          {"warnings", warnings}};
}

// The worst of them, and how many more.
std::string WarningsText(const Session& session, const v1::SilentHousehold& household) {
  if (household.warnings().empty()) return "";
  const auto worst = std::max_element(
      household.warnings().begin(), household.warnings().end(),
      [](const v1::Warning& a, const v1::Warning& b) { return a.severity() < b.severity(); });
  std::string text = fmt::format("{} {}", Shown(worst->severity(), session.language()),
                                 session.Title(worst->rule_title_zh(), worst->rule_title_en()));
  if (household.warnings_size() > 1) text += fmt::format(" (+{})", household.warnings_size() - 1);
  return text;
}

void TellOfUnknown(const Session& session) {
  if (session.output() != Output::kTable) return;
  session.out() << session.Title(
      "?：该月数据未全部保留，或政策规定的上报周期长于一个月，单月应报户不作判定\n",
      "?: not all of the month is kept, or the policy expects less than a report a month\n");
}

}  // namespace

void Reporting(const Session& session, const ReportingArguments& arguments) {
  const auto stub = v1::ReportingService::NewStub(session.channel());
  v1::ListReportingRequest request;
  request.set_region(arguments.region);
  // A level's wire value is the number of its digits.
  request.set_group_digits(arguments.by.empty()
                               ? DigitsBelow(arguments.region)
                               : static_cast<uint32_t>(Must(LevelFromWord(arguments.by), "--by")));
  const Month this_month = DateOf(std::chrono::time_point_cast<std::chrono::milliseconds>(
                                      std::chrono::system_clock::now()))
                               .month();
  const Month to = arguments.to.empty() ? this_month : Must(Month::Parse(arguments.to), "--to");
  const Month from = arguments.from.empty() ? to - (kDefaultMonths - 1)
                                            : Must(Month::Parse(arguments.from), "--from");
  request.set_from_month(from.index());
  request.set_to_month(to.index());
  v1::ListReportingResponse response;
  session.Call([&](grpc::ClientContext* context) {
    return stub->ListReporting(context, request, &response);
  });
  Listing listing(session, {{session.Title("区划", "DIVISION")},
                            {session.Title("月份", "MONTH")},
                            {session.Title("截止", "DUE")},
                            {session.Title("应报户", "EXPECTED"), Table::Align::kRight},
                            {session.Title("已报户", "REPORTED"), Table::Align::kRight},
                            {session.Title("上报率%", "COMPLETE %"), Table::Align::kRight},
                            {session.Title("及时率%", "ON TIME %"), Table::Align::kRight},
                            {session.Title("时滞中位(天)", "DELAY P50"), Table::Align::kRight},
                            {session.Title("时滞90%(天)", "DELAY P90"), Table::Align::kRight},
                            {session.Title("名称", "NAME")}});
  bool unknown = false;
  for (const v1::DivisionReporting& row : response.rows()) {
    unknown |= !row.has_expected();
    const auto completeness = Ratio(row.has_expected(), row.reported(), row.expected());
    const auto timeliness = Ratio(row.has_on_time(), row.on_time(), row.heard());
    listing.Add(
        RowJson(row, completeness, timeliness),
        {row.division(), MonthText(row.month()), row.has_due_on() ? DateText(row.due_on()) : "",
         row.has_expected() ? std::to_string(row.expected()) : "?", std::to_string(row.reported()),
         PercentText(completeness), PercentText(timeliness),
         row.has_median_delay_days() ? std::to_string(row.median_delay_days()) : "",
         row.has_p90_delay_days() ? std::to_string(row.p90_delay_days()) : "", row.name()});
  }
  listing.Close(session.Title("这些月份没有农户", "no households there in these months"));
  if (unknown) TellOfUnknown(session);
}

void Silent(const Session& session, const SilentArguments& arguments) {
  const auto stub = v1::ReportingService::NewStub(session.channel());
  v1::ListSilentHouseholdsRequest request;
  request.set_region(arguments.region);
  if (!arguments.on.empty()) request.set_on(Must(Date::Parse(arguments.on), "--on").days());
  request.set_with_warning_only(arguments.with_warning);
  Listing listing(session, {{session.Title("农户", "HOUSEHOLD")},
                            {session.Title("最近观测", "LAST OBSERVED")},
                            {session.Title("静默天数", "DAYS"), Table::Align::kRight},
                            {session.Title("来源", "LAST SOURCE")},
                            {session.Title("未解除预警", "OPEN WARNINGS")},
                            {session.Title("地点", "WHERE")}});
  bool more = false;
  do {
    request.set_page_size(
        arguments.all
            ? kPage
            : std::min<uint32_t>(kPage, arguments.limit - static_cast<uint32_t>(listing.size())));
    v1::ListSilentHouseholdsResponse response;
    session.Call([&](grpc::ClientContext* context) {
      return stub->ListSilentHouseholds(context, request, &response);
    });
    for (const v1::SilentHousehold& household : response.households()) {
      listing.Add(
          SilentJson(household, response.on()),
          {household.subject(), DateText(household.last_observed_on()),
           std::to_string(household.days()), Shown(household.last_source(), session.language()),
           WarningsText(session, household), household.division_path()});
    }
    // The other pages are of the same day, also behind midnight.
    request.set_on(response.on());
    request.set_page_token(response.next_page_token());
    more = !request.page_token().empty();
  } while (more && (arguments.all || listing.size() < arguments.limit));
  listing.Close(session.Title("那里没有静默的农户", "no household is silent there"));
  if (more) session.TellOfMore(listing.size());
}

void Reporters(const Session& session, const ReportersArguments& arguments) {
  const auto stub = v1::ReportingService::NewStub(session.channel());
  v1::ListReportersRequest request;
  request.set_region(arguments.region);
  if (!arguments.on.empty()) request.set_on(Must(Date::Parse(arguments.on), "--on").days());
  request.set_silent_only(arguments.silent);
  Listing listing(session, {{session.Title("乡镇", "TOWNSHIP")},
                            {session.Title("来源", "SOURCE")},
                            {session.Title("采集端", "COLLECTOR")},
                            {session.Title("状态", "STATE")},
                            {session.Title("最近上报", "LAST HEARD")},
                            {session.Title("应报截止", "WAS DUE")},
                            {session.Title("名称", "NAME")}});
  bool more = false;
  do {
    v1::ListReportersResponse response;
    session.Call([&](grpc::ClientContext* context) {
      return stub->ListReporters(context, request, &response);
    });
    for (const v1::Reporter& reporter : response.reporters()) {
      const std::string heard =
          reporter.has_last_heard_ms() ? InstantText(reporter.last_heard_ms()) : "";
      const std::string due = reporter.has_due_on() ? DateText(reporter.due_on()) : "";
      listing.Add(
          {{"township", reporter.township()},
           {"name", reporter.name()},
           {"source", Word(reporter.source())},
           {"collector", OrNull(!reporter.collector().empty(), reporter.collector())},
           {"state", StateWord(reporter.state())},
           {"last_heard", OrNull(!heard.empty(), heard)},
           {"batch", OrNull(reporter.has_batch(), reporter.batch())},
           {"due_on", OrNull(!due.empty(), due)}},
          {reporter.township(), Shown(reporter.source(), session.language()), reporter.collector(),
           StateText(session, reporter.state()), heard, due, reporter.name()});
    }
    request.set_page_token(response.next_page_token());
    more = !request.page_token().empty();
  } while (more && (arguments.all || listing.size() < arguments.limit));
  listing.Close(session.Title("那里没有这样的上报方", "no such reporters there"));
  if (more) session.TellOfMore(listing.size());
}

}  // namespace shouwang::ctl
