// What a GroupWindow says of its subjects, as plain values to compare.
#pragma once

#include <map>
#include <set>
#include <tuple>
#include <utility>

#include "storage/vocabulary/group_window.h"
#include "storage/vocabulary/history.h"

namespace shouwang {

struct Lanes {
  std::set<std::pair<Subject, Date>> reports;
  std::map<std::tuple<Subject, IndicatorId, Date>, int64_t> values;
  friend bool operator==(const Lanes&, const Lanes&) = default;
};

inline Lanes LanesOf(const GroupWindow& window, DateRange range = {}) {
  Lanes lanes;
  for (uint32_t low = 0; low < kSubjectsPerGroup; ++low) {
    const std::optional<size_t> lane = window.LaneOf(static_cast<uint8_t>(low));
    if (!lane) continue;
    const Subject subject = window.group().At(static_cast<uint8_t>(low));
    for (size_t row = 0; row < window.dates().size(); ++row) {
      const Date date = window.dates()[row];
      if (!range.Contains(date) || !window.ReportedOn(row).test(*lane)) continue;
      lanes.reports.insert({subject, date});
      for (size_t column = 0; column < window.indicators().size(); ++column) {
        const int32_t cell = window.Cells(row, column)[*lane];
        if (cell == GroupWindow::kAbsent) continue;
        lanes.values[{subject, window.indicators()[column], date}] = cell;
      }
    }
  }
  return lanes;
}

inline void AddTo(const History& history, DateRange range, Lanes* lanes) {
  for (const Date date : history.dates()) {
    if (range.Contains(date)) lanes->reports.insert({history.subject(), date});
  }
  for (const IndicatorId indicator : history.indicators()) {
    for (const Point& point : history.Of(indicator, range)) {
      lanes->values[{history.subject(), indicator, point.date}] = point.value;
    }
  }
}

}  // namespace shouwang
