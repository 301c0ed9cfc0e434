// The AuditLog of a RocksStore: a column family of its own. Commits and cases of the store are in
// it by their own writes.
//
// Threads: any. The store outlives it.
#pragma once

#include "storage/contract/audit_log.h"
#include "storage/rocks/rocks_store.h"

namespace shouwang {

class RocksAuditLog : public AuditLog {
 public:
  explicit RocksAuditLog(RocksStore* store) : store_(store) {}

  absl::Status Append(const AuditChain& chain, std::span<const AuditRecord> records) override;
  absl::StatusOr<std::vector<AuditHead>> LoadHeads() const override;
  absl::Status ScanAudit(
      std::string_view from, std::string_view to,
      absl::FunctionRef<bool(std::string_view, std::string_view)> visit) const override;
  std::map<AuditKind, uint64_t> Added() const override;

 private:
  RocksStore* const store_;
};

}  // namespace shouwang
