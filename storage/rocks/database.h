// Private to storage/rocks: the RocksDB behind a RocksStore. Opens it with the options of this
// room, gives names to its column families, and turns every rocksdb::Status into ours.
//
// Threads: any, as RocksDB.
#pragma once

#include <rocksdb/db.h>
#include <rocksdb/write_batch.h>

#include <array>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "storage/rocks/disk_faults.h"
#include "storage/rocks/rocks_store.h"
#include "storage/rocks/young_families.h"

namespace shouwang::rocks {

// Column families, in the order they are opened.
enum class Family : size_t {
  kMeta,  // RocksDB's "default"
  kBlocks,
  kStates,
  kWarnings,
  kSuperseded,
  kRollups,
  kTallies,
  kBatches,
  kRequests,
  kHistograms,
  kCases,
  kDeliveries,
  kAudit,
  kReporters,
  kDraws,
};
inline constexpr size_t kFamilies = 15;

// Where a restore puts files until all of them are there (restore.h). A directory that has it is
// not opened: it would pass for a new store.
inline constexpr char kRestoringFolder[] = "restoring";

inline rocksdb::Slice SliceOf(std::string_view bytes) { return {bytes.data(), bytes.size()}; }
inline std::string_view ViewOf(const rocksdb::Slice& slice) { return {slice.data(), slice.size()}; }

// `doing` says what failed: "commit", "read of block ...".
absl::Status FromRocks(const rocksdb::Status& status, std::string_view doing);
// For a value that its reader refused.
absl::Status DamagedRecord(std::string_view family, std::string_view key);

// One value from the parts of a key of a family whose piles compactions fold, blocks or states.
std::string FoldParts(Family family, std::string_view key, std::span<const std::string_view> parts);

// Whether what a read loads shall be there for the next one.
enum class Caching { kKeep, kLeaveAsItIs };

class Database {
 public:
  static absl::StatusOr<std::unique_ptr<Database>> Open(const RocksOptions& options);
  // Compactions of blocks and states, which write values of today's versions, wait for this: until
  // the store has today's format, an older version may have to read it. (The flush of a recovered
  // log does not wait: where one key has more than 64 new parts there, or some behind a whole value
  // of its own, it may fold them.)
  void AllowCompactions();
  ~Database();
  Database(const Database&) = delete;
  Database& operator=(const Database&) = delete;

  rocksdb::ColumnFamilyHandle* Handle(Family family) const {
    return handles_[static_cast<size_t>(family)];
  }
  rocksdb::DB& db() const { return *db_; }
  const RocksOptions& options() const { return options_; }

  // nullopt where there is no such key.
  absl::StatusOr<std::optional<std::string>> Get(Family family, std::string_view key,
                                                 const rocksdb::Snapshot* snapshot = nullptr) const;
  // Calls visit(i, value) for each of `keys`, ascending, that is there, all as of one instant.
  absl::Status MultiGet(Family family, std::span<const std::string> keys,
                        absl::FunctionRef<absl::Status(size_t, std::string_view)> visit) const;
  // Calls visit(key, value) for the keys of [from, to) in order, on one snapshot, until it gives
  // false.
  absl::Status Scan(Family family, std::string_view from, std::string_view to,
                    absl::FunctionRef<bool(std::string_view, std::string_view)> visit,
                    const rocksdb::Snapshot* snapshot = nullptr,
                    Caching caching = Caching::kKeep) const;
  // For reading the blocks of one group after the other, on one moment: Seek(key) finds what lies
  // in [key, *end), all of one group. `end` outlives it, and may be another one at each Seek. What
  // it reads gets no place in the cache.
  std::unique_ptr<rocksdb::Iterator> ReadGroups(const rocksdb::Slice* end) const;
  // Durable when it returns OK. Unavailable from the first failure of the disk on; see
  // disk_faults.h.
  absl::Status Write(rocksdb::WriteBatch* batch, std::string_view doing) const;

  // Counts `status` where it is DataLoss. For what Scan or ReadGroups showed and its caller found
  // damaged; Get and MultiGet count by themselves.
  absl::Status Noted(absl::Status status) const;
  DiskFaults& faults() const { return *faults_; }

  uint64_t BytesOnDisk() const;
  uint64_t MemoryBytes() const;

 private:
  explicit Database(const RocksOptions& options)
      : options_(options),
        faults_(std::make_shared<DiskFaults>(options.notice, options.path)),
        young_(std::make_shared<YoungFamilies>()) {}
  absl::Status OpenFamilies();

  const RocksOptions options_;
  const std::shared_ptr<DiskFaults> faults_;
  const std::shared_ptr<YoungFamilies> young_;
  std::shared_ptr<rocksdb::Cache> cache_;
  std::vector<rocksdb::ColumnFamilyHandle*> handles_;
  std::unique_ptr<rocksdb::DB> db_;
};

}  // namespace shouwang::rocks
