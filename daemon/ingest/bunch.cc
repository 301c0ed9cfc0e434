#include "daemon/ingest/bunch.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "absl/container/inlined_vector.h"
#include "daemon/ingest/booking.h"
#include "daemon/ingest/counts.h"
#include "daemon/ingest/punctuality.h"
#include "daemon/ingest/resolve.h"

namespace shouwang::ingest {
namespace {

using Report = ObservationList::Report;
using Cell = ObservationList::Cell;
using Places = absl::InlinedVector<Counts::PlaceIndex, 3>;

// Fewer subjects of a group than this are applied and judged one by one.
constexpr size_t kFewestTogether = 8;
// Of a group, each date is judged for all: not more of them, for each report, than so many.
constexpr size_t kMostDatesForOne = 2;
// Groups that report on more dates in one bunch share none of them to speak of.
constexpr size_t kMostDates = 64;

// One subject that the bunch touches.
struct Slot {
  Subject subject;
  History* history = nullptr;  // in BunchMemory; or else, in the group's window, its lane
  GroupWindow* window = nullptr;
  size_t lane = 0;
  const SubjectRisk* risk = nullptr;   // as stored, in BunchMemory; nullptr: never judged
  std::optional<Residence> residence;  // as it will stand
  std::optional<Date> first_reported;  // the earliest date of a report in the bunch
  std::optional<Date> last_reported;
  bool is_plain = true;  // each of its reports is later than the one before and fits a window
  std::optional<Date> first_changed;     // the earliest date whose value is new or moved
  std::optional<Date> began;             // where the whole history is loaded, as it was stored
  absl::InlinedVector<Month, 2> months;  // known to have an observation
  Places places;                         // that each change is counted at as it is made
  Places left;                           // of the old residence, where the household moves
  Places entered;                        // of the new one
  bool moves = false;
  CheckedBatch* last_batch = nullptr;

  bool WasSeen() const { return risk != nullptr; }
  // Whether its history was asked for.
  bool IsLoaded() const { return first_reported.has_value() || moves; }
  // Once its reports are applied.
  bool HasDates() const { return window != nullptr || (IsLoaded() && !history->empty()); }
  void NoteChange(Date date) {
    if (!first_changed || date < *first_changed) first_changed = date;
  }
  void NoteReport(Date date) {
    if (last_reported && date <= *last_reported) is_plain = false;
    if (!first_reported || date < *first_reported) first_reported = date;
    if (!last_reported || date > *last_reported) last_reported = date;
  }
};

// The slots of one SubjectGroup.
struct SlotGroup {
  size_t begin = 0;  // [begin, end) of slots_
  size_t end = 0;
  size_t reports = 0;
  absl::InlinedVector<Date, 4> dates;  // of them; at most one more than kMostDates
};

class BunchApplication {
 public:
  BunchApplication(std::span<CheckedBatch* const> batches, Store& store, const Rulebook& rulebook,
                   risk::Evaluator& evaluator, Instant known_at, BunchMemory& memory)
      : batches_(batches),
        store_(store),
        policies_(rulebook.policies),
        evaluator_(evaluator),
        known_at_(known_at),
        memory_(memory),
        punctuality_(DateOf(known_at), &counts_) {
    counts_.OpenFrom(rulebook.retention.AllKeptFrom().month());
  }

  absl::StatusOr<AppliedBunch> Run();

 private:
  void GatherSlots();
  absl::Status LoadSlotStates();
  void SettleResidences();
  void GatherGroups();
  void GatherReports();
  absl::Status OpenWindows();
  absl::Status OpenWindow(const SlotGroup& group);
  bool GoesWithItsGroup(const Slot& slot) const;
  absl::Status LoadSlotHistories();
  // The first day that an evaluation of the slot's new dates may read.
  Date WindowStart(const Slot& slot) const;
  void TakeUnseen(std::span<Slot* const> slots);
  absl::Status Load(std::span<Slot* const> slots, DateRange range, std::vector<History>* histories);
  bool NeedsWholeHistory(const Slot& slot) const;
  bool IsStale(const Slot& slot) const;
  void AssignPlaces();
  void Apply(CheckedBatch* batch, uint64_t number);
  void ApplyNewDate(const Report& report, std::span<const Cell> cells, const Arrival& arrival,
                    Slot* slot);
  void PutIntoWindow(const Report& report, std::span<const Cell> cells, const Slot& slot);
  static void PutIntoHistory(const Report& report, std::span<const Cell> cells,
                             const Arrival& arrival, History* history);
  static bool HasObservationIn(const Slot& slot, Month month);
  void ApplyToKnownDate(const Report& report, std::span<const Cell> cells, const Arrival& arrival,
                        Slot* slot, v1::Receipt* receipt);
  void CountFirstOfMonth(Slot* slot, Month month);
  void CountObserved(const Slot& slot, Date date, int64_t observations);
  void EnterPlaces(Slot* slot);
  void CountSpan(const Slot& slot);
  absl::Status JudgeAll();
  void Judge(std::span<Slot* const> judged, std::span<SubjectRisk> risks);
  absl::Status Book(Slot* slot, SubjectRisk judged);
  bool IsToBeJudged(const Slot& slot) const;
  bool GoesOn(const Slot& slot) const;
  void RecordBatches(uint64_t first_number);
  Slot* SlotOf(const Subject& subject);
  Slot* SlotOf(const Subject& subject, Slot* near);

  const std::span<CheckedBatch* const> batches_;
  Store& store_;
  const risk::PolicySet& policies_;
  risk::Evaluator& evaluator_;
  const Instant known_at_;
  BunchMemory& memory_;
  std::vector<Slot> slots_;  // by subject
  std::vector<SlotGroup> groups_;
  Counts counts_;
  Punctuality punctuality_;
  AppliedBunch applied_;
};

absl::StatusOr<AppliedBunch> BunchApplication::Run() {
  GatherSlots();
  GatherGroups();
  GatherReports();
  if (absl::Status status = LoadSlotStates(); !status.ok()) return status;
  SettleResidences();
  if (absl::Status status = OpenWindows(); !status.ok()) return status;
  if (absl::Status status = LoadSlotHistories(); !status.ok()) return status;
  AssignPlaces();
  const uint64_t first_number = store_.ReserveBatchNumbers(batches_.size());
  for (size_t i = 0; i < batches_.size(); ++i) Apply(batches_[i], first_number + i);
  for (Slot& slot : slots_) EnterPlaces(&slot);
  if (absl::Status status = JudgeAll(); !status.ok()) return status;
  RecordBatches(first_number);
  punctuality_.Finish();
  counts_.MoveInto(&applied_.transaction);
  applied_.transaction.known_at = known_at_;
  return std::move(applied_);
}

void BunchApplication::GatherSlots() {
  std::vector<Subject> subjects;
  for (const CheckedBatch* batch : batches_) {
    for (const Report& report : batch->observations.reports()) subjects.push_back(report.subject);
    for (const Residence& residence : batch->residences) subjects.push_back(residence.household);
  }
  if (!std::ranges::is_sorted(subjects)) std::ranges::sort(subjects);
  subjects.erase(std::unique(subjects.begin(), subjects.end()), subjects.end());
  slots_.resize(subjects.size());
  for (size_t i = 0; i < subjects.size(); ++i) {
    slots_[i].subject = subjects[i];
  }
}

void BunchApplication::GatherGroups() {
  for (size_t i = 0; i < slots_.size(); ++i) {
    const bool goes_on = i > 0 && SubjectGroup::Of(slots_[i].subject) ==
                                      SubjectGroup::Of(slots_[groups_.back().begin].subject);
    if (!goes_on) groups_.push_back({i, i, 0, {}});
    groups_.back().end = i + 1;
  }
}

void BunchApplication::GatherReports() {
  size_t values = 0;
  size_t reports = 0;
  SlotGroup* group = nullptr;
  for (const CheckedBatch* batch : batches_) {
    const ObservationList& observations = batch->observations;
    values += observations.size();
    reports += observations.reports().size();
    Slot* slot = nullptr;
    for (const Report& report : observations.reports()) {
      slot = SlotOf(report.subject, slot);
      slot->NoteReport(report.date);
      for (const Cell& cell : observations.CellsOf(report)) {
        slot->is_plain = slot->is_plain && GroupWindow::Fits(cell.value);
      }
      const auto index = static_cast<size_t>(slot - slots_.data());
      if (group == nullptr || index < group->begin || index >= group->end) {
        group = &*(std::ranges::upper_bound(groups_, index, {}, &SlotGroup::begin) - 1);
      }
      ++group->reports;
      if (!group->dates.empty() && group->dates.back() == report.date) continue;
      if (group->dates.size() > kMostDates) continue;
      if (std::ranges::find(group->dates, report.date) != group->dates.end()) continue;
      group->dates.push_back(report.date);
    }
  }
  applied_.transaction.observations.Reserve(reports, values);
}

Slot* BunchApplication::SlotOf(const Subject& subject) {
  return &*std::ranges::lower_bound(slots_, subject, {}, &Slot::subject);
}

// Reports of a batch come in subject order, so the slot sought is mostly the next one.
Slot* BunchApplication::SlotOf(const Subject& subject, Slot* near) {
  if (near != nullptr) {
    if (near->subject == subject) return near;
    if (++near != slots_.data() + slots_.size() && near->subject == subject) return near;
  }
  return SlotOf(subject);
}

absl::Status BunchApplication::LoadSlotStates() {
  std::vector<Subject> subjects;
  subjects.reserve(slots_.size());
  for (const Slot& slot : slots_) subjects.push_back(slot.subject);
  if (absl::Status status = store_.FillStates(subjects, &memory_.states); !status.ok()) {
    return status;
  }
  for (size_t i = 0; i < slots_.size(); ++i) {
    const SubjectState& state = memory_.states[i];
    slots_[i].risk = state.risk ? &*state.risk : nullptr;
    slots_[i].residence = state.residence;
  }
  return absl::OkStatus();
}

void BunchApplication::SettleResidences() {
  for (const CheckedBatch* batch : batches_) {
    for (const Residence& residence : batch->residences) {
      Slot* slot = SlotOf(residence.household);
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
  for (Slot& slot : slots_) {
    if (!slot.moves) continue;
    applied_.transaction.residences.push_back(*slot.residence);
    for (const RollupPlace& place : PlacesOf(*slot.residence)) {
      slot.entered.push_back(counts_.IndexOf(place));
    }
  }
}

bool BunchApplication::IsStale(const Slot& slot) const {
  return slot.risk && slot.risk->policy_fingerprint != policies_.fingerprint();
}

bool BunchApplication::NeedsWholeHistory(const Slot& slot) const {
  return slot.moves || IsStale(slot) || *slot.first_reported <= slot.risk->evaluated_through;
}

// The first new date's own month is needed to tell whether it has an observation already.
Date BunchApplication::WindowStart(const Slot& slot) const {
  return std::min(Date::FirstOf(slot.first_reported->month()),
                  slot.first_reported->PlusMonths(-policies_.LongestLookbackMonths()));
}

// Whether all that it reports are new dates after those that were judged.
bool BunchApplication::GoesWithItsGroup(const Slot& slot) const {
  if (!slot.first_reported || !slot.is_plain || slot.moves) return false;
  return !slot.WasSeen() || !NeedsWholeHistory(slot);
}

absl::Status BunchApplication::OpenWindows() {
  memory_.groups.ReadFor(policies_);
  for (const SlotGroup& group : groups_) {
    if (absl::Status status = OpenWindow(group); !status.ok()) return status;
  }
  // What is changed outside of its group's window makes that stale, and the other way round.
  for (const Slot& slot : slots_) {
    if (slot.window != nullptr) {
      memory_.recent.Forget(slot.subject);
    } else if (slot.IsLoaded()) {
      memory_.groups.Leave(slot.subject);
    }
  }
  return absl::OkStatus();
}

absl::Status BunchApplication::OpenWindow(const SlotGroup& group) {
  const size_t dates = group.dates.size();
  const size_t slots = group.end - group.begin;
  if (slots < kFewestTogether || dates > kMostDates) return absl::OkStatus();
  if (dates * slots > kMostDatesForOne * group.reports) return absl::OkStatus();
  const std::span<Slot> all = std::span(slots_).subspan(group.begin, slots);
  std::vector<GroupWindows::Member> members;
  for (const Slot& slot : all) {
    if (!GoesWithItsGroup(slot)) continue;
    members.push_back({static_cast<uint8_t>(slot.subject.number % kSubjectsPerGroup),
                       slot.WasSeen() ? WindowStart(slot) : Date::Max()});
  }
  if (members.size() < kFewestTogether) return absl::OkStatus();
  const absl::StatusOr<GroupWindow*> window =
      memory_.groups.Open(SubjectGroup::Of(all[0].subject), members, store_);
  if (!window.ok()) return window.status();
  if (*window == nullptr) return absl::OkStatus();
  for (Slot& slot : all) {
    if (!GoesWithItsGroup(slot)) continue;
    slot.window = *window;
    slot.lane = *slot.window->LaneOf(static_cast<uint8_t>(slot.subject.number % kSubjectsPerGroup));
  }
  return absl::OkStatus();
}

absl::Status BunchApplication::LoadSlotHistories() {
  std::vector<Slot*> unseen;
  std::vector<Slot*> whole;
  std::vector<Slot*> missing;
  DateRange window;
  window.from = Date::Max();
  for (Slot& slot : slots_) {
    if (slot.window != nullptr) continue;
    if (!slot.WasSeen() || !slot.IsLoaded()) {
      unseen.push_back(&slot);
    } else if (NeedsWholeHistory(slot)) {
      // It may change where it is not loaded from now on.
      memory_.recent.Forget(slot.subject);
      whole.push_back(&slot);
    } else {
      slot.history = memory_.recent.Find(slot.subject, WindowStart(slot));
      if (slot.history != nullptr) continue;
      missing.push_back(&slot);
      window.from = std::min(window.from, WindowStart(slot));
    }
  }
  TakeUnseen(unseen);
  if (absl::Status status = Load(whole, DateRange{}, &memory_.whole); !status.ok()) return status;
  for (Slot* slot : whole) {
    if (!slot->history->empty()) slot->began = slot->history->dates().front();
  }
  if (absl::Status status = Load(missing, window, &memory_.loaded); !status.ok()) return status;
  for (Slot* slot : missing) slot->history = memory_.recent.Keep(slot->history, window.from);
  return absl::OkStatus();
}

// A subject without a risk has never been observed: there is nothing to load, and what it reports
// now is all of its history.
void BunchApplication::TakeUnseen(std::span<Slot* const> slots) {
  if (memory_.unseen.size() < slots.size()) memory_.unseen.resize(slots.size());
  for (size_t i = 0; i < slots.size(); ++i) {
    History* history = &memory_.unseen[i];
    history->Reset(slots[i]->subject);
    const bool is_whole = !slots[i]->WasSeen() && slots[i]->IsLoaded();
    slots[i]->history = is_whole ? memory_.recent.Keep(history, Date::Min()) : history;
  }
}

absl::Status BunchApplication::Load(std::span<Slot* const> slots, DateRange range,
                                    std::vector<History>* histories) {
  if (slots.empty()) return absl::OkStatus();
  std::vector<Subject> subjects;
  subjects.reserve(slots.size());
  for (const Slot* slot : slots) subjects.push_back(slot->subject);
  if (absl::Status status = store_.FillHistories(subjects, range, histories); !status.ok()) {
    return status;
  }
  for (size_t i = 0; i < slots.size(); ++i) slots[i]->history = &(*histories)[i];
  return absl::OkStatus();
}

// A household that moves takes its counts along: all that it had leaves the old places now, all
// that it has then enters the new ones when it is judged. Everyone else's changes are counted as
// they are made.
void BunchApplication::AssignPlaces() {
  for (Slot& slot : slots_) {
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
    slot = SlotOf(report.subject, slot);
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
  const Month month = report.date.month();
  CountFirstOfMonth(slot, month);
  ObservationList& standing = applied_.transaction.observations;
  standing.BeginReport(report.subject, report.date, standing.AddArrival(arrival));
  standing.AddCells(cells);
  if (slot->window != nullptr) {
    PutIntoWindow(report, cells, *slot);
  } else {
    PutIntoHistory(report, cells, arrival, slot->history);
  }
  slot->NoteChange(report.date);
  for (const Counts::PlaceIndex place : slot->places) counts_.AddCells(place, month, cells);
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
  const Month month = report.date.month();
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

// Before the report's cells are put: a month without any observation gets its first one with it.
void BunchApplication::CountFirstOfMonth(Slot* slot, Month month) {
  if (slot->subject.kind != SubjectKind::kHousehold) return;
  if (std::ranges::find(slot->months, month) != slot->months.end()) return;
  slot->months.push_back(month);
  if (HasObservationIn(*slot, month)) return;
  for (const Counts::PlaceIndex place : slot->places) {
    counts_.AddHouseholds(place, month, 1);
  }
  punctuality_.Heard(slot->places.front(), month);
}

bool BunchApplication::HasObservationIn(const Slot& slot, Month month) {
  const std::span<const Date> dates =
      slot.window != nullptr ? slot.window->dates() : slot.history->dates();
  const Date last = Date::LastOf(month);
  for (auto it = std::ranges::lower_bound(dates, Date::FirstOf(month));
       it != dates.end() && *it <= last; ++it) {
    if (slot.window == nullptr) return true;
    const auto row = static_cast<size_t>(it - dates.begin());
    if (slot.window->ReportedOn(row).test(slot.lane)) return true;
  }
  return false;
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
  return slot.first_changed || !slot.WasSeen() || IsStale(slot);
}

// Whether all that changed lies after what was judged.
bool BunchApplication::GoesOn(const Slot& slot) const {
  return slot.WasSeen() && !IsStale(slot) && *slot.first_changed > slot.risk->evaluated_through;
}

absl::Status BunchApplication::JudgeAll() {
  std::vector<Slot*> judged;
  for (Slot& slot : slots_) {
    if (IsToBeJudged(slot)) {
      judged.push_back(&slot);
    } else if (slot.risk) {
      for (const Counts::PlaceIndex place : slot.entered) counts_.AddRisk(place, *slot.risk, 1);
    }
  }
  std::vector<SubjectRisk> risks(judged.size());
  Judge(judged, risks);
  applied_.transaction.risks.reserve(judged.size());
  for (size_t i = 0; i < judged.size(); ++i) {
    if (absl::Status status = Book(judged[i], std::move(risks[i])); !status.ok()) return status;
  }
  return absl::OkStatus();
}

void BunchApplication::Judge(std::span<Slot* const> judged, std::span<SubjectRisk> risks) {
  std::vector<risk::Passage> passages;
  std::vector<risk::LanePassage> lanes;  // of one window
  for (size_t i = 0; i < judged.size(); ++i) {
    const Slot& slot = *judged[i];
    const SubjectRisk* prior = GoesOn(slot) ? slot.risk : nullptr;
    if (slot.window == nullptr) {
      passages.push_back({prior, slot.history, &risks[i]});
      continue;
    }
    lanes.push_back({prior, slot.lane, slot.subject, &risks[i]});
    if (i + 1 < judged.size() && judged[i + 1]->window == slot.window) continue;
    std::ranges::sort(lanes, {}, &risk::LanePassage::lane);
    evaluator_.Judge(*slot.window, lanes);
    lanes.clear();
  }
  evaluator_.Judge(passages);
}

absl::Status BunchApplication::Book(Slot* slot, SubjectRisk judged) {
  for (const Counts::PlaceIndex place : slot->entered) counts_.AddRisk(place, judged, 1);
  static const SubjectRisk kNeverJudged;
  const absl::StatusOr<Booked> booked =
      BookRisk(store_, slot->risk != nullptr ? *slot->risk : kNeverJudged, std::move(judged),
               known_at_, slot->places, &counts_, &applied_.transaction, &applied_.transitions);
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
