#include "storage/blocks/subject_rows.h"

#include <algorithm>

namespace shouwang {

void SubjectRows::Clear() {
  days_.clear();
  cells_.clear();
  last_row_ = 0;
  last_column_ = 0;
}

size_t SubjectRows::ColumnOf(IndicatorId indicator) {
  // Indicators come in ascending order, so the next is nearly always the one after the last.
  for (const size_t guess : {last_column_, last_column_ + 1}) {
    if (guess < indicators_.size() && indicators_[guess] == indicator) return last_column_ = guess;
  }
  const auto it = std::ranges::lower_bound(indicators_, indicator);
  const auto column = static_cast<size_t>(it - indicators_.begin());
  last_column_ = column;
  if (it != indicators_.end() && *it == indicator) return column;
  const size_t width = indicators_.size();
  indicators_.insert(it, indicator);
  cells_.resize(days_.size() * (width + 1));
  for (size_t row = days_.size(); row-- > 0;) {
    for (size_t to = width + 1; to-- > 0;) {
      Cell& cell = cells_[row * (width + 1) + to];
      if (to == column) {
        cell = Cell{};
      } else {
        cell = cells_[row * width + (to > column ? to - 1 : to)];
      }
    }
  }
  return column;
}

size_t SubjectRows::RowOf(int32_t day) {
  for (const size_t guess : {last_row_, last_row_ + 1}) {
    if (guess < days_.size() && days_[guess] == day) return last_row_ = guess;
  }
  const auto it = std::ranges::lower_bound(days_, day);
  const auto row = static_cast<size_t>(it - days_.begin());
  last_row_ = row;
  if (it != days_.end() && *it == day) return row;
  days_.insert(it, day);
  const size_t width = indicators_.size();
  cells_.insert(cells_.begin() + static_cast<std::ptrdiff_t>(row * width), width, Cell{});
  return row;
}

void SubjectRows::Put(size_t column, int32_t day, int64_t value, uint32_t arrival) {
  cells_[RowOf(day) * indicators_.size() + column] = Cell{value, arrival};
}

}  // namespace shouwang
