#include "daemon/ingest/slots.h"

#include <algorithm>

namespace shouwang::ingest {
namespace {

// Fewer subjects of a group than this are applied and judged one by one; so are fewer than the
// second number where no batch has as many as the first. A group of which now a few and now some
// more come alone would else go from histories to its window and back, and be read each time.
constexpr size_t kFewestTogether = 8;
constexpr size_t kFewestOfThoseAlone = 32;
// Of a group, each date is judged for all: not more of them, for each report, than so many.
constexpr size_t kMostDatesForOne = 2;
// Groups that report on more dates in one bunch share none of them to speak of.
constexpr size_t kMostDates = 64;
// One whose new dates begin so much earlier than its neighbours' would have all of them read as far
// back.
constexpr int kMostMonthsBehind = 6;

// By their first subjects: a village's month is in order itself, so that all of them then are.
std::vector<const CheckedBatch*> InOrder(std::span<CheckedBatch* const> batches) {
  std::vector<const CheckedBatch*> in_order(batches.begin(), batches.end());
  std::ranges::sort(in_order, {}, [](const CheckedBatch* batch) {
    const auto reports = batch->observations.reports();
    return reports.empty() ? Subject{} : reports.front().subject;
  });
  return in_order;
}

}  // namespace

Slots::Slots(std::span<CheckedBatch* const> batches, const Store& store, WindowReader& windows,
             const risk::PolicySet& policies, BunchMemory* memory)
    : batches_(batches),
      store_(store),
      windows_(windows),
      policies_(policies),
      memory_(*memory),
      slots_(memory->slots) {
  slots_.clear();
}

void Slots::Gather() {
  std::vector<Subject> subjects;
  for (const CheckedBatch* batch : InOrder(batches_)) {
    for (const ObservationList::Report& report : batch->observations.reports()) {
      subjects.push_back(report.subject);
    }
    for (const Residence& residence : batch->residences) subjects.push_back(residence.household);
  }
  if (!std::ranges::is_sorted(subjects)) std::ranges::sort(subjects);
  subjects.erase(std::unique(subjects.begin(), subjects.end()), subjects.end());
  slots_.resize(subjects.size());
  for (size_t i = 0; i < subjects.size(); ++i) slots_[i].subject = subjects[i];
  GatherGroups();
  GatherReports();
}

void Slots::GatherGroups() {
  for (size_t i = 0; i < slots_.size(); ++i) {
    const bool goes_on = i > 0 && SubjectGroup::Of(slots_[i].subject) ==
                                      SubjectGroup::Of(slots_[groups_.back().begin].subject);
    if (!goes_on) groups_.emplace_back().begin = i;
    groups_.back().end = i + 1;
  }
}

void Slots::GatherReports() {
  Group* group = nullptr;
  for (const CheckedBatch* batch : batches_) {
    const ObservationList& observations = batch->observations;
    Slot* slot = nullptr;
    size_t of_batch = 0;  // subjects of the group at hand
    for (const ObservationList::Report& report : observations.reports()) {
      const Slot* const before = slot;
      slot = Of(report.subject, slot);
      slot->NoteReport(report.date);
      for (const ObservationList::Cell& cell : observations.CellsOf(report)) {
        slot->is_plain = slot->is_plain && GroupWindow::Fits(cell.value);
      }
      const auto index = static_cast<size_t>(slot - slots_.data());
      if (group == nullptr || index < group->begin || index >= group->end) {
        group = &*(std::ranges::upper_bound(groups_, index, {}, &Group::begin) - 1);
        of_batch = 0;
      }
      if (slot != before) ++of_batch;
      NoteReport(report, of_batch, group);
    }
  }
}

void Slots::NoteReport(const ObservationList::Report& report, size_t of_batch, Group* group) {
  ++group->reports;
  group->most_of_batch = std::max(group->most_of_batch, of_batch);
  auto& dates = group->dates;
  if (!dates.empty() && dates.back() == report.date) return;
  if (dates.size() > kMostDates || std::ranges::find(dates, report.date) != dates.end()) return;
  dates.push_back(report.date);
}

// Reports of a batch come in subject order, so the slot sought is mostly the next one.
Slot* Slots::Of(const Subject& subject, Slot* near) {
  if (near != nullptr) {
    if (near->subject == subject) return near;
    if (++near != slots_.data() + slots_.size() && near->subject == subject) return near;
  }
  return &*std::ranges::lower_bound(slots_, subject, {}, &Slot::subject);
}

absl::Status Slots::LoadStates() {
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

bool Slots::IsStale(const Slot& slot) const {
  return slot.risk && slot.risk->policy_fingerprint != policies_.fingerprint();
}

bool Slots::NeedsWholeHistory(const Slot& slot) const {
  return slot.moves || IsStale(slot) || *slot.first_reported <= slot.risk->evaluated_through;
}

// The first new date's own month is needed to tell whether it has an observation already.
Date Slots::WindowStart(const Slot& slot) {
  const Date first = *slot.first_reported;
  if (start_of_ != first) {
    start_of_ = first;
    start_ = std::min(Date::FirstOf(first.month()),
                      first.PlusMonths(-policies_.LongestLookbackMonths()));
  }
  return start_;
}

// Whether all that it reports are new dates after those that were judged.
bool Slots::GoesWithItsGroup(const Slot& slot) const {
  if (!slot.first_reported || !slot.is_plain || slot.moves) return false;
  return !slot.WasSeen() || !NeedsWholeHistory(slot);
}

absl::Status Slots::OpenWindows() {
  memory_.groups.ReadFor(policies_);
  for (const Group& group : groups_) {
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

absl::Status Slots::OpenWindow(const Group& group) {
  const size_t dates = group.dates.size();
  const size_t slots = group.end - group.begin;
  const bool alone = group.most_of_batch < kFewestTogether;
  if (slots < (alone ? kFewestOfThoseAlone : kFewestTogether)) return absl::OkStatus();
  if (dates > kMostDates) return absl::OkStatus();
  if (dates * slots > kMostDatesForOne * group.reports) return absl::OkStatus();
  const std::vector<Slot*> members = MembersOf(group);
  if (members.size() < kFewestTogether) return absl::OkStatus();
  std::vector<GroupWindows::Member> asked;
  asked.reserve(members.size());
  for (const Slot* slot : members) {
    asked.push_back(
        {SubjectGroup::LowOf(slot->subject), slot->WasSeen() ? WindowStart(*slot) : Date::Max()});
  }
  const absl::StatusOr<GroupWindow*> window =
      memory_.groups.Open(SubjectGroup::Of(members[0]->subject), asked, dates, windows_);
  if (!window.ok()) return window.status();
  if (*window == nullptr) return absl::OkStatus();
  for (Slot* slot : members) {
    slot->window = *window;
    slot->lane = *slot->window->LaneOf(SubjectGroup::LowOf(slot->subject));
  }
  return absl::OkStatus();
}

std::vector<Slot*> Slots::MembersOf(const Group& group) {
  std::vector<Slot*> members;
  Date latest = Date::Min();
  for (Slot& slot : std::span(slots_).subspan(group.begin, group.end - group.begin)) {
    if (!GoesWithItsGroup(slot)) continue;
    members.push_back(&slot);
    if (slot.WasSeen()) latest = std::max(latest, WindowStart(slot));
  }
  if (latest == Date::Min()) return members;
  const Date first = latest.PlusMonths(-kMostMonthsBehind);
  std::erase_if(members,
                [&](const Slot* slot) { return slot->WasSeen() && WindowStart(*slot) < first; });
  return members;
}

absl::Status Slots::LoadHistories() {
  if (absl::Status status = OpenWindows(); !status.ok()) return status;
  std::vector<Slot*> unseen;
  std::vector<Slot*> whole;
  std::vector<Slot*> missing;
  DateRange range;
  range.from = Date::Max();
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
      range.from = std::min(range.from, WindowStart(slot));
    }
  }
  TakeUnseen(unseen);
  if (absl::Status status = Load(whole, DateRange{}, &memory_.whole); !status.ok()) return status;
  for (Slot* slot : whole) {
    if (!slot->history->empty()) slot->began = slot->history->dates().front();
  }
  if (absl::Status status = Load(missing, range, &memory_.loaded); !status.ok()) return status;
  for (Slot* slot : missing) slot->history = memory_.recent.Keep(slot->history, range.from);
  return absl::OkStatus();
}

// A subject without a risk has never been observed: there is nothing to load, and what it reports
// now is all of its history.
void Slots::TakeUnseen(std::span<Slot* const> slots) {
  if (memory_.unseen.size() < slots.size()) memory_.unseen.resize(slots.size());
  for (size_t i = 0; i < slots.size(); ++i) {
    History* history = &memory_.unseen[i];
    history->Reset(slots[i]->subject);
    const bool is_whole = !slots[i]->WasSeen() && slots[i]->IsLoaded();
    slots[i]->history = is_whole ? memory_.recent.Keep(history, Date::Min()) : history;
  }
}

absl::Status Slots::Load(std::span<Slot* const> slots, DateRange range,
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

}  // namespace shouwang::ingest
