// A CaseBook in memory, for tests: gone with the object.
//
// Threads: any; one mutex, never held while a visitor runs.
#pragma once

#include <map>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "storage/contract/case_book.h"
#include "storage/memory/memory_audit_log.h"

namespace shouwang {

class MemoryCaseBook : public CaseBook {
 public:
  // Additions are recorded in `audit`, which outlives the book; nullptr: nowhere.
  explicit MemoryCaseBook(MemoryAuditLog* audit = nullptr) : audit_(audit) {}

  absl::StatusOr<Case> LoadCase(const Subject& subject) const override;
  absl::Status ScanCases(const Division& region, const Subject& from_subject,
                         absl::FunctionRef<bool(const Case&)> visit) const override;
  absl::Status AddToCase(const Subject& subject, uint32_t revision,
                         std::span<const CaseEvent> events, std::string_view peer = {}) override;

 private:
  MemoryAuditLog* const audit_;
  mutable absl::Mutex mutex_;
  std::map<Subject, Case> cases_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace shouwang
