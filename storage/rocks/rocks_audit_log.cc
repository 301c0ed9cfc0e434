#include "storage/rocks/rocks_audit_log.h"

#include <algorithm>
#include <memory>
#include <utility>

#include "storage/audit/audit_chain.h"
#include "storage/rocks/audit_chains.h"
#include "storage/rocks/database.h"

namespace shouwang {

using rocks::Family;

absl::Status RocksAuditLog::Append(const AuditChain& chain, std::span<const AuditRecord> records) {
  std::vector<ChainedRecord> chained;
  for (const AuditRecord& record : records) {
    if (absl::Status status = CheckAuditRecord(chain, record); !status.ok()) return status;
    chained.push_back({chain, record});
  }
  if (chained.empty()) return absl::OkStatus();
  rocksdb::WriteBatch batch;
  return store_->audit_chains().Write(store_->database(), &batch, std::move(chained),
                                      "adding to the audit trail");
}

// From each chain's last key to the last one before its first.
absl::StatusOr<std::vector<AuditHead>> RocksAuditLog::LoadHeads() const {
  const rocks::Database& database = store_->database();
  const std::unique_ptr<rocksdb::Iterator> it(
      database.db().NewIterator(rocksdb::ReadOptions(), database.Handle(Family::kAudit)));
  std::vector<AuditHead> heads;
  for (it->SeekToLast(); it->Valid();) {
    const std::string_view key = rocks::ViewOf(it->key());
    const auto position = ReadAuditKey(key);
    if (!position) {
      it->Prev();
      continue;
    }
    heads.push_back(
        {position->chain, position->sequence, EndBehind(key, rocks::ViewOf(it->value())).hash});
    it->SeekForPrev(AuditKey(position->chain, 0));
  }
  absl::Status status = rocks::FromRocks(it->status(), "reading the heads of the audit trail");
  if (!status.ok()) return database.Noted(std::move(status));
  std::ranges::reverse(heads);
  return heads;
}

absl::Status RocksAuditLog::ScanAudit(
    std::string_view from, std::string_view to,
    absl::FunctionRef<bool(std::string_view, std::string_view)> visit) const {
  return store_->database().Scan(Family::kAudit, from, to, visit, nullptr,
                                 rocks::Caching::kLeaveAsItIs);
}

std::map<AuditKind, uint64_t> RocksAuditLog::Added() const {
  return store_->audit_chains().Added();
}

}  // namespace shouwang
