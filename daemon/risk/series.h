// The points of one or several indicators joined by date: at each usable date the sum of `plus`
// less the sum of `minus`, and the sum of `total`, exact in the smallest unit. What the windows of
// features lie over.
//
// Rows are those of the history. A value, owned by one thread; Open reuses its memory, so a pass
// over many subjects does not allocate once it is warm.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "storage/vocabulary/history.h"

namespace shouwang::risk {

// Rows [begin, end) of a history.
struct Window {
  size_t begin = 0;
  size_t end = 0;
};

class Series {
 public:
  struct Term {
    IndicatorId indicator = 0;
    int64_t factor = 1;  // to the series' decimals; negative for `minus`
    bool in_total = false;
    friend bool operator==(const Term&, const Term&) = default;
  };
  struct Shape {
    std::vector<Term> terms;
    bool missing_is_zero = false;
    friend bool operator==(const Shape&, const Shape&) = default;
  };

  // Joins the rows of `window`. `columns` are the history's, one for each term, nullptr where it
  // has none of the indicator; they outlive the series.
  void Open(const Shape& shape, std::span<const int64_t* const> columns, Window window);

  // Moves value(row) and total(row) of a usable date, modulo 2^64; the columns stay as they are.
  void Move(size_t row, uint64_t value_by, uint64_t total_by);

  // Whether the row is of the window.
  bool has(size_t row) const { return row >= first_ && row - first_ < rows_; }

  // At a row of the window; History::kAbsent where the date is not usable: those on which every
  // term has a point, or any if `missing_is_zero`. Other rows must not be asked for.
  int64_t value(size_t row) const { return values_[row - first_]; }
  bool usable(size_t row) const { return value(row) != History::kAbsent; }
  // Of a usable date.
  int64_t total(size_t row) const { return totals_[row - first_]; }
  // value(row), total(row) and those after them.
  const int64_t* values(size_t row) const { return values_ + (row - first_); }
  const int64_t* totals(size_t row) const { return totals_.data() + (row - first_); }

  size_t CountUsable(Window window) const;

 private:
  void Join(const Shape& shape, std::span<const int64_t* const> columns, Window window);
  void AddTerm(const int64_t* column, int64_t factor, size_t rows, int64_t* sums);

  size_t first_ = 0;
  size_t rows_ = 0;
  const int64_t* values_ = nullptr;  // of a history's column, or joined_
  std::vector<int64_t> joined_;
  std::vector<int64_t> totals_;
  std::vector<int64_t> present_;  // terms that have a point
};

}  // namespace shouwang::risk
