// shouwang-sim: writes sheets of simulated households, for demonstrations, tests and load.
#include <fmt/format.h>
#include <unistd.h>

#include <chrono>
#include <cstdio>
#include <string>
#include <vector>

#include <CLI/CLI.hpp>

#include "collectors/simulator/fabrication.h"
#include "collectors/simulator/simulation.h"
#include "storage/files/yaml.h"
#include "storage/register/register.h"

namespace shouwang::simulator {
namespace {

struct Arguments {
  std::string divisions;
  std::vector<std::string> townships;
  std::string region;
  int township_count = 4;
  std::string until;
  std::vector<std::string> shocks;
  std::vector<std::string> fabrications;
  bool plain = false;
  bool quiet = false;
  SimulationPlan plan;
};

void Declare(CLI::App& app, Arguments* arguments) {
  SimulationPlan& plan = arguments->plan;
  app.add_option("--divisions", arguments->divisions,
                 "divisions: a CSV file or the folder of the statistical list")
      ->required();
  auto* township = app.add_option("--township", arguments->townships,
                                  "9-digit code of a township to simulate; may be repeated");
  auto* region = app.add_option("--region", arguments->region,
                                "code of a region whose townships are picked from, evenly spread");
  app.add_option("--townships", arguments->township_count, "how many townships of --region")
      ->capture_default_str();
  township->excludes(region);
  app.add_option("--households", plan.households_per_township, "households in each township")
      ->capture_default_str();
  app.add_option("--months", plan.months, "months of history")->capture_default_str();
  app.add_option("--until", arguments->until, "last month, YYYY-MM (default: the last full month)");
  app.add_option("--seed", plan.seed, "same seed, same sheets")->capture_default_str();
  app.add_option("--sites-share", plan.sites_share,
                 "share of the townships that have a resettlement site")
      ->capture_default_str();
  app.add_option("--relocated-share", plan.relocated_share,
                 "share of such a township's households that live at the site")
      ->capture_default_str();
  app.add_option(
         "--shock", arguments->shocks,
         "KIND:PLACE:MONTH[:SHARE], e.g. flood:520502001:2026-07, layoff:520502001/S1:2026-05, "
         "price_fall:520502:2026-03:0.9; may be repeated")
      ->allow_extra_args(false);
  app.add_option(
      "--fabricate", arguments->fabrications,
      "KIND:TOWNSHIP[:SHARE]: make that township's sheets up, or a share of them; KIND is "
      "copied (amounts of the first month, every month), round (round amounts), "
      "above_line (incomes just above --line) or rushed (a month's visits on one day); "
      "may be repeated");
  app.add_option("--line", plan.line, "the line of --fabricate above_line, yuan a year and person")
      ->capture_default_str();
  app.add_option("--out", plan.folder, "folder to write to; is created")->required();
  app.add_flag("--plain", arguments->plain, "write household sheets as .csv, not .csv.gz");
  app.add_flag("--quiet", arguments->quiet, "no progress and no summary");
}

Month LastFullMonth() {
  const auto now = std::chrono::floor<std::chrono::milliseconds>(std::chrono::system_clock::now());
  return DateOf(now).month() - 1;
}

absl::StatusOr<DivisionTree> LoadTree(const Arguments& arguments) {
  std::vector<Division> regions;
  if (!arguments.region.empty()) {
    const absl::StatusOr<Division> region = Division::Parse(arguments.region);
    if (!region.ok()) return region.status();
    // The region's counties in full: relocated households come from other townships of a county.
    regions.push_back(region->At(DivisionLevel::kCounty));
  }
  for (const std::string& code : arguments.townships) {
    const absl::StatusOr<Division> township = Division::Parse(code);
    if (!township.ok()) return township.status();
    regions.push_back(township->At(DivisionLevel::kCounty));
  }
  Problems problems;
  DivisionTree tree = LoadDivisions(arguments.divisions, regions, &problems);
  if (!problems.empty()) return problems.ToStatus();
  return tree;
}

absl::Status Complete(const DivisionTree& tree, Arguments* arguments) {
  SimulationPlan& plan = arguments->plan;
  plan.gzip = !arguments->plain;
  plan.last_month = LastFullMonth();
  if (!arguments->until.empty()) {
    const absl::StatusOr<Month> until = Month::Parse(arguments->until);
    if (!until.ok()) return until.status();
    plan.last_month = *until;
  }
  if (arguments->townships.empty()) {
    const absl::StatusOr<Division> region = Division::Parse(arguments->region);
    if (!region.ok()) return region.status();
    auto picked = PickTownships(tree, *region, arguments->township_count);
    if (!picked.ok()) return picked.status();
    plan.townships = *std::move(picked);
  }
  for (const std::string& code : arguments->townships) {
    plan.townships.push_back(*Division::Parse(code));
  }
  for (const std::string& text : arguments->shocks) {
    const absl::StatusOr<Shock> shock = Shock::Parse(text);
    if (!shock.ok()) return shock.status();
    plan.shocks.push_back(*shock);
  }
  for (const std::string& text : arguments->fabrications) {
    const absl::StatusOr<Fabrication> fabrication = ParseFabrication(text);
    if (!fabrication.ok()) return fabrication.status();
    plan.fabrications.push_back(*fabrication);
  }
  return absl::OkStatus();
}

absl::Status Run(Arguments arguments) {
  const absl::StatusOr<DivisionTree> tree = LoadTree(arguments);
  if (!tree.ok()) return tree.status();
  if (absl::Status complete = Complete(*tree, &arguments); !complete.ok()) return complete;
  const bool show = !arguments.quiet && isatty(STDERR_FILENO) != 0;
  const auto progress = [&](const SimulationCounts& counts) {
    if (!show) return;
    fmt::print(stderr, "\r{} of {} townships, {} simulated households, {} values", counts.townships,
               arguments.plan.townships.size(), counts.households, counts.values);
    std::fflush(stderr);
  };
  const absl::StatusOr<SimulationCounts> counts = Simulate(*tree, arguments.plan, progress);
  if (show) fmt::print(stderr, "\n");
  if (!counts.ok()) return counts.status();
  if (!arguments.quiet) {
    fmt::print("simulated {} households of {} townships, {} to {}: {} rows, {} values, {} sites\n",
               counts->households, counts->townships,
               (arguments.plan.last_month - (arguments.plan.months - 1)).ToString(),
               arguments.plan.last_month.ToString(), counts->rows, counts->values, counts->sites);
  }
  return absl::OkStatus();
}

}  // namespace
}  // namespace shouwang::simulator

int main(int argc, char** argv) {
  CLI::App app(
      "shouwang-sim writes the monthly sheets of SIMULATED households and resettlement sites of "
      "real townships. The households are invented: they describe nobody, and nothing learnt from "
      "them says anything about real ones. Every row is marked as simulated (数据性质: 模拟).",
      "shouwang-sim");
  shouwang::simulator::Arguments arguments;
  shouwang::simulator::Declare(app, &arguments);
  CLI11_PARSE(app, argc, argv);
  if (arguments.townships.empty() && arguments.region.empty()) {
    fmt::print(stderr, "shouwang-sim: name --township CODE, or --region CODE and --townships N\n");
    return 2;
  }
  const absl::Status status = shouwang::simulator::Run(std::move(arguments));
  if (status.ok()) return 0;
  fmt::print(stderr, "shouwang-sim: {}\n", std::string(status.message()));
  return 1;
}
