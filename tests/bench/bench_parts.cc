// shouwang_bench_parts: how fast the bytes of observations are written, read and folded, in one
// thread and without an engine: a village's year of the panel, month by month. A table on stdout.
#include <fmt/format.h>

#include <chrono>
#include <functional>
#include <iostream>

#include <CLI/CLI.hpp>

#include "storage/blocks/fold.h"
#include "storage/blocks/pile.h"
#include "storage/blocks/pile_reader.h"
#include "storage/blocks/sheet_writer.h"
#include "tests/bench/catalogue_file.h"
#include "tests/bench/panel.h"

namespace shouwang::bench {
namespace {

using Clock = std::chrono::steady_clock;

// Of the quickest of some runs, since the machine is shared.
double NanosecondsPerValue(size_t values, const std::function<void()>& run) {
  constexpr int kRuns = 30;
  double least = 1e30;
  for (int i = 0; i < kRuns; ++i) {
    const auto start = Clock::now();
    run();
    const std::chrono::duration<double, std::nano> elapsed = Clock::now() - start;
    least = std::min(least, elapsed.count() / static_cast<double>(values));
  }
  return least;
}

ObservationList MonthOf(const Panel& panel, int month) {
  ObservationList observations;
  Arrival by;
  by.batch = static_cast<uint64_t>(month) + 1;
  const uint32_t arrival = observations.AddArrival(by);
  const uint64_t place = std::stoull(VillageCode(0));
  for (int64_t h = 0; h < kHouseholdsPerVillage; ++h) {
    observations.BeginReport({place, SubjectKind::kHousehold, static_cast<uint32_t>(h + 1)},
                             Date::OfDays(ReportDay(month)), arrival);
    for (const v1::Indicator& indicator : panel.indicators()) {
      observations.AddCell(static_cast<IndicatorId>(indicator.id()),
                           panel.ValueOf(h, indicator, month));
    }
  }
  return observations;
}

void Row(std::string_view what, double nanoseconds, size_t bytes, size_t values) {
  fmt::print("{:34} {:7.2f} ns/value {:8.0f} M values/s {:6.2f} bytes/value\n", what, nanoseconds,
             1e3 / nanoseconds, static_cast<double>(bytes) / static_cast<double>(values));
}

std::vector<ObservationList> MonthsOf(const Panel& panel, int count) {
  std::vector<ObservationList> months;
  months.reserve(static_cast<size_t>(count));
  for (int month = 0; month < count; ++month) months.push_back(MonthOf(panel, month));
  return months;
}

int Main(int argc, char** argv) {
  CLI::App app("How fast sheets and blocks are written, read and folded");
  PanelSize size{.households = kHouseholdsPerVillage, .indicators = 20, .months = 12};
  std::string catalogue_path;
  app.add_option("--catalogue", catalogue_path, "its file, as of the daemon")->required();
  app.add_option("--months", size.months, "of one year, 1 to 12");
  CLI11_PARSE(app, argc, argv);
  const auto catalogue = ReadCatalogueFile(catalogue_path);
  if (!catalogue.ok()) {
    std::cerr << std::string(catalogue.status().message()) << "\n";
    return 1;
  }
  const Panel panel(size, *catalogue);
  const std::vector<ObservationList> months = MonthsOf(panel, size.months);
  const BlockKey key = BlockKey::Of(months[0].reports()[0].subject, months[0].reports()[0].date);
  const size_t month_values = months[0].size();
  const size_t values = month_values * months.size();

  SheetWriter writer;
  std::vector<std::string> sheets;
  sheets.reserve(months.size());
  for (const ObservationList& month : months) {
    sheets.emplace_back(writer.Write(key, month, month.reports()));
  }
  Row("write a sheet",
      NanosecondsPerValue(month_values, [&] { writer.Write(key, months[0], months[0].reports()); }),
      sheets[0].size(), month_values);

  const std::vector<std::string_view> parts(sheets.begin(), sheets.end());
  const std::string pile = JoinPiles(parts);
  Row("join the parts of a pile",
      NanosecondsPerValue(values, [&] { static_cast<void>(JoinPiles(parts)); }), pile.size(),
      values);
  const std::string block = FoldPiles(key, parts);
  Row("fold sheets", NanosecondsPerValue(values, [&] { FoldPiles(key, parts); }), block.size(),
      values);
  const std::vector<std::string_view> again = {block, sheets.back()};
  Row("fold a sheet into a block", NanosecondsPerValue(values, [&] { FoldPiles(key, again); }),
      block.size(), values);

  PileReader reader;
  std::vector<History> histories(kHouseholdsPerVillage);
  size_t read = 0;
  const auto read_all = [&](std::string_view bytes) {
    read = 0;
    if (!reader.Open({&bytes, 1}, key, DateRange{}).ok()) std::abort();
    for (size_t i = 0; i < histories.size(); ++i) {
      histories[i].Reset(key.group.At(static_cast<uint8_t>(i + 1)));
      if (!reader.Read(static_cast<uint8_t>(i + 1), &histories[i]).ok()) std::abort();
    }
  };
  for (const auto& [what, bytes] :
       {std::pair<std::string_view, const std::string&>{"pile", pile}, {"block", block}}) {
    const std::string_view view = bytes;  // clang 14 captures no structured binding
    Row(fmt::format("read a {} of sheets", what),
        NanosecondsPerValue(values, [&] { read_all(view); }), view.size(), values);
    for (const History& history : histories) read += history.PointCount();
    if (read != values) std::abort();
    History one;
    Row(fmt::format("one household of a {}", what),
        NanosecondsPerValue(values / 250,
                            [&] {
                              if (!reader.Open({&view, 1}, key, DateRange{}).ok()) std::abort();
                              one.Reset(key.group.At(7));
                              if (!reader.Read(7, &one).ok()) std::abort();
                            }),
        bytes.size(), values);
  }
  return 0;
}

}  // namespace
}  // namespace shouwang::bench

int main(int argc, char** argv) { return shouwang::bench::Main(argc, argv); }
