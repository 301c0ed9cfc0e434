// shouwang_bench_peers: the panel into a peer, and questions to it. Figures as JSON on stdout.
//
//   shouwang_bench_peers insert --format F --url URL ...     the whole panel, timed
//   shouwang_bench_peers sink --format F ...                 the same into a server that only reads
//   shouwang_bench_peers history --format F --url BASE ...   one household after another, timed
//   shouwang_bench_peers expected ...                        what a peer's answers must be
#include <fmt/format.h>

#include <iostream>

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include "tests/bench/catalogue_file.h"
#include "tests/bench/http.h"
#include "tests/bench/insert.h"
#include "tests/bench/question.h"
#include "tests/bench/timing.h"

namespace shouwang::bench {
namespace {

struct Options {
  std::string catalogue;
  PanelSize size;
  std::string format;
  InsertOptions insert;
  int samples = 2000;
};

void Print(const InsertResult& result) {
  const nlohmann::json json = {
      {"values", result.values},
      {"bodies", result.bodies},
      {"body_bytes", result.body_bytes},
      {"sent_again", result.sent_again},
      {"seconds", result.elapsed.count()},
      {"values_per_second", static_cast<double>(result.values) / result.elapsed.count()},
  };
  std::cout << json.dump() << "\n";
}

absl::Status Insert(const Panel& panel, const InsertOptions& options) {
  auto result = InsertPanel(panel, options);
  if (result.ok()) Print(*result);
  return result.status();
}

absl::Status Sink(const Panel& panel, InsertOptions options) {
  auto sink = HttpSink::Start(options.connections);
  if (!sink.ok()) return sink.status();
  options.url = (*sink)->url();
  return Insert(panel, options);
}

absl::Status History(const Panel& panel, const Options& options) {
  HttpConnection connection({});
  HttpAnswer last;
  auto times = TimeHouseholds(
      panel, options.samples,
      [&](int64_t household) -> absl::Status {
        auto answer =
            connection.Get(HistoryUrl(panel, options.insert.format, options.insert.url, household));
        if (!answer.ok()) return answer.status();
        last = *std::move(answer);
        return absl::OkStatus();
      },
      [&](int64_t household) {
        return CheckHistory(panel, options.insert.format, last.body, household);
      });
  if (!times.ok()) return times.status();
  const nlohmann::json json = {{"history_p50_us", Quantile(*times, 0.50)},
                               {"history_p99_us", Quantile(*times, 0.99)}};
  std::cout << json.dump() << "\n";
  return absl::OkStatus();
}

void Expected(const Panel& panel) {
  nlohmann::json json = {{"line", ShareLine(panel)}};
  for (int month = 0; month < panel.size().months; ++month) {
    json["days"].push_back(ReportDay(month));
  }
  for (const v1::Indicator& indicator : panel.indicators()) {
    int64_t sum = 0;
    for (int64_t h = 0; h < panel.size().households; ++h) {
      for (int m = 0; m < panel.size().months; ++m) sum += panel.ValueOf(h, indicator, m);
    }
    json["indicators"].push_back({{"name", indicator.name()},
                                  {"id", indicator.id()},
                                  {"decimals", indicator.decimals()},
                                  {"count", panel.size().households * panel.size().months},
                                  {"sum", sum}});
  }
  const v1::Indicator& first = panel.indicators().at(0);
  for (int64_t h = 0; h < panel.size().households; ++h) {
    nlohmann::json& county = json["counties"][CountyOf(h)];
    if (county.is_null()) {
      county = {{"households", 0}, {"under", 0}, {"sums", {}}};
      county["sums"] = std::vector<int64_t>(static_cast<size_t>(panel.size().months), 0);
    }
    county["households"] = county["households"].get<int64_t>() + 1;
    for (int m = 0; m < panel.size().months; ++m) {
      nlohmann::json& sum = county["sums"][static_cast<size_t>(m)];
      sum = sum.get<int64_t>() + panel.ValueOf(h, first, m);
    }
    if (panel.ValueOf(h, first, panel.size().months - 1) < ShareLine(panel)) {
      county["under"] = county["under"].get<int64_t>() + 1;
    }
  }
  std::cout << json.dump() << "\n";
}

void AddFormat(CLI::App* app, Options* options) {
  app->add_option("--format", options->format)
      ->required()
      ->check(
          CLI::IsMember({"clickhouse-wide", "clickhouse-narrow", "remote-write", "line-protocol"}));
}

void AddSending(CLI::App* app, Options* options) {
  AddFormat(app, options);
  app->add_option("--rows", options->insert.rows)->check(CLI::PositiveNumber);
  app->add_option("--connections", options->insert.connections)->check(CLI::Range(1, 64));
}

int Main(int argc, char** argv) {
  CLI::App app("The benchmark's panel into a peer, and questions to it");
  app.require_subcommand(1);
  app.fallthrough();
  Options options;
  app.add_option("--catalogue", options.catalogue)->required();
  app.add_option("--households", options.size.households)->check(CLI::PositiveNumber);
  app.add_option("--indicators", options.size.indicators)->check(CLI::PositiveNumber);
  app.add_option("--months", options.size.months)->check(CLI::Range(1, 72));
  CLI::App* insert = app.add_subcommand("insert", "send the panel");
  AddSending(insert, &options);
  insert->add_option("--url", options.insert.url)->required();
  insert->add_option("--header", options.insert.headers);
  insert->add_option("--try-again", options.insert.try_again, "an answer with this is repeated");
  CLI::App* sink = app.add_subcommand("sink", "send the panel to a server that only reads");
  AddSending(sink, &options);
  CLI::App* history = app.add_subcommand("history", "time one household after another");
  AddFormat(history, &options);
  history->add_option("--url", options.insert.url)->required();
  history->add_option("--samples", options.samples)->check(CLI::Range(1, 1'000'000));
  app.add_subcommand("expected", "what a peer's answers must be");
  CLI11_PARSE(app, argc, argv);

  auto indicators = ReadCatalogueFile(options.catalogue);
  absl::Status status = indicators.status();
  if (status.ok()) {
    const Panel panel(options.size, *indicators);
    if (const auto format = ParseBodyFormat(options.format)) options.insert.format = *format;
    if (insert->parsed()) {
      status = Insert(panel, options.insert);
    } else if (sink->parsed()) {
      status = Sink(panel, options.insert);
    } else if (history->parsed()) {
      status = History(panel, options);
    } else {
      Expected(panel);
    }
  }
  if (!status.ok()) std::cerr << std::string(status.message()) << "\n";
  return status.ok() ? 0 : 1;
}

}  // namespace
}  // namespace shouwang::bench

int main(int argc, char** argv) { return shouwang::bench::Main(argc, argv); }
