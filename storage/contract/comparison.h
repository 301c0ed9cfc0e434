// Private to recount: what a store says of places, held against what was counted of them.
//
// One thread; what it is given outlives it.
#pragma once

#include <map>
#include <set>

#include "absl/status/status.h"
#include "storage/contract/place_counts.h"
#include "storage/contract/recount.h"
#include "storage/vocabulary/reporting.h"

namespace shouwang {

class Comparison {
 public:
  // By place, all of one view and township or, of counties, one view and county.
  using Spread = std::map<std::pair<IndicatorId, Month>, Histogram>;
  using CountedPlaces = std::map<RollupPlace, PlaceCounts>;

  Comparison(const Store& store, const RecountScope& scope, const RecountListener& listener,
             RecountTotals* totals)
      : store_(store),
        scope_(scope),
        listener_(listener),
        totals_(totals),
        indicators_(scope.indicators) {
    indicators_.insert({kAnyIndicator, kFirstReport, kLastReport});
  }

  // Its counts are looked at from now on.
  void Know(IndicatorId indicator) { indicators_.insert(indicator); }

  // Rollups, histograms and tallies of the places of one view in one township; `counted` has no
  // others, those that it lacks have nothing.
  absl::Status Places(RollupView view, const Division& township, const CountedPlaces& counted);
  // Histograms of one county. View kSettlement or kOrigin.
  absl::Status County(RollupView view, const Division& county, const Spread& counted);
  // Every open rule of a state has its warning, and no other warning is there.
  absl::Status Warnings(const Division& township, const std::map<Subject, SubjectState>& states);

 private:
  absl::Status Rollups(RollupView view, const Division& township, const CountedPlaces& counted);
  absl::Status Tallies(RollupView view, const Division& township, const CountedPlaces& counted);
  absl::Status Histograms(const HistogramQuery& query,
                          const std::map<HistogramPlace, Spread>& counted);
  void CompareTally(const RollupPlace& place, const Tally& counted, const Tally& stored);
  bool IsClosed(IndicatorId indicator, Month month) const;

  const Store& store_;
  const RecountScope& scope_;
  const RecountListener& listener_;
  RecountTotals* const totals_;
  std::set<IndicatorId> indicators_;
};

}  // namespace shouwang
