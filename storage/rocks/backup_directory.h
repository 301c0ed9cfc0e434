// Private to storage/rocks: what taking backups and restoring one share about a directory of
// backups.
#pragma once

#include <rocksdb/utilities/backup_engine.h>

#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "storage/contract/backups.h"
#include "storage/rocks/read_meter.h"

namespace shouwang::rocks {

// How often progress is told.
inline constexpr uint64_t kProgressBytes = 1 << 20;

// A directory of backups open for reading, its reads through a meter.
struct BackupReader {
  std::shared_ptr<ReadMeter> meter;
  std::unique_ptr<rocksdb::Env> env;
  std::unique_ptr<rocksdb::BackupEngineReadOnly> engine;
};

// NotFound where there is no directory of backups.
absl::StatusOr<BackupReader> OpenForReading(const std::string& directory,
                                            std::function<void(uint64_t)> on_bytes);

// By id, the oldest first.
std::vector<Backup> ListOf(const rocksdb::BackupEngineReadOnlyBase& engine);

// Backup `id`, or the latest for 0. NotFound, naming those there are.
absl::StatusOr<Backup> FindBackup(const rocksdb::BackupEngineReadOnlyBase& engine, uint32_t id,
                                  const std::string& directory);

// What is kept with each backup beside RocksDB's own.
std::string WriteBackupNote(uint64_t batches);

}  // namespace shouwang::rocks
