#include "storage/memory/memory_audit_log.h"

#include <utility>

#include "storage/audit/audit_chain.h"

namespace shouwang {

absl::Status MemoryAuditLog::Append(const AuditChain& chain, std::span<const AuditRecord> records) {
  for (const AuditRecord& record : records) {
    if (absl::Status status = CheckAuditRecord(chain, record); !status.ok()) return status;
  }
  absl::MutexLock lock(&mutex_);
  for (const AuditRecord& record : records) AddLocked(chain, record);
  return absl::OkStatus();
}

void MemoryAuditLog::Add(std::span<const ChainedRecord> records) {
  absl::MutexLock lock(&mutex_);
  for (const ChainedRecord& each : records) AddLocked(each.chain, each.record);
}

void MemoryAuditLog::AddLocked(const AuditChain& chain, const AuditRecord& record) {
  ChainEnd end;
  const auto first = entries_.lower_bound(AuditKey(chain, 1));
  for (auto it = entries_.lower_bound(AuditKeyPast(chain)); it != first && end.sequence == 0;) {
    --it;
    if (ReadAuditKey(it->first)) end = EndBehind(it->first, it->second);
  }
  StoredEntry entry = LinkEntry(chain, record, &end);
  entries_[std::move(entry.key)] = std::move(entry.value);
  ++added_[record.kind];
}

absl::StatusOr<std::vector<AuditHead>> MemoryAuditLog::LoadHeads() const {
  std::vector<AuditHead> heads;
  absl::MutexLock lock(&mutex_);
  for (const auto& [key, value] : entries_) {
    const auto position = ReadAuditKey(key);
    if (!position) continue;
    if (heads.empty() || heads.back().chain != position->chain) heads.emplace_back();
    heads.back() = {position->chain, position->sequence, EndBehind(key, value).hash};
  }
  return heads;
}

absl::Status MemoryAuditLog::ScanAudit(
    std::string_view from, std::string_view to,
    absl::FunctionRef<bool(std::string_view, std::string_view)> visit) const {
  std::vector<std::pair<std::string, std::string>> found;
  {
    absl::MutexLock lock(&mutex_);
    found.assign(entries_.lower_bound(from), entries_.lower_bound(std::max(from, to)));
  }
  for (const auto& [key, value] : found) {
    if (!visit(key, value)) break;
  }
  return absl::OkStatus();
}

std::map<AuditKind, uint64_t> MemoryAuditLog::Added() const {
  absl::MutexLock lock(&mutex_);
  return added_;
}

void MemoryAuditLog::Put(const std::string& key, const std::string& value) {
  absl::MutexLock lock(&mutex_);
  entries_[key] = value;
}

void MemoryAuditLog::Erase(const std::string& key) {
  absl::MutexLock lock(&mutex_);
  entries_.erase(key);
}

}  // namespace shouwang
