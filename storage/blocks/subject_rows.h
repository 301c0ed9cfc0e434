// One subject's year while a block is folded: a row for each date, a column for each indicator, in
// each cell a value and the arrival that brought it, or nothing. Later puts take the place of
// earlier ones. Reused from subject to subject, so that folding allocates nothing per value.
//
// Owned by one thread at a time.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "storage/vocabulary/indicator.h"

namespace shouwang {

class SubjectRows {
 public:
  static constexpr uint32_t kNothing = UINT32_MAX;
  struct Cell {
    int64_t value = 0;
    uint32_t arrival = kNothing;
  };

  // Forgets the rows; the columns stay, since the next subject has nearly always the same.
  void Clear();

  // The column of the indicator, added where there is none. Adding one moves later columns.
  size_t ColumnOf(IndicatorId indicator);
  // `day` is 0 to 365.
  void Put(size_t column, int32_t day, int64_t value, uint32_t arrival);

  std::span<const IndicatorId> indicators() const { return indicators_; }
  std::span<const int32_t> days() const { return days_; }
  const Cell& At(size_t row, size_t column) const {
    return cells_[row * indicators_.size() + column];
  }
  std::span<const Cell> Row(size_t row) const {
    return std::span(cells_).subspan(row * indicators_.size(), indicators_.size());
  }

 private:
  size_t RowOf(int32_t day);

  std::vector<IndicatorId> indicators_;  // ascending
  std::vector<int32_t> days_;            // ascending
  std::vector<Cell> cells_;              // row by row
  size_t last_row_ = 0;
  size_t last_column_ = 0;
};

}  // namespace shouwang
