#include "daemon/risk/feature.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace shouwang::risk {
namespace {

constexpr double kUnknown = std::numeric_limits<double>::quiet_NaN();

// What a window holds of a series.
struct Input {
  const CompiledFeature& compiled;
  const Series& series;
  std::span<const Date> dates;
  Window window;
  Date date;

  const Feature& feature() const { return *compiled.feature; }
  // Calls visit(row, value) for each usable date, in order.
  template <typename Visit>
  void ForEach(Visit&& visit) const {
    const int64_t* value = series.values(window.begin);
    for (size_t row = window.begin; row < window.end; ++row, ++value) {
      if (*value != History::kAbsent) visit(row, *value);
    }
  }
};

double MeanOf(const WindowSum& sums, double scale) {
  return static_cast<double>(static_cast<int64_t>(sums.sum)) /
         (scale * static_cast<double>(sums.usable));
}

double Change(const Input& in, const WindowSum& sums, Window compare) {
  const WindowSum before = SumOf(in.series, compare);
  if (before.usable < static_cast<size_t>(std::max(in.feature().at_least, 1))) return kUnknown;
  const double base = MeanOf(before, in.compiled.scale);
  if (base == 0) return kUnknown;
  return (MeanOf(sums, in.compiled.scale) - base) / std::abs(base);
}

// Least squares over days counted from `date`, so that the result does not depend on how much
// history was loaded.
double Slope(const Input& in) {
  double x_sum = 0;
  double y_sum = 0;
  size_t usable = 0;
  in.ForEach([&](size_t row, int64_t value) {
    x_sum += in.dates[row].days() - in.date.days();
    y_sum += static_cast<double>(value);
    ++usable;
  });
  const auto count = static_cast<double>(usable);
  const double x_mean = x_sum / count;
  const double y_mean = y_sum / count;
  double xx = 0;
  double xy = 0;
  in.ForEach([&](size_t row, int64_t value) {
    const double x = in.dates[row].days() - in.date.days() - x_mean;
    xx += x * x;
    xy += x * (static_cast<double>(value) - y_mean);
  });
  return xx == 0 ? kUnknown : xy / xx * kDaysPerMonth / in.compiled.scale;
}

double MonthsSince(const Input& in) {
  const double above = in.feature().above * in.compiled.scale;
  for (size_t row = in.window.end; row > in.window.begin; --row) {
    const int64_t value = in.series.value(row - 1);
    if (value != History::kAbsent && static_cast<double>(value) > above) {
      return WholeMonths(in.dates[row - 1], in.date);
    }
  }
  return in.feature().window_months + 1;
}

double LongestZeroRun(const Input& in) {
  int longest = 0;
  int run = 0;
  in.ForEach([&](size_t, int64_t value) {
    run = value <= 0 ? run + 1 : 0;
    longest = std::max(longest, run);
  });
  return longest;
}

double Extreme(const Input& in, bool greatest) {
  int64_t extreme =
      greatest ? std::numeric_limits<int64_t>::min() : std::numeric_limits<int64_t>::max();
  in.ForEach([&](size_t, int64_t value) {
    extreme = greatest ? std::max(extreme, value) : std::min(extreme, value);
  });
  return static_cast<double>(extreme) / in.compiled.scale;
}

double Share(const Input& in) {
  uint64_t sum = 0;
  uint64_t total = 0;
  in.ForEach([&](size_t row, int64_t value) {
    sum += static_cast<uint64_t>(value);
    total += static_cast<uint64_t>(in.series.total(row));
  });
  if (total == 0) return kUnknown;
  return static_cast<double>(static_cast<int64_t>(sum)) /
         static_cast<double>(static_cast<int64_t>(total));
}

double Last(const Input& in) {
  for (size_t row = in.window.end; row > in.window.begin; --row) {
    const int64_t value = in.series.value(row - 1);
    if (value != History::kAbsent) return static_cast<double>(value) / in.compiled.scale;
  }
  return kUnknown;
}

// Weights count back from `date`, so that the result does not depend on how much history was
// loaded.
double WeightOf(const Input& in, size_t row) {
  if (!in.feature().half_life_months) return 1;
  const double months = (in.date.days() - in.dates[row].days()) / kDaysPerMonth;
  return std::exp2(-months / *in.feature().half_life_months);
}

double LogarithmOf(const Input& in, int64_t value) {
  return std::log(std::max(static_cast<double>(value) / in.compiled.scale, in.feature().floor));
}

double LogMean(const Input& in) {
  double weights = 0;
  double sum = 0;
  in.ForEach([&](size_t row, int64_t value) {
    const double weight = WeightOf(in, row);
    weights += weight;
    sum += weight * LogarithmOf(in, value);
  });
  return sum / weights;
}

double LogSpread(const Input& in, size_t usable) {
  if (usable < 2) return kUnknown;
  const double mean = LogMean(in);
  double weights = 0;
  double sum = 0;
  in.ForEach([&](size_t row, int64_t value) {
    const double weight = WeightOf(in, row);
    const double distance = LogarithmOf(in, value) - mean;
    weights += weight;
    sum += weight * distance * distance;
  });
  return std::sqrt(sum / weights);
}

// Of a window with usable dates.
double OverWindow(const Input& in, const WindowSum& sums, Window compare) {
  switch (in.feature().kind) {
    case FeatureKind::kLast:
      return Last(in);
    case FeatureKind::kSum:
      return static_cast<double>(static_cast<int64_t>(sums.sum)) / in.compiled.scale;
    case FeatureKind::kMean:
      return MeanOf(sums, in.compiled.scale);
    case FeatureKind::kMin:
      return Extreme(in, false);
    case FeatureKind::kMax:
      return Extreme(in, true);
    case FeatureKind::kChange:
      return Change(in, sums, compare);
    case FeatureKind::kSlope:
      return Slope(in);
    case FeatureKind::kMonthsSince:
      return MonthsSince(in);
    case FeatureKind::kLongestZeroRun:
      return LongestZeroRun(in);
    case FeatureKind::kShare:
      return Share(in);
    case FeatureKind::kLogMean:
      return LogMean(in);
    case FeatureKind::kLogSpread:
      return LogSpread(in, sums.usable);
    case FeatureKind::kCount:
    case FeatureKind::kFormula:
      break;
  }
  return kUnknown;
}

double Per(double value, double per) { return per > 0 ? value / per : kUnknown; }

int64_t PowerOfTen(int exponent) {
  int64_t power = 1;
  while (exponent-- > 0) power *= 10;
  return power;
}

}  // namespace

WindowSum SumOf(const Series& series, Window window) {
  WindowSum sums;
  const int64_t* value = series.values(window.begin);
  for (size_t i = 0; i < window.end - window.begin; ++i) {
    const bool usable = value[i] != History::kAbsent;
    sums.sum += usable ? static_cast<uint64_t>(value[i]) : 0;
    sums.usable += usable ? 1 : 0;
  }
  return sums;
}

double Compute(const CompiledFeature& compiled, const Series& series, std::span<const Date> dates,
               Window window, const WindowSum& sum, Window compare, double per, Date date) {
  const Feature& feature = *compiled.feature;
  if (sum.usable < static_cast<size_t>(feature.at_least)) return kUnknown;
  if (feature.kind == FeatureKind::kCount) return static_cast<double>(sum.usable);
  if (sum.usable == 0) return kUnknown;
  const double value = OverWindow({compiled, series, dates, window, date}, sum, compare);
  return compiled.per ? Per(value, per) : value;
}

double Compute(const CompiledFeature& compiled, const Series& series, std::span<const Date> dates,
               Window window, Window compare, double per, Date date) {
  const Feature& feature = *compiled.feature;
  if (feature.kind == FeatureKind::kLast && feature.at_least <= 1) {
    const double value = Last({compiled, series, dates, window, date});
    return compiled.per ? Per(value, per) : value;
  }
  return Compute(compiled, series, dates, window, SumOf(series, window), compare, per, date);
}

FeatureShape ShapeOf(const Feature& feature, const Catalogue& catalogue) {
  FeatureShape result;
  // A share is a ratio of two sums, so its parts need the same decimals too.
  for (const auto* list : {&feature.of, &feature.minus, &feature.total}) {
    for (IndicatorId id : *list) {
      result.decimals = std::max(result.decimals, catalogue.Get(id)->decimals);
    }
  }
  const auto add = [&](const std::vector<IndicatorId>& ids, int64_t sign, bool in_total) {
    for (IndicatorId id : ids) {
      const int64_t factor = PowerOfTen(result.decimals - catalogue.Get(id)->decimals);
      result.shape.terms.push_back({id, sign * factor, in_total});
    }
  };
  add(feature.of, 1, false);
  add(feature.minus, -1, false);
  add(feature.total, 1, true);
  result.shape.missing_is_zero = feature.missing_is_zero;
  return result;
}

int WindowMonths(const Feature& feature) {
  if (feature.kind == FeatureKind::kFormula) return 0;
  const int compare = feature.kind == FeatureKind::kChange ? feature.compare_months : 0;
  return feature.window_months + compare;
}

int LookbackMonths(const Feature& feature) {
  return std::max(WindowMonths(feature), feature.per ? kPerWindowMonths : 0);
}

int WholeMonths(Date from, Date to) {
  const int months = to.month().index() - from.month().index();
  return from.PlusMonths(months) <= to ? months : months - 1;
}

}  // namespace shouwang::risk
