// What Prometheus sees of ingest (names and meanings: daemon/metrics/README.md). Every series that
// can exist is there from the start. Any thread.
#pragma once

#include <prometheus/counter.h>
#include <prometheus/gauge.h>
#include <prometheus/histogram.h>
#include <prometheus/registry.h>
#include <shouwang/v1/report.pb.h>

#include <array>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "daemon/ingest/ingest_bounds.h"
#include "daemon/risk/policy.h"

namespace shouwang::ingest {

// "unknown_indicator" for REJECTION_REASON_UNKNOWN_INDICATOR.
std::string ReasonName(v1::RejectionReason reason);

class IngestMetrics {
 public:
  // `registry` outlives this. A registry takes one IngestMetrics.
  IngestMetrics(prometheus::Registry& registry, const IngestBounds& bounds,
                const risk::PolicySet& policies);

  // Makes the series of rules that have none yet; to be called with every new rulebook.
  void AddRules(const risk::PolicySet& policies) ABSL_LOCKS_EXCLUDED(mutex_);
  // A batch that was committed, by its receipt.
  void CountReceipt(const v1::Receipt& receipt);
  void CountRefused() { refused_.Increment(); }
  void CountRepeated() { repeated_.Increment(); }
  void CountTransitions(std::span<const Warning> transitions) ABSL_LOCKS_EXCLUDED(mutex_);
  void SetQueued(int shard, size_t batches);
  prometheus::Gauge& streams() { return streams_; }
  // A stream waits for room in a queue, or no longer.
  void BeginSlowing() {
    slowed_total_.Increment();
    slowed_.Increment();
  }
  const prometheus::Gauge& slowed() const { return slowed_; }
  void EndSlowing(size_t streams) { slowed_.Decrement(static_cast<double>(streams)); }
  prometheus::Histogram& batch_duration() { return batch_duration_; }
  prometheus::Histogram& commit_duration() { return commit_duration_; }

 private:
  struct RuleCounters {
    prometheus::Counter* opened = nullptr;
    prometheus::Counter* cleared = nullptr;
  };

  // No rule has the id only where its policy is gone: it is then counted under its number.
  RuleCounters& CountersOf(RuleId rule, const std::string& name)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  prometheus::Family<prometheus::Counter>& batches_;
  prometheus::Family<prometheus::Counter>& observations_;
  prometheus::Family<prometheus::Counter>& rejections_;
  prometheus::Family<prometheus::Counter>& transitions_;
  prometheus::Counter& batches_accepted_;
  prometheus::Counter& refused_;
  prometheus::Counter& repeated_;
  prometheus::Counter& accepted_;
  prometheus::Counter& corrected_;
  prometheus::Counter& unchanged_;
  prometheus::Counter& superseded_;
  prometheus::Counter& rejected_;
  std::map<v1::RejectionReason, prometheus::Counter*> reasons_;
  std::vector<prometheus::Gauge*> queued_;
  prometheus::Gauge& streams_;
  prometheus::Gauge& slowed_;
  prometheus::Counter& slowed_total_;
  prometheus::Histogram& batch_duration_;
  prometheus::Histogram& commit_duration_;
  absl::Mutex mutex_;
  std::map<RuleId, RuleCounters> rules_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace shouwang::ingest
