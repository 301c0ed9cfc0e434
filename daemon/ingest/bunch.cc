#include "daemon/ingest/bunch.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "absl/functional/function_ref.h"
#include "daemon/ingest/bunch_part.h"

namespace shouwang::ingest {
namespace {

// A part is closed once it has so many reports, "a village's month". Those that come alone share
// one, since each of its reads of the store takes all of its subjects.
constexpr size_t kFewestReportsOfPart = 256;

// A batch and the groups that its subjects lie in.
struct PlacedBatch {
  CheckedBatch* batch = nullptr;
  SubjectGroup first;
  SubjectGroup last;
};

PlacedBatch Placed(CheckedBatch* batch) {
  PlacedBatch placed{batch, {}, {}};
  const std::span<const ObservationList::Report> reports = batch->observations.reports();
  const std::span<const Residence> residences = batch->residences;
  std::optional<std::pair<Subject, Subject>> reach;
  if (!reports.empty()) reach.emplace(reports.front().subject, reports.back().subject);
  if (!residences.empty()) {
    const Subject& first = residences.front().household;
    const Subject& last = residences.back().household;
    if (!reach) reach.emplace(first, last);
    reach->first = std::min(reach->first, first);
    reach->second = std::max(reach->second, last);
  }
  if (reach) {
    placed.first = SubjectGroup::Of(reach->first);
    placed.last = SubjectGroup::Of(reach->second);
  }
  return placed;
}

// Calls apply(part) with the batches of each part, in the order in which they came.
absl::Status ForEachPart(std::span<CheckedBatch* const> batches,
                         absl::FunctionRef<absl::Status(std::span<CheckedBatch* const>)> apply) {
  std::vector<PlacedBatch> placed;
  placed.reserve(batches.size());
  for (CheckedBatch* batch : batches) placed.push_back(Placed(batch));
  std::ranges::sort(placed, {}, &PlacedBatch::first);
  std::vector<CheckedBatch*> part;
  for (size_t i = 0; i < placed.size();) {
    part.clear();
    size_t reports = 0;
    SubjectGroup last = placed[i].last;
    while (i < placed.size() && (reports < kFewestReportsOfPart || placed[i].first <= last)) {
      last = std::max(last, placed[i].last);
      reports += placed[i].batch->observations.reports().size();
      part.push_back(placed[i++].batch);
    }
    std::ranges::sort(part, {}, [](const CheckedBatch* batch) { return batch->receipt.batch(); });
    if (absl::Status status = apply(part); !status.ok()) return status;
  }
  return absl::OkStatus();
}

void NumberBatches(std::span<CheckedBatch* const> batches, uint64_t first_number,
                   Instant known_at) {
  for (size_t i = 0; i < batches.size(); ++i) {
    batches[i]->receipt.set_batch(first_number + i);
    batches[i]->receipt.set_known_at_ms(known_at.time_since_epoch().count());
  }
}

void ReserveRoom(std::span<CheckedBatch* const> batches, Transaction* transaction) {
  size_t reports = 0;
  size_t values = 0;
  for (const CheckedBatch* batch : batches) {
    reports += batch->observations.reports().size();
    values += batch->observations.size();
  }
  transaction->observations.Reserve(reports, values);
  transaction->risks.reserve(std::min(reports, BunchMemory::kMostKept));
}

void RecordBatches(std::span<CheckedBatch* const> batches, Instant known_at,
                   Transaction* transaction) {
  for (const CheckedBatch* batch : batches) {
    BatchRecord record;
    record.number = batch->receipt.batch();
    record.request_id = batch->receipt.request_id();
    record.township = batch->township;
    record.collector = batch->collector;
    record.source = batch->observations.arrivals()[0].source;
    record.reported_at = batch->observations.arrivals()[0].reported_at;
    record.known_at = known_at;
    record.receipt = batch->receipt.SerializeAsString();
    transaction->batches.push_back(std::move(record));
  }
}

}  // namespace

absl::StatusOr<AppliedBunch> ApplyBunch(std::span<CheckedBatch* const> batches, Store& store,
                                        const Rulebook& rulebook, risk::Evaluator& evaluator,
                                        Instant known_at, BunchMemory* memory) {
  BunchUnderWay bunch(store, rulebook, evaluator, known_at, memory);
  Transaction& transaction = bunch.applied.transaction;
  ReserveRoom(batches, &transaction);
  NumberBatches(batches, store.ReserveBatchNumbers(batches.size()), known_at);
  absl::Status status = ForEachPart(
      batches, [&](std::span<CheckedBatch* const> part) { return ApplyPart(part, &bunch); });
  if (!status.ok()) return status;
  transaction.risks.resize(bunch.judged);
  RecordBatches(batches, known_at, &transaction);
  bunch.punctuality.Finish();
  bunch.counts.MoveInto(&transaction);
  transaction.known_at = known_at;
  return std::move(bunch.applied);
}

}  // namespace shouwang::ingest
