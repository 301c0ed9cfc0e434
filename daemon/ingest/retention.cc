#include "daemon/ingest/retention.h"

#include <optional>
#include <utility>
#include <vector>

#include "daemon/ingest/booking.h"
#include "daemon/ingest/counts.h"
#include "daemon/ingest/punctuality.h"

namespace shouwang::ingest {
namespace {

// What follows for neighbours that lose values: new judgements, warnings that open or clear with
// them, and counts without the lost values.
class Aftermath {
 public:
  Aftermath(const Shard::Surroundings& surroundings, risk::Evaluator& evaluator, Instant known_at)
      : surroundings_(surroundings),
        evaluator_(evaluator),
        known_at_(known_at),
        punctuality_(DateOf(known_at), &counts_) {}

  absl::Status Add(const TrimmedSubject& trimmed) {
    const SubjectRisk before = trimmed.state.risk.value_or(SubjectRisk());
    const bool forgotten = trimmed.kept.empty();
    SubjectRisk after;
    after.subject = trimmed.subject;
    if (!forgotten) after = evaluator_.Replay(trimmed.kept);
    std::vector<Counts::PlaceIndex> places;
    for (const RollupPlace& place : HomePlacesOf(trimmed.subject)) {
      places.push_back(counts_.IndexOf(place));
    }
    if (trimmed.state.residence) {
      for (const RollupPlace& place : PlacesOf(*trimmed.state.residence)) {
        places.push_back(counts_.IndexOf(place));
      }
    }
    for (const Counts::PlaceIndex place : places) {
      Tally& tally = counts_.TallyOf(place);
      tally.observations -= static_cast<int64_t>(trimmed.dropped);
      if (forgotten && trimmed.state.risk) {
        (trimmed.subject.kind == SubjectKind::kSite ? tally.sites : tally.households) -= 1;
      }
    }
    if (trimmed.subject.kind == SubjectKind::kHousehold && trimmed.state.risk) {
      CountSpan(trimmed, before.evaluated_through, places.front());
    }
    const absl::StatusOr<Booked> booked = BookRisk(surroundings_.store, before, after, known_at_,
                                                   places, &counts_, &transaction_, &transitions_);
    if (!booked.ok()) return booked.status();
    // Of one that is forgotten the judgement goes with the drop.
    if (!forgotten) transaction_.risks.push_back(std::move(after));
    return absl::OkStatus();
  }

  Transaction Finish() {
    punctuality_.Finish();
    counts_.MoveInto(&transaction_);
    transaction_.known_at = known_at_;
    return std::move(transaction_);
  }
  std::vector<Warning> TakeTransitions() { return std::move(transitions_); }

 private:
  // It is as if it had begun with what is kept. Delays of closed months stay, like their counts.
  void CountSpan(const TrimmedSubject& trimmed, Date ended, Counts::PlaceIndex home) {
    std::optional<Date> first;
    std::optional<Date> last;
    if (!trimmed.kept.empty()) {
      first = trimmed.kept.dates().front();
      last = trimmed.kept.dates().back();
    }
    punctuality_.Begins(home, trimmed.first, first);
    punctuality_.Ends(home, ended, last);
  }

  const Shard::Surroundings& surroundings_;
  risk::Evaluator& evaluator_;
  const Instant known_at_;
  Counts counts_;
  Punctuality punctuality_;
  Transaction transaction_;
  std::vector<Warning> transitions_;
};

}  // namespace

absl::StatusOr<TrimTotals> TrimTownship(const Division& township, Trimming& trimming,
                                        const Shard::Surroundings& surroundings,
                                        const Rulebook& rulebook, risk::Evaluator& evaluator,
                                        Instant known_at, const std::stop_token& stop) {
  // Told once they are durable: when the next ones are decided, or at the end.
  std::vector<Warning> transitions;
  const auto tell = [&] {
    surroundings.metrics.CountTransitions(transitions);
    if (surroundings.listener != nullptr && !transitions.empty()) {
      surroundings.listener->OnTransitions(transitions);
    }
    transitions.clear();
  };
  const auto decide = [&](std::span<const TrimmedSubject> subjects) -> absl::StatusOr<Transaction> {
    tell();
    Aftermath aftermath(surroundings, evaluator, known_at);
    for (const TrimmedSubject& trimmed : subjects) {
      if (absl::Status status = aftermath.Add(trimmed); !status.ok()) return status;
    }
    transitions = aftermath.TakeTransitions();
    return aftermath.Finish();
  };
  absl::StatusOr<TrimTotals> totals = trimming.Trim(township, rulebook.retention, stop, decide);
  // A commit that failed moved nothing, and is the last.
  if (totals.ok() || absl::IsCancelled(totals.status()) || absl::IsDataLoss(totals.status())) {
    tell();
  }
  return totals;
}

}  // namespace shouwang::ingest
