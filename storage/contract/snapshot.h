// What a store held at one moment, to be read by several threads and in several goes: the regions
// of a province side by side, each subject as far back as it turns out to be needed.
//
// Owned by who took it (Store::TakeSnapshot); the store outlives it. Any thread. As long as it is
// kept the store keeps what has been replaced since, so it is kept for a question, not for a day.
// Failures are the Store's.
#pragma once

#include <span>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "storage/contract/subject_state.h"
#include "storage/contract/transaction.h"
#include "storage/vocabulary/group_window.h"
#include "storage/vocabulary/history.h"
#include "storage/vocabulary/reach.h"

namespace shouwang {

// Subjects that a store reads together, in subject order: every one of them that has a point, be it
// an old one. Good for the call that it was shown to.
struct Neighbours {
  std::span<const Subject> subjects = {};
  // Of each its dates from the one asked for on and the points asked for, and maybe others: side by
  // side where they fit, lane i being subjects[i], else (nullptr) each by itself.
  const GroupWindow* window = nullptr;
  std::span<const History> recent = {};
  // Whether that is known to be all of its points (of the indicators asked for).
  bool recent_is_whole = false;
  // Of each what is kept beside its points.
  std::span<const SubjectState> states = {};
  // Every indicator that any of them has a point of, ascending; it may name others too.
  std::span<const IndicatorId> reported = {};
  // Reads all points of subjects[index], of these indicators as of those that the scan was asked
  // for.
  absl::FunctionRef<absl::Status(size_t index, std::span<const IndicatorId>, History* whole)>
      read_whole;
  // Where there is a window: makes it hold the same of all of them, beside what it holds already,
  // and gives it; nullptr where that does not fit, and the window is of no use any more.
  absl::FunctionRef<absl::StatusOr<const GroupWindow*>(std::span<const IndicatorId>)> read_window;
};

class Snapshot {
 public:
  virtual ~Snapshot() = default;

  // Every subject of `region` that has a point, a few at a time, in subject order, with its dates
  // from `from` on. `reaches` (by ascending indicator, none before `from`; empty: all, from `from`
  // on) are the points that are wanted: a store may leave out the others, never a date that has
  // only others. Stops early when `visit` returns false.
  virtual absl::Status ScanNeighbours(const Division& region, Date from,
                                      std::span<const Reach> reaches,
                                      absl::FunctionRef<bool(const Neighbours&)> visit) const = 0;
  // As the Store's of the same name.
  virtual absl::Status ScanWithSuperseded(
      const Division& region, const Subject& from_subject,
      absl::FunctionRef<bool(const History&, std::span<const SupersededValue>)> visit) const = 0;
};

}  // namespace shouwang
