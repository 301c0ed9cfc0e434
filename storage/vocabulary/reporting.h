// What is counted of reporting itself, beside what is reported: who was heard of in a month, how
// late, since when and until when. Kept in rollups and histograms of places of view kSettlement, as
// reporting is the duty of the township that a household lives in. Counts of households:
//
//   rollup    kAnyIndicator   with an observation in the month (of every view)
//   histogram kAnyIndicator   of them, by the DelayDays of the month's first arrival
//   rollup    kFirstReport    by the month of their earliest observation
//   rollup    kLastReport     by the month of their latest observation
//
// When a household's month was first heard of never changes: a correction keeps what it replaces,
// and what comes later was known later. So a delay is counted once, with the first observation of
// the month, and each household stands in exactly one month of kFirstReport and of kLastReport.
// Values; any thread.
#pragma once

#include "storage/vocabulary/date.h"
#include "storage/vocabulary/indicator.h"

namespace shouwang {

// Ids that no indicator of a catalogue may have.
inline constexpr IndicatorId kFirstReport = 65'534;
inline constexpr IndicatorId kLastReport = 65'535;
inline constexpr IndicatorId kLastCatalogued = 65'533;

// Days from the first day after `month` to the day it was heard of: 0 on the 1st of the following
// month, 19 on its 20th, negative while the month still runs. The histogram tells each day from -31
// to 31 apart (storage/vocabulary/histogram.h), so shares by a due day of the following month are
// exact.
inline int32_t DelayDays(Month month, Date known_on) {
  return known_on.days() - Date::FirstOf(month + 1).days();
}

}  // namespace shouwang
