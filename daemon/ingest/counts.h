// By how much each place's counts move in one commit: rollups (sums by indicator and month),
// histograms (how the values are spread, for townships, counties and sites) and
// tallies (households, observations, open warnings). A subject counts in every place of PlacesOf,
// once in each. One thread.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "storage/contract/transaction.h"
#include "storage/vocabulary/history.h"
#include "storage/vocabulary/observation_list.h"
#include "storage/vocabulary/site.h"
#include "storage/vocabulary/warning.h"

namespace shouwang::ingest {

// Where the subject lives; for a site, the site itself.
std::vector<RollupPlace> HomePlacesOf(const Subject& subject);
// Where a relocated household counts besides: its origin's township and its site.
std::vector<RollupPlace> PlacesOf(const Residence& residence);

class Counts {
 public:
  using PlaceIndex = uint32_t;

  // Months before it are closed for the count of households with any observation (kAnyIndicator),
  // as not every value of them is kept: it stays as it stands.
  void OpenFrom(Month month) { open_from_ = month; }

  PlaceIndex IndexOf(const RollupPlace& place);
  // A value is there, or no longer.
  void AddValue(PlaceIndex place, IndicatorId indicator, Month month, int64_t value) {
    AddValue(place, indicator, month, value, 1);
  }
  void RemoveValue(PlaceIndex place, IndicatorId indicator, Month month, int64_t value) {
    AddValue(place, indicator, month, value, -1);
  }
  // Households with any observation in the month.
  void AddHouseholds(PlaceIndex place, Month month, int64_t count);
  // Of them, so many were first heard of that many days after it (DelayDays).
  void AddDelays(PlaceIndex place, Month month, int32_t days, int64_t count);
  // Households that began or ended (kFirstReport, kLastReport) with the month.
  void AddReporting(PlaceIndex place, IndicatorId which, Month month, int64_t count);
  // One value each.
  void AddCells(PlaceIndex place, Month month, std::span<const ObservationList::Cell> cells);
  // Good until the next IndexOf.
  Tally& TallyOf(PlaceIndex place) { return tallies_[place]; }
  void AddWarning(PlaceIndex place, RuleId rule, Severity severity, int64_t count);
  // All that the subject's observations contribute to a place, times `sign`.
  void AddHistory(PlaceIndex place, const History& history, int64_t sign);
  // All that its open warnings contribute.
  void AddRisk(PlaceIndex place, const SubjectRisk& risk, int64_t sign);

  // What does not move is left out.
  void MoveInto(Transaction* transaction);

 private:
  static constexpr uint16_t kNoSlot = UINT16_MAX;

  // Of one place, month and indicator.
  struct Spread {
    int64_t count = 0;
    int64_t sum = 0;
    std::vector<int32_t> buckets;  // by bucket + kLastBucket; empty: all 0

    void Add(int64_t value, int64_t sign);
  };
  void AddValue(PlaceIndex place, IndicatorId indicator, Month month, int64_t value, int64_t sign);
  Spread& SpreadOf(PlaceIndex place, IndicatorId indicator, Month month);
  void MoveHistograms(std::span<const RollupPlace> places, Transaction* transaction);

  // What is counted of one place and month, by SlotOf.
  struct Table {
    PlaceIndex place = 0;
    Month month;
    std::vector<Spread> spreads;
  };
  // Good until the next TableOf.
  Table& TableOf(PlaceIndex place, Month month);
  // Indicators are numbered as they are met.
  size_t SlotOf(IndicatorId indicator) {
    if (indicator >= slot_of_.size()) slot_of_.resize(indicator + size_t{1}, kNoSlot);
    if (slot_of_[indicator] == kNoSlot) {
      slot_of_[indicator] = static_cast<uint16_t>(indicators_.size());
      indicators_.push_back(indicator);
    }
    return slot_of_[indicator];
  }

  Month open_from_ = Date::Min().month();
  std::vector<Table> tables_;
  absl::flat_hash_map<uint64_t, size_t> table_of_;  // by place and month
  std::vector<IndicatorId> indicators_;             // by slot
  std::vector<uint16_t> slot_of_;                   // by indicator; kNoSlot where not met
  std::vector<Tally> tallies_;                      // by PlaceIndex; warnings stand in warnings_
  std::vector<std::map<std::pair<RuleId, Severity>, int64_t>> warnings_;
  std::map<RollupPlace, PlaceIndex> places_;
};

}  // namespace shouwang::ingest
