// Evaluator::Explain: the same programs as the fold, read out loud.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <span>
#include <string>

#include "daemon/risk/engine.h"
#include "daemon/risk/rule_words.h"
#include "daemon/risk/window.h"
#include "daemon/risk/words.h"

namespace shouwang::risk {
namespace {

// The only lane of an explanation.
constexpr size_t kLane = 0;

std::optional<double> Known(double value) {
  return std::isnan(value) ? std::nullopt : std::optional<double>(value);
}

void AppendInputs(const History& history, const std::vector<IndicatorId>& ids, const Series& series,
                  Window window, std::vector<FeatureInput>* inputs) {
  if (window.begin == window.end) return;
  const std::span<const Date> dates = history.dates();
  const DateRange range{dates[window.begin], dates[window.end - 1]};
  inputs->reserve(inputs->size() + ids.size() * (window.end - window.begin) + 1);
  for (IndicatorId id : ids) {
    size_t row = window.begin;
    for (const Point& point : history.Of(id, range)) {
      while (dates[row] != point.date) ++row;
      if (series.usable(row)) inputs->push_back({id, point, history.ArrivalOf(point)});
    }
  }
}

// Indicators without a point in (date less `from_months`, date less `to_months`].
std::vector<const Indicator*> Missing(const History& history, const Catalogue& catalogue,
                                      const FeatureWords& words, Date date, int from_months,
                                      int to_months) {
  std::vector<const Indicator*> missing;
  const DateRange range{MonthsBefore(date, from_months) + 1, MonthsBefore(date, to_months)};
  for (IndicatorId id : words.indicators) {
    if (history.Of(id, range).empty()) missing.push_back(catalogue.Get(id));
  }
  return missing;
}

// Of a feature that is unknown at `date`.
Lack LackOf(const CompiledFeature& compiled, const FeatureWords& words, const Program& program,
            const History& history, const Catalogue& catalogue, Date date) {
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
    lack.missing = Missing(history, catalogue, words, date, feature.window_months, 0);
  } else if (feature.kind == FeatureKind::kChange && usable_before < needed) {
    lack.reason = Lack::Reason::kCompareDates;
    lack.usable = usable_before;
    lack.missing = Missing(history, catalogue, words, date,
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

WindowPresence PresenceIn(const Series& series, Window window, int window_months, int period_months,
                          const History& history, Date date) {
  WindowPresence presence;
  presence.period_months = period_months;
  if (presence.period_months == 0) return presence;
  presence.periods = (window_months + period_months - 1) / period_months;
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

FeatureValue ExplainFeature(const CompiledFeature& compiled, const FeatureWords& words,
                            const Program& program, const History& history, Date date) {
  const Feature& feature = *compiled.feature;
  FeatureValue result;
  result.feature = &feature;
  result.value = Known(program.Value(compiled.value, kLane));
  result.formula = words.formula;
  if (feature.kind == FeatureKind::kFormula) return result;
  const Series& series = program.SeriesOf(compiled);
  AppendInputs(history, words.indicators, series, program.CompareWindowOf(compiled),
               &result.inputs);
  Window window = program.WindowOf(compiled);
  result.presence =
      PresenceIn(series, window, feature.window_months, words.period_months, history, date);
  if (feature.kind == FeatureKind::kLast) {
    while (window.begin < window.end && !series.usable(window.end - 1)) --window.end;
    if (window.begin < window.end) window.begin = window.end - 1;
  }
  AppendInputs(history, words.indicators, series, window, &result.inputs);
  if (const std::optional<Point> per = program.PerPoint(compiled)) {
    result.inputs.push_back({*feature.per, *per, history.ArrivalOf(*per)});
  }
  return result;
}

std::vector<Comparison> ExplainComparisons(const CompiledRule& rule, const RuleWords& words,
                                           const Program& program) {
  const std::vector<Recorded::Comparison>& seen = rule.when.comparisons;
  std::vector<Comparison> comparisons;
  for (size_t i = 0; i < std::min(words.comparisons.size(), seen.size()); ++i) {
    const ComparisonText& text = words.comparisons[i].text;
    comparisons.push_back({text.whole, Known(program.Value(seen[i].left, kLane)),
                           Known(program.Value(seen[i].right, kLane)), text.op,
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

Explanation ExplainRule(const CompiledRule& rule, const RuleWords& words,
                        std::span<const FeatureWords> feature_words, const Program& program,
                        const History& history, const SubjectRisk& risk, const Catalogue& catalogue,
                        Date date, std::vector<Lack>* lacks) {
  Explanation e;
  e.policy = &program.policy();
  e.rule = rule.rule;
  e.date = date;
  e.truth = TruthOf(program.Value(rule.when.result, kLane));
  e.opened_on = OpenAt(risk, rule.rule->id, date);
  e.comparisons = ExplainComparisons(rule, words, program);
  e.clears = TruthOf(program.Value(rule.clear.result, kLane));
  for (const size_t index : e.opened_on ? words.features_of_both : words.features) {
    const CompiledFeature& compiled = program.features()[index];
    const FeatureWords& of_feature = feature_words[index];
    FeatureValue& value =
        e.features.emplace_back(ExplainFeature(compiled, of_feature, program, history, date));
    Lack& lack = lacks->emplace_back();
    if (value.value) continue;
    lack = LackOf(compiled, of_feature, program, history, catalogue, date);
    value.unknown_because = LackText(lack, Language::kEn);
    value.missing = lack.missing;
  }
  return e;
}

}  // namespace

const ProgramWords& Evaluator::Engine::WordsOf(const Program& of) {
  return words.try_emplace(&of, of, catalogue).first->second;
}

ClearingCondition& Evaluator::Engine::ClearingOf(const CompiledRule& rule, const Program& of) {
  return clearing_conditions.try_emplace(rule.rule, rule, of, catalogue).first->second;
}

std::vector<Explanation> Evaluator::Explain(const History& history, const SubjectRisk& risk,
                                            Date date, absl::FunctionRef<bool(RuleId)> wanted) {
  Program& program = engine_->ProgramOf(engine_->policies.InForce(date), history.subject().kind);
  const ProgramWords& words = engine_->WordsOf(program);
  program.Open(history, date, date);
  program.Take(date, kLane);
  program.Decide(kLane + 1);
  std::vector<Explanation> explanations;
  for (size_t i = 0; i < program.rules().size(); ++i) {
    const CompiledRule& rule = program.rules()[i];
    if (!wanted(rule.rule->id)) continue;
    Standing standing;
    standing.clearing_since = ClearingSince(risk, rule.rule->id, date);
    Explanation e = ExplainRule(rule, words.rules[i], words.features, program, history, risk,
                                engine_->catalogue, date, &standing.lacks);
    if (e.opened_on && e.clears != Truth::kTrue) {
      e.clearing_changes =
          engine_->ClearingOf(rule, program).SmallestChanges(history, date, &program);
    }
    e.text_zh = Paragraph(e, words.rules[i], standing, Language::kZh);
    e.text_en = Paragraph(e, words.rules[i], standing, Language::kEn);
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
