// The DrawBook of a RocksStore, in its column family `draws`: a record for the draw and one for
// each visit, so that nothing that was written is ever written over.
//
// Owned by whoever owns the store, which outlives it; one for each store, as two would not see each
// other's additions under way. Threads and failures: as storage/contract/draw_book.h says.
#pragma once

#include <optional>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "storage/contract/draw_book.h"
#include "storage/rocks/rocks_store.h"

namespace shouwang {

class RocksDrawBook : public DrawBook {
 public:
  explicit RocksDrawBook(RocksStore* store) : store_(store) {}

  // DataLoss where the draw or a visit is damaged.
  absl::StatusOr<std::optional<Draw>> LoadDraw(const Division& township,
                                               Month month) const override;
  absl::Status ScanDraws(const Division& region, Month from, Month to,
                         absl::FunctionRef<bool(const Draw&)> visit) const override;
  absl::Status AddDraw(const Draw& draw, const AuditCaller& by = {}) override;
  absl::Status AddVisit(const Division& township, Month month, const DrawVisit& visit,
                        std::string_view peer = {}) override;

 private:
  RocksStore* const store_;
  // Held from reading a draw to the end of the write behind it: some thousand writes a month.
  absl::Mutex mutex_;
};

}  // namespace shouwang
