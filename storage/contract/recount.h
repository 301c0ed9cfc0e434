// What a store's counts must say, counted anew from what it holds: rollups, histograms and tallies
// from histories, superseded values and residences, open warnings from the subjects' states. For
// whoever checks a store; ingest and retention move the counts by deltas and never recount.
//
// Reads only; one thread. Memory is bounded by the largest township and county and by `max_counts`.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <set>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "storage/contract/store.h"
#include "storage/vocabulary/retention.h"

namespace shouwang {

struct RecountScope {
  // To be looked at beside those that have histories: any with a count, state or warning.
  std::set<Division> townships;
  // Whose counts are looked at beside those of indicators that have values; kAnyIndicator is.
  std::set<IndicatorId> indicators;
  // Townships that are not compared, since something of them cannot be read.
  std::set<Division> damaged;
  // Months that it has closed are not compared: their values may be gone, and their counts stay.
  Retention retention;
  // Counts of places that households of other townships share (origins, sites) held at once; past
  // it the histories are read once more for the rest.
  size_t max_counts = size_t{4} << 20;
};

struct RecountTotals {
  uint64_t subjects = 0;
  uint64_t observations = 0;
  uint64_t warnings = 0;      // open, by the states
  uint64_t rollup_cells = 0;  // compared
  uint64_t histograms = 0;    // compared
  uint64_t tallies = 0;       // compared
};

// What to tell while it works, and of whom.
struct RecountListener {
  // One difference, in words: the thing, what is stored, what the recount says.
  std::function<void(const std::string&)> on_rollup;
  std::function<void(const std::string&)> on_histogram;
  std::function<void(const std::string&)> on_tally;
  std::function<void(const std::string&)> on_warning;
  // Now and then.
  std::function<void(const RecountTotals&)> on_progress;
};

// Fails where a read of the store fails; differences are no failure.
absl::StatusOr<RecountTotals> Recount(const Store& store, const RecountScope& scope,
                                      const RecountListener& listener);

}  // namespace shouwang
