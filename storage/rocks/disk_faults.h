// Private to storage/rocks: what the disk did to an open store. Whether commits are taken, and how
// often bytes failed their check.
//
// RocksDB stops all writes after a failed write, flush or fsync. A full disk it leaves by itself
// once there is room again. After a failed fsync nobody knows what the disk holds, and asking again
// may be answered OK for pages that were dropped: commits then stop for good, and recovery from the
// log after a restart decides. A compaction that cannot read a damaged file loses nothing, so it
// must not stop commits: it is counted, and RocksDB tries it again.
//
// RocksDB 7.8 does not survive every place at which a disk can turn out to be full (an assertion
// fails where the log is appended to after a failed append). So the last sixteenth of the disk, at
// most 256 MiB, is a reserve: commits are refused while no more than that is free.
//
// Threads: any. OnBackgroundError and the like are called by RocksDB.
#pragma once

#include <rocksdb/listener.h>

#include <atomic>
#include <cstdint>
#include <functional>
#include <string>
#include <utility>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"

namespace shouwang::rocks {

class DiskFaults final : public rocksdb::EventListener {
 public:
  // `notice` is told of every change for the worse or the better; see RocksOptions. May be empty.
  // `folder` is where the store lies; empty: no room is asked for.
  explicit DiskFaults(std::function<void(const std::string&)> notice, std::string folder = "")
      : notice_(std::move(notice)), folder_(std::move(folder)) {}

  // Empty while commits are taken; else what happened and what to do. Asks the file system how much
  // room there is.
  std::string ReadOnlyReason() ABSL_LOCKS_EXCLUDED(mutex_);
  // Reads and compactions that met bytes which fail their check.
  uint64_t damage() const { return damage_; }
  void CountDamage(const std::string& what) ABSL_LOCKS_EXCLUDED(mutex_);

  void OnBackgroundError(rocksdb::BackgroundErrorReason reason, rocksdb::Status* error) override;
  void OnErrorRecoveryBegin(rocksdb::BackgroundErrorReason reason, rocksdb::Status error,
                            bool* auto_recovery) override;
  void OnErrorRecoveryCompleted(rocksdb::Status old_error) override;

 private:
  void StopCommits(std::string why);
  void Tell(const std::string& what) const {
    if (notice_) notice_(what);
  }

  // Empty while more than the reserve is free.
  std::string NoRoomReason() const;

  const std::function<void(const std::string&)> notice_;
  const std::string folder_;
  std::atomic<uint64_t> damage_ = 0;
  mutable absl::Mutex mutex_;
  std::string read_only_reason_ ABSL_GUARDED_BY(mutex_);
  std::string last_damage_ ABSL_GUARDED_BY(mutex_);
  bool no_room_ ABSL_GUARDED_BY(mutex_) = false;
};

}  // namespace shouwang::rocks
