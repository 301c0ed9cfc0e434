#include "daemon/risk/program.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <limits>
#include <set>
#include <tuple>

#include "daemon/risk/expression.h"
#include "daemon/risk/feature_abreast.h"
#include "storage/vocabulary/decimal.h"

namespace shouwang::risk {
namespace {

constexpr double kUnknown = std::numeric_limits<double>::quiet_NaN();
// From so many dates on, summing up all rows once costs less than the rows of each window.
constexpr int kFewestDatesToSum = 3;

// A policy that was checked compiles; anything else is a broken invariant.
Recorded MustRecord(Tape* tape, std::string_view text,
                    const std::map<std::string, Register, std::less<>>& names) {
  absl::StatusOr<Recorded> recorded = tape->Record(text, names);
  if (!recorded.ok()) {
    fmt::print(stderr, "a checked expression does not compile: {}: {}\n", text,
               std::string(recorded.status().message()));
    std::abort();
  }
  return *std::move(recorded);
}

void Gather(const Policy& policy, std::string_view text, std::set<const Feature*>* features) {
  for (const std::string& name : NamesIn(text)) {
    const Feature* feature = policy.FindFeature(name);
    if (feature == nullptr || !features->insert(feature).second) continue;
    if (feature->kind == FeatureKind::kFormula) Gather(policy, feature->formula, features);
  }
}

// Whether two features give the same number for every history.
bool ComputesTheSame(const Feature& a, const Feature& b) {
  const auto parts = [](const Feature& f) {
    return std::tie(f.kind, f.of, f.minus, f.total, f.per, f.window_months, f.compare_months,
                    f.at_least, f.missing_is_zero, f.above, f.half_life_months, f.floor);
  };
  return parts(a) == parts(b);
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

namespace {

std::vector<const Rule*> RulesOf(const Policy& policy, SubjectKind kind) {
  std::vector<const Rule*> rules;
  for (const Rule& rule : policy.rules) {
    if (rule.applies_to == kind) rules.push_back(&rule);
  }
  return rules;
}

}  // namespace

Program::Program(const Policy& policy, const Catalogue& catalogue, SubjectKind kind)
    : Program(policy, catalogue, RulesOf(policy, kind)) {}

Program::Program(const Policy& policy, const Catalogue& catalogue,
                 std::span<const Rule* const> rules, std::span<const Feature* const> features)
    : policy_(&policy), catalogue_(&catalogue) {
  per_slot_ = bounds_.SlotOf(kPerWindowMonths);
  rules_ = Compile(policy, rules, features);
}

std::vector<CompiledRule> Program::Add(const Policy& policy, SubjectKind kind) {
  return Compile(policy, RulesOf(policy, kind), {});
}

std::vector<CompiledRule> Program::Compile(const Policy& policy, std::span<const Rule* const> rules,
                                           std::span<const Feature* const> features) {
  names_.clear();
  positions_of_names_.clear();
  others_ = features_.size();
  for (const Constant& constant : policy.constants) {
    names_[constant.name] = tape_.AddConstant(constant.value);
  }
  std::set<const Feature*> needed;
  for (const Rule* rule : rules) {
    Gather(policy, rule->when, &needed);
    Gather(policy, ClearCondition(*rule), &needed);
  }
  for (const Feature* feature : features) Gather(policy, feature->name, &needed);
  for (const Feature& feature : policy.features) {
    if (needed.contains(&feature)) AddFeature(feature);
  }
  for (Source& source : sources_) source.after = bounds_.SlotOf(source.lookback_months);
  std::vector<CompiledRule> compiled_rules;
  for (const Rule* rule : rules) {
    CompiledRule& compiled = compiled_rules.emplace_back();
    compiled.rule = rule;
    compiled.when = MustRecord(&tape_, rule->when, names_);
    compiled.clear = MustRecord(&tape_, ClearCondition(*rule), names_);
    std::set<const Feature*> read;
    Gather(policy, rule->when, &read);
    Gather(policy, ClearCondition(*rule), &read);
    std::set<size_t> positions;
    for (const Feature* feature : read) {
      if (feature->kind == FeatureKind::kFormula) continue;
      positions.insert(positions_of_names_.at(feature->name));
    }
    compiled.features.assign(positions.begin(), positions.end());
  }
  other_begins_.resize(bounds_.size());
  positions_.resize(indicators_.size());
  return compiled_rules;
}

void Program::AddFeature(const Feature& feature) {
  // Of another policy: within one, each is kept by its own name for explanations.
  const std::span<const CompiledFeature> others = std::span(features_).first(others_);
  const auto same = std::ranges::find_if(others, [&](const CompiledFeature& other) {
    return feature.kind != FeatureKind::kFormula && ComputesTheSame(*other.feature, feature);
  });
  if (same != others.end()) {
    names_[feature.name] = same->value;
    positions_of_names_[feature.name] = static_cast<size_t>(same - others.begin());
    return;
  }
  CompiledFeature compiled;
  compiled.feature = &feature;
  if (feature.kind == FeatureKind::kFormula) {
    compiled.value = MustRecord(&tape_, feature.formula, names_).result;
  } else {
    compiled.value = tape_.AddRegister();
    compiled.series = SourceOf(feature, &compiled.scale);
    compiled.after = bounds_.SlotOf(feature.window_months);
    if (feature.kind == FeatureKind::kChange) {
      compiled.compare_through = bounds_.SlotOf(feature.compare_months);
      compiled.compare_after = bounds_.SlotOf(feature.compare_months + feature.window_months);
    }
    if (feature.per) compiled.per = DivisorOf(*feature.per);
  }
  names_[feature.name] = compiled.value;
  positions_of_names_[feature.name] = features_.size();
  features_.push_back(compiled);
}

size_t Program::SourceOf(const Feature& feature, double* scale) {
  FeatureShape wanted = ShapeOf(feature, *catalogue_);
  *scale = std::pow(10.0, wanted.decimals);
  auto it = std::ranges::find(sources_, wanted.shape, &Source::shape);
  if (it == sources_.end()) {
    std::vector<size_t> columns;
    for (const Series::Term& term : wanted.shape.terms) columns.push_back(ColumnOf(term.indicator));
    it = sources_.emplace(it);
    it->shape = std::move(wanted.shape);
    it->columns = std::move(columns);
  }
  it->lookback_months = std::max(it->lookback_months, WindowMonths(feature));
  return static_cast<size_t>(it - sources_.begin());
}

size_t Program::DivisorOf(IndicatorId indicator) {
  auto it = std::ranges::find(divisors_, indicator, &Divisor::indicator);
  if (it == divisors_.end()) {
    const double scale = std::pow(10.0, catalogue_->Get(indicator)->decimals);
    it = divisors_.insert(it, Divisor{indicator, ColumnOf(indicator), scale, std::nullopt});
  }
  return static_cast<size_t>(it - divisors_.begin());
}

size_t Program::ColumnOf(IndicatorId indicator) {
  const auto it = std::ranges::find(indicators_, indicator);
  if (it != indicators_.end()) return static_cast<size_t>(it - indicators_.begin());
  indicators_.push_back(indicator);
  columns_.push_back(nullptr);
  return indicators_.size() - 1;
}

const CompiledFeature* Program::Find(std::string_view name) const {
  const auto it = positions_of_names_.find(name);
  return it == positions_of_names_.end() ? nullptr : &features_[it->second];
}

void Program::Open(const History& history, Date first, Date last) {
  history_ = &history;
  FindColumns();
  const std::span<const Date> dates = history.dates();
  KnowDates(dates);
  FindRows(dates, first);
  const auto end = static_cast<size_t>(std::ranges::upper_bound(dates, last) - dates.begin());
  for (Source& source : sources_) {
    terms_.clear();
    for (const size_t column : source.columns) terms_.push_back(columns_[column]);
    source.series.Open(source.shape, terms_, {begins_[source.after], end});
  }
}

void Program::KnowDates(std::span<const Date> dates) {
  if (std::ranges::equal(dates, known_dates_)) return;
  known_dates_.assign(dates.begin(), dates.end());
  is_row_known_.assign(known_dates_.size(), false);
  known_begins_.resize(known_dates_.size() * bounds_.size());
}

void Program::FindColumns() {
  const std::span<const IndicatorId> there = history_->indicators();
  if (!std::ranges::equal(there, known_indicators_)) {
    known_indicators_.assign(there.begin(), there.end());
    positions_.clear();
    for (const IndicatorId indicator : indicators_) {
      const auto it = std::ranges::lower_bound(there, indicator);
      const bool found = it != there.end() && *it == indicator;
      positions_.push_back(found ? std::optional<size_t>(it - there.begin()) : std::nullopt);
    }
  }
  for (size_t i = 0; i < indicators_.size(); ++i) {
    columns_[i] = positions_[i] ? history_->ColumnAt(*positions_[i]).data() : nullptr;
  }
}

void Program::FindRows(std::span<const Date> dates, Date date) {
  const auto rows_through = [&](Date bound) {
    return static_cast<size_t>(std::ranges::upper_bound(dates, bound) - dates.begin());
  };
  end_ = rows_through(date);
  const size_t slots = bounds_.size();
  const bool is_row = end_ > 0 && dates[end_ - 1] == date;
  if (is_row && is_row_known_[end_ - 1]) {
    begins_ = std::span(known_begins_).subspan((end_ - 1) * slots, slots);
    return;
  }
  bounds_.MoveTo(date);
  const std::span<size_t> begins = is_row
                                       ? std::span(known_begins_).subspan((end_ - 1) * slots, slots)
                                       : std::span(other_begins_);
  for (size_t slot = 0; slot < slots; ++slot) begins[slot] = rows_through(bounds_.At(slot));
  if (is_row) is_row_known_[end_ - 1] = true;
  begins_ = begins;
}

void Program::FindDivisors() {
  for (Divisor& divisor : divisors_) {
    divisor.latest.reset();
    const int64_t* column = columns_[divisor.column];
    if (column == nullptr) continue;
    for (size_t row = end_; row > begins_[per_slot_] && !divisor.latest; --row) {
      if (column[row - 1] == History::kAbsent) continue;
      divisor.latest = row - 1;
      divisor.value = column[row - 1];
    }
  }
}

void Program::Take(Date date, size_t lane) {
  taken_ = date;
  FindRows(history_->dates(), date);
  FindDivisors();
  for (const CompiledFeature& feature : features_) {
    if (feature.feature->kind != FeatureKind::kFormula) TakeFeature(feature, date, lane);
  }
}

void Program::Take(Date date, size_t lane, std::span<const size_t> features) {
  taken_ = date;
  FindRows(history_->dates(), date);
  FindDivisors();
  for (const size_t index : features) TakeFeature(features_[index], date, lane);
}

// The divisor's value; NaN where there is none.
double Program::PerOf(const CompiledFeature& feature) const {
  if (!feature.per || !divisors_[*feature.per].latest) return kUnknown;
  const Divisor& divisor = divisors_[*feature.per];
  return static_cast<double>(divisor.value) / divisor.scale;
}

void Program::TakeFeature(const CompiledFeature& feature, Date date, size_t lane) {
  tape_.Lanes(feature.value)[lane] =
      Compute(feature, sources_[feature.series].series, history_->dates(), WindowOf(feature),
              CompareWindowOf(feature), PerOf(feature), date);
}

Date Program::LooksAfter(Date first) {
  bounds_.MoveTo(first);
  Date after = first;
  for (size_t slot = 0; slot < bounds_.size(); ++slot) after = std::min(after, bounds_.At(slot));
  return after;
}

void Program::OpenAbreast(std::span<const History* const> histories, Date first, Date last) {
  abreast_.Open(histories, indicators_, LooksAfter(first), last);
  BeginAbreast(first);
}

void Program::OpenAbreast(const GroupWindow& window, size_t first_lane, size_t count, Date first,
                          Date last) {
  abreast_.Open(window, first_lane, count, indicators_, LooksAfter(first), last);
  BeginAbreast(first);
}

void Program::BeginAbreast(Date first) {
  KnowDates(abreast_.dates());
  open_from_ = first;
  open_end_ = abreast_.dates().size();
  dates_taken_ = 0;
  for (Source& source : sources_) source.is_open = false;
}

// Joins the rows that any window may lie over.
void Program::OpenSourceAbreast(Source* source) {
  if (source->is_open) return;
  source->is_open = true;
  source->is_summed = false;
  const auto missing = [&](size_t column) { return !abreast_.Has(column); };
  source->is_empty = source->shape.missing_is_zero ? std::ranges::all_of(source->columns, missing)
                                                   : std::ranges::any_of(source->columns, missing);
  if (source->is_empty) return;
  const std::span<const Date> dates = abreast_.dates();
  const auto begin_it =
      std::ranges::upper_bound(dates, MonthsBefore(open_from_, source->lookback_months));
  const auto begin = static_cast<size_t>(begin_it - dates.begin());
  terms_.clear();
  for (const size_t column : source->columns) terms_.push_back(abreast_.Column(column, begin));
  const size_t stride = abreast_.stride();
  source->series.Open(source->shape, terms_, {begin * stride, open_end_ * stride});
  source->begin = begin;
}

void Program::BeginDateAbreast(Date date) {
  FindRows(abreast_.dates(), date);
  for (Divisor& divisor : divisors_) divisor.is_found = false;
  ++dates_taken_;
}

void Program::TakeAbreast(Date date) {
  BeginDateAbreast(date);
  for (const CompiledFeature& feature : features_) {
    if (feature.feature->kind != FeatureKind::kFormula) TakeFeatureAbreast(feature, date);
  }
}

void Program::TakeAbreast(Date date, std::span<const size_t> features) {
  BeginDateAbreast(date);
  for (const size_t index : features) TakeFeatureAbreast(features_[index], date);
}

void Program::TakeFeatureAbreast(const CompiledFeature& feature, Date date) {
  Source& source = sources_[feature.series];
  OpenSourceAbreast(&source);
  const std::span<double> lanes = tape_.Lanes(feature.value);
  if (source.is_empty) {
    const bool is_zero =
        feature.feature->kind == FeatureKind::kCount && feature.feature->at_least == 0;
    std::ranges::fill(lanes, is_zero ? 0.0 : kUnknown);
    return;
  }
  const double* per = feature.per ? DivisorAbreast(feature) : nullptr;
  AbreastSeries in{&source.series, abreast_.stride(), abreast_.count(), abreast_.dates(), nullptr};
  if (dates_taken_ >= kFewestDatesToSum) {
    if (!source.is_summed) source.sums.Open(in, source.begin, open_end_);
    source.is_summed = true;
    in.sums = &source.sums;
  }
  ComputeAbreast(feature, in, WindowOf(feature), CompareWindowOf(feature), per, date, lanes.data());
}

// Row by row back from the date, as nearly always the last one has it.
const double* Program::DivisorAbreast(const CompiledFeature& feature) {
  Divisor& divisor = divisors_[*feature.per];
  if (divisor.is_found) return divisor.latest_abreast.data();
  divisor.is_found = true;
  const size_t stride = abreast_.stride();
  std::array<double, Tape::kLanes>& latest = divisor.latest_abreast;
  // Surplus lanes lack nothing.
  std::ranges::fill(latest, 0.0);
  std::fill_n(latest.begin(), abreast_.count(), kUnknown);
  if (!abreast_.Has(divisor.column)) return latest.data();
  for (size_t row = end_; row > begins_[per_slot_]; --row) {
    const int64_t* cells = abreast_.Column(divisor.column, row - 1) + (row - 1) * stride;
    if (TakeLatest(cells, stride, divisor.scale, latest.data())) break;
  }
  return latest.data();
}

bool Program::IsUnknownIfOnly(const CompiledFeature& feature,
                              std::span<const IndicatorId> reported) const {
  const auto missing = [&](IndicatorId id) { return !std::ranges::binary_search(reported, id); };
  if (feature.feature->kind == FeatureKind::kFormula) return false;
  if (feature.per && missing(divisors_[*feature.per].indicator)) return true;
  if (feature.feature->at_least == 0) return false;
  const Series::Shape& shape = sources_[feature.series].shape;
  const auto of_term = [&](const Series::Term& term) { return missing(term.indicator); };
  return shape.missing_is_zero ? std::ranges::all_of(shape.terms, of_term)
                               : std::ranges::any_of(shape.terms, of_term);
}

void Program::AddReach(std::map<IndicatorId, int>* months) const {
  const auto add = [&](IndicatorId indicator, int back) {
    int& known = months->try_emplace(indicator, 0).first->second;
    known = std::max(known, back);
  };
  for (const Source& source : sources_) {
    for (const Series::Term& term : source.shape.terms) {
      add(term.indicator, source.lookback_months);
    }
  }
  for (const Divisor& divisor : divisors_) add(divisor.indicator, kPerWindowMonths);
}

void Program::AddIndicatorsOf(size_t feature, std::vector<IndicatorId>* indicators) const {
  const CompiledFeature& compiled = features_[feature];
  if (compiled.feature->kind == FeatureKind::kFormula) return;
  for (const Series::Term& term : sources_[compiled.series].shape.terms) {
    indicators->push_back(term.indicator);
  }
  if (compiled.per) indicators->push_back(divisors_[*compiled.per].indicator);
}

std::vector<uint8_t> Program::PossibleIfOnly(std::span<const IndicatorId> reported) const {
  std::vector<Register> unknown;
  for (const CompiledFeature& feature : features_) {
    if (IsUnknownIfOnly(feature, reported)) unknown.push_back(feature.value);
  }
  return tape_.PossibleIf(unknown);
}

Window Program::WindowOf(const CompiledFeature& feature) const {
  return {begins_[feature.after], end_};
}

Window Program::CompareWindowOf(const CompiledFeature& feature) const {
  if (feature.feature->kind != FeatureKind::kChange) return {};
  return {begins_[feature.compare_after], begins_[feature.compare_through]};
}

std::optional<Point> Program::PerPoint(const CompiledFeature& feature) const {
  if (!feature.per || !divisors_[*feature.per].latest) return std::nullopt;
  const Divisor& divisor = divisors_[*feature.per];
  return history_->At(divisor.indicator, history_->dates()[*divisor.latest]);
}

}  // namespace shouwang::risk
