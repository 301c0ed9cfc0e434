// Private to storage/rocks: the ends of the audit chains, and whose turn it is to go on from them.
//
// An entry's hash takes the one before, so whoever adds to a chain has it to itself from linking to
// the end of the write. Each chain has one writer by agreement (a township belongs to one shard),
// so nobody waits in practice, and no lock is held across the disk.
//
// Ends are read when a chain is first written to, and again after a write that failed. Memory: some
// hundred bytes for each chain that was written to, so at most for the townships there are.
//
// Threads: any.
#pragma once

#include <rocksdb/write_batch.h>

#include <map>
#include <span>
#include <string_view>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"
#include "absl/status/status.h"
#include "absl/synchronization/mutex.h"
#include "storage/audit/audit_chain.h"
#include "storage/rocks/database.h"

namespace shouwang::rocks {

class AuditChains {
 public:
  // A write's turn with the chains of its records: waits for writes that have one of them. To be
  // held until the write has returned.
  class Turn {
   public:
    Turn(std::vector<ChainedRecord> records, const Database& database, AuditChains* chains);
    ~Turn();
    Turn(const Turn&) = delete;
    Turn& operator=(const Turn&) = delete;

    // Puts the linked entries into `batch`. Fails where the end of a chain cannot be read.
    absl::Status AddTo(rocksdb::WriteBatch* batch);
    // The write was made. Without it the ends stay where they were.
    void Written();

   private:
    const std::vector<ChainedRecord> records_;
    const Database& database_;
    AuditChains* const chains_;
    std::vector<AuditChain> mine_;  // by chain, each once
    absl::flat_hash_map<AuditChain, ChainEnd> ends_;
  };

  // Writes `batch` with the entries of `records`, in a turn of its own. `doing` is for errors.
  absl::Status Write(const Database& database, rocksdb::WriteBatch* batch,
                     std::vector<ChainedRecord> records, std::string_view doing);

  std::map<AuditKind, uint64_t> Added() const;

 private:
  bool AnyBusy(std::span<const AuditChain> chains) const ABSL_SHARED_LOCKS_REQUIRED(mutex_);

  mutable absl::Mutex mutex_;
  absl::flat_hash_map<AuditChain, ChainEnd> ends_ ABSL_GUARDED_BY(mutex_);
  absl::flat_hash_set<AuditChain> busy_ ABSL_GUARDED_BY(mutex_);
  std::map<AuditKind, uint64_t> added_ ABSL_GUARDED_BY(mutex_);
};

// Where the chain ends on the disk: at its last entry, whatever keys that are none stand behind it.
absl::StatusOr<ChainEnd> ReadChainEnd(const Database& database, const AuditChain& chain);

}  // namespace shouwang::rocks
