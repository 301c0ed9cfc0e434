#include "daemon/ingest/ingest.h"

#include <algorithm>
#include <utility>

#include "absl/synchronization/blocking_counter.h"
#include "daemon/ingest/reevaluate.h"
#include "daemon/ingest/retention.h"

namespace shouwang::ingest {
namespace {

IngestBounds AtLeastOne(IngestBounds bounds) {
  bounds.shards = std::max(bounds.shards, 1);
  bounds.queue_batches = std::max(bounds.queue_batches, 1);
  bounds.stream_batches = std::max(bounds.stream_batches, 1);
  return bounds;
}

// Of the tallies that can be read; for the others the clock has to do.
Instant LatestKnownAt(const Store& store) {
  Instant latest{};
  store
      .ScanTallies(RollupView::kSettlement, Division(),
                   [&](const Tally& tally) { latest = std::max(latest, tally.latest_known_at); })
      .IgnoreError();
  return latest;
}

std::vector<std::unique_ptr<Shard>> StartShards(const Shard::Surroundings& surroundings) {
  std::vector<std::unique_ptr<Shard>> shards;
  shards.reserve(static_cast<size_t>(surroundings.bounds.shards));
  for (int i = 0; i < surroundings.bounds.shards; ++i) {
    shards.push_back(std::make_unique<Shard>(i, surroundings));
  }
  return shards;
}

}  // namespace

Ingest::Ingest(Store& store, const CurrentRulebook& rulebook, std::function<Instant()> clock,
               const IngestBounds& bounds, prometheus::Registry& registry,
               TransitionListener* listener)
    : rulebook_(rulebook),
      clock_(std::move(clock)),
      bounds_(AtLeastOne(bounds)),
      metrics_(registry, bounds_, rulebook.Get()->policies),
      surroundings_{store, rulebook_, clock_, bounds_, metrics_, listener, LatestKnownAt(store)},
      shards_(StartShards(surroundings_)),
      service_(surroundings_, shards_) {}

absl::Status Ingest::Reevaluate(const std::stop_token& stop,
                                const std::function<void(double)>& progress) {
  return ForEachTownship(
      [&](const Division& township, const Rulebook& rulebook, risk::Evaluator& evaluator,
          Instant known_at) {
        return ReevaluateTownship(township, surroundings_, rulebook, evaluator, known_at, stop)
            .status();
      },
      stop, progress);
}

absl::Status Ingest::Trim(Trimming* trimming, const std::stop_token& stop,
                          const std::function<void(double, const TrimTotals&)>& progress) {
  absl::Mutex mutex;  // the shards add to one sum
  TrimTotals all;
  return ForEachTownship(
      [&](const Division& township, const Rulebook& rulebook, risk::Evaluator& evaluator,
          Instant known_at) {
        const absl::StatusOr<TrimTotals> totals =
            TrimTownship(township, *trimming, surroundings_, rulebook, evaluator, known_at, stop);
        if (!totals.ok()) return totals.status();
        absl::MutexLock lock(&mutex);
        all.observations += totals->observations;
        all.superseded += totals->superseded;
        all.forgotten += totals->forgotten;
        all.townships += totals->townships;
        return absl::OkStatus();
      },
      stop,
      [&](double share) {
        absl::MutexLock lock(&mutex);
        progress(share, all);
      });
}

absl::Status Ingest::ForEachTownship(const TownshipJob& job, const std::stop_token& stop,
                                     const std::function<void(double)>& progress) {
  // Township by township, one on each shard at a time.
  std::vector<std::vector<Division>> rounds(shards_.size());
  size_t townships = 0;
  // One whose tally is damaged is left out and told of at the end.
  absl::Status first_error =
      surroundings_.store.ScanTallies(RollupView::kSettlement, Division(), [&](const Tally& tally) {
        const Division& township = tally.place.township;
        rounds[ShardOf(township, shards_.size())].push_back(township);
        ++townships;
      });
  if (!first_error.ok() && !absl::IsDataLoss(first_error)) return first_error;
  size_t done = 0;
  for (size_t round = 0; done < townships && !stop.stop_requested(); ++round) {
    std::vector<absl::Status> outcomes(shards_.size());
    absl::BlockingCounter running(static_cast<int>(shards_.size()));
    for (size_t s = 0; s < shards_.size(); ++s) {
      if (round >= rounds[s].size()) {
        running.DecrementCount();
        continue;
      }
      ++done;
      const Division township = rounds[s][round];
      const bool posted = shards_[s]->Post(
          [&, s, township](const Rulebook& rulebook, risk::Evaluator& evaluator, Instant known_at) {
            outcomes[s] = job(township, rulebook, evaluator, known_at);
            running.DecrementCount();
          });
      if (posted) continue;
      outcomes[s] = absl::CancelledError("stopped: the daemon is stopping");
      running.DecrementCount();
    }
    running.Wait();
    for (absl::Status& outcome : outcomes) first_error.Update(std::move(outcome));
    progress(static_cast<double>(done) / static_cast<double>(townships));
  }
  if (first_error.ok() && stop.stop_requested()) {
    return absl::CancelledError("stopped");
  }
  if (first_error.ok() && townships == 0) progress(1);
  return first_error;
}

void Ingest::Stop() {
  for (const std::unique_ptr<Shard>& shard : shards_) shard->Stop();
}

}  // namespace shouwang::ingest
