// The CaseBook of a RocksStore, in its column family `cases`: one record an event, so that nothing
// that was written is ever written over.
//
// Owned by whoever owns the store, which outlives it; one for each store, as two would not see each
// other's additions under way. Threads and failures: as storage/contract/case_book.h says.
#pragma once

#include <array>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "storage/contract/case_book.h"
#include "storage/rocks/rocks_store.h"

namespace shouwang {

class RocksCaseBook : public CaseBook {
 public:
  explicit RocksCaseBook(RocksStore* store) : store_(store) {}

  // DataLoss where an event is damaged or missing: a case with a gap would be told wrong.
  absl::StatusOr<Case> LoadCase(const Subject& subject) const override;
  absl::Status ScanCases(const Division& region, const Subject& from_subject,
                         absl::FunctionRef<bool(const Case&)> visit) const override;
  absl::Status AddToCase(const Subject& subject, uint32_t revision,
                         std::span<const CaseEvent> events, std::string_view peer = {}) override;

 private:
  // Each held from reading a case to the end of the write behind it, so that two who add to one
  // case take turns; cases share them.
  static constexpr size_t kLanes = 64;

  RocksStore* const store_;
  std::array<absl::Mutex, kLanes> lanes_;
};

}  // namespace shouwang
