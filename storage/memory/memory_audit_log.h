// An AuditLog in memory, for tests: gone with the object.
//
// Threads: any; one mutex, never held while a visitor runs.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "storage/contract/audit_log.h"

namespace shouwang {

class MemoryAuditLog : public AuditLog {
 public:
  absl::Status Append(const AuditChain& chain, std::span<const AuditRecord> records) override;
  absl::StatusOr<std::vector<AuditHead>> LoadHeads() const override;
  absl::Status ScanAudit(
      std::string_view from, std::string_view to,
      absl::FunctionRef<bool(std::string_view, std::string_view)> visit) const override;
  std::map<AuditKind, uint64_t> Added() const override;

  // For the other parts of a store in memory: records that were checked or cannot be wrong.
  void Add(std::span<const ChainedRecord> records);
  // For tests that change the past.
  void Put(const std::string& key, const std::string& value);
  void Erase(const std::string& key);

 private:
  void AddLocked(const AuditChain& chain, const AuditRecord& record)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  mutable absl::Mutex mutex_;
  std::map<std::string, std::string, std::less<>> entries_ ABSL_GUARDED_BY(mutex_);
  std::map<AuditKind, uint64_t> added_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace shouwang
