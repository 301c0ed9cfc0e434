// The backups of a RocksStore in one directory of their own: RocksDB's BackupEngine, which shares
// data files between backups, so that a nightly one costs what the day has changed.
//
// Owned by whoever owns the store, which outlives it. Threads and failures: as
// storage/contract/backups.h says. While it is open no other process may write to the directory: a
// lock file sees to it.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "storage/contract/backups.h"
#include "storage/rocks/rocks_store.h"

namespace rocksdb {
class BackupEngine;
class FileLock;
}  // namespace rocksdb

namespace shouwang {
namespace rocks {
class ReadMeter;
}  // namespace rocks

struct BackupOptions {
  std::string directory;  // made where it is missing; not the store's own, nor inside it
  // Older ones go once a new one stands. At least 1.
  int keep = 14;
  // Copying is held to this rate, so that ingest keeps its share of the disk; 0: not held back.
  int64_t max_bytes_per_second = 0;
};

class RocksBackups : public Backups {
 public:
  // InvalidArgument for options that cannot be; Unavailable where the directory cannot be used or
  // another process has it.
  static absl::StatusOr<std::unique_ptr<RocksBackups>> Open(const BackupOptions& options,
                                                            const RocksStore* store);
  ~RocksBackups() override;

  absl::StatusOr<Backup> Create(Progress progress) override;
  std::vector<Backup> List() const override;
  absl::StatusOr<Backup> Verify(uint32_t id, Progress progress) override;
  void Stop() override;

 private:
  // The one Create or Verify at a time, from its admission to its end.
  class Turn;

  RocksBackups(BackupOptions options, const RocksStore* store, rocksdb::FileLock* lock);
  absl::Status CanRun() const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  const BackupOptions options_;
  const RocksStore* const store_;
  rocksdb::FileLock* const lock_;

  mutable absl::Mutex mutex_;
  bool running_ ABSL_GUARDED_BY(mutex_) = false;
  bool stopped_ ABSL_GUARDED_BY(mutex_) = false;
  rocksdb::BackupEngine* creating_ ABSL_GUARDED_BY(mutex_) = nullptr;
  rocks::ReadMeter* reading_ ABSL_GUARDED_BY(mutex_) = nullptr;
  // What List gives while a Create rewrites the directory.
  mutable std::vector<Backup> listed_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace shouwang
