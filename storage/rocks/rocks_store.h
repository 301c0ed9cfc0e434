// The Store on an embedded RocksDB, in one directory of its own. Keys and values: README.md.
//
// Threads: any. Commits of several threads share one fsync. Closing (the destructor) must come
// after every call has returned and every reader and snapshot is gone.
//
// Failures: as the contract says. After a write that the disk refused, commits give Unavailable
// until there is room again; what was committed stays readable.
#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "storage/contract/store.h"

namespace shouwang {
namespace rocks {
class AuditChains;
class Database;
class LongPiles;
}  // namespace rocks

struct RocksOptions {
  std::string path;  // made where it is missing, unless read_only
  // Bounds the memory of data blocks, indices, filters and write buffers together.
  size_t cache_bytes = size_t{256} << 20;
  // Of that, what commits may fill before they are written out.
  size_t write_buffer_bytes = size_t{64} << 20;
  // Told, for the log, when commits stop or go on and when bytes fail their check; one line each.
  // Called on any thread, RocksDB's among them; must not block nor call the store.
  std::function<void(const std::string&)> notice;
  // Does not take the directory for itself; sees what was committed when it was opened.
  bool read_only = false;
};

class RocksStore : public Store {
 public:
  // Unavailable where another process has the directory open; FailedPrecondition for a directory
  // that a newer version wrote or that is not a store; DataLoss for a damaged one.
  static absl::StatusOr<std::unique_ptr<RocksStore>> Open(const RocksOptions& options);
  ~RocksStore() override;

  absl::Status FillHistories(std::span<const Subject> subjects, DateRange range,
                             std::vector<History>* histories) const override;
  std::unique_ptr<WindowReader> ReadWindows() const override;
  absl::Status FillStates(std::span<const Subject> subjects,
                          std::vector<SubjectState>* states) const override;
  absl::StatusOr<std::optional<std::string>> FindReceipt(
      std::string_view request_id) const override;
  absl::StatusOr<std::optional<BatchRecord>> FindBatch(uint64_t number) const override;
  uint64_t ReserveBatchNumbers(uint64_t count) override;

  absl::Status BindCatalogue(const Catalogue& catalogue) override;
  absl::Status Commit(const Transaction& transaction) override;

  absl::Status ScanHistories(const Division& region, DateRange range,
                             absl::FunctionRef<bool(const History&)> visit) const override;
  absl::Status ScanStates(
      const Division& region,
      absl::FunctionRef<bool(const Subject&, const SubjectState&)> visit) const override;
  absl::Status ScanWarnings(const Division& region, const Subject& from_subject, RuleId from_rule,
                            absl::FunctionRef<bool(const Warning&)> visit) const override;
  absl::StatusOr<std::vector<SupersededValue>> LoadSuperseded(
      const Subject& subject) const override;
  absl::Status ScanWithSuperseded(
      const Division& region, const Subject& from_subject,
      absl::FunctionRef<bool(const History&, std::span<const SupersededValue>)> visit)
      const override;
  std::unique_ptr<Snapshot> TakeSnapshot() const override;

  absl::Status ScanRollups(
      const RollupQuery& query,
      absl::FunctionRef<bool(std::span<const RollupCell>)> visit) const override;
  absl::StatusOr<std::vector<PlaceHistogram>> ReadHistograms(
      const HistogramQuery& query) const override;
  absl::Status ScanTallies(RollupView view, const Division& region,
                           absl::FunctionRef<void(const Tally&)> visit) const override;
  StoreStatistics Statistics() const override;

  // Folds and rewrites everything into its smallest form; takes as long as reading and writing all
  // of it. Commits and reads go on meanwhile.
  absl::Status Compact();

  // For the other files of this room.
  const rocks::Database& database() const { return *database_; }
  rocks::LongPiles& long_piles() const { return *long_piles_; }
  rocks::AuditChains& audit_chains() const { return *audit_chains_; }

 private:
  explicit RocksStore(std::unique_ptr<rocks::Database> database);
  // Makes numbers up to `last` ones that no later opening gives out.
  absl::Status KeepNumbers(uint64_t last) ABSL_EXCLUSIVE_LOCKS_REQUIRED(numbers_mutex_);

  const std::unique_ptr<rocks::Database> database_;
  const std::unique_ptr<rocks::LongPiles> long_piles_;
  const std::unique_ptr<rocks::AuditChains> audit_chains_;
  // Held across the write of a mark, once in thousands of batches.
  mutable absl::Mutex numbers_mutex_;
  uint64_t next_number_ ABSL_GUARDED_BY(numbers_mutex_) = 1;
  uint64_t kept_numbers_ ABSL_GUARDED_BY(numbers_mutex_) = 1;  // those below are never given again
  uint64_t highest_batch_ ABSL_GUARDED_BY(numbers_mutex_) = 0;
  // One catalogue is bound at a time.
  absl::Mutex binding_mutex_;
};

}  // namespace shouwang
