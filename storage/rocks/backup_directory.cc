#include "storage/rocks/backup_directory.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <chrono>
#include <filesystem>
#include <string_view>
#include <utility>

#include "storage/rocks/database.h"

namespace shouwang::rocks {
namespace {

constexpr std::string_view kBatches = "batches=";

uint64_t ReadBackupNote(std::string_view note) {
  const size_t at = note.find(kBatches);
  if (at == std::string_view::npos) return 0;
  const std::string_view digits = note.substr(at + kBatches.size());
  uint64_t batches = 0;
  std::from_chars(digits.data(), digits.data() + digits.size(), batches);
  return batches;
}

Backup BackupOf(const rocksdb::BackupInfo& told) {
  Backup backup;
  backup.id = told.backup_id;
  backup.taken_at = Instant(std::chrono::seconds(told.timestamp));
  backup.bytes = told.size;
  backup.files = told.number_files;
  backup.batches = ReadBackupNote(told.app_metadata);
  return backup;
}

}  // namespace

std::string WriteBackupNote(uint64_t batches) { return fmt::format("{}{}", kBatches, batches); }

absl::StatusOr<BackupReader> OpenForReading(const std::string& directory,
                                            std::function<void(uint64_t)> on_bytes) {
  std::error_code error;
  if (!std::filesystem::is_directory(directory + "/meta", error)) {
    return absl::NotFoundError(fmt::format("{} holds no backups", directory));
  }
  BackupReader reader;
  reader.meter = std::make_shared<ReadMeter>(std::move(on_bytes), kProgressBytes);
  reader.env = rocksdb::NewCompositeEnv(reader.meter);
  rocksdb::BackupEngineReadOnly* engine = nullptr;
  const rocksdb::IOStatus status = rocksdb::BackupEngineReadOnly::Open(
      rocksdb::BackupEngineOptions(directory, reader.env.get()), reader.env.get(), &engine);
  reader.engine.reset(engine);
  if (!status.ok()) return FromRocks(status, fmt::format("opening the backups {}", directory));
  return reader;
}

std::vector<Backup> ListOf(const rocksdb::BackupEngineReadOnlyBase& engine) {
  std::vector<rocksdb::BackupInfo> told;
  engine.GetBackupInfo(&told);
  std::vector<Backup> backups;
  backups.reserve(told.size());
  for (const rocksdb::BackupInfo& info : told) backups.push_back(BackupOf(info));
  std::vector<rocksdb::BackupID> damaged;
  engine.GetCorruptedBackups(&damaged);
  for (const rocksdb::BackupID id : damaged) {
    Backup backup;
    backup.id = id;
    backup.damaged = true;
    backups.push_back(backup);
  }
  std::ranges::sort(backups, {}, &Backup::id);
  return backups;
}

absl::StatusOr<Backup> FindBackup(const rocksdb::BackupEngineReadOnlyBase& engine, uint32_t id,
                                  const std::string& directory) {
  const std::vector<Backup> backups = ListOf(engine);
  if (backups.empty()) return absl::NotFoundError(fmt::format("{} holds no backups", directory));
  if (id == 0) {
    const auto sound = std::ranges::find(backups.rbegin(), backups.rend(), false, &Backup::damaged);
    if (sound != backups.rend()) return *sound;
    return absl::DataLossError(fmt::format("every backup of {} is damaged", directory));
  }
  const auto found = std::ranges::find(backups, id, &Backup::id);
  if (found == backups.end()) {
    return absl::NotFoundError(fmt::format("{} has no backup {}; it has {} to {}", directory, id,
                                           backups.front().id, backups.back().id));
  }
  if (found->damaged) {
    return absl::DataLossError(fmt::format(
        "backup {} of {}: a file of it is missing or has another size than it had", id, directory));
  }
  return *found;
}

}  // namespace shouwang::rocks
