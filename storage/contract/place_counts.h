// All that is counted at one place, from whole histories: what rollups, histograms and the tally of
// the place must say. For whoever counts a store anew; ingest moves counts by deltas.
//
// Values; one thread at a time.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <span>
#include <utility>
#include <vector>

#include "storage/contract/store.h"

namespace shouwang {

struct PlaceCounts {
  struct Cell {
    int64_t count = 0;
    int64_t sum = 0;
    Histogram histogram;  // of kAnyIndicator only what AddReporting adds
  };

  std::map<std::pair<IndicatorId, Month>, Cell> cells;
  Tally tally;  // without latest_known_at

  // Returns by how many cells and buckets this has grown.
  size_t Add(const History& history);
  // Its open warnings.
  void Add(const SubjectRisk& risk);
  // Of a household at its home: what storage/vocabulary/reporting.h counts beside the months in
  // which it reported, in months from `open_from` on as to delays.
  void AddReporting(const History& history, std::span<const SupersededValue> superseded,
                    Month open_from);
};

// Where a subject counts: where it lives; a site at itself; a relocated household at its origin's
// township and its site.
std::vector<RollupPlace> PlacesOf(const Subject& subject, const SubjectState& state);

// The histograms that `counts` of `place` add to: its own, and its county's, but for a site.
std::vector<PlaceHistogram> HistogramsOf(const RollupPlace& place, const PlaceCounts& counts);

}  // namespace shouwang
