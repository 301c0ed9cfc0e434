// One feature made ready for evaluation: which series its windows lie over, and its value from the
// two windows. The formula of each kind stands in policy.h at FeatureKind, the arithmetic here.
//
// Values, owned by one thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

#include "daemon/risk/policy.h"
#include "daemon/risk/series.h"
#include "daemon/risk/tape.h"

namespace shouwang::risk {

inline constexpr double kDaysPerMonth = 30.4375;

struct CompiledFeature {
  const Feature* feature = nullptr;
  Register value = 0;
  // All but kFormula, whose steps are on the tape:
  size_t series = 0;
  double scale = 1;          // 10 to the series' decimals
  size_t after = 0;          // slots of WindowBounds: of the window,
  size_t compare_after = 0;  // and of the window before (kChange)
  size_t compare_through = 0;
  std::optional<size_t> per;  // index of the divisor's column
};

// Of the usable dates of a window; the sum modulo 2^64.
struct WindowSum {
  uint64_t sum = 0;
  size_t usable = 0;
};
WindowSum SumOf(const Series& series, Window window);

// The feature at `date` from its windows; NaN: unknown. `per` is the divisor's latest value, NaN
// where there is none; it is looked at only if the feature has one. `dates` are the history's.
double Compute(const CompiledFeature& compiled, const Series& series, std::span<const Date> dates,
               Window window, Window compare, double per, Date date);
// The same for who has the sum of `window` already.
double Compute(const CompiledFeature& compiled, const Series& series, std::span<const Date> dates,
               Window window, const WindowSum& sum, Window compare, double per, Date date);

// A series' shape for a feature, with the decimals that it is exact in.
struct FeatureShape {
  Series::Shape shape;
  int decimals = 0;
};
FeatureShape ShapeOf(const Feature& feature, const Catalogue& catalogue);

// How many months before a date the feature's windows reach back.
int WindowMonths(const Feature& feature);
// How many months before a date the feature may read, its divisor included.
int LookbackMonths(const Feature& feature);

// Whole months from `from` to `to`: the most that PlusMonths can add to `from` without passing
// `to`.
int WholeMonths(Date from, Date to);

}  // namespace shouwang::risk
