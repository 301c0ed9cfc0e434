// The Store contract: where every observation of every subject is kept. Batch-shaped: load the
// histories of many subjects, commit one transaction, scan a division range, read rollups. Nothing
// in it knows about the engine below; a suite in tests/storage/contract holds every store to it.
//
// Threads: every function may be called from any thread at any time. Writers of the same subject
// take turns by agreement (a township belongs to one shard); the store does not serialise them.
// Neighbours may have writers side by side. Reads see every commit that returned before they began.
//
// Failures: DataLoss for bytes that fail their check (what is hit is named, the rest is served);
// Unavailable for a disk that does not answer or is full (nothing of the transaction is applied);
// InvalidArgument for a request past a bound.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "storage/contract/snapshot.h"
#include "storage/contract/subject_state.h"
#include "storage/contract/transaction.h"
#include "storage/contract/window_reader.h"

namespace shouwang {

struct RollupQuery {
  RollupView view = RollupView::kSettlement;
  Division region;              // places whose township lies in it
  std::optional<Subject> site;  // kSite only: just this one
  IndicatorId indicator = 0;
  Month from;
  Month to;  // included
};

struct HistogramQuery {
  RollupView view = RollupView::kSettlement;
  DivisionLevel level = DivisionLevel::kCounty;  // or kTownship; of no meaning for kSite
  Division region;                               // places that lie in it
  std::optional<Subject> site;                   // kSite only: just this one
  IndicatorId indicator = 0;
  Month from;
  Month to;  // included
};

// InvalidArgument for a level that no histogram is kept for.
absl::Status CheckQuery(const HistogramQuery& query);

struct StoreStatistics {
  std::string engine;          // "rocksdb 7.8.3"
  uint64_t bytes_on_disk = 0;  // live data files and logs
  uint64_t memory_bytes = 0;   // caches and write buffers
  uint64_t batches = 0;        // the highest batch number
  // What the engine does behind the commits, and whether it holds them back.
  uint64_t pending_compaction_bytes = 0;
  uint64_t running_compactions = 0;
  uint64_t running_flushes = 0;
  uint64_t unsorted_files = 0;  // that no compaction has sorted in yet (level 0)
  bool write_stalled = false;
  double stalled_seconds = 0;       // commits were held back so long since the store was opened
  uint64_t delayed_write_rate = 0;  // bytes a second that commits are held to; 0: not held
  uint64_t cache_bytes = 0;         // used, of
  uint64_t cache_limit_bytes = 0;   // what it may use
  uint64_t write_buffer_bytes = 0;  // committed, in the log, not yet in data files
  // Empty while commits are taken; else what the disk did and what to do about it.
  std::string read_only_reason;
  // Reads and compactions since opening that met bytes which fail their check.
  uint64_t damage = 0;
  // Of them, compactions: tried again, and again; what they were to sort in stays unsorted.
  uint64_t failed_compactions = 0;
};

class Store {
 public:
  virtual ~Store() = default;

  // Makes the first elements of `histories`, which grows where it is shorter, one history per
  // subject, in the order asked; empty for an unknown subject. Points outside `range` may be left
  // out (a store may return whole years). Elements that are there are reset and used again, so that
  // whoever keeps them does not allocate. After a failure their content is unspecified.
  virtual absl::Status FillHistories(std::span<const Subject> subjects, DateRange range,
                                     std::vector<History>* histories) const = 0;
  absl::StatusOr<std::vector<History>> LoadHistories(std::span<const Subject> subjects,
                                                     DateRange range) const {
    std::vector<History> histories;
    absl::Status status = FillHistories(subjects, range, &histories);
    if (!status.ok()) return status;
    return histories;
  }
  // For the windows of groups.
  virtual std::unique_ptr<WindowReader> ReadWindows() const = 0;
  // Makes the first elements of `states` one state per subject, in the order asked; as above.
  virtual absl::Status FillStates(std::span<const Subject> subjects,
                                  std::vector<SubjectState>* states) const = 0;
  absl::StatusOr<std::vector<SubjectState>> LoadStates(std::span<const Subject> subjects) const {
    std::vector<SubjectState> states;
    absl::Status status = FillStates(subjects, &states);
    if (!status.ok()) return status;
    return states;
  }
  // The receipt that was committed under this request id.
  virtual absl::StatusOr<std::optional<std::string>> FindReceipt(
      std::string_view request_id) const = 0;
  virtual absl::StatusOr<std::optional<BatchRecord>> FindBatch(uint64_t number) const = 0;
  // The first of `count` numbers that no batch has or will have but by this call.
  virtual uint64_t ReserveBatchNumbers(uint64_t count) = 0;

  // Holds the store to one meaning per indicator id: remembers name and decimals of new ones;
  // FailedPrecondition, naming the indicator and changing nothing, where an id is kept under
  // another name or other decimals, or a name under another id. Ids that the catalogue no longer
  // has stay taken. Durable when it returns OK. Call once before the first Commit and at every
  // reload.
  virtual absl::Status BindCatalogue(const Catalogue& catalogue) = 0;

  // Applies all of `transaction` or nothing; durable (fsynced) when it returns OK. InvalidArgument
  // as CheckTransaction says.
  virtual absl::Status Commit(const Transaction& transaction) = 0;

  // Every subject of `region` that has a point in `range`, in subject order, on one consistent
  // snapshot. Stops early when `visit` returns false.
  virtual absl::Status ScanHistories(const Division& region, DateRange range,
                                     absl::FunctionRef<bool(const History&)> visit) const = 0;
  // Every subject of `region` that has a state, in subject order; as above.
  virtual absl::Status ScanStates(
      const Division& region,
      absl::FunctionRef<bool(const Subject&, const SubjectState&)> visit) const = 0;
  // Open warnings of `region` from (subject, rule) on, in that order.
  virtual absl::Status ScanWarnings(const Division& region, const Subject& from_subject,
                                    RuleId from_rule,
                                    absl::FunctionRef<bool(const Warning&)> visit) const = 0;
  // The superseded values of a subject, by (indicator, date, until), then by value and arrival.
  virtual absl::StatusOr<std::vector<SupersededValue>> LoadSuperseded(
      const Subject& subject) const = 0;
  // Every subject of `region` from `from_subject` on that has a point, with its whole history and
  // its superseded values (as LoadSuperseded gives them), in subject order, all on one consistent
  // snapshot and in bounded memory. Stops early when `visit` returns false.
  virtual absl::Status ScanWithSuperseded(
      const Division& region, const Subject& from_subject,
      absl::FunctionRef<bool(const History&, std::span<const SupersededValue>)> visit) const = 0;

  // What every commit that has returned left behind.
  virtual std::unique_ptr<Snapshot> TakeSnapshot() const = 0;

  // By (place, month), on one consistent snapshot; cells whose count is 0 are left out. `visit` is
  // given one or more cells of a place and year at a time; stops early when it returns false.
  // Visits what can be read where some cannot; DataLoss where it met that, stopped or not.
  virtual absl::Status ScanRollups(
      const RollupQuery& query,
      absl::FunctionRef<bool(std::span<const RollupCell>)> visit) const = 0;
  // All of them or none.
  absl::StatusOr<std::vector<RollupCell>> ReadRollups(const RollupQuery& query) const {
    std::vector<RollupCell> cells;
    absl::Status status = ScanRollups(query, [&](std::span<const RollupCell> year) {
      cells.insert(cells.end(), year.begin(), year.end());
      return true;
    });
    if (!status.ok()) return status;
    return cells;
  }
  // By (place, month); empty ones are left out. InvalidArgument for another level.
  virtual absl::StatusOr<std::vector<PlaceHistogram>> ReadHistograms(
      const HistogramQuery& query) const = 0;
  // Every place ever tallied, by place. Visits what can be read where some cannot, and says so as
  // DataLoss at the end.
  virtual absl::Status ScanTallies(RollupView view, const Division& region,
                                   absl::FunctionRef<void(const Tally&)> visit) const = 0;
  // All of them or none.
  absl::StatusOr<std::vector<Tally>> ReadTallies(RollupView view, const Division& region) const {
    std::vector<Tally> tallies;
    absl::Status status =
        ScanTallies(view, region, [&](const Tally& tally) { tallies.push_back(tally); });
    if (!status.ok()) return status;
    return tallies;
  }

  virtual StoreStatistics Statistics() const = 0;
};

}  // namespace shouwang
