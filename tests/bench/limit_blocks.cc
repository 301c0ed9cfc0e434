#include <fcntl.h>
#include <fmt/format.h>
#include <rocksdb/db.h>
#include <rocksdb/table.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>

#include "storage/blocks/fold.h"
#include "storage/blocks/sheet_writer.h"
#include "storage/rocks/merge.h"
#include "tests/bench/limits.h"

namespace shouwang::bench {
namespace {

using Clock = std::chrono::steady_clock;
using Seconds = std::chrono::duration<double>;
constexpr int64_t kChunkValues = 4'000'000;
constexpr Seconds kSyncsFor{2};

struct Operand {
  std::string key;
  std::string value;
  int64_t values = 0;
};

std::string Fold(std::string_view key, std::span<const std::string_view> parts) {
  return FoldPiles(*ParseBlockKey(key), parts);
}

std::string FoldMany(std::string_view key, std::span<const std::string_view> parts) {
  return FoldIfMany(*ParseBlockKey(key), parts);
}

// What the store writes for one village's month.
Operand OperandOf(const Panel& panel, int64_t village, int month) {
  const int64_t first = village * kHouseholdsPerVillage;
  const int64_t end = std::min(first + kHouseholdsPerVillage, panel.size().households);
  const Date date = Date::OfDays(ReportDay(month));
  const uint64_t place = std::stoull(VillageCode(village));
  ObservationList observations;
  Arrival by;
  by.batch = static_cast<uint64_t>(month * panel.villages() + village + 1);
  const uint32_t arrival = observations.AddArrival(by);
  for (int64_t h = first; h < end; ++h) {
    const Subject subject{place, SubjectKind::kHousehold, static_cast<uint32_t>(h - first + 1)};
    observations.BeginReport(subject, date, arrival);
    for (const v1::Indicator& indicator : panel.indicators()) {
      observations.AddCell(static_cast<IndicatorId>(indicator.id()),
                           panel.ValueOf(h, indicator, month));
    }
  }
  const BlockKey key = BlockKey::Of(observations.reports()[0].subject, date);
  Operand operand;
  AppendBlockKey(key, &operand.key);
  operand.value = SheetWriter().Write(key, observations, observations.reports());
  operand.values = static_cast<int64_t>(observations.size());
  return operand;
}

absl::Status Check(const rocksdb::Status& status, const std::string& doing) {
  return status.ok() ? absl::OkStatus()
                     : absl::UnavailableError(fmt::format("{}: {}", doing, status.ToString()));
}

// As storage/rocks opens the family of blocks.
absl::StatusOr<std::unique_ptr<rocksdb::DB>> Open(const std::string& folder) {
  rocksdb::BlockBasedTableOptions table;
  table.block_size = size_t{16} << 10;
  rocksdb::Options options;
  options.create_if_missing = true;
  options.error_if_exists = true;
  options.table_factory.reset(rocksdb::NewBlockBasedTableFactory(table));
  options.compression = rocksdb::kNoCompression;
  options.level_compaction_dynamic_level_bytes = true;
  options.write_buffer_size = size_t{32} << 20;
  options.max_background_jobs = 2;
  options.bytes_per_sync = 1 << 20;
  rocks::FoldInCompactions("shouwang.block.1", &Fold, &FoldMany, &IsOldBlock, &options);
  rocksdb::DB* db = nullptr;
  if (absl::Status status = Check(rocksdb::DB::Open(options, folder, &db), folder); !status.ok()) {
    return status;
  }
  return std::unique_ptr<rocksdb::DB>(db);
}

absl::Status WriteAll(rocksdb::DB* db, const std::vector<Operand>& operands, bool sync) {
  rocksdb::WriteOptions options;
  options.sync = sync;
  for (const Operand& operand : operands) {
    const rocksdb::Status status = db->Merge(options, operand.key, operand.value);
    if (!status.ok()) return Check(status, "write of an operand");
  }
  return absl::OkStatus();
}

// Values a second over the whole panel.
absl::StatusOr<double> Fill(const Panel& panel, rocksdb::DB* db, bool sync) {
  std::vector<Operand> operands;
  int64_t waiting = 0;
  Seconds elapsed{};
  const auto write = [&]() {
    const auto start = Clock::now();
    absl::Status status = WriteAll(db, operands, sync);
    elapsed += Clock::now() - start;
    operands.clear();
    waiting = 0;
    return status;
  };
  for (int month = 0; month < panel.size().months; ++month) {
    for (int64_t village = 0; village < panel.villages(); ++village) {
      operands.push_back(OperandOf(panel, village, month));
      waiting += operands.back().values;
      if (waiting < kChunkValues) continue;
      if (absl::Status status = write(); !status.ok()) return status;
    }
  }
  if (absl::Status status = write(); !status.ok()) return status;
  return static_cast<double>(panel.values()) / elapsed.count();
}

absl::StatusOr<double> CompactedBytes(rocksdb::DB* db, const std::string& folder) {
  rocksdb::CompactRangeOptions options;
  options.bottommost_level_compaction = rocksdb::BottommostLevelCompaction::kForce;
  const rocksdb::Status status = db->CompactRange(options, nullptr, nullptr);
  if (!status.ok()) return Check(status, "compaction");
  uintmax_t bytes = 0;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    if (entry.path().extension() == ".sst") bytes += entry.file_size();
  }
  return static_cast<double>(bytes);
}

}  // namespace

absl::StatusOr<BlocksResult> MeasureBlocks(const Panel& panel, const std::string& folder) {
  BlocksResult result;
  std::filesystem::create_directories(folder);
  for (const bool sync : {true, false}) {
    const std::string path = fmt::format("{}/{}", folder, sync ? "synced" : "unsynced");
    auto db = Open(path);
    if (!db.ok()) return db.status();
    auto rate = Fill(panel, db->get(), sync);
    if (!rate.ok()) return rate.status();
    (sync ? result.synced_values_per_second : result.unsynced_values_per_second) = *rate;
    if (!sync) continue;
    auto bytes = CompactedBytes(db->get(), path);
    if (!bytes.ok()) return bytes.status();
    result.bytes_per_value = *bytes / static_cast<double>(panel.values());
  }
  return result;
}

absl::StatusOr<double> MeasureSyncs(const std::string& folder, int64_t bytes) {
  std::filesystem::create_directories(folder);
  const std::string path = folder + "/syncs";
  const int file = open(path.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
  if (file < 0) return absl::UnavailableError(fmt::format("{}: {}", path, std::strerror(errno)));
  const std::string record(static_cast<size_t>(bytes), 'x');
  int64_t syncs = 0;
  Seconds elapsed{};
  const auto start = Clock::now();
  while (elapsed < kSyncsFor) {
    if (write(file, record.data(), record.size()) < 0 || fdatasync(file) != 0) {
      const int error = errno;
      close(file);
      return absl::UnavailableError(fmt::format("{}: {}", path, std::strerror(error)));
    }
    ++syncs;
    elapsed = Clock::now() - start;
  }
  close(file);
  return static_cast<double>(syncs) / elapsed.count();
}

}  // namespace shouwang::bench
