#include "daemon/ingest/ingest.h"

#include <algorithm>
#include <utility>

#include "absl/synchronization/blocking_counter.h"
#include "daemon/ingest/reevaluate.h"

namespace shouwang::ingest {
namespace {

IngestBounds AtLeastOne(IngestBounds bounds) {
  bounds.shards = std::max(bounds.shards, 1);
  bounds.queue_batches = std::max(bounds.queue_batches, 1);
  bounds.stream_batches = std::max(bounds.stream_batches, 1);
  return bounds;
}

// Where the tallies are damaged, the clock alone has to do.
Instant LatestKnownAt(const Store& store) {
  Instant latest{};
  const auto tallies = store.ReadTallies(RollupView::kSettlement, Division());
  if (!tallies.ok()) return latest;
  for (const Tally& tally : *tallies) latest = std::max(latest, tally.latest_known_at);
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
  const absl::StatusOr<std::vector<Tally>> tallies =
      surroundings_.store.ReadTallies(RollupView::kSettlement, Division());
  if (!tallies.ok()) return tallies.status();
  // Township by township, one on each shard at a time.
  std::vector<std::vector<Division>> rounds(shards_.size());
  for (const Tally& tally : *tallies) {
    const Division& township = tally.place.township;
    rounds[ShardOf(township, shards_.size())].push_back(township);
  }
  absl::Status first_error;
  size_t done = 0;
  for (size_t round = 0; done < tallies->size() && !stop.stop_requested(); ++round) {
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
            outcomes[s] =
                ReevaluateTownship(township, surroundings_, rulebook, evaluator, known_at, stop)
                    .status();
            running.DecrementCount();
          });
      if (posted) continue;
      outcomes[s] = absl::CancelledError("re-evaluation stopped: the daemon is stopping");
      running.DecrementCount();
    }
    running.Wait();
    for (absl::Status& outcome : outcomes) first_error.Update(std::move(outcome));
    progress(static_cast<double>(done) / static_cast<double>(tallies->size()));
  }
  if (first_error.ok() && stop.stop_requested()) {
    return absl::CancelledError("re-evaluation stopped");
  }
  if (first_error.ok() && tallies->empty()) progress(1);
  return first_error;
}

void Ingest::Stop() {
  for (const std::unique_ptr<Shard>& shard : shards_) shard->Stop();
}

}  // namespace shouwang::ingest
