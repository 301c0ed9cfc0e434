// The subjects that a part of a bunch touches, each once, with what is stored of them. They are
// gathered, then their states are loaded, then their histories: after that each has a history, or a
// lane of the window of its group.
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
#include "daemon/ingest/slot.h"
#include "daemon/risk/policy.h"
#include "storage/contract/store.h"

namespace shouwang::ingest {

class Slots {
 public:
  // All outlive the slots.
  Slots(std::span<CheckedBatch* const> batches, const Store& store, WindowReader& windows,
        const risk::PolicySet& policies, BunchMemory* memory);

  // Of the batches' reports and residences.
  void Gather();
  absl::Status LoadStates();
  // Once it is known who moves.
  absl::Status LoadHistories();

  // By subject.
  std::span<Slot> all() { return slots_; }
  // One that the part touches; `near` is one that is looked at first, or nullptr.
  Slot* Of(const Subject& subject, Slot* near = nullptr);
  // Whether what is known of it was judged by other policies.
  bool IsStale(const Slot& slot) const;

 private:
  // The slots of one SubjectGroup.
  struct Group {
    size_t begin = 0;  // [begin, end) of slots_
    size_t end = 0;
    size_t reports = 0;
    absl::InlinedVector<Date, 4> dates;  // of them; at most one more than kMostDates
    size_t most_of_batch = 0;            // subjects that one batch reports of
  };

  void GatherGroups();
  void GatherReports();
  // `of_batch` counts the group's subjects of the report's batch up to this one.
  void NoteReport(const ObservationList::Report& report, size_t of_batch, Group* group);
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
  WindowReader& windows_;
  const risk::PolicySet& policies_;
  BunchMemory& memory_;
  std::vector<Slot>& slots_;  // in BunchMemory
  std::vector<Group> groups_;
  // The first date that WindowStart was asked for last, which neighbours mostly share, and its
  // answer.
  std::optional<Date> start_of_;
  Date start_;
};

}  // namespace shouwang::ingest
