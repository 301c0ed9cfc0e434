// shouwang_bench_store --data DIR: what a stopped daemon's store holds, after compaction, and how
// fast all of it is read in this process. Figures as JSON on stdout.
#include <chrono>
#include <filesystem>
#include <iostream>

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include "storage/rocks/rocks_store.h"

namespace shouwang::bench {
namespace {

using Clock = std::chrono::steady_clock;
using Seconds = std::chrono::duration<double>;

struct Scan {
  uint64_t households = 0;
  uint64_t values = 0;
  Seconds elapsed{};
};

uint64_t FileBytes(const std::string& folder) {
  uint64_t bytes = 0;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(folder)) {
    if (entry.is_regular_file() && entry.path().extension() == ".sst") bytes += entry.file_size();
  }
  return bytes;
}

absl::StatusOr<Scan> ScanAll(const Store& store) {
  Scan scan;
  const auto start = Clock::now();
  const absl::Status status =
      store.ScanHistories(Division(), DateRange{}, [&scan](const History& history) {
        ++scan.households;
        scan.values += history.PointCount();
        return true;
      });
  scan.elapsed = Clock::now() - start;
  if (!status.ok()) return status;
  return scan;
}

absl::Status Run(const std::string& data) {
  const auto start = Clock::now();
  {
    auto store = RocksStore::Open({.path = data});
    if (!store.ok()) return store.status();
    if (absl::Status status = (*store)->Compact(); !status.ok()) return status;
  }
  const Seconds compaction = Clock::now() - start;
  auto store = RocksStore::Open({.path = data});
  if (!store.ok()) return store.status();
  auto cold = ScanAll(**store);
  if (!cold.ok()) return cold.status();
  auto warm = ScanAll(**store);
  if (!warm.ok()) return warm.status();
  const nlohmann::json result = {
      {"households", warm->households},
      {"values", warm->values},
      {"bytes", FileBytes(data)},
      {"compaction_seconds", compaction.count()},
      {"first_scan_values_per_second", static_cast<double>(cold->values) / cold->elapsed.count()},
      {"scan_values_per_second", static_cast<double>(warm->values) / warm->elapsed.count()},
  };
  std::cout << result.dump() << "\n";
  return absl::OkStatus();
}

int Main(int argc, char** argv) {
  CLI::App app("A stopped daemon's store: bytes after compaction, and a full scan");
  std::string data;
  app.add_option("--data", data, "the daemon's data_dir")->required();
  CLI11_PARSE(app, argc, argv);
  const absl::Status status = Run(data);
  if (!status.ok()) std::cerr << std::string(status.message()) << "\n";
  return status.ok() ? 0 : 1;
}

}  // namespace
}  // namespace shouwang::bench

int main(int argc, char** argv) { return shouwang::bench::Main(argc, argv); }
