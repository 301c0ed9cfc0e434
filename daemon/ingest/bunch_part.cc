#include "daemon/ingest/bunch_part.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "daemon/ingest/booking.h"
#include "daemon/ingest/resolve.h"
#include "daemon/ingest/slots.h"

namespace shouwang::ingest {
namespace {

using Report = ObservationList::Report;
using Cell = ObservationList::Cell;

class PartApplication {
 public:
  PartApplication(std::span<CheckedBatch* const> batches, BunchUnderWay* bunch)
      : batches_(batches),
        bunch_(*bunch),
        store_(bunch->store),
        known_at_(bunch->known_at),
        memory_(bunch->memory),
        counts_(bunch->counts),
        punctuality_(bunch->punctuality),
        applied_(bunch->applied),
        slots_(batches, store_, *bunch->windows, bunch->rulebook.policies, &memory_) {}

  absl::Status Run();

 private:
  void SettleResidences();
  void AssignPlaces();
  void Apply(CheckedBatch* batch);
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

  const std::span<CheckedBatch* const> batches_;
  // And what is used of it all the time.
  BunchUnderWay& bunch_;
  Store& store_;
  const Instant known_at_;
  BunchMemory& memory_;
  Counts& counts_;
  Punctuality& punctuality_;
  AppliedBunch& applied_;
  Slots slots_;
  std::optional<Date> month_of_;  // whose month is month_
  DaysOfMonth month_;
};

absl::Status PartApplication::Run() {
  slots_.Gather();
  if (absl::Status status = slots_.LoadStates(); !status.ok()) return status;
  SettleResidences();
  if (absl::Status status = slots_.LoadHistories(); !status.ok()) return status;
  AssignPlaces();
  for (CheckedBatch* batch : batches_) Apply(batch);
  for (Slot& slot : slots_.all()) EnterPlaces(&slot);
  return JudgeAll();
}

void PartApplication::SettleResidences() {
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
void PartApplication::AssignPlaces() {
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

void PartApplication::Apply(CheckedBatch* batch) {
  v1::Receipt* receipt = &batch->receipt;
  counts_.TallyOf(counts_.IndexOf(RollupPlace{RollupView::kSettlement, batch->township, {}}))
      .latest_known_at = known_at_;
  const ObservationList& observations = batch->observations;
  Slot* slot = nullptr;
  for (const Report& report : observations.reports()) {
    slot = slots_.Of(report.subject, slot);
    slot->last_batch = batch;
    Arrival arrival = observations.arrivals()[report.arrival];
    arrival.known_at = known_at_;
    arrival.batch = receipt->batch();
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
void PartApplication::ApplyNewDate(const Report& report, std::span<const Cell> cells,
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

void PartApplication::PutIntoWindow(const Report& report, std::span<const Cell> cells,
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

void PartApplication::PutIntoHistory(const Report& report, std::span<const Cell> cells,
                                     const Arrival& arrival, History* history) {
  if (!history->empty() && history->dates().back() >= report.date) {
    for (const Cell& cell : cells) history->Put(cell.indicator, report.date, cell.value, arrival);
    return;
  }
  const size_t row = history->AppendRow(report.date, history->AddArrival(arrival));
  size_t hint = 0;
  for (const Cell& cell : cells) history->AppendColumn(cell.indicator, &hint)[row] = cell.value;
}

void PartApplication::ApplyToKnownDate(const Report& report, std::span<const Cell> cells,
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

void PartApplication::CountObserved(const Slot& slot, Date date, int64_t observations) {
  for (const Counts::PlaceIndex place : slot.places) {
    Tally& tally = counts_.TallyOf(place);
    tally.observations += observations;
    tally.latest_observed_on = std::max(tally.latest_observed_on, date);
  }
}

const PartApplication::DaysOfMonth& PartApplication::MonthOf(Date date) {
  if (month_of_ != date) {
    const Month month = date.month();
    month_of_ = date;
    month_ = {month, {Date::FirstOf(month), Date::LastOf(month)}};
  }
  return month_;
}

// Before the report's cells are put: a month without any observation gets its first one with it.
void PartApplication::CountFirstOfMonth(Slot* slot, const DaysOfMonth& month) {
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
void PartApplication::EnterPlaces(Slot* slot) {
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
void PartApplication::CountSpan(const Slot& slot) {
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

bool PartApplication::IsToBeJudged(const Slot& slot) const {
  if (!slot.HasDates()) return false;
  return slot.first_changed || !slot.WasSeen() || slots_.IsStale(slot);
}

// Whether all that changed lies after what was judged.
bool PartApplication::GoesOn(const Slot& slot) const {
  return slot.WasSeen() && !slots_.IsStale(slot) &&
         *slot.first_changed > slot.risk->evaluated_through;
}

// Neighbours of a window are judged and booked before the next ones, while what is known of them is
// at hand.
absl::Status PartApplication::JudgeAll() {
  std::vector<Slot*> judged;
  for (Slot& slot : slots_.all()) {
    if (IsToBeJudged(slot)) {
      judged.push_back(&slot);
    } else if (slot.risk) {
      for (const Counts::PlaceIndex place : slot.entered) counts_.AddRisk(place, *slot.risk, 1);
    }
  }
  std::vector<SubjectRisk>& all = applied_.transaction.risks;
  const size_t first = bunch_.judged;
  bunch_.judged += judged.size();
  if (all.size() < bunch_.judged) all.resize(bunch_.judged);
  const std::span<SubjectRisk> risks = std::span(all).subspan(first, judged.size());
  JudgeAlone(judged, risks);
  const GroupWindow* window = nullptr;
  for (size_t i = 0; i < judged.size(); ++i) {
    if (judged[i]->window != nullptr && judged[i]->window != window) {
      window = judged[i]->window;
      JudgeWindow(std::span(judged).subspan(i), risks.subspan(i));
    }
    if (absl::Status status = Book(judged[i], risks[i]); !status.ok()) return status;
  }
  return absl::OkStatus();
}

const SubjectRisk* PartApplication::PriorOf(const Slot& slot) const {
  return GoesOn(slot) ? slot.risk : nullptr;
}

// Of `judged`, all that have no window.
void PartApplication::JudgeAlone(std::span<Slot* const> judged, std::span<SubjectRisk> risks) {
  std::vector<risk::Passage> passages;
  for (size_t i = 0; i < judged.size(); ++i) {
    const Slot& slot = *judged[i];
    if (slot.window == nullptr) passages.push_back({PriorOf(slot), slot.history, &risks[i]});
  }
  bunch_.evaluator.Judge(passages);
}

// All of the first one's window, behind which there may be more.
void PartApplication::JudgeWindow(std::span<Slot* const> judged, std::span<SubjectRisk> risks) {
  const GroupWindow* window = judged[0]->window;
  std::vector<risk::LanePassage> lanes;
  for (size_t i = 0; i < judged.size(); ++i) {
    const Slot& slot = *judged[i];
    if (slot.window == nullptr) continue;
    if (slot.window != window) break;
    lanes.push_back({PriorOf(slot), slot.lane, slot.subject, &risks[i]});
  }
  std::ranges::sort(lanes, {}, &risk::LanePassage::lane);
  bunch_.evaluator.Judge(*window, lanes);
}

absl::Status PartApplication::Book(Slot* slot, const SubjectRisk& judged) {
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

}  // namespace

BunchUnderWay::BunchUnderWay(Store& into, const Rulebook& by, risk::Evaluator& judge, Instant now,
                             BunchMemory* kept)
    : store(into),
      windows(into.ReadWindows()),
      rulebook(by),
      evaluator(judge),
      known_at(now),
      memory(*kept),
      punctuality(DateOf(now), &counts) {
  counts.OpenFrom(rulebook.retention.AllKeptFrom().month());
  applied.transaction.observations = std::move(memory.observations);
  applied.transaction.risks = std::move(memory.risks);
}

absl::Status ApplyPart(std::span<CheckedBatch* const> batches, BunchUnderWay* bunch) {
  absl::Status status = PartApplication(batches, bunch).Run();
  bunch->memory.EndPart(bunch->rulebook.policies.LongestLookbackMonths());
  return status;
}

}  // namespace shouwang::ingest
