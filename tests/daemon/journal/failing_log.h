#pragma once

#include <algorithm>
#include <span>

#include "absl/synchronization/mutex.h"
#include "storage/memory/memory_audit_log.h"

namespace shouwang {

// A log whose disk can be made to fail, and that tells when it was written to.
class FailingLog : public MemoryAuditLog {
 public:
  absl::Status Append(const AuditChain& chain, std::span<const AuditRecord> records) override {
    absl::MutexLock lock(&mutex_);
    ++appends_;
    if (failing_) return absl::UnavailableError("the disk is full");
    largest_ = std::max(largest_, records.size());
    ++taken_;
    return MemoryAuditLog::Append(chain, records);
  }
  void SetFailing(bool failing) {
    absl::MutexLock lock(&mutex_);
    failing_ = failing;
  }
  void AwaitAppends(int count) {
    absl::MutexLock lock(&mutex_);
    const auto enough = [&]() ABSL_SHARED_LOCKS_REQUIRED(mutex_) { return appends_ >= count; };
    mutex_.Await(absl::Condition(&enough));
  }
  // Until so many were not refused.
  void AwaitTaken(int count) {
    absl::MutexLock lock(&mutex_);
    const auto enough = [&]() ABSL_SHARED_LOCKS_REQUIRED(mutex_) { return taken_ >= count; };
    mutex_.Await(absl::Condition(&enough));
  }
  size_t largest() {
    absl::MutexLock lock(&mutex_);
    return largest_;
  }

 private:
  absl::Mutex mutex_;
  bool failing_ ABSL_GUARDED_BY(mutex_) = false;
  int appends_ ABSL_GUARDED_BY(mutex_) = 0;
  int taken_ ABSL_GUARDED_BY(mutex_) = 0;
  size_t largest_ ABSL_GUARDED_BY(mutex_) = 0;
};

}  // namespace shouwang
