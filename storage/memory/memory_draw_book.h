// A DrawBook in memory, for tests: gone with the object.
//
// Threads: any; one mutex, never held while a visitor runs.
#pragma once

#include <map>
#include <optional>
#include <utility>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "storage/contract/draw_book.h"
#include "storage/memory/memory_audit_log.h"

namespace shouwang {

class MemoryDrawBook : public DrawBook {
 public:
  // Additions are recorded in `audit`, which outlives the book; nullptr: nowhere.
  explicit MemoryDrawBook(MemoryAuditLog* audit = nullptr) : audit_(audit) {}

  absl::StatusOr<std::optional<Draw>> LoadDraw(const Division& township,
                                               Month month) const override;
  absl::Status ScanDraws(const Division& region, Month from, Month to,
                         absl::FunctionRef<bool(const Draw&)> visit) const override;
  absl::Status AddDraw(const Draw& draw, const AuditCaller& by = {}) override;
  absl::Status AddVisit(const Division& township, Month month, const DrawVisit& visit,
                        std::string_view peer = {}) override;

 private:
  MemoryAuditLog* const audit_;
  mutable absl::Mutex mutex_;
  // By the township's first village, and month.
  std::map<std::pair<uint64_t, Month>, Draw> draws_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace shouwang
