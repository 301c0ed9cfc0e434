// shouwang_crash: kills the daemon at random instants under load and checks that nothing that was
// receipted is lost and nothing is there by halves. tests/crash/run starts it; see README.md.
#include <fmt/format.h>
#include <getopt.h>

#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <random>
#include <string>

#include "tests/crash/crash_run.h"

namespace shouwang::crash {
namespace {

constexpr const char* kUsage =
    "shouwang_crash --daemon SHOUWANGD --folder FOLDER [--kills N] [--seed S] [--json OUT]\n"
    "Kills the daemon at random instants under load and checks what is left.\n";

bool WriteJson(const std::string& path, const CrashOptions& options, const CrashResult& result) {
  std::ofstream file(path);
  file << fmt::format(
      "{{\"kills\": {}, \"kills_at_start\": {}, \"seed\": {}, \"stores\": {}, \"batches\": {}, "
      "\"receipts\": {}, \"receipts_repeated\": {}, \"unreceipted_found_whole\": {}, "
      "\"unreceipted_absent\": {}, \"unreceipted_hidden\": {}, \"values_checked\": {}, "
      "\"seconds\": {:.1f}, \"lost\": {}, \"half\": {}, \"failed\": {}}}\n",
      result.kills, result.kills_at_start, options.seed, result.stores, result.batches,
      result.receipts, result.receipts_repeated, result.verdict.found, result.verdict.absent,
      result.verdict.hidden, result.values_checked, result.seconds, result.verdict.lost,
      result.verdict.half, !result.ok());
  file.close();
  return file.good();
}

// False where it cannot be understood.
bool ReadCommandLine(int argc, char** argv, CrashOptions* options, std::string* json) {
  // --break is not for users: it shows that the check can fail.
  constexpr option kOptions[] = {{"kills", required_argument, nullptr, 'k'},
                                 {"seed", required_argument, nullptr, 's'},
                                 {"json", required_argument, nullptr, 'j'},
                                 {"daemon", required_argument, nullptr, 'd'},
                                 {"folder", required_argument, nullptr, 'f'},
                                 {"break", no_argument, nullptr, 'b'},
                                 {nullptr, 0, nullptr, 0}};
  char* end = nullptr;
  for (int found = 0; (found = getopt_long(argc, argv, "", kOptions, nullptr)) != -1;) {
    switch (found) {
      case 'k':
        options->kills = static_cast<int>(std::strtol(optarg, &end, 10));
        if (*end != '\0' || options->kills < 1) return false;
        break;
      case 's':
        options->seed = std::strtoull(optarg, &end, 10);
        if (*end != '\0') return false;
        break;
      case 'j':
        *json = optarg;
        break;
      case 'd':
        options->program = optarg;
        break;
      case 'f':
        options->folder = optarg;
        break;
      case 'b':
        options->cut_log = true;
        break;
      default:
        return false;
    }
  }
  return optind == argc && !options->program.empty() && !options->folder.empty();
}

int Main(int argc, char** argv) {
  CrashOptions options;
  options.seed = std::random_device()();
  std::string json;
  if (!ReadCommandLine(argc, argv, &options, &json)) {
    fmt::print(stderr, "{}", kUsage);
    return 2;
  }
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
