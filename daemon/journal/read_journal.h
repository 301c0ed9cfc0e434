// Who was shown values or warnings of households, and who asked what-ifs: notes in a bounded queue,
// written to the chain "reads" of the audit trail by one thread, all that wait together, within a
// second.
//
// So a crash can lose the notes of the last second. It never loses an act: commits, cases and what
// concerns the daemon are recorded by the write that they are, or before it. Stop writes what
// waits.
//
// At the queue's bound, which is reached where the store takes no writes for long, Note gives
// ResourceExhausted, and the caller is not shown anything: what cannot be recorded is not shown.
//
// Threads: Note any; Stop the owner's.
#pragma once

#include <prometheus/counter.h>
#include <prometheus/gauge.h>
#include <prometheus/registry.h>

#include <deque>
#include <functional>
#include <string_view>
#include <thread>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/synchronization/mutex.h"
#include "storage/contract/audit_log.h"

namespace shouwang {

class ReadJournal {
 public:
  static constexpr size_t kMaxWaiting = 10'000;
  // In one write.
  static constexpr size_t kMaxTogether = 1'000;

  struct Parts {
    AuditLog* log = nullptr;
    prometheus::Registry* registry = nullptr;
    std::function<Instant()> now;
    // For the log: writing failed for the first time, or goes on. May be empty.
    std::function<void(std::string_view)> notice;
  };

  // What it is given outlives it.
  explicit ReadJournal(Parts parts);
  ~ReadJournal() { Stop(); }
  ReadJournal(const ReadJournal&) = delete;
  ReadJournal& operator=(const ReadJournal&) = delete;

  // `record` is of kind kRead or kWhatIf; its `at` is set here. Texts past their bounds are cut.
  absl::Status Note(AuditRecord record);
  // Writes what waits and ends the thread; later notes are refused. May be called again. What could
  // not be written is told to `notice`.
  void Stop();

 private:
  void Work();
  // False where the store would not take them; they wait on.
  bool WriteSome() ABSL_LOCKS_EXCLUDED(mutex_);

  const Parts parts_;
  prometheus::Gauge& waiting_gauge_;
  prometheus::Counter& failures_;

  absl::Mutex mutex_;
  std::deque<AuditRecord> waiting_ ABSL_GUARDED_BY(mutex_);
  bool stopping_ ABSL_GUARDED_BY(mutex_) = false;
  bool failing_ = false;  // the thread's own
  std::jthread thread_;   // last: it uses all of the above
};

}  // namespace shouwang
