#include "storage/rocks/database.h"

#include <fmt/format.h>
#include <rocksdb/cache.h>
#include <rocksdb/filter_policy.h>
#include <rocksdb/slice_transform.h>
#include <rocksdb/snapshot.h>
#include <rocksdb/table.h>
#include <rocksdb/write_buffer_manager.h>

#include <algorithm>
#include <filesystem>

#include "storage/blocks/block_key.h"
#include "storage/blocks/fold.h"
#include "storage/blocks/pile.h"
#include "storage/rocks/format.h"
#include "storage/rocks/merge.h"
#include "storage/rocks/records.h"
#include "storage/rocks/states.h"
#include "storage/rocks/warning_groups.h"

namespace shouwang::rocks {
namespace {

// README.md, "Levels".
constexpr int kBottomZstdLevel = 4;

// Of a write buffer, for the filter of its keys: 10 bits a key at some 60 bytes a key.
constexpr double kMemtableFilterShare = 0.02;
// For the filter of its groups, at some kilobytes each.
constexpr double kGroupFilterShare = 0.001;

// Keys that are read together; of blocks fewer, a value of which is ten times as large.
constexpr size_t kMostAtOnce = 256;
constexpr size_t kMostBlocksAtOnce = 64;

constexpr std::array<const char*, kFamilies> kFamilyNames = {
    "default", "blocks",     "states",  "warnings",  "superseded",
    "rollups", "tallies",    "batches", "requests",  "histograms",
    "cases",   "deliveries", "audit",   "reporters", "draws"};

std::string FoldBlocks(std::string_view key, std::span<const std::string_view> parts) {
  const std::optional<BlockKey> block = ParseBlockKey(key);
  return block ? FoldPiles(*block, parts) : KeepDamaged(parts);
}

std::string FoldManyBlocks(std::string_view key, std::span<const std::string_view> parts) {
  const std::optional<BlockKey> block = ParseBlockKey(key);
  return block ? FoldIfMany(*block, parts) : KeepDamaged(parts);
}

// Compactions wait for so many flushed tables (where they go by size, for so many sorted runs);
// writes are slowed where they have not come by for several times as many, as while a large one of
// another family goes on.
void WaitFor(int tables, rocksdb::ColumnFamilyOptions* options) {
  options->level0_file_num_compaction_trigger = tables;
  options->level0_slowdown_writes_trigger = 4 * tables;
  options->level0_stop_writes_trigger = 6 * tables;
}

bool IsLarge(Family family) { return family == Family::kBlocks || family == Family::kStates; }

rocksdb::BlockBasedTableOptions TablesOf(Family family,
                                         const std::shared_ptr<rocksdb::Cache>& cache) {
  // The others are only scanned.
  const bool by_name = IsLarge(family) || family == Family::kMeta || family == Family::kBatches ||
                       family == Family::kRequests;
  rocksdb::BlockBasedTableOptions table;
  table.block_cache = cache;
  // Of states, values of some kilobytes, and of what is scanned, a smaller unit would give zstd
  // fewer neighbours to learn from; blocks are compressed by themselves.
  const bool is_small = by_name && family != Family::kStates;
  table.block_size = is_small ? size_t{16} << 10 : size_t{64} << 10;
  if (by_name) table.filter_policy.reset(rocksdb::NewBloomFilterPolicy(10));
  table.whole_key_filtering = family != Family::kBlocks;  // by their groups
  table.cache_index_and_filter_blocks = true;
  table.pin_l0_filter_and_index_blocks_in_cache = true;
  table.format_version = 5;
  return table;
}

rocksdb::ColumnFamilyOptions OptionsOf(Family family, const RocksOptions& options,
                                       const std::shared_ptr<rocksdb::Cache>& cache) {
  rocksdb::ColumnFamilyOptions family_options;
  family_options.table_factory.reset(rocksdb::NewBlockBasedTableFactory(TablesOf(family, cache)));
  family_options.compression = rocksdb::kLZ4Compression;
  family_options.bottommost_compression = rocksdb::kZSTD;
  family_options.bottommost_compression_opts.enabled = true;
  family_options.bottommost_compression_opts.level = kBottomZstdLevel;
  family_options.level_compaction_dynamic_level_bytes = true;
  family_options.write_buffer_size =
      std::max<size_t>(options.write_buffer_bytes / (IsLarge(family) ? 2 : 8), size_t{64} << 10);
  switch (family) {
    case Family::kBlocks:
      FoldInCompactions("shouwang.block.1", &FoldBlocks, &FoldManyBlocks, &IsOldBlock,
                        &family_options);
      // Each is compressed by itself when it is folded (storage/blocks).
      family_options.compression = rocksdb::kNoCompression;
      family_options.bottommost_compression = rocksdb::kDisableCompressionOption;
      // One group's years are scanned for each of its commits; tables without it are passed over.
      family_options.prefix_extractor.reset(rocksdb::NewFixedPrefixTransform(kGroupKeyBytes));
      family_options.memtable_prefix_bloom_size_ratio = kGroupFilterShare;
      // Each of these compactions writes most of what the level below holds. A village reports into
      // few of the tables that wait, so reading it takes little more.
      WaitFor(24, &family_options);
      family_options.disable_auto_compactions = true;  // young_families.h
      family_options.max_bytes_for_level_base = uint64_t{1} << 30;
      break;
    case Family::kWarnings:
      FoldAlways("shouwang.warning.2", &FoldWarnings, &JoinWarnings, &family_options);
      // A little of each group, written all over the key space: with levels, each few megabytes
      // that are flushed would be merged with all of it.
      family_options.compaction_style = rocksdb::kCompactionStyleUniversal;
      WaitFor(16, &family_options);
      break;
    case Family::kStates:
      FoldInCompactions("shouwang.state.1", &FoldStates, &FoldStates, /*is_old=*/nullptr,
                        &family_options);
      WaitFor(8, &family_options);
      family_options.disable_auto_compactions = true;  // young_families.h
      break;
    case Family::kAudit:
      // Chains grow all over the key space, and nothing of them ever changes.
      family_options.compaction_style = rocksdb::kCompactionStyleUniversal;
      WaitFor(16, &family_options);
      break;
    case Family::kRequests:
      // Asked for once by each batch, mostly in vain: by the filter it need not be searched.
      family_options.memtable_whole_key_filtering = true;
      family_options.memtable_prefix_bloom_size_ratio = kMemtableFilterShare;
      break;
    case Family::kHistograms:
      FoldAlways("shouwang.histogram.1", &FoldHistograms, &family_options);
      WaitFor(8, &family_options);
      break;
    case Family::kRollups:
      FoldAlways("shouwang.rollup.1", &FoldRollups, &family_options);
      break;
    case Family::kTallies:
      FoldAlways("shouwang.tally.1", &FoldTallies, &family_options);
      break;
    default:
      break;
  }
  return family_options;
}

rocksdb::DBOptions DatabaseOptions(const RocksOptions& options,
                                   const std::shared_ptr<rocksdb::Cache>& cache) {
  rocksdb::DBOptions db;
  db.create_if_missing = true;
  db.create_missing_column_families = true;
  // Every commit is synced, so only the last record of the log can be torn, and that one was never
  // receipted. Damage before it would lose receipted commits: better not to open than to go on
  // without them, as kPointInTimeRecovery would.
  db.wal_recovery_mode = rocksdb::WALRecoveryMode::kTolerateCorruptedTailRecords;
  db.write_buffer_manager =
      std::make_shared<rocksdb::WriteBufferManager>(options.write_buffer_bytes, cache);
  db.max_total_wal_size = std::max<uint64_t>(options.write_buffer_bytes * 4, uint64_t{64} << 20);
  // One for flushes, one for compactions, and one more where a family is about to slow writes, as
  // while a large compaction of another goes on.
  db.max_background_jobs = 3;
  db.max_open_files = 1000;
  db.bytes_per_sync = 1 << 20;
#ifdef __SANITIZE_THREAD__
  // No two batches together: those that commit together hand theirs over by atomics that the
  // sanitizer cannot see in Debian's RocksDB.
  db.max_write_batch_group_size_bytes = 1;
#endif
  db.info_log_level = rocksdb::InfoLogLevel::WARN_LEVEL;
  db.max_log_file_size = 8 << 20;
  db.keep_log_file_num = 4;
  return db;
}

absl::Status NotAStore(const std::string& path, std::string_view why) {
  return absl::FailedPreconditionError(fmt::format("{} cannot be opened: {}", path, why));
}

// Once CURRENT is there and the folder empty, only the folder's removal was cut off.
bool HoldsHalfARestore(const std::string& path) {
  const std::string restoring = path + "/" + kRestoringFolder;
  std::error_code unknown;
  if (!std::filesystem::exists(restoring, unknown)) return false;
  return !std::filesystem::is_empty(restoring, unknown) ||
         !std::filesystem::exists(path + "/CURRENT", unknown);
}

}  // namespace

absl::Status FromRocks(const rocksdb::Status& status, std::string_view doing) {
  if (status.ok()) return absl::OkStatus();
  const std::string text = status.ToString();
  if (status.IsNotFound()) return absl::NotFoundError(fmt::format("{}: {}", doing, text));
  if (status.IsCorruption()) return absl::DataLossError(fmt::format("{}: {}", doing, text));
  if (status.IsNoSpace() || status.subcode() == rocksdb::Status::kSpaceLimit) {
    return absl::UnavailableError(
        fmt::format("{}: the disk is full; free space and try again ({})", doing, text));
  }
  if (status.IsIOError() || status.IsBusy() || status.IsTimedOut() || status.IsTryAgain() ||
      status.IsIncomplete() || status.IsShutdownInProgress()) {
    return absl::UnavailableError(fmt::format("{}: {}", doing, text));
  }
  if (status.IsNotSupported() || status.IsInvalidArgument()) {
    return absl::FailedPreconditionError(fmt::format("{}: {}", doing, text));
  }
  return absl::InternalError(fmt::format("{}: {}", doing, text));
}

absl::Status DamagedRecord(std::string_view family, std::string_view key) {
  return absl::DataLossError(
      fmt::format("{} record {} is damaged", family, SliceOf(key).ToString(/*hex=*/true)));
}

std::string FoldParts(Family family, std::string_view key,
                      std::span<const std::string_view> parts) {
  return family == Family::kStates ? FoldStates(key, parts) : FoldBlocks(key, parts);
}

namespace {

// Of files that are made anew: the manifest, the options, the engine's own log.
constexpr uint64_t kNewFilesBytes = uint64_t{1} << 20;

// What the write-ahead log holds is written into tables before the store is there, and RocksDB ends
// the process where a file that it makes then does not fit. So a disk without the room is told of
// first.
absl::Status CheckRoomToOpen(const std::string& path) {
  uint64_t needed = kNewFilesBytes;
  std::error_code error;
  for (const auto& entry : std::filesystem::directory_iterator(path, error)) {
    std::error_code gone;
    const uint64_t bytes = entry.path().extension() == ".log" ? entry.file_size(gone) : 0;
    if (!gone) needed += bytes;
  }
  const std::filesystem::space_info space = std::filesystem::space(path, error);
  if (error || space.available >= needed) return absl::OkStatus();
  return absl::UnavailableError(
      fmt::format("opening the store {}: the disk is full: {} KiB are free, {} KiB may be needed; "
                  "free space and "
                  "start again",
                  path, space.available >> 10, needed >> 10));
}

}  // namespace

absl::StatusOr<std::unique_ptr<Database>> Database::Open(const RocksOptions& options) {
  if (options.path.empty()) return absl::InvalidArgumentError("the store's path is empty");
  if (options.write_buffer_bytes > options.cache_bytes) {
    return absl::InvalidArgumentError(
        fmt::format("write buffers of {} bytes do not fit the store's cache of {} bytes",
                    options.write_buffer_bytes, options.cache_bytes));
  }
  if (!options.read_only) {
    std::error_code error;
    std::filesystem::create_directories(options.path, error);
    if (error) {
      return absl::UnavailableError(
          fmt::format("cannot make the store's directory {}: {}", options.path, error.message()));
    }
  }
  if (HoldsHalfARestore(options.path)) {
    return NotAStore(options.path,
                     "a restore into it did not come to its end; restore again, or remove it");
  }
  if (!options.read_only) {
    if (absl::Status room = CheckRoomToOpen(options.path); !room.ok()) return room;
  }
  std::unique_ptr<Database> database(new Database(options));
  if (absl::Status status = database->OpenFamilies(); !status.ok()) return status;
  if (absl::Status status = CheckFormat(*database, FormatSteps()); !status.ok()) return status;
  return database;
}

absl::Status Database::OpenFamilies() {
  cache_ = rocksdb::NewLRUCache(options_.cache_bytes);
  rocksdb::DBOptions db_options = DatabaseOptions(options_, cache_);
  db_options.listeners = {faults_, young_};
  std::vector<std::string> present;
  const rocksdb::Status listed =
      rocksdb::DB::ListColumnFamilies(db_options, options_.path, &present);
  if (listed.ok()) {
    for (const std::string& name : present) {
      if (std::ranges::find(kFamilyNames, name) != kFamilyNames.end()) continue;
      return NotAStore(options_.path,
                       fmt::format("it has a part '{}' that this version does not know; it was "
                                   "written by a newer version or by another program",
                                   name));
    }
    for (const std::string_view name : kFamilyNames) {
      if (!options_.read_only || std::ranges::find(present, name) != present.end()) continue;
      return NotAStore(options_.path,
                       fmt::format("it lacks the part '{}', so an older version wrote it; start "
                                   "shouwangd on it once, which brings it up",
                                   name));
    }
  } else if (options_.read_only) {
    return absl::NotFoundError(fmt::format("{} has no store", options_.path));
  }
  std::vector<rocksdb::ColumnFamilyDescriptor> families;
  for (size_t i = 0; i < kFamilies; ++i) {
    families.emplace_back(kFamilyNames[i], OptionsOf(static_cast<Family>(i), options_, cache_));
  }
  rocksdb::DB* opened = nullptr;
  const rocksdb::Status status =
      options_.read_only
          ? rocksdb::DB::OpenForReadOnly(db_options, options_.path, families, &handles_, &opened)
          : rocksdb::DB::Open(db_options, options_.path, families, &handles_, &opened);
  db_.reset(opened);
  const std::string text = status.ToString();
  if (status.IsIOError() && text.find("LOCK") != std::string::npos) {
    return absl::UnavailableError(
        fmt::format("the store {} is in use by another process; stop it first", options_.path));
  }
  return FromRocks(status, fmt::format("opening the store {}", options_.path));
}

void Database::AllowCompactions() {
  if (options_.read_only) return;
  young_->Hold(Handle(Family::kBlocks));
  young_->Hold(Handle(Family::kStates));
  young_->LetGo(db_.get());
}

Database::~Database() {
  if (db_ == nullptr) return;
  for (rocksdb::ColumnFamilyHandle* handle : handles_) {
    static_cast<void>(db_->DestroyColumnFamilyHandle(handle));
  }
  // Everything receipted is in the synced log; a failed close leaves it to recovery.
  static_cast<void>(db_->Close());
}

absl::StatusOr<std::optional<std::string>> Database::Get(Family family, std::string_view key,
                                                         const rocksdb::Snapshot* snapshot) const {
  rocksdb::ReadOptions read;
  read.snapshot = snapshot;
  std::string value;
  const rocksdb::Status status = db_->Get(read, Handle(family), SliceOf(key), &value);
  if (status.IsNotFound()) return std::nullopt;
  if (!status.ok()) {
    return Noted(
        FromRocks(status, fmt::format("reading {}", kFamilyNames[static_cast<size_t>(family)])));
  }
  return value;
}

absl::Status Database::MultiGet(
    Family family, std::span<const std::string> keys,
    absl::FunctionRef<absl::Status(size_t, std::string_view)> visit) const {
  // Bounds the memory of what is read at once; each of these reads is as of one instant by itself.
  // A snapshot takes the engine's own lock, and giving it back may make it compact a table by
  // itself (README.md), so one is only taken where several reads have to agree.
  const size_t at_once = family == Family::kBlocks ? kMostBlocksAtOnce : kMostAtOnce;
  std::optional<rocksdb::ManagedSnapshot> snapshot;
  rocksdb::ReadOptions read;
  if (keys.size() > at_once) read.snapshot = snapshot.emplace(db_.get()).snapshot();
  const size_t most = std::min(at_once, keys.size());
  std::vector<rocksdb::Slice> slices(most);
  std::vector<rocksdb::PinnableSlice> values(most);
  std::vector<rocksdb::Status> statuses(most);
  for (size_t begin = 0; begin < keys.size(); begin += at_once) {
    const size_t count = std::min(at_once, keys.size() - begin);
    for (size_t i = 0; i < count; ++i) slices[i] = SliceOf(keys[begin + i]);
    db_->MultiGet(read, Handle(family), count, slices.data(), values.data(), statuses.data(),
                  /*sorted_input=*/true);
    for (size_t i = 0; i < count; ++i) {
      if (statuses[i].IsNotFound()) continue;
      if (!statuses[i].ok()) {
        return Noted(FromRocks(
            statuses[i], fmt::format("reading {}", kFamilyNames[static_cast<size_t>(family)])));
      }
      if (absl::Status status = visit(begin + i, ViewOf(values[i])); !status.ok()) {
        return Noted(std::move(status));
      }
      values[i].Reset();
    }
  }
  return absl::OkStatus();
}

absl::Status Database::Scan(Family family, std::string_view from, std::string_view to,
                            absl::FunctionRef<bool(std::string_view, std::string_view)> visit,
                            const rocksdb::Snapshot* snapshot, Caching caching) const {
  const rocksdb::Slice end = SliceOf(to);
  rocksdb::ReadOptions read;
  read.fill_cache = caching == Caching::kKeep;
  read.iterate_upper_bound = &end;
  read.auto_prefix_mode = true;  // where the bound leaves no other group
  read.snapshot = snapshot;
  const std::unique_ptr<rocksdb::Iterator> it(db_->NewIterator(read, Handle(family)));
  for (it->Seek(SliceOf(from)); it->Valid(); it->Next()) {
    if (!visit(ViewOf(it->key()), ViewOf(it->value()))) break;
  }
  return FromRocks(it->status(),
                   fmt::format("scanning {}", kFamilyNames[static_cast<size_t>(family)]));
}

std::unique_ptr<rocksdb::Iterator> Database::ReadGroups(const rocksdb::Slice* end) const {
  rocksdb::ReadOptions read;
  read.fill_cache = false;
  read.iterate_upper_bound = end;
  read.prefix_same_as_start = true;
  // Whoever reads is not to free what a flush or compaction has replaced meanwhile.
  read.background_purge_on_iterator_cleanup = true;
  return std::unique_ptr<rocksdb::Iterator>(db_->NewIterator(read, Handle(Family::kBlocks)));
}

absl::Status Database::Write(rocksdb::WriteBatch* batch, std::string_view doing) const {
  if (options_.read_only) {
    return absl::FailedPreconditionError(fmt::format("{}: the store is open for reading", doing));
  }
  if (const std::string reason = faults_->ReadOnlyReason(); !reason.empty()) {
    return absl::UnavailableError(fmt::format("{}: {}", doing, reason));
  }
  rocksdb::WriteOptions write;
  write.sync = true;
  absl::Status status = FromRocks(db_->Write(write, batch), doing);
  if (status.ok()) {
    young_->LetGo(db_.get());
    return status;
  }
  const std::string reason = faults_->ReadOnlyReason();
  if (reason.empty()) return status;
  return absl::UnavailableError(fmt::format("{}: {}", doing, reason));
}

absl::Status Database::Noted(absl::Status status) const {
  if (absl::IsDataLoss(status)) faults_->CountDamage(std::string(status.message()));
  return status;
}

uint64_t Database::BytesOnDisk() const {
  uint64_t bytes = 0;
  std::error_code error;
  for (std::filesystem::directory_iterator it(options_.path, error), end; !error && it != end;
       it.increment(error)) {
    std::error_code gone;  // a file may go between the listing and the question
    const uintmax_t size = it->file_size(gone);
    if (!gone) bytes += size;
  }
  return bytes;
}

uint64_t Database::MemoryBytes() const {
  uint64_t tables = 0;
  db_->GetAggregatedIntProperty(rocksdb::DB::Properties::kEstimateTableReadersMem, &tables);
  // The write buffers are charged to the cache.
  return cache_->GetUsage() + tables;
}

}  // namespace shouwang::rocks
