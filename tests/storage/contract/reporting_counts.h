// Counts of reporting (storage/vocabulary/reporting.h) for tests that write transactions by hand.
#pragma once

#include <string_view>
#include <vector>

#include "storage/contract/place_counts.h"
#include "storage/vocabulary/reporting.h"
#include "tests/storage/contract/store_contract.h"

namespace shouwang {

// Of one household: the months in which it reported, all first heard of on 1970-01-01.
inline void CountReporting(std::string_view township, const std::vector<std::string_view>& months,
                           Transaction* transaction) {
  const RollupPlace home = Settled(township);
  transaction->rollups.push_back({home, kFirstReport, In(months.front()), 1, 0});
  transaction->rollups.push_back({home, kLastReport, In(months.back()), 1, 0});
  PlaceCounts counts;
  for (const std::string_view month : months) {
    const int days_before = Date::FirstOf(In(month) + 1).days();
    counts.cells[{kAnyIndicator, In(month)}].histogram.Add(BucketOf(-days_before), 1);
  }
  for (const PlaceHistogram& histogram : HistogramsOf(home, counts)) {
    transaction->histograms.push_back(histogram);
  }
}

}  // namespace shouwang
