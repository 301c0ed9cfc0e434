// The naive model: every batch that was ever sent, what became of it as far as is known, and what
// must therefore stand.
//
// A batch is receipted, or its receipt did not arrive. A receipted one must be there. One without a
// receipt may be there as a whole or not at all: Check finds out which, by the cells where nothing
// reported later stands. The batch reported last stands in a cell, whichever came in first.
//
// New and Receive may be called from any thread; Check and the rest while nothing is being sent.
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <random>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "tests/crash/batch.h"
#include "tests/crash/stored.h"

namespace shouwang::crash {

struct Verdict {
  // Receipted values, open warnings, rollups and tallies that are missing or wrong.
  int64_t lost = 0;
  // Batches of which a part is there.
  int64_t half = 0;
  // Of the batches whose receipt did not arrive: there as a whole, not there, and hidden behind
  // later ones, so that only sending again can tell.
  int64_t found = 0;
  int64_t absent = 0;
  int64_t hidden = 0;
  // Which batch and value; the first hundred.
  std::vector<std::string> findings;

  bool ok() const { return lost == 0 && half == 0 && findings.empty(); }
  void Lost(std::string finding);
  void Half(std::string finding);
  void Add(const Verdict& other);
};

class Model {
 public:
  // Makes the next batch.
  Batch New(std::mt19937_64* random) ABSL_LOCKS_EXCLUDED(mutex_);
  // A receipt arrived. What it shows to be wrong is in the next verdict.
  void Receive(const v1::Receipt& receipt) ABSL_LOCKS_EXCLUDED(mutex_);
  // Until the first receipt since the last Check; false after a minute.
  bool AwaitReceipt() ABSL_LOCKS_EXCLUDED(mutex_);

  // Compares what is stored with what must be, and settles the fate of batches without a receipt.
  Verdict Check(const Stored& stored) ABSL_LOCKS_EXCLUDED(mutex_);
  // Every value that was receipted for a cell of `household` either stands or is among
  // `superseded`.
  Verdict CheckSuperseded(int household, const std::map<Cell, std::vector<int64_t>>& superseded)
      ABSL_LOCKS_EXCLUDED(mutex_);

  std::vector<Batch> Unreceipted() const ABSL_LOCKS_EXCLUDED(mutex_);
  // Up to `count` of those receipted last.
  std::vector<Batch> LastReceipted(size_t count) const ABSL_LOCKS_EXCLUDED(mutex_);
  int64_t batches() const ABSL_LOCKS_EXCLUDED(mutex_);
  int64_t receipts() const ABSL_LOCKS_EXCLUDED(mutex_);
  // Of which so many were repeats of one given before.
  int64_t repeats() const ABSL_LOCKS_EXCLUDED(mutex_);
  int64_t values() const ABSL_LOCKS_EXCLUDED(mutex_);

 private:
  enum class Fate { kAbsent, kThere, kHidden };
  struct Sent {
    Batch batch;
    Fate fate = Fate::kAbsent;  // at the last check; kThere once receipted
    bool receipted = false;
    v1::Receipt receipt;
  };
  struct Winner {
    int64_t reported_at_ms = 0;
    int64_t value = 0;
    uint64_t number = 0;
  };

  // The cells, and the residence, of a batch that show it to be there and that show it not to be.
  struct Evidence {
    std::string there;
    std::string missing;
  };

  Evidence EvidenceOf(const Batch& batch, const Stored& stored) const
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void Require(const Batch& batch) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void SettleFates(const Stored& stored, Verdict* verdict) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void CompareCells(const Stored& stored, Verdict* verdict) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void CompareArrival(const Cell& cell, const Winner& winner, const Standing& standing,
                      Verdict* verdict) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void CompareDerived(const Stored& stored, Verdict* verdict) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  mutable absl::Mutex mutex_;
  std::deque<Sent> sent_ ABSL_GUARDED_BY(mutex_);                 // by number - 1
  std::vector<uint64_t> last_receipted_ ABSL_GUARDED_BY(mutex_);  // numbers
  std::map<Cell, Winner> winners_ ABSL_GUARDED_BY(mutex_);        // of all that must be there
  std::map<Cell, std::vector<int64_t>> reports_ ABSL_GUARDED_BY(mutex_);  // all that must be kept
  std::map<int, Home> homes_ ABSL_GUARDED_BY(mutex_);
  // Of batches that may or may not be there behind later ones.
  std::set<std::pair<Cell, int64_t>> hidden_values_ ABSL_GUARDED_BY(mutex_);
  Verdict pending_ ABSL_GUARDED_BY(mutex_);  // what receipts showed since the last check
  int64_t receipts_ ABSL_GUARDED_BY(mutex_) = 0;
  int64_t repeats_ ABSL_GUARDED_BY(mutex_) = 0;
  int64_t receipts_since_check_ ABSL_GUARDED_BY(mutex_) = 0;
};

}  // namespace shouwang::crash
