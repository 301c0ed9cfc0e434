// By how much each place's counts move in one commit: rollups (sums by indicator and month) and
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

  PlaceIndex IndexOf(const RollupPlace& place);
  void AddValue(PlaceIndex place, IndicatorId indicator, Month month, int64_t count, int64_t sum);
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
  struct Sum {
    int64_t count = 0;
    int64_t sum = 0;
  };

  // The sums of one place and month, by SlotOf.
  struct Table {
    PlaceIndex place = 0;
    Month month;
    std::vector<Sum> sums;
  };
  // Good until the next TableOf.
  Table& TableOf(PlaceIndex place, Month month);
  // Indicators are numbered as they are met.
  size_t SlotOf(IndicatorId indicator);

  std::vector<Table> tables_;
  absl::flat_hash_map<uint64_t, size_t> table_of_;  // by place and month
  std::vector<IndicatorId> indicators_;             // by slot
  std::vector<uint16_t> slot_of_;                   // by indicator; kNoSlot where not met
  std::vector<Tally> tallies_;                      // by PlaceIndex; warnings stand in warnings_
  std::vector<std::map<std::pair<RuleId, Severity>, int64_t>> warnings_;
  std::map<RollupPlace, PlaceIndex> places_;
};

}  // namespace shouwang::ingest
