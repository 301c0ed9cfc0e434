// shouwang_bench_limits --catalogue FILE --folder DIR ...: the panel against the limits of
// limits.h. Figures as JSON on stdout.
#include <algorithm>
#include <iostream>

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include "tests/bench/catalogue_file.h"
#include "tests/bench/limits.h"
#include "tests/bench/locks.h"

namespace shouwang::bench {
namespace {

// About what one village's month takes in the log.
constexpr int64_t kRecordBytes = 8192;
// As the daemon is sent to for `trickle`.
constexpr int kTrickleStreams = 64;
constexpr int kTrickleMonths = 6;

absl::Status Run(PanelSize size, const std::vector<v1::Indicator>& indicators,
                 const LoadOptions& load, const std::string& folder) {
  const Panel panel(size, indicators);
  auto acknowledged = MeasureAcknowledging(panel, load);
  if (!acknowledged.ok()) return acknowledged.status();
  size.months = std::min(size.months, kTrickleMonths);
  LoadOptions one_by_one = load;
  one_by_one.streams = kTrickleStreams;
  one_by_one.one_by_one = true;
  auto trickled = MeasureAcknowledging(Panel(size, indicators), one_by_one);
  if (!trickled.ok()) return trickled.status();
  auto blocks = MeasureBlocks(panel, folder + "/rocksdb");
  if (!blocks.ok()) return blocks.status();
  auto syncs = MeasureSyncs(folder, kRecordBytes);
  if (!syncs.ok()) return syncs.status();
  const nlohmann::json result = {
      {"acknowledged_values_per_second",
       static_cast<double>(acknowledged->values) / acknowledged->elapsed.count()},
      {"acknowledged_reports_per_second",
       static_cast<double>(trickled->batches) / trickled->elapsed.count()},
      {"synced_values_per_second", blocks->synced_values_per_second},
      {"unsynced_values_per_second", blocks->unsynced_values_per_second},
      {"bytes_per_value", blocks->bytes_per_value},
      {"syncs_per_second", *syncs},
  };
  std::cout << result.dump() << "\n";
  return absl::OkStatus();
}

int Main(int argc, char** argv) {
  CLI::App app("The benchmark's panel against the limits of this machine");
  std::string catalogue;
  std::string folder;
  PanelSize size;
  LoadOptions load;
  app.add_option("--catalogue", catalogue)->required();
  app.add_option("--folder", folder, "made; must be empty")->required();
  app.add_option("--households", size.households)->check(CLI::PositiveNumber);
  app.add_option("--indicators", size.indicators)->check(CLI::PositiveNumber);
  app.add_option("--months", size.months)->check(CLI::Range(1, 72));
  app.add_option("--streams", load.streams)->check(CLI::Range(1, 256));
  CLI11_PARSE(app, argc, argv);
  DoNotLookForCircles();
  auto indicators = ReadCatalogueFile(catalogue);
  absl::Status status = indicators.status();
  if (status.ok()) status = Run(size, *indicators, load, folder);
  if (!status.ok()) std::cerr << std::string(status.message()) << "\n";
  return status.ok() ? 0 : 1;
}

}  // namespace
}  // namespace shouwang::bench

int main(int argc, char** argv) { return shouwang::bench::Main(argc, argv); }
