// shouwang_bench_wire: the panel through gRPC against a running daemon.
//
//   shouwang_bench_wire divisions --households N --out FILE    the divisions the panel lives in
//   shouwang_bench_wire run --target HOST:PORT ...             figures as JSON on stdout
#include <fmt/format.h>
#include <grpcpp/grpcpp.h>

#include <array>
#include <fstream>
#include <iostream>
#include <map>

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include "tests/bench/load.h"
#include "tests/bench/locks.h"
#include "tests/bench/timing.h"

namespace shouwang::bench {
namespace {

constexpr int kMaxMessageBytes = 64 << 20;
constexpr int kCountyRuns = 5;

struct RunOptions {
  std::string target;
  PanelSize size;
  LoadOptions load;
  int samples = 2000;
};

absl::Status Run(const RunOptions& options) {
  grpc::ChannelArguments arguments;
  arguments.SetMaxReceiveMessageSize(kMaxMessageBytes);
  auto channel =
      grpc::CreateCustomChannel(options.target, grpc::InsecureChannelCredentials(), arguments);
  auto catalogue = FetchCatalogue(channel);
  if (!catalogue.ok()) return catalogue.status();
  const Panel panel(options.size, *catalogue);
  LoadResult load;
  {
    LoadGenerator generator(options.target, options.load);
    auto sent = generator.Send(panel);
    if (!sent.ok()) return sent.status();
    load = *sent;
  }
  auto histories = TimeHistories(channel, panel, options.samples);
  if (!histories.ok()) return histories.status();
  auto explanations = TimeExplanations(channel, panel, options.samples,
                                       [](int64_t household) { return SubjectOf(household); });
  if (!explanations.ok()) return explanations.status();
  auto means = TimeRollups(channel, CountyMeans(panel), kCountyRuns);
  if (!means.ok()) return means.status();
  std::map<std::string, std::vector<int64_t>> sums;  // by county, month after month; scaled
  for (const v1::Rollup& rollup : means->answer.rollups()) {
    sums[rollup.place()].push_back(rollup.sum());
  }
  auto shares = TimeRollups(channel, CountyShares(panel), kCountyRuns);
  if (!shares.ok()) return shares.status();
  // Of so many households at least and at most so many are under the line.
  std::map<std::string, std::array<uint64_t, 3>> under;
  for (const v1::Rollup& rollup : shares->answer.rollups()) {
    under[rollup.place()] = {rollup.count(), rollup.spread().below_at_least(),
                             rollup.spread().below_at_most()};
  }
  const nlohmann::json result = {
      {"values", load.values},
      {"batches", load.batches},
      {"indicators", panel.indicators().size()},
      {"warnings_opened", load.warnings_opened},
      {"seconds", load.elapsed.count()},
      {"values_per_second", static_cast<double>(load.values) / load.elapsed.count()},
      {"batches_per_second", static_cast<double>(load.batches) / load.elapsed.count()},
      {"history_p50_us", Quantile(*histories, 0.50)},
      {"history_p99_us", Quantile(*histories, 0.99)},
      {"explain_p50_us", Quantile(*explanations, 0.50)},
      {"explain_p99_us", Quantile(*explanations, 0.99)},
      {"county_mean_ms", Quantile(means->milliseconds, 0.50)},
      {"county_sums", sums},
      {"county_share_ms", Quantile(shares->milliseconds, 0.50)},
      {"county_under", under},
  };
  std::cout << result.dump() << "\n";
  return absl::OkStatus();
}

int Main(int argc, char** argv) {
  CLI::App app("The benchmark's panel through gRPC");
  app.require_subcommand(1);
  RunOptions options;
  std::string out;
  CLI::App* divisions = app.add_subcommand("divisions", "write the panel's divisions");
  divisions->add_option("--households", options.size.households)->check(CLI::PositiveNumber);
  divisions->add_option("--out", out)->required();
  CLI::App* run = app.add_subcommand("run", "send the panel, then time reads");
  run->add_option("--target", options.target)->required();
  run->add_option("--households", options.size.households)->check(CLI::PositiveNumber);
  run->add_option("--indicators", options.size.indicators)->check(CLI::PositiveNumber);
  run->add_option("--months", options.size.months)->check(CLI::Range(1, 72));
  run->add_option("--streams", options.load.streams)->check(CLI::Range(1, 256));
  run->add_option("--window", options.load.window)->check(CLI::Range(1, 4096));
  run->add_flag("--one-by-one", options.load.one_by_one, "each household's month by itself");
  run->add_option("--samples", options.samples)->check(CLI::Range(1, 1'000'000));
  CLI11_PARSE(app, argc, argv);
  DoNotLookForCircles();
  if (divisions->parsed()) {
    std::ofstream file(out, std::ios::binary);
    file << DivisionsCsv(options.size.households);
    file.close();
    if (file.good()) return 0;
    std::cerr << fmt::format("{}: not written\n", out);
    return 1;
  }
  const absl::Status status = Run(options);
  if (!status.ok()) std::cerr << std::string(status.message()) << "\n";
  return status.ok() ? 0 : 1;
}

}  // namespace
}  // namespace shouwang::bench

int main(int argc, char** argv) { return shouwang::bench::Main(argc, argv); }
