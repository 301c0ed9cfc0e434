// Program: one point of a history as a variable. What moves with it is found once, and then
// computed for each value that is tried.
#include <algorithm>

#include "daemon/risk/program.h"

namespace shouwang::risk {

void Program::SpreadFirstLane(size_t lanes) {
  for (const CompiledFeature& feature : features_) {
    const std::span<double> values = tape_.Lanes(feature.value).first(lanes);
    std::ranges::fill(values, values[0]);
  }
}

void Program::Vary(IndicatorId indicator, Date reported_on, std::span<const size_t> features) {
  const std::span<const Date> dates = history_->dates();
  varied_row_ = static_cast<size_t>(std::ranges::lower_bound(dates, reported_on) - dates.begin());
  varied_value_ = history_->Column(indicator)[varied_row_];
  varied_sources_.clear();
  varied_divisor_ = nullptr;
  varied_features_.clear();
  for (const size_t index : features) {
    const CompiledFeature& feature = features_[index];
    if (feature.feature->kind == FeatureKind::kFormula) continue;
    Source& source = sources_[feature.series];
    const VariedSource* moves = VarySource(&source, indicator);
    const bool divides = feature.per && divisors_[*feature.per].indicator == indicator &&
                         divisors_[*feature.per].latest == varied_row_;
    if (divides) varied_divisor_ = &divisors_[*feature.per];
    if (moves == nullptr && !divides) continue;
    VariedFeature varied{&feature, WindowOf(feature), CompareWindowOf(feature), {}, 0};
    varied.sum = SumOf(source.series, varied.window);
    const bool in_window = varied_row_ >= varied.window.begin && varied_row_ < varied.window.end;
    if (moves != nullptr && in_window) varied.factor = moves->factor;
    varied_features_.push_back(varied);
  }
}

const Program::VariedSource* Program::VarySource(Source* source, IndicatorId indicator) {
  const auto known = std::ranges::find(varied_sources_, source, &VariedSource::source);
  if (known != varied_sources_.end()) return &*known;
  if (!source->series.has(varied_row_) || !source->series.usable(varied_row_)) return nullptr;
  VariedSource varied{source, 0, 0};
  bool reads = false;
  for (const Series::Term& term : source->shape.terms) {
    if (term.indicator != indicator) continue;
    reads = true;
    (term.in_total ? varied.total_factor : varied.factor) += term.factor;
  }
  if (!reads) return nullptr;
  varied_sources_.push_back(varied);
  return &varied_sources_.back();
}

// Modulo 2^64, as Series joins.
void Program::TakeVaried(int64_t value, size_t lane) {
  const uint64_t by = static_cast<uint64_t>(value) - static_cast<uint64_t>(varied_value_);
  varied_value_ = value;
  for (const VariedSource& varied : varied_sources_) {
    varied.source->series.Move(varied_row_, by * static_cast<uint64_t>(varied.factor),
                               by * static_cast<uint64_t>(varied.total_factor));
  }
  if (varied_divisor_ != nullptr) varied_divisor_->value = value;
  const std::span<const Date> dates = history_->dates();
  for (VariedFeature& varied : varied_features_) {
    const CompiledFeature& feature = *varied.feature;
    varied.sum.sum += by * static_cast<uint64_t>(varied.factor);
    tape_.Lanes(feature.value)[lane] =
        Compute(feature, sources_[feature.series].series, dates, varied.window, varied.sum,
                varied.compare, PerOf(feature), taken_);
  }
}

}  // namespace shouwang::risk
