// The subjects that a bunch touches, each once, with what is stored of them. They are gathered,
// then their states are loaded, then their histories: after that each has a history, or a lane of
// the window of its group.
//
// Only reads the store; what is loaded lies in BunchMemory. The shard's thread.
#pragma once

#include <optional>
#include <span>
#include <vector>

#include "absl/container/inlined_vector.h"
#include "absl/status/status.h"
#include "daemon/ingest/bunch_memory.h"
#include "daemon/ingest/check.h"
#include "daemon/ingest/counts.h"
#include "daemon/risk/policy.h"
#include "storage/contract/store.h"

namespace shouwang::ingest {

struct Slot {
  using Places = absl::InlinedVector<Counts::PlaceIndex, 3>;

  Subject subject;
  const SubjectRisk* risk = nullptr;   // as stored, in BunchMemory; nullptr: never judged
  std::optional<Residence> residence;  // as it will stand
  bool moves = false;
  std::optional<Date> first_reported;  // the earliest date of a report in the bunch
  std::optional<Date> last_reported;   // the latest
  bool is_plain = true;  // each of its reports is later than the one before and fits a window

  History* history = nullptr;     // in BunchMemory; nullptr: it is in the window
  GroupWindow* window = nullptr;  // of its group, in BunchMemory
  size_t lane = 0;                // of the window
  std::optional<Date> began;      // where the whole history is loaded, as it was stored

  std::optional<Date> first_changed;     // the earliest date whose value is new or moved
  absl::InlinedVector<Month, 2> months;  // known to have an observation
  Places places;                         // that each change is counted at as it is made
  Places left;                           // of the old residence, where the household moves
  Places entered;                        // of the new one
  CheckedBatch* last_batch = nullptr;

  bool WasSeen() const { return risk != nullptr; }
  // Whether its history is asked for.
  bool IsLoaded() const { return first_reported.has_value() || moves; }
  // Once its reports are applied.
  bool HasDates() const { return window != nullptr || (IsLoaded() && !history->empty()); }
  // Whether it has a date among these days so far.
  bool HasObservationIn(DateRange days) const;
  void NoteChange(Date date) {
    if (!first_changed || date < *first_changed) first_changed = date;
  }
  void NoteReport(Date date) {
    if (last_reported && date <= *last_reported) is_plain = false;
    if (!first_reported || date < *first_reported) first_reported = date;
    if (!last_reported || date > *last_reported) last_reported = date;
  }
};

class Slots {
 public:
  // All outlive the slots.
  Slots(std::span<CheckedBatch* const> batches, const Store& store, const risk::PolicySet& policies,
        BunchMemory* memory);

  // Of the batches' reports and residences.
  void Gather();
  absl::Status LoadStates();
  // Once it is known who moves.
  absl::Status LoadHistories();

  // By subject.
  std::span<Slot> all() { return slots_; }
  // One that the bunch touches; `near` is one that is looked at first, or nullptr.
  Slot* Of(const Subject& subject, Slot* near = nullptr);
  // What the batches hold.
  size_t reports() const { return reports_; }
  size_t values() const { return values_; }
  // Whether what is known of it was judged by other policies.
  bool IsStale(const Slot& slot) const;

 private:
  // The slots of one SubjectGroup.
  struct Group {
    size_t begin = 0;  // [begin, end) of slots_
    size_t end = 0;
    size_t reports = 0;
    absl::InlinedVector<Date, 4> dates;  // of them; at most one more than kMostDates
  };

  void GatherGroups();
  void GatherReports();
  void NoteReport(const ObservationList::Report& report, Group* group);
  absl::Status OpenWindows();
  absl::Status OpenWindow(const Group& group);
  std::vector<Slot*> MembersOf(const Group& group);
  bool GoesWithItsGroup(const Slot& slot) const;
  bool NeedsWholeHistory(const Slot& slot) const;
  // The first day that an evaluation of the slot's new dates may read.
  Date WindowStart(const Slot& slot);
  void TakeUnseen(std::span<Slot* const> slots);
  absl::Status Load(std::span<Slot* const> slots, DateRange range, std::vector<History>* histories);

  const std::span<CheckedBatch* const> batches_;
  const Store& store_;
  const risk::PolicySet& policies_;
  BunchMemory& memory_;
  std::vector<Slot> slots_;
  std::vector<Group> groups_;
  size_t reports_ = 0;
  size_t values_ = 0;
  // The first date that WindowStart was asked for last, which neighbours mostly share, and its
  // answer.
  std::optional<Date> start_of_;
  Date start_;
};

}  // namespace shouwang::ingest
