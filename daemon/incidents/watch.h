// The incidents that there are, found anew again and again by a thread of its own, off the path of
// a report: between two looks it rests at least kRestFactor times as long as the look took. Nothing
// is kept on disk: a restart looks first thing.
//
//   IncidentWatch watch(&store, &rulebook, now);
//   watch.Start(refresh, fault);
//   std::shared_ptr<const Look> look = watch.Latest();   // any thread; null before the first look
//   watch.Stop();
//
// A look that fails keeps the one before, whose `looked_at` then stands still. Latest may be called
// from any thread; Refresh, Start and Stop by the owner's.
#pragma once

#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <stop_token>
#include <string>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/synchronization/mutex.h"
#include "daemon/incidents/detection.h"
#include "daemon/incidents/survey.h"
#include "daemon/pace/paced_thread.h"
#include "daemon/rulebook/rulebook.h"
#include "storage/contract/store.h"

namespace shouwang::incidents {

// What one look found.
struct Look {
  Instant looked_at{};
  std::chrono::duration<double> took{};
  // Whether the policy in force has incidents looked for. Where not, there are no findings.
  bool looked_for = false;
  Findings findings;
  std::map<IncidentId, Membership> open;   // of the incidents that are open
  std::map<Division, int64_t> households;  // that have ever reported, by township and above
};

class IncidentWatch {
 public:
  // One fiftieth of a processor at most, as readings of cases (daemon/metrics/case_snapshot.h).
  static constexpr int kRestFactor = 50;

  // All of it outlives this.
  IncidentWatch(const Store* store, const CurrentRulebook* rulebook, std::function<Instant()> now);

  // Looks now; Cancelled once `stop` says so.
  absl::Status Refresh(const std::stop_token& stop = {});
  // From now on, at once and then every `refresh` or less often; failures go to `fault`.
  void Start(std::chrono::milliseconds refresh, std::function<void(const absl::Status&)> fault);
  void Stop() { thread_.Stop(); }

  // Shared, because readers outlive the next look.
  std::shared_ptr<const Look> Latest() const;

 private:
  const Store* const store_;
  const CurrentRulebook* const rulebook_;
  const std::function<Instant()> now_;

  mutable absl::Mutex mutex_;
  std::shared_ptr<const Look> latest_ ABSL_GUARDED_BY(mutex_);
  PacedThread thread_;  // last: it uses all of the above
};

}  // namespace shouwang::incidents
