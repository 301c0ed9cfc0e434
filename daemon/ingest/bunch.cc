#include "daemon/ingest/bunch.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "daemon/ingest/booking.h"
#include "daemon/ingest/counts.h"
#include "daemon/ingest/punctuality.h"
#include "daemon/ingest/resolve.h"
#include "daemon/ingest/slots.h"

namespace shouwang::ingest {
namespace {

using Report = ObservationList::Report;
using Cell = ObservationList::Cell;

class BunchApplication {
 public:
  BunchApplication(std::span<CheckedBatch* const> batches, Store& store, const Rulebook& rulebook,
                   risk::Evaluator& evaluator, Instant known_at, BunchMemory& memory)
      : batches_(batches),
        store_(store),
        evaluator_(evaluator),
        known_at_(known_at),
        memory_(memory),
        slots_(batches, store, rulebook.policies, &memory),
        punctuality_(DateOf(known_at), &counts_) {
    counts_.OpenFrom(rulebook.retention.AllKeptFrom().month());
    applied_.transaction.observations = std::move(memory.observations);
    // What they say of others is overwritten where they are judged.
    applied_.transaction.risks = std::move(memory.risks);
  }

  absl::StatusOr<AppliedBunch> Run();

 private:
  void SettleResidences();
  void AssignPlaces();
  void Apply(CheckedBatch* batch, uint64_t number);
  void ApplyNewDate(const Report& report, std::span<const Cell> cells, const Arrival& arrival,
                    Slot* slot);
  void PutIntoWindow(const Report& report, std::span<const Cell> cells, const Slot& slot);
  static void PutIntoHistory(const Report& report, std::span<const Cell> cells,
                             const Arrival& arrival, History* history);
  void ApplyToKnownDate(const Report& report, std::span<const Cell> cells, const Arrival& arrival,
                        Slot* slot, v1::Receipt* receipt);
  struct DaysOfMonth {
    Month month;
    DateRange days;
  };
  // The month of a date, the same as of the date before for nearly all.
  const DaysOfMonth& MonthOf(Date date);
  void CountFirstOfMonth(Slot* slot, const DaysOfMonth& month);
  void CountObserved(const Slot& slot, Date date, int64_t observations);
  void EnterPlaces(Slot* slot);
  void CountSpan(const Slot& slot);
  absl::Status JudgeAll();
  const SubjectRisk* PriorOf(const Slot& slot) const;
  void JudgeAlone(std::span<Slot* const> judged, std::span<SubjectRisk> risks);
  void JudgeWindow(std::span<Slot* const> judged, std::span<SubjectRisk> risks);
  absl::Status Book(Slot* slot, const SubjectRisk& judged);
  bool IsToBeJudged(const Slot& slot) const;
  bool GoesOn(const Slot& slot) const;
  void RecordBatches(uint64_t first_number);

  const std::span<CheckedBatch* const> batches_;
  Store& store_;
  risk::Evaluator& evaluator_;
  const Instant known_at_;
  BunchMemory& memory_;
  Slots slots_;
  Counts counts_;
  Punctuality punctuality_;
  std::optional<Date> month_of_;  // whose month is month_
  DaysOfMonth month_;
  AppliedBunch applied_;
};

absl::StatusOr<AppliedBunch> BunchApplication::Run() {
  slots_.Gather();
  applied_.transaction.observations.Reserve(slots_.reports(), slots_.values());
  if (absl::Status status = slots_.LoadStates(); !status.ok()) return status;
  SettleResidences();
  if (absl::Status status = slots_.LoadHistories(); !status.ok()) return status;
  AssignPlaces();
  const uint64_t first_number = store_.ReserveBatchNumbers(batches_.size());
  for (size_t i = 0; i < batches_.size(); ++i) Apply(batches_[i], first_number + i);
  for (Slot& slot : slots_.all()) EnterPlaces(&slot);
  if (absl::Status status = JudgeAll(); !status.ok()) return status;
  RecordBatches(first_number);
  punctuality_.Finish();
  counts_.MoveInto(&applied_.transaction);
  applied_.transaction.known_at = known_at_;
  return std::move(applied_);
}

void BunchApplication::SettleResidences() {
  for (const CheckedBatch* batch : batches_) {
    for (const Residence& residence : batch->residences) {
      Slot* slot = slots_.Of(residence.household);
      if (slot->residence && !Supersedes(residence, *slot->residence)) continue;
      if (!slot->moves && slot->residence) {
        for (const RollupPlace& place : PlacesOf(*slot->residence)) {
          slot->left.push_back(counts_.IndexOf(place));
        }
      }
      slot->moves = true;
      slot->residence = residence;
    }
  }
  for (Slot& slot : slots_.all()) {
    if (!slot.moves) continue;
    applied_.transaction.residences.push_back(*slot.residence);
    for (const RollupPlace& place : PlacesOf(*slot.residence)) {
      slot.entered.push_back(counts_.IndexOf(place));
    }
  }
}

// A household that moves takes its counts along: all that it had leaves the old places now, all
// that it has then enters the new ones when it is judged. Everyone else's changes are counted as
// they are made.
void BunchApplication::AssignPlaces() {
  for (Slot& slot : slots_.all()) {
    for (const RollupPlace& place : HomePlacesOf(slot.subject)) {
      slot.places.push_back(counts_.IndexOf(place));
    }
    if (slot.moves) {
      for (const Counts::PlaceIndex place : slot.left) {
        counts_.AddHistory(place, *slot.history, -1);
        if (slot.risk) counts_.AddRisk(place, *slot.risk, -1);
      }
    } else if (slot.residence) {
      for (const RollupPlace& place : PlacesOf(*slot.residence)) {
        slot.places.push_back(counts_.IndexOf(place));
      }
    }
  }
}

void BunchApplication::Apply(CheckedBatch* batch, uint64_t number) {
  v1::Receipt* receipt = &batch->receipt;
  receipt->set_batch(number);
  receipt->set_known_at_ms(known_at_.time_since_epoch().count());
  counts_.TallyOf(counts_.IndexOf(RollupPlace{RollupView::kSettlement, batch->township, {}}))
      .latest_known_at = known_at_;
  const ObservationList& observations = batch->observations;
  Slot* slot = nullptr;
  for (const Report& report : observations.reports()) {
    slot = slots_.Of(report.subject, slot);
    slot->last_batch = batch;
    Arrival arrival = observations.arrivals()[report.arrival];
    arrival.known_at = known_at_;
    arrival.batch = number;
    const std::span<const Cell> cells = observations.CellsOf(report);
    if (slot->history != nullptr &&
        std::ranges::binary_search(slot->history->dates(), report.date)) {
      ApplyToKnownDate(report, cells, arrival, slot, receipt);
    } else {
      ApplyNewDate(report, cells, arrival, slot);
      receipt->set_accepted(receipt->accepted() + cells.size());
    }
  }
}

// Nothing is known of the date: every cell of the report is new.
void BunchApplication::ApplyNewDate(const Report& report, std::span<const Cell> cells,
                                    const Arrival& arrival, Slot* slot) {
  const DaysOfMonth& of_month = MonthOf(report.date);
  CountFirstOfMonth(slot, of_month);
  ObservationList& standing = applied_.transaction.observations;
  standing.BeginReport(report.subject, report.date, standing.AddArrival(arrival));
  standing.AddCells(cells);
  if (slot->window != nullptr) {
    PutIntoWindow(report, cells, *slot);
  } else {
    PutIntoHistory(report, cells, arrival, slot->history);
  }
  slot->NoteChange(report.date);
  for (const Counts::PlaceIndex place : slot->places) {
    counts_.AddCells(place, of_month.month, cells);
  }
  CountObserved(*slot, report.date, static_cast<int64_t>(cells.size()));
}

void BunchApplication::PutIntoWindow(const Report& report, std::span<const Cell> cells,
                                     const Slot& slot) {
  GroupWindow& window = *slot.window;
  const size_t row = window.AddRow(report.date);
  window.NoteReport(row, slot.lane);
  size_t hint = 0;
  for (const Cell& cell : cells) {
    if (!memory_.groups.Keeps(cell.indicator)) continue;
    const size_t column = window.AddColumn(cell.indicator, &hint);
    window.Cells(row, column)[slot.lane] = static_cast<int32_t>(cell.value);
  }
}

void BunchApplication::PutIntoHistory(const Report& report, std::span<const Cell> cells,
                                      const Arrival& arrival, History* history) {
  if (!history->empty() && history->dates().back() >= report.date) {
    for (const Cell& cell : cells) history->Put(cell.indicator, report.date, cell.value, arrival);
    return;
  }
  const size_t row = history->AppendRow(report.date, history->AddArrival(arrival));
  size_t hint = 0;
  for (const Cell& cell : cells) history->AppendColumn(cell.indicator, &hint)[row] = cell.value;
}

void BunchApplication::ApplyToKnownDate(const Report& report, std::span<const Cell> cells,
                                        const Arrival& arrival, Slot* slot, v1::Receipt* receipt) {
  const Month month = MonthOf(report.date).month;
  for (const Cell& cell : cells) {
    const Resolution resolution =
        Resolve(Observation{slot->subject, cell.indicator, report.date, cell.value, arrival},
                slot->history, &applied_.transaction);
    switch (resolution.outcome) {
      case Outcome::kUnchanged:
        receipt->set_unchanged(receipt->unchanged() + 1);
        continue;
      case Outcome::kSuperseded:
        receipt->set_superseded(receipt->superseded() + 1);
        continue;
      case Outcome::kAccepted:
        receipt->set_accepted(receipt->accepted() + 1);
        break;
      case Outcome::kCorrected:
        receipt->set_corrected(receipt->corrected() + 1);
        break;
    }
    slot->NoteChange(report.date);
    const bool corrected = resolution.outcome == Outcome::kCorrected;
    for (const Counts::PlaceIndex place : slot->places) {
      if (corrected) {
        counts_.RemoveValue(place, cell.indicator, month, cell.value - resolution.change);
      }
      counts_.AddValue(place, cell.indicator, month, cell.value);
    }
    CountObserved(*slot, report.date, corrected ? 0 : 1);
  }
}

void BunchApplication::CountObserved(const Slot& slot, Date date, int64_t observations) {
  for (const Counts::PlaceIndex place : slot.places) {
    Tally& tally = counts_.TallyOf(place);
    tally.observations += observations;
    tally.latest_observed_on = std::max(tally.latest_observed_on, date);
  }
}

const BunchApplication::DaysOfMonth& BunchApplication::MonthOf(Date date) {
  if (month_of_ != date) {
    const Month month = date.month();
    month_of_ = date;
    month_ = {month, {Date::FirstOf(month), Date::LastOf(month)}};
  }
  return month_;
}

// Before the report's cells are put: a month without any observation gets its first one with it.
void BunchApplication::CountFirstOfMonth(Slot* slot, const DaysOfMonth& month) {
  if (slot->subject.kind != SubjectKind::kHousehold) return;
  if (std::ranges::find(slot->months, month.month) != slot->months.end()) return;
  slot->months.push_back(month.month);
  if (slot->HasObservationIn(month.days)) return;
  for (const Counts::PlaceIndex place : slot->places) {
    counts_.AddHouseholds(place, month.month, 1);
  }
  punctuality_.Heard(slot->places.front(), month.month);
}

// Once all of its reports are applied.
void BunchApplication::EnterPlaces(Slot* slot) {
  for (const Counts::PlaceIndex place : slot->entered) {
    counts_.AddHistory(place, *slot->history, 1);
    counts_.TallyOf(place).latest_known_at = known_at_;
  }
  if (!slot->HasDates()) return;
  for (const Counts::PlaceIndex place : slot->places) {
    Tally& tally = counts_.TallyOf(place);
    tally.latest_known_at = known_at_;
    if (slot->WasSeen()) continue;
    (slot->subject.kind == SubjectKind::kSite ? tally.sites : tally.households) += 1;
  }
  if (slot->subject.kind == SubjectKind::kHousehold) CountSpan(*slot);
}

// A date before what was judged is only ever reported with the whole history at hand.
void BunchApplication::CountSpan(const Slot& slot) {
  const bool is_lane = slot.window != nullptr;
  const Date first = is_lane ? *slot.first_reported : slot.history->dates().front();
  const Date last = is_lane ? *slot.last_reported : slot.history->dates().back();
  const Counts::PlaceIndex home = slot.places.front();
  if (!slot.WasSeen()) {
    punctuality_.Begins(home, std::nullopt, first);
    punctuality_.Ends(home, std::nullopt, last);
    return;
  }
  if (slot.began) punctuality_.Begins(home, slot.began, first);
  const Date ended = slot.risk->evaluated_through;
  punctuality_.Ends(home, ended, std::max(ended, last));
}

bool BunchApplication::IsToBeJudged(const Slot& slot) const {
  if (!slot.HasDates()) return false;
  return slot.first_changed || !slot.WasSeen() || slots_.IsStale(slot);
}

// Whether all that changed lies after what was judged.
bool BunchApplication::GoesOn(const Slot& slot) const {
  return slot.WasSeen() && !slots_.IsStale(slot) &&
         *slot.first_changed > slot.risk->evaluated_through;
}

// Neighbours of a window are judged and booked before the next ones, while what is known of them is
// at hand.
absl::Status BunchApplication::JudgeAll() {
  std::vector<Slot*> judged;
  for (Slot& slot : slots_.all()) {
    if (IsToBeJudged(slot)) {
      judged.push_back(&slot);
    } else if (slot.risk) {
      for (const Counts::PlaceIndex place : slot.entered) counts_.AddRisk(place, *slot.risk, 1);
    }
  }
  std::vector<SubjectRisk>& risks = applied_.transaction.risks;
  risks.resize(judged.size());
  JudgeAlone(judged, risks);
  const GroupWindow* window = nullptr;
  for (size_t i = 0; i < judged.size(); ++i) {
    if (judged[i]->window != nullptr && judged[i]->window != window) {
      window = judged[i]->window;
      JudgeWindow(std::span(judged).subspan(i), std::span(risks).subspan(i));
    }
    if (absl::Status status = Book(judged[i], risks[i]); !status.ok()) return status;
  }
  return absl::OkStatus();
}

const SubjectRisk* BunchApplication::PriorOf(const Slot& slot) const {
  return GoesOn(slot) ? slot.risk : nullptr;
}

// Of `judged`, all that have no window.
void BunchApplication::JudgeAlone(std::span<Slot* const> judged, std::span<SubjectRisk> risks) {
  std::vector<risk::Passage> passages;
  for (size_t i = 0; i < judged.size(); ++i) {
    const Slot& slot = *judged[i];
    if (slot.window == nullptr) passages.push_back({PriorOf(slot), slot.history, &risks[i]});
  }
  evaluator_.Judge(passages);
}

// All of the first one's window, behind which there may be more.
void BunchApplication::JudgeWindow(std::span<Slot* const> judged, std::span<SubjectRisk> risks) {
  const GroupWindow* window = judged[0]->window;
  std::vector<risk::LanePassage> lanes;
  for (size_t i = 0; i < judged.size(); ++i) {
    const Slot& slot = *judged[i];
    if (slot.window == nullptr) continue;
    if (slot.window != window) break;
    lanes.push_back({PriorOf(slot), slot.lane, slot.subject, &risks[i]});
  }
  std::ranges::sort(lanes, {}, &risk::LanePassage::lane);
  evaluator_.Judge(*window, lanes);
}

absl::Status BunchApplication::Book(Slot* slot, const SubjectRisk& judged) {
  for (const Counts::PlaceIndex place : slot->entered) counts_.AddRisk(place, judged, 1);
  static const SubjectRisk kNeverJudged;
  const absl::StatusOr<Booked> booked =
      BookRisk(store_, slot->risk != nullptr ? *slot->risk : kNeverJudged, judged, known_at_,
               slot->places, &counts_, &applied_.transaction, &applied_.transitions);
  if (!booked.ok()) return booked.status();
  CheckedBatch* batch = slot->last_batch;
  if (batch != nullptr) {
    batch->receipt.set_warnings_opened(batch->receipt.warnings_opened() + booked->opened);
    batch->receipt.set_warnings_cleared(batch->receipt.warnings_cleared() + booked->cleared);
  }
  return absl::OkStatus();
}

void BunchApplication::RecordBatches(uint64_t first_number) {
  for (size_t i = 0; i < batches_.size(); ++i) {
    const CheckedBatch& batch = *batches_[i];
    BatchRecord record;
    record.number = first_number + i;
    record.request_id = batch.receipt.request_id();
    record.township = batch.township;
    record.collector = batch.collector;
    record.source = batch.observations.arrivals()[0].source;
    record.reported_at = batch.observations.arrivals()[0].reported_at;
    record.known_at = known_at_;
    record.receipt = batch.receipt.SerializeAsString();
    applied_.transaction.batches.push_back(std::move(record));
  }
}

}  // namespace

absl::StatusOr<AppliedBunch> ApplyBunch(std::span<CheckedBatch* const> batches, Store& store,
                                        const Rulebook& rulebook, risk::Evaluator& evaluator,
                                        Instant known_at, BunchMemory* memory) {
  return BunchApplication(batches, store, rulebook, evaluator, known_at, *memory).Run();
}

}  // namespace shouwang::ingest
