#include "daemon/app/retention_pass.h"

#include <fmt/format.h>

#include <utility>

#include "absl/time/time.h"
#include "daemon/app/log.h"
#include "daemon/journal/acts.h"

namespace shouwang::app {
namespace {

constexpr absl::Duration kBetweenLooks = absl::Hours(1);

prometheus::Counter& AddCounter(const char* name, const char* help,
                                prometheus::Registry* registry) {
  return prometheus::BuildCounter().Name(name).Help(help).Register(*registry).Add({});
}

}  // namespace

RetentionPass::RetentionPass(const RetentionMonths& months, Trimming* trimming, ActJournal* acts,
                             CurrentRulebook* rulebook, std::function<Instant()> now,
                             prometheus::Registry* registry)
    : months_(months),
      trimming_(trimming),
      acts_(acts),
      rulebook_(rulebook),
      now_(std::move(now)),
      progress_(prometheus::BuildGauge()
                    .Name("shouwang_retention_progress_ratio")
                    .Help("1 when all that is older than the retention has been dropped.")
                    .Register(*registry)
                    .Add({})),
      observations_(AddCounter("shouwang_retention_dropped_observations_total",
                               "Observations dropped for their age.", registry)),
      superseded_(AddCounter("shouwang_retention_dropped_superseded_total",
                             "Superseded values dropped for their age.", registry)),
      forgotten_(AddCounter("shouwang_retention_forgotten_subjects_total",
                            "Households and sites of which nothing is kept.", registry)) {}

absl::Status RetentionPass::PutInForce(std::shared_ptr<const Rulebook> rulebook) {
  absl::MutexLock lock(&mutex_);
  return PutInForceLocked(std::move(rulebook));
}

absl::Status RetentionPass::PutInForceAtStart(std::shared_ptr<const Rulebook> rulebook) {
  absl::MutexLock lock(&mutex_);
  absl::Status status = PutInForceLocked(rulebook);
  if (!absl::IsUnavailable(status)) return status;
  absl::StatusOr<KeptRetention> kept = trimming_->LoadRetention();
  if (!kept.ok()) return kept.status();
  spdlog::error("event=retention.failed kept=\"the retention before\" message={}", Quoted(status));
  PutInForceWith(*std::move(kept), std::move(rulebook));
  return absl::OkStatus();
}

absl::Status RetentionPass::PutInForceLocked(std::shared_ptr<const Rulebook> rulebook) {
  absl::StatusOr<KeptRetention> kept = trimming_->LoadRetention();
  if (!kept.ok()) return kept.status();
  const Retention wanted = RetentionOn(DateOf(now_()), months_, rulebook->reg.catalogue,
                                       rulebook->policies.LongestLookbackMonths());
  if (kept->retention.Advance(wanted)) {
    kept->applied = false;
    absl::Status status = acts_->Append(RetentionBeganAct(kept->retention, now_()));
    if (!status.ok()) return status;
    if (status = trimming_->KeepRetention(*kept); !status.ok()) return status;
    spdlog::info("event=retention.advanced all_kept_from={}",
                 kept->retention.AllKeptFrom().ToString());
  }
  PutInForceWith(*std::move(kept), std::move(rulebook));
  return absl::OkStatus();
}

void RetentionPass::PutInForceWith(KeptRetention kept, std::shared_ptr<const Rulebook> rulebook) {
  progress_.Set(kept.applied ? 1 : 0);
  if (rulebook->retention == kept.retention) {
    if (rulebook != rulebook_->Get()) rulebook_->Set(std::move(rulebook));
    return;
  }
  auto closed = std::make_shared<Rulebook>(*rulebook);
  closed->retention = std::move(kept.retention);
  rulebook_->Set(std::move(closed));
}

void RetentionPass::Start(ingest::Ingest* ingest) {
  ingest_ = ingest;
  thread_ = std::jthread([this](const std::stop_token& stop) { Work(stop); });
}

void RetentionPass::Stop() {
  {
    absl::MutexLock lock(&mutex_);
    stopping_ = true;
  }
  if (!thread_.joinable()) return;
  thread_.request_stop();
  thread_.join();
}

void RetentionPass::Work(const std::stop_token& stop) {
  while (true) {
    Apply(stop);
    absl::MutexLock lock(&mutex_);
    if (mutex_.AwaitWithTimeout(absl::Condition(&stopping_), kBetweenLooks)) return;
    if (absl::Status status = PutInForceLocked(rulebook_->Get()); !status.ok()) {
      spdlog::error("event=retention.failed message={}", Quoted(status));
    }
  }
}

void RetentionPass::Apply(const std::stop_token& stop) {
  absl::StatusOr<KeptRetention> kept = trimming_->LoadRetention();
  if (!kept.ok()) {
    spdlog::error("event=retention.failed message={}", Quoted(kept.status()));
    return;
  }
  if (kept->applied) return;
  spdlog::info("event=retention.started all_kept_from={}",
               kept->retention.AllKeptFrom().ToString());
  TrimTotals all;
  const absl::Status status =
      ingest_->Trim(trimming_, stop, [&](double share, const TrimTotals& totals) {
        // 1 is for a pass that is written down as done, below.
        if (share < 1) progress_.Set(share);
        observations_.Increment(static_cast<double>(totals.observations - all.observations));
        superseded_.Increment(static_cast<double>(totals.superseded - all.superseded));
        forgotten_.Increment(static_cast<double>(totals.forgotten - all.forgotten));
        all = totals;
      });
  if (!status.ok()) {
    if (absl::IsCancelled(status)) return;
    spdlog::error("event=retention.failed message={}", Quoted(status));
    return;
  }
  absl::MutexLock lock(&mutex_);
  // A year that closed meanwhile is for the next round.
  const absl::StatusOr<KeptRetention> now = trimming_->LoadRetention();
  if (!now.ok() || now->retention != kept->retention) return;
  kept->applied = true;
  absl::Status written = acts_->Append(RetentionDoneAct(kept->retention, all, now_()));
  if (written.ok()) written = trimming_->KeepRetention(*kept);
  if (!written.ok()) {
    spdlog::error("event=retention.failed message={}", Quoted(written));
    return;
  }
  progress_.Set(1);
  spdlog::info("event=retention.done observations={} superseded={} forgotten={}", all.observations,
               all.superseded, all.forgotten);
}

}  // namespace shouwang::app
