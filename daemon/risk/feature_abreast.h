// One feature of many subjects at once, over a table of rows (dates) by lanes (subjects). Bit by
// bit what Compute (feature.h) gives for each of them; the tests hold it to that.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "daemon/risk/feature.h"
#include "daemon/risk/series.h"
#include "storage/vocabulary/date.h"

namespace shouwang::risk {

// A series over such a table: `stride` cells for each row, so a window of rows [begin, end) are its
// cells [begin * stride, end * stride).
struct AbreastSeries {
  const Series* series = nullptr;
  size_t stride = 0;            // lanes, a multiple of 8 up to Tape::kLanes
  std::span<const Date> dates;  // of the rows
};

// Into out[0, stride). `per`: of each lane the divisor's latest value, NaN where there is none;
// nullptr where the feature has no divisor.
void ComputeAbreast(const CompiledFeature& compiled, const AbreastSeries& in, Window window,
                    Window compare, const double* per, Date date, double* out);

}  // namespace shouwang::risk
