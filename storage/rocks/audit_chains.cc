#include "storage/rocks/audit_chains.h"

#include <algorithm>
#include <string>
#include <utility>

namespace shouwang::rocks {

absl::StatusOr<ChainEnd> ReadChainEnd(const Database& database, const AuditChain& chain) {
  const std::unique_ptr<rocksdb::Iterator> it(
      database.db().NewIterator(rocksdb::ReadOptions(), database.Handle(Family::kAudit)));
  const std::string first = AuditKey(chain, 1);
  for (it->SeekForPrev(AuditKeyPast(chain)); it->Valid(); it->Prev()) {
    const std::string_view key = ViewOf(it->key());
    if (key < first) return ChainEnd();
    // A key that is none of an entry is passed over: behind it no entry may be written anew.
    if (ReadAuditKey(key)) return EndBehind(key, ViewOf(it->value()));
  }
  absl::Status status = FromRocks(it->status(), "reading the end of an audit chain");
  if (!status.ok()) return database.Noted(std::move(status));
  return ChainEnd();
}

AuditChains::Turn::Turn(std::vector<ChainedRecord> records, const Database& database,
                        AuditChains* chains)
    : records_(std::move(records)), database_(database), chains_(chains) {
  if (records_.empty()) return;
  for (const ChainedRecord& each : records_) mine_.push_back(each.chain);
  std::ranges::sort(mine_);
  mine_.erase(std::unique(mine_.begin(), mine_.end()), mine_.end());
  const auto free = [this]() ABSL_SHARED_LOCKS_REQUIRED(chains_->mutex_) {
    return !chains_->AnyBusy(mine_);
  };
  absl::MutexLock lock(&chains_->mutex_);
  chains_->mutex_.Await(absl::Condition(&free));
  for (const AuditChain& chain : mine_) {
    chains_->busy_.insert(chain);
    // Taken out: what fails leaves nothing behind that could be wrong.
    const auto it = chains_->ends_.find(chain);
    if (it == chains_->ends_.end()) continue;
    ends_[chain] = it->second;
    chains_->ends_.erase(it);
  }
}

AuditChains::Turn::~Turn() {
  if (mine_.empty()) return;
  absl::MutexLock lock(&chains_->mutex_);
  for (const AuditChain& chain : mine_) chains_->busy_.erase(chain);
}

absl::Status AuditChains::Turn::AddTo(rocksdb::WriteBatch* batch) {
  for (const AuditChain& chain : mine_) {
    if (ends_.contains(chain)) continue;
    const absl::StatusOr<ChainEnd> end = ReadChainEnd(database_, chain);
    if (!end.ok()) return end.status();
    ends_[chain] = *end;
  }
  for (const ChainedRecord& each : records_) {
    const StoredEntry entry = LinkEntry(each.chain, each.record, &ends_[each.chain]);
    batch->Put(database_.Handle(Family::kAudit), entry.key, entry.value);
  }
  return absl::OkStatus();
}

void AuditChains::Turn::Written() {
  if (mine_.empty()) return;
  absl::MutexLock lock(&chains_->mutex_);
  for (const auto& [chain, end] : ends_) chains_->ends_[chain] = end;
  for (const ChainedRecord& each : records_) ++chains_->added_[each.record.kind];
}

absl::Status AuditChains::Write(const Database& database, rocksdb::WriteBatch* batch,
                                std::vector<ChainedRecord> records, std::string_view doing) {
  Turn turn(std::move(records), database, this);
  absl::Status status = turn.AddTo(batch);
  if (status.ok()) status = database.Write(batch, doing);
  if (status.ok()) turn.Written();
  return status;
}

bool AuditChains::AnyBusy(std::span<const AuditChain> chains) const {
  return std::ranges::any_of(chains, [this](const AuditChain& chain) ABSL_SHARED_LOCKS_REQUIRED(
                                         mutex_) { return busy_.contains(chain); });
}

std::map<AuditKind, uint64_t> AuditChains::Added() const {
  absl::MutexLock lock(&mutex_);
  return added_;
}

}  // namespace shouwang::rocks
