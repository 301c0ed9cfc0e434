// The acts that concern the daemon as a whole, on their way to the chain "admin" of the audit
// trail.
//
// An act that may be refused is refused where it cannot be recorded: Append. One that is done in
// any case, such as a start, waits in memory where the store takes no writes (a full disk), is
// tried again every kBetweenTries, and always goes before what comes after it: Record. A crash
// loses those that wait; the counter of failures and `notice` tell that there are some.
//
// Threads: any; Stop the owner's.
#pragma once

#include <prometheus/counter.h>
#include <prometheus/gauge.h>
#include <prometheus/registry.h>

#include <chrono>
#include <functional>
#include <string_view>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/synchronization/mutex.h"
#include "daemon/pace/paced_thread.h"
#include "storage/contract/audit_log.h"

namespace shouwang {

class ActJournal {
 public:
  static constexpr size_t kMaxWaiting = 100;

  struct Parts {
    AuditLog* log = nullptr;
    prometheus::Registry* registry = nullptr;
    // For the log: an act waits, is recorded after all, or is lost. May be empty.
    std::function<void(std::string_view)> notice;
    std::chrono::milliseconds between_tries{10'000};
  };

  // What it is given outlives it.
  explicit ActJournal(Parts parts);
  ~ActJournal() { Stop(); }

  // Durable when it returns OK, and so is all that waited; else `act` is not recorded.
  absl::Status Append(const AuditRecord& act);
  // Now, or as soon as the store takes it. Past kMaxWaiting it is lost, and `notice` told.
  void Record(AuditRecord act);
  // Tries what waits once more. Later acts are still taken, but not tried again.
  void Stop();

 private:
  // What waits, and then `act` where there is one.
  absl::Status Write(const AuditRecord* act) ABSL_LOCKS_EXCLUDED(mutex_);
  void Tell(std::string_view what) const;

  const Parts parts_;
  prometheus::Gauge& waiting_gauge_;
  prometheus::Counter& failures_;

  absl::Mutex mutex_;
  std::vector<AuditRecord> waiting_ ABSL_GUARDED_BY(mutex_);
  bool writing_ ABSL_GUARDED_BY(mutex_) = false;  // one at a time, so that their order stays
  PacedThread thread_;                            // last: it uses all of the above
};

}  // namespace shouwang
