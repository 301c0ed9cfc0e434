#include "daemon/risk/program.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <limits>
#include <set>

#include "storage/vocabulary/decimal.h"

namespace shouwang::risk {
namespace {

constexpr double kUnknown = std::numeric_limits<double>::quiet_NaN();

// A policy that was checked compiles; anything else is a broken invariant.
Expression MustCompile(std::string_view text, const Variables& variables) {
  absl::StatusOr<Expression> expression = Expression::Compile(text, variables);
  if (!expression.ok()) {
    fmt::print(stderr, "a checked expression does not compile: {}: {}\n", text,
               std::string(expression.status().message()));
    std::abort();
  }
  return *std::move(expression);
}

void Gather(const Policy& policy, std::string_view text, std::set<const Feature*>* features) {
  for (const std::string& name : NamesIn(text)) {
    const Feature* feature = policy.FindFeature(name);
    if (feature == nullptr || !features->insert(feature).second) continue;
    if (feature->kind == FeatureKind::kFormula) Gather(policy, feature->formula, features);
  }
}

}  // namespace

std::string ClearCondition(const Rule& rule) {
  return rule.clear_when.empty() ? fmt::format("not ({})", rule.when) : rule.clear_when;
}

std::vector<const Feature*> FeaturesBehind(const Policy& policy, std::string_view text) {
  std::set<const Feature*> needed;
  Gather(policy, text, &needed);
  // They lie in one vector, so the order of their addresses is that of the policy.
  return {needed.begin(), needed.end()};
}

Program::Program(const Policy& policy, const Catalogue& catalogue, SubjectKind kind)
    : policy_(&policy), catalogue_(&catalogue) {
  per_slot_ = bounds_.SlotOf(kPerWindowMonths);
  values_.reserve(policy.constants.size() + policy.features.size());
  for (const Constant& constant : policy.constants) {
    values_.push_back(constant.value);
    variables_[constant.name] = &values_.back();
  }
  std::set<const Feature*> needed;
  for (const Rule& rule : policy.rules) {
    if (rule.applies_to != kind) continue;
    Gather(policy, rule.when, &needed);
    Gather(policy, ClearCondition(rule), &needed);
  }
  for (const Feature& feature : policy.features) {
    if (needed.contains(&feature)) AddFeature(feature);
  }
  for (Source& source : sources_) source.after = bounds_.SlotOf(source.lookback_months);
  for (const Rule& rule : policy.rules) {
    if (rule.applies_to != kind) continue;
    rules_.push_back(
        {&rule, MustCompile(rule.when, variables_), MustCompile(ClearCondition(rule), variables_)});
  }
}

void Program::AddFeature(const Feature& feature) {
  CompiledFeature compiled;
  compiled.feature = &feature;
  compiled.slot = values_.size();
  if (feature.kind == FeatureKind::kFormula) {
    compiled.formula = MustCompile(feature.formula, variables_);
  } else {
    compiled.series = SourceOf(feature, &compiled.scale);
    compiled.after = bounds_.SlotOf(feature.window_months);
    if (feature.kind == FeatureKind::kChange) {
      compiled.compare_through = bounds_.SlotOf(feature.compare_months);
      compiled.compare_after = bounds_.SlotOf(feature.compare_months + feature.window_months);
    }
    if (feature.per) compiled.per = DivisorOf(*feature.per);
  }
  values_.push_back(kUnknown);
  variables_[feature.name] = &values_.back();
  features_.push_back(std::move(compiled));
}

size_t Program::SourceOf(const Feature& feature, double* scale) {
  FeatureShape wanted = ShapeOf(feature, *catalogue_);
  *scale = std::pow(10.0, wanted.decimals);
  auto it = std::ranges::find(sources_, wanted.shape, &Source::shape);
  if (it == sources_.end()) it = sources_.insert(it, Source{std::move(wanted.shape), 0, 0, {}});
  it->lookback_months = std::max(it->lookback_months, LookbackMonths(feature));
  return static_cast<size_t>(it - sources_.begin());
}

size_t Program::DivisorOf(IndicatorId indicator) {
  auto it = std::ranges::find(divisors_, indicator, &Divisor::indicator);
  if (it == divisors_.end()) {
    const double scale = std::pow(10.0, catalogue_->Get(indicator)->decimals);
    it = divisors_.insert(it, Divisor{indicator, scale, {}, 0, nullptr});
  }
  return static_cast<size_t>(it - divisors_.begin());
}

void Program::Open(const History& history, Date first, Date last) {
  bounds_.MoveTo(first);
  for (Source& source : sources_) {
    source.series.Build(source.shape, history, bounds_.At(source.after), last);
  }
  for (Divisor& divisor : divisors_) {
    divisor.points = history.Of(divisor.indicator);
    divisor.end = 0;
    divisor.latest = nullptr;
  }
  for (CompiledFeature& feature : features_) {
    feature.window = {};
    feature.compare = {};
  }
}

void Program::MoveTo(Date date) {
  bounds_.MoveTo(date);
  for (Divisor& divisor : divisors_) {
    while (divisor.end < divisor.points.size() && divisor.points[divisor.end].date <= date) {
      ++divisor.end;
    }
    const Point* latest = divisor.end == 0 ? nullptr : &divisor.points[divisor.end - 1];
    divisor.latest = latest != nullptr && latest->date > bounds_.At(per_slot_) ? latest : nullptr;
  }
  for (CompiledFeature& feature : features_) {
    if (feature.formula) {
      values_[feature.slot] = feature.formula->Value();
      continue;
    }
    const Series& series = sources_[feature.series].series;
    feature.window.SlideTo(series, bounds_.At(feature.after), date);
    if (feature.feature->kind == FeatureKind::kChange) {
      feature.compare.SlideTo(series, bounds_.At(feature.compare_after),
                              bounds_.At(feature.compare_through));
    }
    double per = kUnknown;
    if (feature.per && divisors_[*feature.per].latest != nullptr) {
      const Divisor& divisor = divisors_[*feature.per];
      per = static_cast<double>(divisor.latest->value) / divisor.scale;
    }
    values_[feature.slot] = Compute(feature, series, per, date);
  }
}

std::optional<Point> Program::PerPoint(const CompiledFeature& feature) const {
  if (!feature.per || divisors_[*feature.per].latest == nullptr) return std::nullopt;
  return *divisors_[*feature.per].latest;
}

}  // namespace shouwang::risk
