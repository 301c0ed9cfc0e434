// Which rules are open for a subject under two policy sets, at its last reporting date: what a
// change of policy would change.
//
// The answer is that of two Replays over the whole history (the tests hold it to that), but little
// of it is computed. What is known to be open under the first set needs no judging, nor does any
// rule that is the same in the second. Of the others most follows from the last dates alone, so
// they are judged first, for many subjects at once:
//
//   when true, clear_when not true             -> open, whatever was before
//   rule missing from the policy               -> not open
//   when not true and clear_when true over an
//   unbroken run of dates as long as the hold  -> not open
//   when can never be true, as nothing that it
//   needs was ever reported                    -> not open
//
// Where the last dates, as many as a hold takes, do not tell, the rules in question are folded over
// the whole history, which is asked for only then. A subject of which nothing is known, or only
// what an earlier set said, is folded by both sets in one program, in which what they have in
// common is computed once.
//
// Pure; owned by one thread. Keeps its memory from call to call.
#pragma once

#include <memory>
#include <span>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "daemon/risk/policy.h"
#include "storage/vocabulary/group_window.h"
#include "storage/vocabulary/history.h"
#include "storage/vocabulary/reach.h"
#include "storage/vocabulary/warning.h"

namespace shouwang::risk {

// One subject's open rules, ascending.
struct Standing {
  std::vector<RuleId> before;
  std::vector<RuleId> after;
  // The last reporting date that was judged, and by which policy of `after`.
  Date judged_on;
  const Policy* judged_by = nullptr;
};

// Subjects that are judged together, each known from a date on.
struct Lot {
  // Each has all dates from RecentFrom() on; points that reaches() does not name may lack.
  std::span<const History> recent = {};
  // Or, which costs less: neighbours in a window, the same of each lane. Lane i is subjects[i].
  const GroupWindow* window = nullptr;
  std::span<const Subject> subjects = {};  // of the window
  // Whether each has all of its earlier dates, too.
  bool recent_is_whole = false;
  // Of each what is known of all its points; nullptr: nothing. What was not judged by `before`, or
  // past `through`, is not made use of.
  std::span<const SubjectRisk* const> known = {};
  // Every indicator that any of them ever reported, ascending; it may name others too.
  std::span<const IndicatorId> reported = {};
  // Reads all points of recent[index] or subjects[index] of these indicators (ascending, not
  // empty), and every date that has only others.
  absl::FunctionRef<absl::Status(size_t index, std::span<const IndicatorId>, History* whole)>
      read_whole;
  // Where there is a window: makes it hold the same of all its lanes, beside what it holds already;
  // nullptr where that does not fit a window.
  absl::FunctionRef<absl::StatusOr<const GroupWindow*>(std::span<const IndicatorId>)> read_window;
};

class Contrast {
 public:
  using Visit = absl::FunctionRef<void(const Subject&, const Standing&)>;

  // Dates after `through` are left out of every history. All outlive the contrast.
  Contrast(const PolicySet& before, const PolicySet& after, const Catalogue& catalogue,
           Date through);
  ~Contrast();

  // From when on dates are worth reading at first, for subjects that reported in the month of
  // `through` or the one before it.
  Date RecentFrom() const;
  // And points: those of what rules that are not the same read, by ascending indicator, as far back
  // as those rules look; others only tell that a subject has reported. Not empty.
  const std::vector<Reach>& reaches() const;

  // Visits every subject that has a date to judge, in the order given. Fails as `read_whole` does,
  // having visited some.
  absl::Status Judge(const Lot& lot, Visit visit);
  // The same of whole histories.
  void Judge(std::span<const History> whole, Visit visit);

  // How many subjects have been folded over their whole history so far.
  uint64_t folded() const;

 private:
  class Engine;
  std::unique_ptr<Engine> engine_;
};

}  // namespace shouwang::risk
