#include "daemon/ingest/reevaluate.h"

#include <fmt/format.h>

#include <span>
#include <utility>
#include <vector>

#include "daemon/ingest/booking.h"
#include "daemon/ingest/counts.h"

namespace shouwang::ingest {
namespace {

constexpr size_t kChunkSubjects = 1024;

struct Stale {
  Subject subject;
  SubjectState state;
};

absl::StatusOr<std::vector<Stale>> FindStale(const Store& store, const Division& township,
                                             uint64_t fingerprint) {
  std::vector<Stale> stale;
  absl::Status status =
      store.ScanStates(township, [&](const Subject& subject, const SubjectState& state) {
        if (state.risk && state.risk->policy_fingerprint != fingerprint) {
          stale.push_back({subject, state});
        }
        return true;
      });
  if (!status.ok()) return status;
  return stale;
}

absl::Status JudgeChunk(std::span<const Stale> chunk, const Shard::Surroundings& surroundings,
                        risk::Evaluator& evaluator, Instant known_at) {
  std::vector<Subject> subjects;
  for (const Stale& stale : chunk) subjects.push_back(stale.subject);
  const absl::StatusOr<std::vector<History>> histories =
      surroundings.store.LoadHistories(subjects, DateRange{});
  if (!histories.ok()) return histories.status();
  Counts counts;
  Transaction transaction;
  std::vector<Warning> transitions;
  for (size_t i = 0; i < chunk.size(); ++i) {
    std::vector<Counts::PlaceIndex> places;
    for (const RollupPlace& place : HomePlacesOf(subjects[i])) {
      places.push_back(counts.IndexOf(place));
    }
    if (chunk[i].state.residence) {
      for (const RollupPlace& place : PlacesOf(*chunk[i].state.residence)) {
        places.push_back(counts.IndexOf(place));
      }
    }
    transaction.risks.push_back(evaluator.Replay((*histories)[i]));
    const absl::StatusOr<Booked> booked =
        BookRisk(surroundings.store, *chunk[i].state.risk, transaction.risks.back(), known_at,
                 places, &counts, &transaction, &transitions);
    if (!booked.ok()) return booked.status();
  }
  counts.MoveInto(&transaction);
  transaction.known_at = known_at;
  if (absl::Status status = surroundings.store.Commit(transaction); !status.ok()) return status;
  surroundings.metrics.CountTransitions(transitions);
  if (surroundings.listener != nullptr && !transitions.empty()) {
    surroundings.listener->OnTransitions(transitions);
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<uint64_t> ReevaluateTownship(const Division& township,
                                            const Shard::Surroundings& surroundings,
                                            const Rulebook& rulebook, risk::Evaluator& evaluator,
                                            Instant known_at, const std::stop_token& stop) {
  const absl::StatusOr<std::vector<Stale>> stale =
      FindStale(surroundings.store, township, rulebook.policies.fingerprint());
  if (!stale.ok()) return stale.status();
  const std::span<const Stale> all(*stale);
  for (size_t begin = 0; begin < all.size(); begin += kChunkSubjects) {
    if (stop.stop_requested()) {
      return absl::CancelledError(
          fmt::format("re-evaluation stopped in township {}", township.ToString()));
    }
    const size_t size = std::min(kChunkSubjects, all.size() - begin);
    if (absl::Status status =
            JudgeChunk(all.subspan(begin, size), surroundings, evaluator, known_at);
        !status.ok()) {
      return status;
    }
  }
  return all.size();
}

}  // namespace shouwang::ingest
