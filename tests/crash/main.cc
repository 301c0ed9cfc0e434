// shouwang_crash: kills the daemon at random instants under load and checks that nothing that was
// receipted is lost and nothing is there by halves. tests/crash/run starts it; see README.md.
#include <fmt/format.h>

#include <chrono>
#include <cstdio>
#include <fstream>
#include <optional>
#include <random>
#include <string>

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include "tests/crash/crash_run.h"

namespace shouwang::crash {
namespace {

bool WriteJson(const std::string& path, const CrashOptions& options, const CrashResult& result) {
  const nlohmann::json json = {
      {"kills", result.kills},
      {"kills_at_start", result.kills_at_start},
      {"seed", options.seed},
      {"stores", result.stores},
      {"batches", result.batches},
      {"receipts", result.receipts},
      {"receipts_repeated", result.receipts_repeated},
      {"unreceipted_found_whole", result.verdict.found},
      {"unreceipted_absent", result.verdict.absent},
      {"unreceipted_hidden", result.verdict.hidden},
      {"values_checked", result.values_checked},
      {"seconds", result.seconds},
      {"lost", result.verdict.lost},
      {"half", result.verdict.half},
      {"failed", !result.ok()},
  };
  std::ofstream file(path);
  file << json.dump(2) << "\n";
  file.close();
  return file.good();
}

int Main(int argc, char** argv) {
  CLI::App app("Kills shouwangd at random instants under load and checks what is left");
  CrashOptions options;
  options.seed = std::random_device()();
  std::string json;
  app.add_option("--kills", options.kills, "how often")->check(CLI::Range(1, 1'000'000));
  app.add_option("--seed", options.seed, "of batches and instants; random where it is not given");
  app.add_option("--json", json, "a file for the figures");
  app.add_option("--daemon", options.program, "shouwangd")->required()->check(CLI::ExistingFile);
  app.add_option("--folder", options.folder, "where to work; kept on failure")->required();
  // Not for users: shows that the check can fail.
  app.add_flag("--break", options.cut_log, "cuts the store's log after each kill")->group("");
  CLI11_PARSE(app, argc, argv);
  fmt::print("seed {}\n", options.seed);
  const CrashResult result = RunCrashes(options);
  for (const std::string& finding : result.verdict.findings) fmt::print("{}\n", finding);
  if (!result.fault.empty()) fmt::print("the run stopped: {}\n", result.fault);
  if (!result.ok()) fmt::print("kept: {} (seed {})\n", result.folder, options.seed);
  if (!json.empty() && !WriteJson(json, options, result)) {
    fmt::print("{}: not written\n", json);
    return 1;
  }
  fmt::print("kills {} lost {} half {}\n", result.kills, result.verdict.lost, result.verdict.half);
  return result.ok() ? 0 : 1;
}

}  // namespace
}  // namespace shouwang::crash

int main(int argc, char** argv) { return shouwang::crash::Main(argc, argv); }
