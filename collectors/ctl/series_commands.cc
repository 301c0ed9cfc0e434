#include <fmt/format.h>
#include <shouwang/v1/series.grpc.pb.h>

#include <algorithm>
#include <chrono>
#include <fstream>
#include <iostream>
#include <optional>

#include "absl/status/statusor.h"
#include "collectors/ctl/as_of.h"
#include "collectors/ctl/commands.h"
#include "collectors/ctl/reported_table.h"
#include "collectors/ctl/words.h"
#include "storage/vocabulary/date.h"
#include "storage/vocabulary/decimal.h"

namespace shouwang::ctl {
namespace {

constexpr int kSubjectsPerCall = 1000;
constexpr int kDefaultMonths = 36;

template <typename T>
T Must(absl::StatusOr<T> value, std::string_view option) {
  if (!value.ok()) {
    throw Failure{fmt::format("{}: {}", option, std::string(value.status().message()))};
  }
  return *std::move(value);
}

Json ResidenceJson(const v1::SubjectHistory& history) {
  if (!history.has_residence()) return nullptr;
  return {{"site", history.residence().site()},
          {"origin", history.residence().origin()},
          {"since", DateText(history.residence().since())}};
}

Json HistoryJson(const v1::SubjectHistory& history, const std::optional<Instant>& as_of) {
  Json all = Json::array();
  for (const v1::Series& series : history.series()) {
    Json points = Json::array();
    for (const v1::Point& point : series.points()) {
      points.push_back({{"date", DateText(point.date())},
                        {"value", DecimalText(point.value(), series.decimals())},
                        {"source", Word(point.source())},
                        {"batch", point.batch()},
                        {"reported_at", InstantText(point.reported_at_ms())},
                        {"known_at", InstantText(point.known_at_ms())}});
    }
    all.push_back({{"indicator", series.indicator()}, {"unit", series.unit()}, {"points", points}});
  }
  Json json = {{"subject", history.subject()}};
  if (as_of) {
    json["as_of"] = AsOfJson(as_of);
  } else {
    json["residence"] = ResidenceJson(history);
  }
  json["series"] = all;
  return json;
}

void PrintHistory(const Session& session, const v1::SubjectHistory& history,
                  const std::optional<Instant>& as_of) {
  session.out() << history.subject();
  if (history.has_residence()) {
    const v1::Residence& residence = history.residence();
    const std::string since = DateText(residence.since());
    session.out() << session.Title(fmt::format("  （现住安置点 {}，迁自 {}，{} 起）",
                                               residence.site(), residence.origin(), since),
                                   fmt::format("  (lives at site {}, came from {}, since {})",
                                               residence.site(), residence.origin(), since));
  }
  session.out() << '\n';
  ReportedTable table(session);
  for (const v1::Series& series : history.series()) {
    for (const v1::Point& point : series.points()) {
      table.Add(point, series.indicator(), DecimalText(point.value(), series.decimals()),
                series.unit());
    }
  }
  if (table.size() > 0) {
    table.Print();
  } else if (as_of) {
    session.out() << session.Title("当时没有已知数据\n", "nothing was known of that span then\n");
  } else {
    session.out() << session.Title("该时段没有数据\n", "nothing in that span\n");
  }
}

// Hands out up to kSubjectsPerCall subjects at a time: those named, then those of the file.
class SubjectSource {
 public:
  explicit SubjectSource(const HistoryArguments& arguments) : named_(arguments.subjects) {
    if (arguments.subjects_file.empty()) return;
    if (arguments.subjects_file == "-") {
      lines_ = &std::cin;
      return;
    }
    file_.open(arguments.subjects_file);
    if (!file_) {
      throw Failure{fmt::format("{}: can't be opened; does it exist and may it be read?",
                                arguments.subjects_file)};
    }
    lines_ = &file_;
  }
  bool Fill(v1::GetHistoryRequest* request) {
    request->clear_subjects();
    while (request->subjects_size() < kSubjectsPerCall && next_ < named_.size()) {
      request->add_subjects(named_[next_++]);
    }
    std::string line;
    while (lines_ != nullptr && request->subjects_size() < kSubjectsPerCall &&
           std::getline(*lines_, line)) {
      line.erase(line.find_last_not_of(" \t\r") + 1);
      if (!line.empty()) request->add_subjects(line);
    }
    return request->subjects_size() > 0;
  }

 private:
  const std::vector<std::string>& named_;
  size_t next_ = 0;
  std::ifstream file_;
  std::istream* lines_ = nullptr;
};

v1::RollupView ViewFromWord(const std::string& word) {
  if (word == "settlement") return v1::ROLLUP_VIEW_SETTLEMENT;
  if (word == "origin") return v1::ROLLUP_VIEW_ORIGIN;
  if (word == "site") return v1::ROLLUP_VIEW_SITE;
  throw Failure{fmt::format("--view '{}': settlement, origin or site is expected", word)};
}

// "12.00" where both ends are the same, "12.00 to 12.50" else.
std::string RangeText(const v1::ValueRange& range, uint32_t decimals) {
  const std::string least = DecimalText(range.least(), decimals);
  const std::string greatest = DecimalText(range.greatest(), decimals);
  return least == greatest ? least : fmt::format("{} to {}", least, greatest);
}

// "3 (30.0 %)", "3 to 5 (30.0 to 50.0 %)".
std::string BelowText(const v1::Rollup& rollup) {
  const v1::Spread& spread = rollup.spread();
  const double all = static_cast<double>(rollup.count()) / 100;
  if (spread.below_at_least() == spread.below_at_most()) {
    return fmt::format("{} ({:.1f} %)", spread.below_at_least(),
                       static_cast<double>(spread.below_at_least()) / all);
  }
  return fmt::format("{} to {} ({:.1f} to {:.1f} %)", spread.below_at_least(),
                     spread.below_at_most(), static_cast<double>(spread.below_at_least()) / all,
                     static_cast<double>(spread.below_at_most()) / all);
}

Json RangeJson(const v1::ValueRange& range, uint32_t decimals) {
  return {{"least", DecimalText(range.least(), decimals)},
          {"greatest", DecimalText(range.greatest(), decimals)}};
}

void PrintSpreads(const Session& session, const v1::ListRollupsRequest& request,
                  const v1::ListRollupsResponse& response) {
  Listing listing(session, {{session.Title("地点", "PLACE")},
                            {session.Title("月份", "MONTH")},
                            {session.Title("数量", "COUNT"), Table::Align::kRight},
                            {request.below().empty() ? "" : "BELOW " + request.below()},
                            {"P10"},
                            {"P50"},
                            {"P90"},
                            {session.Title("单位", "UNIT")},
                            {session.Title("名称", "NAME")}});
  for (const v1::Rollup& rollup : response.rollups()) {
    const v1::Spread& spread = rollup.spread();
    const uint32_t decimals = response.decimals();
    Json json = {{"place", rollup.place()},
                 {"name", rollup.name()},
                 {"month", MonthText(rollup.month())},
                 {"count", rollup.count()},
                 {"sum", DecimalText(rollup.sum(), decimals)},
                 {"unit", response.unit()},
                 {"p10", RangeJson(spread.p10(), decimals)},
                 {"p50", RangeJson(spread.p50(), decimals)},
                 {"p90", RangeJson(spread.p90(), decimals)}};
    if (!request.below().empty()) {
      json["below"] = {{"at_least", spread.below_at_least()}, {"at_most", spread.below_at_most()}};
    }
    listing.Add(json, {rollup.place(), MonthText(rollup.month()), std::to_string(rollup.count()),
                       request.below().empty() ? "" : BelowText(rollup),
                       RangeText(spread.p10(), decimals), RangeText(spread.p50(), decimals),
                       RangeText(spread.p90(), decimals), response.unit(), rollup.name()});
  }
  listing.Close("nothing was observed there in these months");
}

}  // namespace

void History(const Session& session, const HistoryArguments& arguments) {
  const auto stub = v1::SeriesService::NewStub(session.channel());
  v1::GetHistoryRequest request;
  for (const std::string& indicator : arguments.indicators) request.add_indicators(indicator);
  if (!arguments.from.empty() || !arguments.to.empty()) {
    const Date from =
        arguments.from.empty() ? Date::Min() : Must(Date::Parse(arguments.from), "--from");
    const Date to = arguments.to.empty() ? Date::Max() : Must(Date::Parse(arguments.to), "--to");
    request.set_from(from.days());
    request.set_to(to.days());
  }
  const std::optional<Instant> as_of = ParseAsOf(arguments.as_of);
  if (as_of) request.set_as_of_ms(as_of->time_since_epoch().count());
  SubjectSource subjects(arguments);
  const bool one = arguments.subjects.size() == 1 && arguments.subjects_file.empty();
  Listing listing(session, {{session.Title("对象", "SUBJECT")}});
  bool any = false;
  size_t printed = 0;
  while (subjects.Fill(&request)) {
    any = true;
    v1::GetHistoryResponse response;
    session.Call([&](grpc::ClientContext* context) {
      return stub->GetHistory(context, request, &response);
    });
    for (const v1::SubjectHistory& history : response.histories()) {
      // Once, above the first.
      if (printed++ == 0) PrintAsOf(session, as_of, /*judged=*/false);
      if (session.output() == Output::kTable) {
        PrintHistory(session, history, as_of);
      } else if (one) {
        session.Print(HistoryJson(history, as_of));
      } else {
        listing.Add(HistoryJson(history, as_of), {});
      }
    }
  }
  if (!any) throw Failure{"name a SUBJECT such as 520502001001/17, or give --subjects-file"};
  if (session.output() != Output::kTable && !one) listing.Close("");
}

void Rollup(const Session& session, const RollupArguments& arguments) {
  const auto stub = v1::SeriesService::NewStub(session.channel());
  v1::ListRollupsRequest request;
  request.set_view(ViewFromWord(arguments.view));
  request.set_region(arguments.region);
  request.set_indicator(arguments.indicator);
  if (!arguments.by.empty()) {
    // A level's wire value is the number of its digits.
    request.set_group_digits(static_cast<uint32_t>(Must(LevelFromWord(arguments.by), "--by")));
  }
  const Month this_month = DateOf(std::chrono::time_point_cast<std::chrono::milliseconds>(
                                      std::chrono::system_clock::now()))
                               .month();
  const Month to = arguments.to.empty() ? this_month : Must(Month::Parse(arguments.to), "--to");
  const Month from = arguments.from.empty() ? to - (kDefaultMonths - 1)
                                            : Must(Month::Parse(arguments.from), "--from");
  request.set_from_month(from.index());
  request.set_to_month(to.index());
  request.set_with_spread(arguments.spread || !arguments.below.empty());
  request.set_below(arguments.below);
  v1::ListRollupsResponse response;
  session.Call(
      [&](grpc::ClientContext* context) { return stub->ListRollups(context, request, &response); });
  if (request.with_spread()) return PrintSpreads(session, request, response);
  Listing listing(session, {{session.Title("地点", "PLACE")},
                            {session.Title("月份", "MONTH")},
                            {session.Title("数量", "COUNT"), Table::Align::kRight},
                            {session.Title("合计", "SUM"), Table::Align::kRight},
                            {session.Title("均值", "MEAN"), Table::Align::kRight},
                            {session.Title("单位", "UNIT")},
                            {session.Title("名称", "NAME")}});
  const int decimals = static_cast<int>(std::min<uint32_t>(response.decimals(), kMaxDecimals));
  for (const v1::Rollup& rollup : response.rollups()) {
    const std::string sum = DecimalText(rollup.sum(), response.decimals());
    // For the eye only: the sum and the count are exact.
    const std::string mean = rollup.count() == 0
                                 ? ""
                                 : fmt::format("{:.2f}", ToDouble(rollup.sum(), decimals) /
                                                             static_cast<double>(rollup.count()));
    listing.Add({{"place", rollup.place()},
                 {"name", rollup.name()},
                 {"month", MonthText(rollup.month())},
                 {"count", rollup.count()},
                 {"sum", sum},
                 {"unit", response.unit()}},
                {rollup.place(), MonthText(rollup.month()), std::to_string(rollup.count()),
                 arguments.indicator.empty() ? "" : sum, arguments.indicator.empty() ? "" : mean,
                 response.unit(), rollup.name()});
  }
  listing.Close("nothing was observed there in these months");
}

}  // namespace shouwang::ctl
