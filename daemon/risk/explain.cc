// Evaluator::Explain: the same programs as the fold, read out loud.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <iterator>
#include <string>

#include "daemon/risk/clearing.h"
#include "daemon/risk/engine.h"
#include "daemon/risk/policy_file.h"
#include "daemon/risk/syntax.h"
#include "daemon/risk/window.h"
#include "daemon/risk/words.h"

namespace shouwang::risk {
namespace {

// The only lane of an explanation.
constexpr size_t kLane = 0;

std::optional<double> Known(double value) {
  return std::isnan(value) ? std::nullopt : std::optional<double>(value);
}

// "wage_income + transfer_income - operating_cost"
std::string NetText(const Feature& feature, const Catalogue& catalogue) {
  std::string text;
  for (IndicatorId id : feature.of) text += (text.empty() ? "" : " + ") + catalogue.Get(id)->name;
  for (IndicatorId id : feature.minus) text += " - " + catalogue.Get(id)->name;
  return text;
}

// "mean of ln(max(income, 1)) over 24 months, half-life 6 months"
std::string LogarithmText(const Feature& feature, std::string_view net) {
  std::string text =
      fmt::format("{} of ln(max({}, {})) over {} months",
                  feature.kind == FeatureKind::kLogMean ? "mean" : "standard deviation", net,
                  feature.floor, feature.window_months);
  if (feature.half_life_months) {
    text += fmt::format(", half-life {} months", *feature.half_life_months);
  }
  return text;
}

std::string FormulaText(const Feature& feature, const Catalogue& catalogue) {
  const std::string net = NetText(feature, catalogue);
  const std::string kind(FeatureKindName(feature.kind));
  const int months = feature.window_months;
  std::string text;
  switch (feature.kind) {
    case FeatureKind::kFormula:
      return feature.formula;
    case FeatureKind::kLast:
      text = fmt::format("last({}) within {} months", net, months);
      break;
    case FeatureKind::kChange:
      text = fmt::format("change of mean({}) over {} months against {} months before", net, months,
                         feature.compare_months);
      break;
    case FeatureKind::kSlope:
      text = fmt::format("slope({}) per month over {} months", net, months);
      break;
    case FeatureKind::kMonthsSince:
      text = fmt::format("months since ({}) > {} within {} months", net, feature.above, months);
      break;
    case FeatureKind::kLongestZeroRun:
      text = fmt::format("longest run of dates with ({}) <= 0 over {} months", net, months);
      break;
    case FeatureKind::kShare: {
      Feature total;
      total.of = feature.total;
      text =
          fmt::format("sum({}) / sum({}) over {} months", net, NetText(total, catalogue), months);
      break;
    }
    case FeatureKind::kCount:
      text = fmt::format("number of dates with ({}) over {} months", net, months);
      break;
    case FeatureKind::kLogMean:
    case FeatureKind::kLogSpread:
      text = LogarithmText(feature, net);
      break;
    case FeatureKind::kSum:
    case FeatureKind::kMean:
    case FeatureKind::kMin:
    case FeatureKind::kMax:
      text = fmt::format("{}({}) over {} months", kind, net, months);
      break;
  }
  if (feature.per) text += " / " + catalogue.Get(*feature.per)->name;
  return text;
}

std::vector<IndicatorId> IndicatorsOf(const Feature& feature) {
  std::vector<IndicatorId> ids = feature.of;
  ids.insert(ids.end(), feature.minus.begin(), feature.minus.end());
  for (IndicatorId id : feature.total) {
    if (std::ranges::find(ids, id) == ids.end()) ids.push_back(id);
  }
  return ids;
}

void AppendInputs(const History& history, const std::vector<IndicatorId>& ids, const Series& series,
                  Window window, std::vector<FeatureInput>* inputs) {
  for (IndicatorId id : ids) {
    for (size_t row = window.begin; row < window.end; ++row) {
      if (!series.usable(row)) continue;
      const std::optional<Point> point = history.At(id, history.dates()[row]);
      if (point) inputs->push_back({id, *point, history.ArrivalOf(*point)});
    }
  }
}

// Indicators without a point in (date less `from_months`, date less `to_months`].
std::vector<const Indicator*> Missing(const History& history, const Catalogue& catalogue,
                                      const Feature& feature, Date date, int from_months,
                                      int to_months) {
  std::vector<const Indicator*> missing;
  const DateRange range{MonthsBefore(date, from_months) + 1, MonthsBefore(date, to_months)};
  for (IndicatorId id : IndicatorsOf(feature)) {
    if (history.Of(id, range).empty()) missing.push_back(catalogue.Get(id));
  }
  return missing;
}

// Of a feature that is unknown at `date`.
Lack LackOf(const CompiledFeature& compiled, const Program& program, const History& history,
            const Catalogue& catalogue, Date date) {
  const Feature& feature = *compiled.feature;
  Lack lack;
  lack.months = feature.window_months;
  if (feature.kind == FeatureKind::kFormula) {
    lack.reason = Lack::Reason::kInputs;
    return lack;
  }
  const auto needed = static_cast<size_t>(std::max(feature.at_least, 1));
  const Series& series = program.SeriesOf(compiled);
  const size_t usable = series.CountUsable(program.WindowOf(compiled));
  const size_t usable_before = series.CountUsable(program.CompareWindowOf(compiled));
  lack.needed = needed;
  if (usable < needed) {
    lack.reason = Lack::Reason::kDates;
    lack.usable = usable;
    lack.missing = Missing(history, catalogue, feature, date, feature.window_months, 0);
  } else if (feature.kind == FeatureKind::kChange && usable_before < needed) {
    lack.reason = Lack::Reason::kCompareDates;
    lack.usable = usable_before;
    lack.missing = Missing(history, catalogue, feature, date,
                           feature.window_months + feature.compare_months, feature.compare_months);
  } else if (feature.kind == FeatureKind::kChange || feature.kind == FeatureKind::kShare) {
    lack.reason = Lack::Reason::kZeroBase;
  } else if (usable < 2 &&
             (feature.kind == FeatureKind::kSlope || feature.kind == FeatureKind::kLogSpread)) {
    lack.reason = Lack::Reason::kOneDate;
  } else if (compiled.per) {
    const std::optional<Point> per = program.PerPoint(compiled);
    lack.reason = !per || per->value <= 0 ? Lack::Reason::kDivisor : Lack::Reason::kInputs;
    lack.months = kPerWindowMonths;
    lack.missing = {catalogue.Get(*feature.per)};
  } else {
    lack.reason = Lack::Reason::kInputs;
  }
  return lack;
}

WindowPresence PresenceIn(const Series& series, Window window, const Feature& feature,
                          const History& history, const Catalogue& catalogue, Date date) {
  WindowPresence presence;
  for (IndicatorId id : IndicatorsOf(feature)) {
    presence.period_months =
        std::max(presence.period_months, static_cast<int>(catalogue.Get(id)->cadence));
  }
  if (presence.period_months == 0) return presence;
  presence.periods = (feature.window_months + presence.period_months - 1) / presence.period_months;
  int last = -1;  // periods are met in the order of the dates
  for (size_t row = window.begin; row < window.end; ++row) {
    if (!series.usable(row)) continue;
    const int back = date.month().index() - history.dates()[row].month().index();
    const int period = back / presence.period_months;
    presence.present += period != last ? 1 : 0;
    last = period;
  }
  return presence;
}

FeatureValue ExplainFeature(const CompiledFeature& compiled, const Program& program,
                            const History& history, const Catalogue& catalogue, Date date) {
  const Feature& feature = *compiled.feature;
  FeatureValue result;
  result.feature = &feature;
  result.value = Known(program.Value(compiled.value, kLane));
  result.formula = FormulaText(feature, catalogue);
  if (feature.kind == FeatureKind::kFormula) return result;
  const Series& series = program.SeriesOf(compiled);
  const std::vector<IndicatorId> ids = IndicatorsOf(feature);
  AppendInputs(history, ids, series, program.CompareWindowOf(compiled), &result.inputs);
  Window window = program.WindowOf(compiled);
  result.presence = PresenceIn(series, window, feature, history, catalogue, date);
  if (feature.kind == FeatureKind::kLast) {
    while (window.begin < window.end && !series.usable(window.end - 1)) --window.end;
    if (window.begin < window.end) window.begin = window.end - 1;
  }
  AppendInputs(history, ids, series, window, &result.inputs);
  if (const std::optional<Point> per = program.PerPoint(compiled)) {
    result.inputs.push_back({*feature.per, *per, history.ArrivalOf(*per)});
  }
  return result;
}

std::vector<Comparison> ExplainComparisons(const CompiledRule& rule, const Program& program) {
  const std::vector<ComparisonText> texts = ComparisonsIn(rule.rule->when);
  const std::vector<Recorded::Comparison>& seen = rule.when.comparisons;
  std::vector<Comparison> comparisons;
  for (size_t i = 0; i < std::min(texts.size(), seen.size()); ++i) {
    comparisons.push_back({texts[i].whole, Known(program.Value(seen[i].left, kLane)),
                           Known(program.Value(seen[i].right, kLane)), texts[i].op,
                           TruthOf(program.Value(seen[i].truth, kLane))});
  }
  return comparisons;
}

// Since when the warning that stood at `date` was open.
std::optional<Date> OpenAt(const SubjectRisk& risk, RuleId rule, Date date) {
  for (const RuleState& state : risk.states) {
    if (state.rule == rule && state.opened_on && *state.opened_on <= date) return state.opened_on;
  }
  for (const Episode& episode : risk.episodes) {
    if (episode.rule == rule && episode.opened_on <= date && date < episode.cleared_on) {
      return episode.opened_on;
    }
  }
  return std::nullopt;
}

std::optional<Date> ClearingSince(const SubjectRisk& risk, RuleId rule, Date date) {
  // What the fold carries is true of the last date it judged, and of no other.
  if (risk.evaluated_through != date) return std::nullopt;
  for (const RuleState& state : risk.states) {
    if (state.rule == rule) return state.clearing_since;
  }
  return std::nullopt;
}

Explanation ExplainRule(const CompiledRule& rule, const Program& program, const History& history,
                        const SubjectRisk& risk, const Catalogue& catalogue, Date date,
                        std::vector<Lack>* lacks) {
  Explanation e;
  e.policy = &program.policy();
  e.rule = rule.rule;
  e.date = date;
  e.truth = TruthOf(program.Value(rule.when.result, kLane));
  e.opened_on = OpenAt(risk, rule.rule->id, date);
  e.comparisons = ExplainComparisons(rule, program);
  e.clears = TruthOf(program.Value(rule.clear.result, kLane));
  std::vector<const Feature*> features = FeaturesBehind(program.policy(), rule.rule->when);
  if (e.opened_on) {
    std::ranges::copy(FeaturesBehind(program.policy(), rule.rule->clear_when),
                      std::back_inserter(features));
  }
  for (const CompiledFeature& compiled : program.features()) {
    if (std::ranges::find(features, compiled.feature) == features.end()) continue;
    e.features.push_back(ExplainFeature(compiled, program, history, catalogue, date));
    Lack lack;
    if (!e.features.back().value) lack = LackOf(compiled, program, history, catalogue, date);
    e.features.back().unknown_because = LackText(lack, Language::kEn);
    e.features.back().missing = lack.missing;
    lacks->push_back(std::move(lack));
  }
  return e;
}

}  // namespace

std::vector<Explanation> Evaluator::Explain(const History& history, const SubjectRisk& risk,
                                            Date date, absl::FunctionRef<bool(RuleId)> wanted) {
  Program& program = engine_->ProgramOf(engine_->policies.InForce(date), history.subject().kind);
  program.Open(history, date, date);
  program.Take(date, kLane);
  program.Decide(kLane + 1);
  std::vector<Explanation> explanations;
  for (const CompiledRule& compiled : program.rules()) {
    if (!wanted(compiled.rule->id)) continue;
    Standing standing;
    standing.clearing_since = ClearingSince(risk, compiled.rule->id, date);
    Explanation e =
        ExplainRule(compiled, program, history, risk, engine_->catalogue, date, &standing.lacks);
    if (e.opened_on && e.clears != Truth::kTrue) {
      e.clearing_changes = ClearingChanges(history, date, engine_->catalogue,
                                           &engine_->ProgramOf(program.policy(), *e.rule));
    }
    e.text_zh = Paragraph(e, standing, Language::kZh);
    e.text_en = Paragraph(e, standing, Language::kEn);
    explanations.push_back(std::move(e));
  }
  return explanations;
}

absl::StatusOr<std::vector<Explanation>> Evaluator::Explain(const History& history,
                                                            const SubjectRisk& risk, Date date,
                                                            std::optional<RuleId> rule) {
  std::vector<Explanation> explanations =
      Explain(history, risk, date, [&](RuleId id) { return !rule || id == *rule; });
  if (rule && explanations.empty()) {
    return absl::NotFoundError(fmt::format("rule {}: policy {}, in force on {}, has none for a {}",
                                           *rule, engine_->policies.InForce(date).version,
                                           date.ToString(), KindName(history.subject().kind)));
  }
  return explanations;
}

}  // namespace shouwang::risk
