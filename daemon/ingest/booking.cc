#include "daemon/ingest/booking.h"

#include "daemon/ingest/transitions.h"

namespace shouwang::ingest {
namespace {

// Where the record of its neighbours is damaged, it is known from now on: that must not keep all of
// them from being judged.
absl::Status KeepKnownAt(const Store& store, Warning* warning) {
  const absl::Status status =
      store.ScanWarnings(warning->subject.In(DivisionLevel::kVillage), warning->subject,
                         warning->rule, [&](const Warning& stored) {
                           if (stored.subject == warning->subject && stored.rule == warning->rule) {
                             warning->known_at = stored.known_at;
                           }
                           return false;
                         });
  return absl::IsDataLoss(status) ? absl::OkStatus() : status;
}

}  // namespace

absl::StatusOr<Booked> BookRisk(const Store& store, const SubjectRisk& before,
                                const SubjectRisk& after, Instant known_at,
                                std::span<const Counts::PlaceIndex> places, Counts* counts,
                                Transaction* transaction, std::vector<Warning>* transitions) {
  Transitions found = CompareRisks(before, after, known_at);
  for (Warning& warning : found.changed) {
    if (absl::Status status = KeepKnownAt(store, &warning); !status.ok()) return status;
    transaction->opened.push_back(warning);
  }
  // Cleared ones first: a rule may be in both.
  for (const Warning& warning : found.cleared) {
    transaction->closed.push_back(warning);
    transitions->push_back(warning);
  }
  for (const Warning& warning : found.opened) {
    transaction->opened.push_back(warning);
    transitions->push_back(warning);
  }
  const bool is_same = found.opened.empty() && found.changed.empty() && found.cleared.empty();
  for (const Counts::PlaceIndex place : is_same ? std::span<const Counts::PlaceIndex>() : places) {
    counts->AddRisk(place, before, -1);
    counts->AddRisk(place, after, 1);
  }
  return Booked{static_cast<uint32_t>(found.opened.size()),
                static_cast<uint32_t>(found.cleared.size())};
}

}  // namespace shouwang::ingest
