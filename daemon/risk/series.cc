#include "daemon/risk/series.h"

#include <algorithm>

#include "storage/vocabulary/lane_loops.h"

namespace shouwang::risk {

void Series::Open(const Shape& shape, std::span<const int64_t* const> columns, Window window) {
  first_ = window.begin;
  rows_ = window.end - window.begin;
  // Most series have one term: its column as it is.
  const bool plain = shape.terms.size() == 1 && shape.terms[0].factor == 1 &&
                     !shape.terms[0].in_total && columns[0] != nullptr;
  if (plain) {
    values_ = columns[0] + first_;
    return;
  }
  Join(shape, columns, window);
  values_ = joined_.data();
}

void Series::Move(size_t row, uint64_t value_by, uint64_t total_by) {
  if (values_ != joined_.data()) {
    // A series that is a column has no totals.
    joined_.assign(values_, values_ + rows_);
    totals_.assign(rows_, 0);
    values_ = joined_.data();
  }
  const size_t at = row - first_;
  joined_[at] = static_cast<int64_t>(static_cast<uint64_t>(joined_[at]) + value_by);
  totals_[at] = static_cast<int64_t>(static_cast<uint64_t>(totals_[at]) + total_by);
}

SHOUWANG_LANE_LOOPS void Series::Join(const Shape& shape, std::span<const int64_t* const> columns,
                                      Window window) {
  const size_t rows = window.end - window.begin;
  joined_.resize(rows);
  totals_.resize(rows);
  present_.resize(rows);
  std::ranges::fill(joined_, 0);
  std::ranges::fill(totals_, 0);
  std::ranges::fill(present_, 0);
  int64_t terms = 0;
  for (size_t t = 0; t < shape.terms.size(); ++t) {
    const Series::Term& term = shape.terms[t];
    ++terms;
    if (columns[t] != nullptr) {
      AddTerm(columns[t] + window.begin, term.factor, rows,
              term.in_total ? totals_.data() : joined_.data());
    }
  }
  const int64_t needed = shape.missing_is_zero ? 1 : terms;
  for (size_t row = 0; row < rows; ++row) {
    joined_[row] = present_[row] >= needed ? joined_[row] : History::kAbsent;
  }
}

// Unsigned, as sums of damaged data may wrap; the checks of a policy keep those of good data inside
// 63 bits. Without a branch, so that several rows are taken at once.
void Series::AddTerm(const int64_t* column, int64_t factor, size_t rows, int64_t* sums) {
  int64_t* present = present_.data();
  const auto times = static_cast<uint64_t>(factor);
  for (size_t row = 0; row < rows; ++row) {
    const bool is_there = column[row] != History::kAbsent;
    const uint64_t value = is_there ? static_cast<uint64_t>(column[row]) : 0;
    sums[row] = static_cast<int64_t>(static_cast<uint64_t>(sums[row]) + value * times);
    present[row] += is_there ? 1 : 0;
  }
}

size_t Series::CountUsable(Window window) const {
  size_t count = 0;
  for (size_t row = window.begin; row < window.end; ++row) count += usable(row) ? 1 : 0;
  return count;
}

}  // namespace shouwang::risk
