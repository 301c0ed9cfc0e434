#include "daemon/risk/series.h"

#include <algorithm>

namespace shouwang::risk {

void Series::Open(const Shape& shape, std::span<const int64_t* const> columns, Window window) {
  first_ = window.begin;
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

void Series::Join(const Shape& shape, std::span<const int64_t* const> columns, Window window) {
  const size_t rows = window.end - window.begin;
  joined_.assign(rows, 0);
  totals_.assign(rows, 0);
  if (shape.missing_is_zero) {
    // Absent until a term has a point.
    for (size_t row = 0; row < rows; ++row) {
      const bool any = std::ranges::any_of(columns, [&](const int64_t* column) {
        return column != nullptr && column[window.begin + row] != History::kAbsent;
      });
      if (!any) joined_[row] = History::kAbsent;
    }
  }
  for (size_t t = 0; t < shape.terms.size(); ++t) {
    const Series::Term& term = shape.terms[t];
    if (columns[t] == nullptr) {
      if (shape.missing_is_zero) continue;
      std::ranges::fill(joined_, History::kAbsent);
      return;
    }
    const int64_t* column = columns[t] + window.begin;
    std::vector<int64_t>& sums = term.in_total ? totals_ : joined_;
    for (size_t row = 0; row < rows; ++row) {
      if (joined_[row] == History::kAbsent) continue;
      if (column[row] == History::kAbsent) {
        if (!shape.missing_is_zero) joined_[row] = History::kAbsent;
        continue;
      }
      // Unsigned, as sums of damaged data may wrap; the checks of a policy keep those of good data
      // inside 63 bits.
      sums[row] = static_cast<int64_t>(static_cast<uint64_t>(sums[row]) +
                                       static_cast<uint64_t>(column[row]) *
                                           static_cast<uint64_t>(term.factor));
    }
  }
}

size_t Series::CountUsable(Window window) const {
  size_t count = 0;
  for (size_t row = window.begin; row < window.end; ++row) count += usable(row) ? 1 : 0;
  return count;
}

}  // namespace shouwang::risk
