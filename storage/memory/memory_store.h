// A Store in memory, for tests: everything in sorted maps, gone with the object. It is the plain
// statement of what a Store does, against which the RocksDB store is held.
//
// Threads: any; one mutex, never held while a visitor runs (a scan copies what it will show).
// Failures: only those of the contract's own checks; "durable" means until the object goes.
#pragma once

#include <map>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "storage/contract/binding.h"
#include "storage/contract/store.h"
#include "storage/memory/memory_audit_log.h"

namespace shouwang {

class MemoryStore : public Store {
 public:
  MemoryStore() = default;

  std::unique_ptr<WindowReader> ReadWindows() const override;
  absl::Status FillHistories(std::span<const Subject> subjects, DateRange range,
                             std::vector<History>* histories) const override;
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
  // A copy of what a snapshot is asked for.
  std::unique_ptr<Snapshot> TakeSnapshot() const override;

  absl::Status ScanRollups(
      const RollupQuery& query,
      absl::FunctionRef<bool(std::span<const RollupCell>)> visit) const override;
  absl::StatusOr<std::vector<PlaceHistogram>> ReadHistograms(
      const HistogramQuery& query) const override;
  absl::Status ScanTallies(RollupView view, const Division& region,
                           absl::FunctionRef<void(const Tally&)> visit) const override;
  StoreStatistics Statistics() const override;

  // What its commits are recorded in.
  MemoryAuditLog& audit() { return audit_; }

 private:
  // The order in which LoadSuperseded answers.
  struct BySupersession {
    bool operator()(const SupersededValue& a, const SupersededValue& b) const;
  };
  struct Sum {
    int64_t count = 0;
    int64_t sum = 0;
  };

  void ApplyObservations(const Transaction& transaction) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void ApplyWarnings(const Transaction& transaction) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void ApplyCounts(const Transaction& transaction) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  MemoryAuditLog audit_;
  mutable absl::Mutex mutex_;
  std::map<Subject, History> histories_ ABSL_GUARDED_BY(mutex_);
  std::map<Subject, std::set<SupersededValue, BySupersession>> superseded_ ABSL_GUARDED_BY(mutex_);
  std::map<Subject, SubjectState> states_ ABSL_GUARDED_BY(mutex_);
  std::map<std::pair<Subject, RuleId>, Warning> warnings_ ABSL_GUARDED_BY(mutex_);
  std::map<std::tuple<IndicatorId, RollupPlace, Month>, Sum> rollups_ ABSL_GUARDED_BY(mutex_);
  std::map<std::tuple<IndicatorId, HistogramPlace, Month>, Histogram> histograms_
      ABSL_GUARDED_BY(mutex_);
  std::map<RollupPlace, Tally> tallies_ ABSL_GUARDED_BY(mutex_);
  std::map<uint64_t, BatchRecord> batches_ ABSL_GUARDED_BY(mutex_);
  std::map<std::string, uint64_t, std::less<>> requests_ ABSL_GUARDED_BY(mutex_);
  IndicatorBinding indicators_ ABSL_GUARDED_BY(mutex_);
  uint64_t next_batch_ ABSL_GUARDED_BY(mutex_) = 1;
};

}  // namespace shouwang
