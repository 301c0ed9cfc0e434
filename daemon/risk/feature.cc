#include "daemon/risk/feature.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace shouwang::risk {
namespace {

constexpr double kUnknown = std::numeric_limits<double>::quiet_NaN();
constexpr double kDaysPerMonth = 30.4375;

double Mean(const Series& series, const Window& window, double scale) {
  return static_cast<double>(series.Sum(window.begin, window.end)) /
         (scale * static_cast<double>(window.size()));
}

double Change(const CompiledFeature& f, const Series& series) {
  const auto at_least = static_cast<size_t>(f.feature->at_least);
  if (f.compare.size() < std::max<size_t>(at_least, 1)) return kUnknown;
  const double before = Mean(series, f.compare, f.scale);
  if (before == 0) return kUnknown;
  return (Mean(series, f.window, f.scale) - before) / std::abs(before);
}

// Least squares over days counted from `date`, so that the result does not depend on how much
// history was loaded.
double Slope(const CompiledFeature& f, const Series& series, Date date) {
  double x_sum = 0;
  double y_sum = 0;
  for (size_t i = f.window.begin; i < f.window.end; ++i) {
    x_sum += series.dates()[i].days() - date.days();
    y_sum += static_cast<double>(series.value(i));
  }
  const auto count = static_cast<double>(f.window.size());
  const double x_mean = x_sum / count;
  const double y_mean = y_sum / count;
  double xx = 0;
  double xy = 0;
  for (size_t i = f.window.begin; i < f.window.end; ++i) {
    const double x = series.dates()[i].days() - date.days() - x_mean;
    xx += x * x;
    xy += x * (static_cast<double>(series.value(i)) - y_mean);
  }
  return xx == 0 ? kUnknown : xy / xx * kDaysPerMonth / f.scale;
}

double MonthsSince(const CompiledFeature& f, const Series& series, Date date) {
  const double above = f.feature->above * f.scale;
  for (size_t i = f.window.end; i > f.window.begin; --i) {
    if (static_cast<double>(series.value(i - 1)) > above) {
      return WholeMonths(series.dates()[i - 1], date);
    }
  }
  return f.feature->window_months + 1;
}

double LongestZeroRun(const CompiledFeature& f, const Series& series) {
  int longest = 0;
  int run = 0;
  for (size_t i = f.window.begin; i < f.window.end; ++i) {
    run = series.value(i) <= 0 ? run + 1 : 0;
    longest = std::max(longest, run);
  }
  return longest;
}

double Extreme(const CompiledFeature& f, const Series& series, bool greatest) {
  int64_t extreme = series.value(f.window.begin);
  for (size_t i = f.window.begin + 1; i < f.window.end; ++i) {
    extreme = greatest ? std::max(extreme, series.value(i)) : std::min(extreme, series.value(i));
  }
  return static_cast<double>(extreme) / f.scale;
}

double Share(const CompiledFeature& f, const Series& series) {
  const int64_t total = series.Total(f.window.begin, f.window.end);
  if (total == 0) return kUnknown;
  return static_cast<double>(series.Sum(f.window.begin, f.window.end)) / static_cast<double>(total);
}

// Of a window that is not empty.
double OverWindow(const CompiledFeature& f, const Series& series, Date date) {
  switch (f.feature->kind) {
    case FeatureKind::kLast:
      return static_cast<double>(series.value(f.window.end - 1)) / f.scale;
    case FeatureKind::kSum:
      return static_cast<double>(series.Sum(f.window.begin, f.window.end)) / f.scale;
    case FeatureKind::kMean:
      return Mean(series, f.window, f.scale);
    case FeatureKind::kMin:
      return Extreme(f, series, false);
    case FeatureKind::kMax:
      return Extreme(f, series, true);
    case FeatureKind::kChange:
      return Change(f, series);
    case FeatureKind::kSlope:
      return Slope(f, series, date);
    case FeatureKind::kMonthsSince:
      return MonthsSince(f, series, date);
    case FeatureKind::kLongestZeroRun:
      return LongestZeroRun(f, series);
    case FeatureKind::kShare:
      return Share(f, series);
    case FeatureKind::kCount:
    case FeatureKind::kFormula:
      break;
  }
  return kUnknown;
}

int64_t PowerOfTen(int exponent) {
  int64_t power = 1;
  while (exponent-- > 0) power *= 10;
  return power;
}

}  // namespace

double Compute(const CompiledFeature& compiled, const Series& series, double per, Date date) {
  const Feature& feature = *compiled.feature;
  const size_t usable = compiled.window.size();
  if (usable < static_cast<size_t>(feature.at_least)) return kUnknown;
  if (feature.kind == FeatureKind::kCount) return static_cast<double>(usable);
  if (usable == 0) return kUnknown;
  const double value = OverWindow(compiled, series, date);
  if (!compiled.per) return value;
  return per > 0 ? value / per : kUnknown;
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

int LookbackMonths(const Feature& feature) {
  if (feature.kind == FeatureKind::kFormula) return 0;
  const int compare = feature.kind == FeatureKind::kChange ? feature.compare_months : 0;
  return std::max(feature.window_months + compare, feature.per ? kPerWindowMonths : 0);
}

int WholeMonths(Date from, Date to) {
  const int months = to.month().index() - from.month().index();
  return from.PlusMonths(months) <= to ? months : months - 1;
}

}  // namespace shouwang::risk
