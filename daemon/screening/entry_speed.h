// How many of a reporter's visits are beyond what is plausible.
//
//   by the day:  of each day of observation, the visits beyond visits_per_day
//   by the hour: visits entered one at a time (`reported_at` of at most sheet_households visits):
//                of each hour those beyond visits_per_hour, and all in the night
//
// The larger sum of the two counts, as it may be the same visits. `reported_at` is when a report
// was made. Many visits of one instant are a sheet that was typed from paper: it says nothing about
// when the homes were visited, only the days of observation do. Pure; any thread.
#pragma once

#include <cstdint>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "daemon/risk/screening_policy.h"
#include "daemon/screening/example_sample.h"

namespace shouwang::screening {

// By days, and by milliseconds, since 1970-01-01.
using VisitsByDay = absl::flat_hash_map<int32_t, uint64_t>;
using VisitsByInstant = absl::flat_hash_map<int64_t, uint64_t>;

struct EntrySpeed {
  uint64_t implausible = 0;
  std::vector<Example> examples;  // the fullest first, kMaxExamples at most
};

EntrySpeed MeasureEntrySpeed(const risk::ScreeningPolicy& screening, const VisitsByDay& by_day,
                             const VisitsByInstant& by_instant);

}  // namespace shouwang::screening
