#include "daemon/ingest/ingest_metrics.h"

#include <fmt/format.h>

#include <cctype>
#include <string_view>

namespace shouwang::ingest {
namespace {

using prometheus::BuildCounter;
using prometheus::BuildGauge;
using prometheus::BuildHistogram;
using prometheus::Counter;
using prometheus::Family;
using prometheus::Histogram;
using prometheus::Registry;

const Histogram::BucketBoundaries kSeconds = {0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05,
                                              0.1,    0.2,   0.5,   1,     2,    5,    10};

Family<Counter>& CounterFamily(Registry& registry, const char* name, const char* help) {
  return BuildCounter().Name(name).Help(help).Register(registry);
}

prometheus::Gauge& OneGauge(Registry& registry, const char* name, const char* help) {
  return BuildGauge().Name(name).Help(help).Register(registry).Add({});
}

Histogram& OneHistogram(Registry& registry, const char* name, const char* help) {
  return BuildHistogram().Name(name).Help(help).Register(registry).Add({}, kSeconds);
}

Counter& Outcome(Family<Counter>& family, const char* outcome) {
  return family.Add({{"outcome", outcome}});
}

}  // namespace

std::string ReasonName(v1::RejectionReason reason) {
  constexpr std::string_view kPrefix = "REJECTION_REASON_";
  std::string name = v1::RejectionReason_Name(reason);
  if (std::string_view(name).starts_with(kPrefix)) name.erase(0, kPrefix.size());
  for (char& c : name) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return name;
}

IngestMetrics::IngestMetrics(Registry& registry, const IngestBounds& bounds,
                             const risk::PolicySet& policies)
    : batches_(CounterFamily(registry, "shouwang_ingest_batches_total",
                             "Batches answered, by what became of them.")),
      observations_(CounterFamily(registry, "shouwang_ingest_observations_total",
                                  "Values of receipted batches, by what became of them.")),
      rejections_(CounterFamily(registry, "shouwang_ingest_rejections_total",
                                "Listed refusals of values, reports and residences, by reason.")),
      transitions_(CounterFamily(registry, "shouwang_warning_transitions_total",
                                 "Warnings that opened or cleared.")),
      batches_accepted_(Outcome(batches_, "accepted")),
      refused_(Outcome(batches_, "refused")),
      repeated_(Outcome(batches_, "repeated")),
      accepted_(Outcome(observations_, "accepted")),
      corrected_(Outcome(observations_, "corrected")),
      unchanged_(Outcome(observations_, "unchanged")),
      superseded_(Outcome(observations_, "superseded")),
      rejected_(Outcome(observations_, "rejected")),
      streams_(OneGauge(registry, "shouwang_ingest_streams", "Open Submit streams.")),
      slowed_(OneGauge(registry, "shouwang_ingest_streams_slowed",
                       "Submit streams that are not read from until their shard has room.")),
      slowed_total_(CounterFamily(registry, "shouwang_ingest_slowed_total",
                                  "Times that a Submit stream was slowed.")
                        .Add({})),
      batch_duration_(OneHistogram(registry, "shouwang_batch_duration_seconds",
                                   "Time from the arrival of a batch to its receipt.")),
      commit_duration_(OneHistogram(registry, "shouwang_commit_duration_seconds",
                                    "Time of one store commit, with its fsync.")) {
  for (int reason = 1; reason < v1::RejectionReason_ARRAYSIZE; ++reason) {
    const auto value = static_cast<v1::RejectionReason>(reason);
    reasons_[value] = &rejections_.Add({{"reason", ReasonName(value)}});
  }
  auto& queued = BuildGauge()
                     .Name("shouwang_ingest_queue_batches")
                     .Help("Batches waiting, by shard.")
                     .Register(registry);
  for (int shard = 0; shard < bounds.shards; ++shard) {
    queued_.push_back(&queued.Add({{"shard", fmt::format("{}", shard)}}));
  }
  OneGauge(registry, "shouwang_ingest_queue_limit_batches", "Bound of a shard's queue.")
      .Set(bounds.queue_batches);
  AddRules(policies);
}

void IngestMetrics::AddRules(const risk::PolicySet& policies) {
  absl::MutexLock lock(&mutex_);
  for (const risk::Policy& policy : policies.All()) {
    for (const risk::Rule& rule : policy.rules) CountersOf(rule.id, rule.name);
  }
}

IngestMetrics::RuleCounters& IngestMetrics::CountersOf(RuleId rule, const std::string& name) {
  RuleCounters& counters = rules_[rule];
  if (counters.opened == nullptr) {
    counters.opened = &transitions_.Add({{"rule", name}, {"transition", "opened"}});
    counters.cleared = &transitions_.Add({{"rule", name}, {"transition", "cleared"}});
  }
  return counters;
}

void IngestMetrics::CountReceipt(const v1::Receipt& receipt) {
  batches_accepted_.Increment();
  accepted_.Increment(static_cast<double>(receipt.accepted()));
  corrected_.Increment(static_cast<double>(receipt.corrected()));
  unchanged_.Increment(static_cast<double>(receipt.unchanged()));
  superseded_.Increment(static_cast<double>(receipt.superseded()));
  rejected_.Increment(static_cast<double>(receipt.rejected()));
  for (const v1::Rejection& rejection : receipt.rejections()) {
    if (const auto it = reasons_.find(rejection.reason()); it != reasons_.end()) {
      it->second->Increment();
    }
  }
}

void IngestMetrics::CountTransitions(std::span<const Warning> transitions) {
  absl::MutexLock lock(&mutex_);
  for (const Warning& warning : transitions) {
    RuleCounters& counters = CountersOf(warning.rule, fmt::format("rule_{}", warning.rule));
    (warning.cleared_on ? counters.cleared : counters.opened)->Increment();
  }
}

void IngestMetrics::SetQueued(int shard, size_t batches) {
  queued_[static_cast<size_t>(shard)]->Set(static_cast<double>(batches));
}

}  // namespace shouwang::ingest
