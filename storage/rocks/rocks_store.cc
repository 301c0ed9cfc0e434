#include "storage/rocks/rocks_store.h"

#include <fmt/format.h>
#include <rocksdb/version.h>

#include <algorithm>
#include <charconv>
#include <map>
#include <tuple>

#include "storage/audit/audit_of.h"
#include "storage/blocks/block_key.h"
#include "storage/rocks/audit_chains.h"
#include "storage/rocks/database.h"
#include "storage/rocks/format.h"
#include "storage/rocks/long_piles.h"
#include "storage/rocks/records.h"
#include "storage/rocks/transaction_writer.h"
#include "storage/rocks/warning_groups.h"

namespace shouwang {
namespace {

using rocks::DamagedRecord;
using rocks::Database;
using rocks::Family;
using rocks::FromRocks;
using rocks::SliceOf;
using rocks::ViewOf;

constexpr std::string_view kNumbersKey = "batch_numbers";
constexpr std::string_view kBindingKey = "indicators";
// How many numbers one mark keeps; an opening may leave so many unused.
constexpr uint64_t kNumbersAtOnce = 4096;

// Of the database as a whole; RocksDB tells some of it by family only.
void DescribeBackground(const Database& database, StoreStatistics* statistics) {
  using Properties = rocksdb::DB::Properties;
  rocksdb::DB& db = database.db();
  const auto whole = [&](const std::string& property) {
    uint64_t value = 0;
    db.GetIntProperty(property, &value);
    return value;
  };
  const auto of_families = [&](const std::string& property) {
    uint64_t value = 0;
    db.GetAggregatedIntProperty(property, &value);
    return value;
  };
  statistics->pending_compaction_bytes = of_families(Properties::kEstimatePendingCompactionBytes);
  statistics->running_compactions = whole(Properties::kNumRunningCompactions);
  statistics->running_flushes = whole(Properties::kNumRunningFlushes);
  for (size_t family = 0; family < rocks::kFamilies; ++family) {
    std::string files;
    uint64_t count = 0;
    if (db.GetProperty(database.Handle(static_cast<Family>(family)),
                       Properties::kNumFilesAtLevelPrefix + "0", &files)) {
      std::from_chars(files.data(), files.data() + files.size(), count);
    }
    statistics->unsorted_files += count;
  }
  statistics->delayed_write_rate = whole(Properties::kActualDelayedWriteRate);
  statistics->write_stalled =
      whole(Properties::kIsWriteStopped) != 0 || statistics->delayed_write_rate != 0;
  std::map<std::string, std::string> told;
  if (db.GetMapProperty(Properties::kDBStats, &told)) {
    const std::string& micros = told["db.user_write_stall_micros"];
    uint64_t count = 0;
    std::from_chars(micros.data(), micros.data() + micros.size(), count);
    statistics->stalled_seconds = static_cast<double>(count) / 1e6;
  }
  // The cache is one; the default family's properties tell of it.
  statistics->cache_bytes = whole(Properties::kBlockCacheUsage);
  statistics->cache_limit_bytes = whole(Properties::kBlockCacheCapacity);
  statistics->write_buffer_bytes = of_families(Properties::kSizeAllMemTables);
}

}  // namespace

RocksStore::RocksStore(std::unique_ptr<Database> database)
    : database_(std::move(database)),
      long_piles_(std::make_unique<rocks::LongPiles>()),
      audit_chains_(std::make_unique<rocks::AuditChains>()) {}
RocksStore::~RocksStore() = default;

absl::StatusOr<std::unique_ptr<RocksStore>> RocksStore::Open(const RocksOptions& options) {
  absl::StatusOr<std::unique_ptr<Database>> database = Database::Open(options);
  if (!database.ok()) return database.status();
  std::unique_ptr<RocksStore> store(new RocksStore(*std::move(database)));
  if (absl::Status status = rocks::BringToFormat(*store, rocks::FormatSteps()); !status.ok()) {
    return status;
  }
  store->database_->AllowCompactions();
  absl::StatusOr<std::optional<std::string>> kept =
      store->database_->Get(Family::kMeta, kNumbersKey);
  if (!kept.ok()) return kept.status();
  absl::MutexLock lock(&store->numbers_mutex_);
  if (kept->has_value()) {
    const std::optional<uint64_t> number = rocks::ReadNumber(**kept);
    if (!number) return DamagedRecord("meta", kNumbersKey);
    store->next_number_ = *number;
    store->kept_numbers_ = *number;
  }
  const std::unique_ptr<rocksdb::Iterator> last(store->database_->db().NewIterator(
      rocksdb::ReadOptions(), store->database_->Handle(Family::kBatches)));
  last->SeekToLast();
  if (last->Valid()) {
    store->highest_batch_ = rocks::ReadNumber(ViewOf(last->key())).value_or(0);
  }
  if (absl::Status status = FromRocks(last->status(), "reading batches"); !status.ok()) {
    return status;
  }
  return store;
}

absl::StatusOr<std::optional<std::string>> RocksStore::FindReceipt(
    std::string_view request_id) const {
  absl::StatusOr<std::optional<std::string>> found = database_->Get(Family::kRequests, request_id);
  if (!found.ok()) return found.status();
  if (!found->has_value()) return std::nullopt;
  const std::optional<uint64_t> number = rocks::ReadNumber(**found);
  if (!number) return database_->Noted(DamagedRecord("requests", request_id));
  absl::StatusOr<std::optional<BatchRecord>> batch = FindBatch(*number);
  if (!batch.ok()) return batch.status();
  if (!batch->has_value()) return database_->Noted(DamagedRecord("requests", request_id));
  return std::move((*batch)->receipt);
}

absl::StatusOr<std::optional<BatchRecord>> RocksStore::FindBatch(uint64_t number) const {
  const std::string key = rocks::NumberKey(number);
  absl::StatusOr<std::optional<std::string>> value = database_->Get(Family::kBatches, key);
  if (!value.ok()) return value.status();
  if (!value->has_value()) return std::nullopt;
  std::optional<BatchRecord> batch = rocks::ReadBatch(number, **value);
  if (!batch) return database_->Noted(DamagedRecord("batches", key));
  return batch;
}

absl::Status RocksStore::KeepNumbers(uint64_t last) {
  const uint64_t mark = last + kNumbersAtOnce;
  rocksdb::WriteBatch batch;
  batch.Put(database_->Handle(Family::kMeta), SliceOf(kNumbersKey), rocks::NumberKey(mark));
  absl::Status status = database_->Write(&batch, "keeping batch numbers");
  if (status.ok()) kept_numbers_ = mark;
  return status;
}

uint64_t RocksStore::ReserveBatchNumbers(uint64_t count) {
  absl::MutexLock lock(&numbers_mutex_);
  const uint64_t first = next_number_;
  next_number_ += count;
  // A disk that refuses is told by the commit of these numbers, which asks again.
  if (next_number_ > kept_numbers_) KeepNumbers(next_number_).IgnoreError();
  return first;
}

absl::Status RocksStore::BindCatalogue(const Catalogue& catalogue) {
  absl::MutexLock lock(&binding_mutex_);
  absl::StatusOr<std::optional<std::string>> stored = database_->Get(Family::kMeta, kBindingKey);
  if (!stored.ok()) return stored.status();
  IndicatorBinding kept;
  if (stored->has_value()) {
    std::optional<IndicatorBinding> read = rocks::ReadBinding(**stored);
    if (!read) return DamagedRecord("meta", kBindingKey);
    kept = *std::move(read);
  }
  absl::StatusOr<IndicatorBinding> bound = Bind(kept, catalogue);
  if (!bound.ok()) return bound.status();
  if (*bound == kept) return absl::OkStatus();
  rocksdb::WriteBatch batch;
  batch.Put(database_->Handle(Family::kMeta), SliceOf(kBindingKey), rocks::WriteBinding(*bound));
  return database_->Write(&batch, "binding the catalogue");
}

absl::Status RocksStore::Commit(const Transaction& transaction) {
  if (absl::Status status = CheckTransaction(transaction); !status.ok()) return status;
  uint64_t highest = 0;
  for (const BatchRecord& batch : transaction.batches) highest = std::max(highest, batch.number);
  {
    absl::MutexLock lock(&numbers_mutex_);
    if (highest >= kept_numbers_) {
      if (absl::Status status = KeepNumbers(highest); !status.ok()) return status;
    }
    next_number_ = std::max(next_number_, highest + 1);
  }
  {
    const rocks::LongPiles::Turn turn(transaction, long_piles_.get());
    rocks::AuditChains::Turn audit(AuditOf(transaction), *database_, audit_chains_.get());
    rocksdb::WriteBatch batch;
    absl::Status status = rocks::AddTransaction(transaction, *database_, turn, &batch);
    if (status.ok()) status = audit.AddTo(&batch);
    if (status.ok()) status = database_->Write(&batch, "commit");
    if (!status.ok()) return status;
    audit.Written();
  }
  absl::MutexLock lock(&numbers_mutex_);
  highest_batch_ = std::max(highest_batch_, highest);
  return absl::OkStatus();
}

absl::Status RocksStore::ScanWarnings(const Division& region, const Subject& from_subject,
                                      RuleId from_rule,
                                      absl::FunctionRef<bool(const Warning&)> visit) const {
  std::string first;
  AppendGroupKey(SubjectGroup::Of(from_subject), &first);
  const auto show = [&](const Warning& warning) {
    if (std::tie(warning.subject, warning.rule) < std::tie(from_subject, from_rule)) return true;
    return visit(warning);
  };
  absl::Status damage;
  absl::Status status = database_->Scan(
      Family::kWarnings, std::max(rocks::PlaceKey(region.FirstVillageCode()), first),
      rocks::PlaceKey(region.EndVillageCode()), [&](std::string_view key, std::string_view value) {
        bool goes_on = true;
        const auto show_all = [&](const Warning& warning) { return goes_on = show(warning); };
        if (!rocks::ReadWarningsAt(key, value, show_all)) {
          damage.Update(DamagedRecord("warnings", key));
        }
        return goes_on;
      });
  status.Update(damage);
  return database_->Noted(std::move(status));
}

absl::Status RocksStore::ScanRollups(
    const RollupQuery& query, absl::FunctionRef<bool(std::span<const RollupCell>)> visit) const {
  const bool one_site = query.view == RollupView::kSite && query.site.has_value();
  const Division region = one_site ? query.site->In(DivisionLevel::kTownship) : query.region;
  if (one_site && !query.region.Contains(region)) return absl::OkStatus();
  std::vector<RollupCell> year;
  const std::string prefix = rocks::RollupPrefix(query.view, query.indicator);
  absl::Status damage;
  absl::Status status =
      database_->Scan(Family::kRollups, prefix + rocks::PlaceKey(region.FirstVillageCode()),
                      prefix + rocks::PlaceKey(region.EndVillageCode()),
                      [&](std::string_view bytes, std::string_view value) {
                        const std::optional<rocks::RollupKey> key = rocks::ReadRollupKey(bytes);
                        if (key && (key->year < query.from.year() || key->year > query.to.year()))
                          return true;
                        if (key && one_site && key->place.site != *query.site) return true;
                        if (key && !query.region.Contains(key->place.township)) return true;
                        year.clear();
                        const auto collect = [&](const RollupCell& cell) {
                          if (query.from <= cell.month && cell.month <= query.to)
                            year.push_back(cell);
                        };
                        if (!key || !rocks::ReadRollup(*key, value, collect)) {
                          damage.Update(DamagedRecord("rollups", bytes));
                        }
                        return year.empty() || visit(year);
                      });
  status.Update(damage);
  return database_->Noted(std::move(status));
}

absl::Status RocksStore::ScanTallies(RollupView view, const Division& region,
                                     absl::FunctionRef<void(const Tally&)> visit) const {
  const std::string prefix = rocks::TallyPrefix(view);
  absl::Status damage;
  absl::Status status =
      database_->Scan(Family::kTallies, prefix + rocks::PlaceKey(region.FirstVillageCode()),
                      prefix + rocks::PlaceKey(region.EndVillageCode()),
                      [&](std::string_view key, std::string_view value) {
                        const std::optional<Tally> tally = rocks::ReadTally(key, value);
                        if (!tally) {
                          damage.Update(DamagedRecord("tallies", key));
                        } else if (region.Contains(tally->place.township)) {
                          visit(*tally);
                        }
                        return true;
                      });
  status.Update(damage);
  return database_->Noted(std::move(status));
}

StoreStatistics RocksStore::Statistics() const {
  StoreStatistics statistics;
  statistics.engine = fmt::format("rocksdb {}.{}.{}", ROCKSDB_MAJOR, ROCKSDB_MINOR, ROCKSDB_PATCH);
  statistics.bytes_on_disk = database_->BytesOnDisk();
  statistics.memory_bytes = database_->MemoryBytes();
  DescribeBackground(*database_, &statistics);
  statistics.read_only_reason = database_->faults().ReadOnlyReason();
  statistics.damage = database_->faults().damage();
  statistics.failed_compactions = database_->faults().failed_compactions();
  absl::MutexLock lock(&numbers_mutex_);
  statistics.batches = highest_batch_;
  return statistics;
}

absl::Status RocksStore::Compact() {
  rocksdb::CompactRangeOptions options;
  // Tables too that a compaction of RocksDB's own writes meanwhile, and leaves piles in.
  options.bottommost_level_compaction = rocksdb::BottommostLevelCompaction::kForce;
  for (size_t family = 0; family < rocks::kFamilies; ++family) {
    const rocksdb::Status status = database_->db().CompactRange(
        options, database_->Handle(static_cast<Family>(family)), nullptr, nullptr);
    if (!status.ok()) return FromRocks(status, "compaction");
  }
  return absl::OkStatus();
}

}  // namespace shouwang
