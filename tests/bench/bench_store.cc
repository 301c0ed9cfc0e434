// shouwang_bench_store --data DIR: what a stopped daemon's store holds after compaction, how fast
// all of it is read in this process, and the share of households under a line by county. Figures as
// JSON on stdout.
#include <chrono>
#include <filesystem>
#include <iostream>
#include <map>
#include <optional>

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include "storage/rocks/database.h"
#include "storage/rocks/rocks_store.h"
#include "tests/bench/locks.h"

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

// Of the data files, by column family.
absl::StatusOr<std::map<std::string, uint64_t>> FamilyBytes(const std::string& data) {
  const RocksOptions options{.path = data, .notice = {}, .read_only = true};
  const auto database = rocks::Database::Open(options);
  if (!database.ok()) return database.status();
  std::map<std::string, uint64_t> bytes;
  for (size_t i = 0; i < rocks::kFamilies; ++i) {
    rocksdb::ColumnFamilyHandle* handle = (*database)->Handle(static_cast<rocks::Family>(i));
    (*database)->db().GetIntProperty(handle, rocksdb::DB::Properties::kTotalSstFilesSize,
                                     &bytes[handle->GetName()]);
  }
  return bytes;
}

absl::StatusOr<Scan> ScanAll(const Store& store) {
  Scan scan;
  const auto start = Clock::now();
  absl::Status status =
      store.ScanHistories(Division(), DateRange{}, [&scan](const History& history) {
        ++scan.households;
        scan.values += history.PointCount();
        return true;
      });
  scan.elapsed = Clock::now() - start;
  if (!status.ok()) return status;
  return scan;
}

// Households under a line by county, from every household's history: there is no rollup of shares.
struct ShareOptions {
  int indicator = 1;
  int32_t day = 0;
  int64_t line = 0;
};

struct Shares {
  std::map<std::string, std::pair<int64_t, int64_t>> counties;  // under the line, of so many
  Seconds elapsed{};
};

absl::StatusOr<Shares> CountShares(const Store& store, const ShareOptions& options) {
  const Date day = Date::OfDays(options.day);
  const auto indicator = static_cast<IndicatorId>(options.indicator);
  std::map<uint64_t, std::pair<int64_t, int64_t>> counts;
  Shares shares;
  const auto start = Clock::now();
  absl::Status status =
      store.ScanHistories(Division(), DateRange{day, day}, [&](const History& history) {
        if (const std::optional<Point> point = history.At(indicator, day)) {
          auto& [under, households] = counts[history.subject().place / 1'000'000];
          ++households;
          if (point->value < options.line) ++under;
        }
        return true;
      });
  shares.elapsed = Clock::now() - start;
  if (!status.ok()) return status;
  for (const auto& [county, count] : counts) shares.counties[std::to_string(county)] = count;
  return shares;
}

absl::Status Run(const std::string& data, const ShareOptions& share) {
  RocksOptions options;
  options.path = data;
  const auto start = Clock::now();
  {
    auto store = RocksStore::Open(options);
    if (!store.ok()) return store.status();
    if (absl::Status status = (*store)->Compact(); !status.ok()) return status;
  }
  const Seconds compaction = Clock::now() - start;
  auto store = RocksStore::Open(options);
  if (!store.ok()) return store.status();
  auto cold = ScanAll(**store);
  if (!cold.ok()) return cold.status();
  auto warm = ScanAll(**store);
  if (!warm.ok()) return warm.status();
  auto shares = CountShares(**store, share);
  if (!shares.ok()) return shares.status();
  auto family_bytes = FamilyBytes(data);
  if (!family_bytes.ok()) return family_bytes.status();
  const nlohmann::json result = {
      {"households", warm->households},
      {"values", warm->values},
      {"bytes", FileBytes(data)},
      {"bytes_by_family", *family_bytes},
      {"compaction_seconds", compaction.count()},
      {"first_scan_values_per_second", static_cast<double>(cold->values) / cold->elapsed.count()},
      {"scan_values_per_second", static_cast<double>(warm->values) / warm->elapsed.count()},
      {"county_share_ms", shares->elapsed.count() * 1000},
      {"county_shares", shares->counties},
  };
  std::cout << result.dump() << "\n";
  return absl::OkStatus();
}

int Main(int argc, char** argv) {
  CLI::App app("A stopped daemon's store: bytes after compaction, and a full scan");
  std::string data;
  app.add_option("--data", data, "the daemon's data_dir")->required();
  ShareOptions share;
  app.add_option("--share-indicator", share.indicator, "id of the indicator to count");
  app.add_option("--share-day", share.day, "days since 1970-01-01");
  app.add_option("--share-line", share.line, "scaled");
  CLI11_PARSE(app, argc, argv);
  DoNotLookForCircles();
  const absl::Status status = Run(data, share);
  if (!status.ok()) std::cerr << std::string(status.message()) << "\n";
  return status.ok() ? 0 : 1;
}

}  // namespace
}  // namespace shouwang::bench

int main(int argc, char** argv) { return shouwang::bench::Main(argc, argv); }
