// One subject that a part of a bunch touches: what is stored of it and what the part's batches
// report of it. Made by Slots, used up by bunch_part. The shard's thread.
#pragma once

#include <optional>

#include "absl/container/inlined_vector.h"
#include "daemon/ingest/check.h"
#include "daemon/ingest/counts.h"
#include "storage/vocabulary/group_window.h"
#include "storage/vocabulary/history.h"
#include "storage/vocabulary/site.h"
#include "storage/vocabulary/warning.h"

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

}  // namespace shouwang::ingest
