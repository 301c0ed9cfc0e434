// Private to storage/rocks: holds the compactions of a family off while it is young, that is until
// as many flushed tables wait as its compactions wait for.
//
// Where nothing lies below a table, RocksDB compacts it by itself as soon as a snapshot that it was
// kept for is given back. A family without lower levels would so have its oldest table folded after
// a question that took a snapshot, alone, to be folded once more with all the others later.
//
// Threads: any. OnFlushCompleted is called by RocksDB.
#pragma once

#include <rocksdb/db.h>
#include <rocksdb/listener.h>

#include <atomic>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"

namespace shouwang::rocks {

class YoungFamilies final : public rocksdb::EventListener {
 public:
  // A family that was opened with its compactions disabled.
  void Hold(rocksdb::ColumnFamilyHandle* handle) ABSL_LOCKS_EXCLUDED(mutex_);
  // Lets the compactions of families go that are not young any more; nearly free where no table was
  // flushed since the last call.
  void LetGo(rocksdb::DB* db) ABSL_LOCKS_EXCLUDED(mutex_);

  void OnFlushCompleted(rocksdb::DB* /*db*/, const rocksdb::FlushJobInfo& /*flushed*/) override {
    changed_ = true;
  }

 private:
  std::atomic<bool> changed_ = false;
  absl::Mutex mutex_;
  std::vector<rocksdb::ColumnFamilyHandle*> held_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace shouwang::rocks
