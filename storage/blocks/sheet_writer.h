// Writes what a commit adds to a block as an operand: a sheet (sheet_format.h) for each date and
// arrival, several of them as a pile (pile.h).
//
// Owned by one thread at a time; going on to the next block keeps its memory, so that writing
// allocates nothing per value.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "storage/blocks/block_key.h"
#include "storage/vocabulary/observation_list.h"

namespace shouwang {

class SheetWriter {
 public:
  // The operand for `reports` of `observations`, all of the block that `key` names, in (subject,
  // date) order, at least one, none without a cell. Of two of one cell the later stands. The bytes
  // are good until the next call.
  std::string_view Write(const BlockKey& key, const ObservationList& observations,
                         std::span<const ObservationList::Report> reports);

 private:
  using Report = ObservationList::Report;
  // A report's place among the sheets: a subject that reports a date twice has its second report on
  // a later sheet.
  struct Place {
    uint32_t round = 0;
    Date date;
    uint32_t arrival = 0;
    const Report* report = nullptr;
    bool SharesSheetWith(const Place& other) const {
      return round == other.round && date == other.date && arrival == other.arrival;
    }
  };

  // Sorts the reports into places_, the sheets' oldest date first within a round.
  void FindPlaces(std::span<const Report> reports);
  // Fills indicators_; whether every report has just these, in this order.
  bool CollectIndicators(const ObservationList& observations, std::span<const Place> places);
  bool HaveSameIndicators(const ObservationList& observations, std::span<const Place> places);
  // Fills values_ from indicators_.
  void CollectValues(const ObservationList& observations, std::span<const Place> places,
                     bool same_indicators);
  void WriteSheet(int32_t first_day, const ObservationList& observations,
                  std::span<const Place> places, bool same_indicators);
  void WriteHead(int32_t day, const Arrival& arrival, std::span<const Place> places);
  void WriteColumn(std::span<const int64_t> values);

  std::vector<Place> places_;
  std::vector<uint8_t> lows_;
  std::vector<IndicatorId> indicators_;
  std::vector<int64_t> values_;  // column by column, History::kAbsent where there is none
  std::vector<int64_t> present_;
  std::string sheet_;
  std::string pile_;
};

}  // namespace shouwang
