#include "daemon/risk/feature_abreast.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

#include "storage/vocabulary/lane_loops.h"

namespace shouwang::risk {
namespace {

constexpr double kUnknown = std::numeric_limits<double>::quiet_NaN();
constexpr size_t kLanesAtOnce = 8;

template <typename Number>
using Lanes = std::array<Number, Tape::kLanes>;

// A feature while it is computed. Each step is taken for all lanes, the rows in order, so that
// numbers are added in the order in which Compute adds them.
struct Input {
  const CompiledFeature& compiled;
  const AbreastSeries& in;
  Window window;
  Date date;

  const Feature& feature() const { return *compiled.feature; }
  double scale() const { return compiled.scale; }

  // step(lane, value, usable) for each cell of the window; what the value of one that is not usable
  // is means nothing.
  template <typename Step>
  void ForEach(Window rows, Step step) const {
    for (size_t row = rows.begin; row < rows.end; ++row) ForEachInRow(row, step);
  }
  template <typename Step>
  void ForEachInRow(size_t row, Step step) const {
    const int64_t* cells = in.series->values(row * in.stride);
    for (size_t block = 0; block < in.stride; block += kLanesAtOnce) {
      for (size_t i = 0; i < kLanesAtOnce; ++i) {
        const int64_t value = cells[block + i];
        step(block + i, value, value != History::kAbsent);
      }
    }
  }
  // make(lane) into out.
  template <typename Make>
  void Fill(double* out, Make make) const {
    for (size_t block = 0; block < in.stride; block += kLanesAtOnce) {
      for (size_t i = 0; i < kLanesAtOnce; ++i) out[block + i] = make(block + i);
    }
  }
};

struct Sums {
  Lanes<uint64_t> sum;  // modulo 2^64
  Lanes<int64_t> usable;
};

void SumOf(const Input& in, Window window, Sums* sums) {
  if (const RunningSums* running = in.in.sums; running != nullptr) {
    for (size_t i = 0; i < in.in.stride; ++i) {
      sums->sum[i] = running->SumsBefore(window.end)[i] - running->SumsBefore(window.begin)[i];
      sums->usable[i] =
          running->UsableBefore(window.end)[i] - running->UsableBefore(window.begin)[i];
    }
    return;
  }
  std::fill_n(sums->sum.begin(), in.in.stride, 0);
  std::fill_n(sums->usable.begin(), in.in.stride, 0);
  uint64_t* const sum = sums->sum.data();
  int64_t* const count = sums->usable.data();
  in.ForEach(window, [=](size_t lane, int64_t value, bool usable) {
    sum[lane] += usable ? static_cast<uint64_t>(value) : 0;
    count[lane] += usable ? 1 : 0;
  });
}

double MeanOf(uint64_t sum, int64_t usable, double scale) {
  return static_cast<double>(static_cast<int64_t>(sum)) / (scale * static_cast<double>(usable));
}

void Change(const Input& in, const Sums& sums, Window compare, double* out) {
  Sums before;
  SumOf(in, compare, &before);
  const int64_t needed = std::max(in.feature().at_least, 1);
  in.Fill(out, [&](size_t i) {
    const double base = MeanOf(before.sum[i], before.usable[i], in.scale());
    const double now = MeanOf(sums.sum[i], sums.usable[i], in.scale());
    return before.usable[i] < needed || base == 0 ? kUnknown : (now - base) / std::abs(base);
  });
}

void Slope(const Input& in, const Sums& sums, double* out) {
  Lanes<double> x_mean{};
  Lanes<double> y_mean{};
  for (size_t row = in.window.begin; row < in.window.end; ++row) {
    const double x = in.in.dates[row].days() - in.date.days();
    in.ForEachInRow(row, [&](size_t lane, int64_t value, bool usable) {
      x_mean[lane] += usable ? x : 0.0;
      y_mean[lane] += usable ? static_cast<double>(value) : 0.0;
    });
  }
  for (size_t i = 0; i < in.in.stride; ++i) {
    const auto count = static_cast<double>(sums.usable[i]);
    x_mean[i] /= count;
    y_mean[i] /= count;
  }
  Lanes<double> xx{};
  Lanes<double> xy{};
  for (size_t row = in.window.begin; row < in.window.end; ++row) {
    const double days = in.in.dates[row].days() - in.date.days();
    in.ForEachInRow(row, [&](size_t lane, int64_t value, bool usable) {
      const double x = days - x_mean[lane];
      xx[lane] += usable ? x * x : 0.0;
      xy[lane] += usable ? x * (static_cast<double>(value) - y_mean[lane]) : 0.0;
    });
  }
  in.Fill(out, [&](size_t i) {
    return xx[i] == 0 ? kUnknown : xy[i] / xx[i] * kDaysPerMonth / in.scale();
  });
}

void MonthsSince(const Input& in, double* out) {
  const double above = in.feature().above * in.scale();
  const double never = in.feature().window_months + 1;
  in.Fill(out, [=](size_t) { return never; });
  for (size_t row = in.window.begin; row < in.window.end; ++row) {
    const double months = WholeMonths(in.in.dates[row], in.date);
    in.ForEachInRow(row, [=](size_t lane, int64_t value, bool usable) {
      out[lane] = usable && static_cast<double>(value) > above ? months : out[lane];
    });
  }
}

void LongestZeroRun(const Input& in, double* out) {
  Lanes<int64_t> longest{};
  Lanes<int64_t> run{};
  in.ForEach(in.window, [&](size_t lane, int64_t value, bool usable) {
    const int64_t longer = value <= 0 ? run[lane] + 1 : 0;
    run[lane] = usable ? longer : run[lane];
    longest[lane] = std::max(longest[lane], run[lane]);
  });
  in.Fill(out, [&](size_t i) { return static_cast<double>(longest[i]); });
}

void Extreme(const Input& in, bool greatest, double* out) {
  Lanes<int64_t> extreme;
  extreme.fill(greatest ? std::numeric_limits<int64_t>::min()
                        : std::numeric_limits<int64_t>::max());
  in.ForEach(in.window, [&](size_t lane, int64_t value, bool usable) {
    const int64_t further =
        greatest ? std::max(extreme[lane], value) : std::min(extreme[lane], value);
    extreme[lane] = usable ? further : extreme[lane];
  });
  in.Fill(out, [&](size_t i) { return static_cast<double>(extreme[i]) / in.scale(); });
}

void Share(const Input& in, double* out) {
  Lanes<uint64_t> sum{};
  Lanes<uint64_t> total{};
  for (size_t row = in.window.begin; row < in.window.end; ++row) {
    const int64_t* totals = in.in.series->totals(row * in.in.stride);
    in.ForEachInRow(row, [&](size_t lane, int64_t value, bool usable) {
      sum[lane] += usable ? static_cast<uint64_t>(value) : 0;
      total[lane] += usable ? static_cast<uint64_t>(totals[lane]) : 0;
    });
  }
  in.Fill(out, [&](size_t i) {
    return total[i] == 0 ? kUnknown
                         : static_cast<double>(static_cast<int64_t>(sum[i])) /
                               static_cast<double>(static_cast<int64_t>(total[i]));
  });
}

// Row by row back, as nearly always the latest has it.
void Last(const Input& in, double* out) {
  // Surplus lanes lack nothing.
  std::fill_n(out, in.in.count, kUnknown);
  std::fill(out + in.in.count, out + in.in.stride, 0.0);
  for (size_t row = in.window.end; row > in.window.begin; --row) {
    const int64_t* cells = in.in.series->values((row - 1) * in.in.stride);
    if (TakeLatest(cells, in.in.stride, in.scale(), out)) break;
  }
}

double WeightOf(const Input& in, size_t row) {
  if (!in.feature().half_life_months) return 1;
  const double months = (in.date.days() - in.in.dates[row].days()) / kDaysPerMonth;
  return std::exp2(-months / *in.feature().half_life_months);
}

double LogarithmOf(const Input& in, int64_t value) {
  return std::log(std::max(static_cast<double>(value) / in.scale(), in.feature().floor));
}

void LogMean(const Input& in, double* out) {
  Lanes<double> weights{};
  Lanes<double> sum{};
  for (size_t row = in.window.begin; row < in.window.end; ++row) {
    const double weight = WeightOf(in, row);
    in.ForEachInRow(row, [&](size_t lane, int64_t value, bool usable) {
      if (!usable) return;
      weights[lane] += weight;
      sum[lane] += weight * LogarithmOf(in, value);
    });
  }
  in.Fill(out, [&](size_t i) { return sum[i] / weights[i]; });
}

void LogSpread(const Input& in, const Sums& sums, double* out) {
  Lanes<double> mean{};
  LogMean(in, mean.data());
  Lanes<double> weights{};
  Lanes<double> sum{};
  for (size_t row = in.window.begin; row < in.window.end; ++row) {
    const double weight = WeightOf(in, row);
    in.ForEachInRow(row, [&](size_t lane, int64_t value, bool usable) {
      if (!usable) return;
      const double distance = LogarithmOf(in, value) - mean[lane];
      weights[lane] += weight;
      sum[lane] += weight * distance * distance;
    });
  }
  in.Fill(out,
          [&](size_t i) { return sums.usable[i] < 2 ? kUnknown : std::sqrt(sum[i] / weights[i]); });
}

// As if every lane had usable dates.
void OverWindow(const Input& in, const Sums& sums, Window compare, double* out) {
  switch (in.feature().kind) {
    case FeatureKind::kLast:
      return Last(in, out);
    case FeatureKind::kSum:
      return in.Fill(out, [&](size_t i) {
        return static_cast<double>(static_cast<int64_t>(sums.sum[i])) / in.scale();
      });
    case FeatureKind::kMean:
      return in.Fill(out,
                     [&](size_t i) { return MeanOf(sums.sum[i], sums.usable[i], in.scale()); });
    case FeatureKind::kMin:
      return Extreme(in, false, out);
    case FeatureKind::kMax:
      return Extreme(in, true, out);
    case FeatureKind::kChange:
      return Change(in, sums, compare, out);
    case FeatureKind::kSlope:
      return Slope(in, sums, out);
    case FeatureKind::kMonthsSince:
      return MonthsSince(in, out);
    case FeatureKind::kLongestZeroRun:
      return LongestZeroRun(in, out);
    case FeatureKind::kShare:
      return Share(in, out);
    case FeatureKind::kLogMean:
      return LogMean(in, out);
    case FeatureKind::kLogSpread:
      return LogSpread(in, sums, out);
    case FeatureKind::kCount:
      return in.Fill(out, [&](size_t i) { return static_cast<double>(sums.usable[i]); });
    case FeatureKind::kFormula:
      return in.Fill(out, [](size_t) { return kUnknown; });
  }
}

}  // namespace

SHOUWANG_LANE_LOOPS void RunningSums::Open(const AbreastSeries& of, size_t begin, size_t end) {
  begin_ = begin;
  stride_ = of.stride;
  sums_.resize((end - begin + 1) * stride_);
  usable_.resize(sums_.size());
  std::fill_n(sums_.begin(), stride_, 0);
  std::fill_n(usable_.begin(), stride_, 0);
  const size_t stride = stride_;
  for (size_t row = begin; row < end; ++row) {
    const int64_t* __restrict cells = of.series->values(row * stride);
    const uint64_t* __restrict sums = sums_.data() + (row - begin) * stride;
    const int64_t* __restrict usable = usable_.data() + (row - begin) * stride;
    uint64_t* __restrict next_sums = sums_.data() + (row - begin + 1) * stride;
    int64_t* __restrict next_usable = usable_.data() + (row - begin + 1) * stride;
    for (size_t i = 0; i < stride; ++i) {
      const bool is_usable = cells[i] != History::kAbsent;
      next_sums[i] = sums[i] + (is_usable ? static_cast<uint64_t>(cells[i]) : 0);
      next_usable[i] = usable[i] + (is_usable ? 1 : 0);
    }
  }
}

SHOUWANG_LANE_LOOPS bool TakeLatest(const int64_t* __restrict cells, size_t stride, double scale,
                                    double* __restrict latest) {
  int64_t lacking = 0;
  for (size_t i = 0; i < stride; ++i) {
    const double value = static_cast<double>(cells[i]) / scale;
    const double own = cells[i] == History::kAbsent ? kUnknown : value;
    const double taken = std::isnan(latest[i]) ? own : latest[i];
    latest[i] = taken;
    lacking += std::isnan(taken) ? 1 : 0;
  }
  return lacking == 0;
}

SHOUWANG_LANE_LOOPS void ComputeAbreast(const CompiledFeature& compiled,
                                        const AbreastSeries& series, Window window, Window compare,
                                        const double* per, Date date, double* out) {
  const Feature& feature = *compiled.feature;
  const Input in{compiled, series, window, date};
  if (feature.kind == FeatureKind::kLast && feature.at_least <= 1) {
    Last(in, out);
  } else {
    Sums sums;
    SumOf(in, window, &sums);
    OverWindow(in, sums, compare, out);
    // Nothing usable is known to a count only.
    const int64_t needed =
        feature.kind == FeatureKind::kCount ? feature.at_least : std::max(feature.at_least, 1);
    in.Fill(out, [&](size_t i) { return sums.usable[i] < needed ? kUnknown : out[i]; });
  }
  if (per == nullptr) return;
  in.Fill(out, [=](size_t i) { return per[i] > 0 ? out[i] / per[i] : kUnknown; });
}

}  // namespace shouwang::risk
