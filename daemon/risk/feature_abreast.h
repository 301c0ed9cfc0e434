// One feature of many subjects at once, over a table of rows (dates) by lanes (subjects). Bit by
// bit what Compute (feature.h) gives for each of them; the tests hold it to that.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "daemon/risk/feature.h"
#include "daemon/risk/series.h"
#include "storage/vocabulary/date.h"

namespace shouwang::risk {

class RunningSums;

// A series over such a table: `stride` cells for each row, so a window of rows [begin, end) are its
// cells [begin * stride, end * stride).
struct AbreastSeries {
  const Series* series = nullptr;
  size_t stride = 0;            // lanes, a multiple of 8 up to Tape::kLanes
  size_t count = 0;             // of them, the first, that are subjects'
  std::span<const Date> dates;  // of the rows
  // Its own sums, where there are any: quicker where one date after the other is judged.
  const RunningSums* sums = nullptr;
};

// What the usable cells of a series sum up to, and how many they are, before each of its rows: over
// any window the difference of two rows, exact modulo 2^64. Keeps its memory.
class RunningSums {
 public:
  // Of rows [begin, end).
  void Open(const AbreastSeries& of, size_t begin, size_t end);

  const uint64_t* SumsBefore(size_t row) const { return sums_.data() + (row - begin_) * stride_; }
  const int64_t* UsableBefore(size_t row) const {
    return usable_.data() + (row - begin_) * stride_;
  }

 private:
  size_t begin_ = 0;
  size_t stride_ = 0;
  std::vector<uint64_t> sums_;
  std::vector<int64_t> usable_;
};

// One row further back: latest[lane] = cells[lane] / scale in lanes in which it is still NaN and
// the cell is there. Whether it is no longer NaN in any of them.
bool TakeLatest(const int64_t* cells, size_t stride, double scale, double* latest);

// Into out[0, stride); what surplus lanes get means nothing. `per`: of each lane the divisor's
// latest value, NaN where there is none; nullptr where the feature has no divisor.
void ComputeAbreast(const CompiledFeature& compiled, const AbreastSeries& in, Window window,
                    Window compare, const double* per, Date date, double* out);

}  // namespace shouwang::risk
