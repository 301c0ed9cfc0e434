// Keeps the retention moving with the calendar: works out which years are closed, writes that down,
// puts it in force for what comes in, and has what is older dropped in the background.
//
// One thread of its own, which looks at the calendar once an hour and works when a year has closed
// or an earlier pass did not come to its end. PutInForce by the owner's thread.
#pragma once

#include <prometheus/counter.h>
#include <prometheus/gauge.h>
#include <prometheus/registry.h>

#include <functional>
#include <memory>
#include <thread>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "daemon/ingest/ingest.h"
#include "daemon/journal/act_journal.h"
#include "daemon/rulebook/retention_months.h"
#include "daemon/rulebook/rulebook.h"
#include "storage/contract/trimming.h"

namespace shouwang::app {

class RetentionPass {
 public:
  // All of it outlives this.
  RetentionPass(const RetentionMonths& months, Trimming* trimming, ActJournal* acts,
                CurrentRulebook* rulebook, std::function<Instant()> now,
                prometheus::Registry* registry);
  ~RetentionPass() { Stop(); }

  // Makes `rulebook` the one in force, with the retention that holds now. Durable before it does,
  // and recorded before that.
  absl::Status PutInForce(std::shared_ptr<const Rulebook> rulebook);
  // As PutInForce. But where the store takes no writes, `rulebook` comes in force with the
  // retention that is stored, and the error goes to the log: a full disk keeps nobody from what is
  // there. Once it works, it looks every hour whether it can go on.
  absl::Status PutInForceAtStart(std::shared_ptr<const Rulebook> rulebook);

  // Works from now on; `ingest` outlives it or the next Stop.
  void Start(ingest::Ingest* ingest);
  void Stop();

 private:
  void Work(const std::stop_token& stop);
  absl::Status PutInForceLocked(std::shared_ptr<const Rulebook> rulebook)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void PutInForceWith(KeptRetention kept, std::shared_ptr<const Rulebook> rulebook)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  // Drops what is older, where that is still to be done.
  void Apply(const std::stop_token& stop);

  const RetentionMonths months_;
  Trimming* const trimming_;
  ActJournal* const acts_;
  CurrentRulebook* const rulebook_;
  const std::function<Instant()> now_;
  prometheus::Gauge& progress_;
  prometheus::Counter& observations_;
  prometheus::Counter& superseded_;
  prometheus::Counter& forgotten_;

  // A rulebook is put in force by one thread at a time.
  absl::Mutex mutex_;
  bool stopping_ ABSL_GUARDED_BY(mutex_) = false;
  ingest::Ingest* ingest_ = nullptr;
  std::jthread thread_;
};

}  // namespace shouwang::app
