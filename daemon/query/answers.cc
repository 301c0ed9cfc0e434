#include "daemon/query/answers.h"

#include <fmt/format.h>

#include <cmath>

#include "daemon/wire/convert.h"
#include "storage/vocabulary/decimal.h"

namespace shouwang::query {
namespace {

v1::Truth TruthOf(risk::Truth truth) {
  switch (truth) {
    case risk::Truth::kFalse:
      return v1::TRUTH_FALSE;
    case risk::Truth::kUnknown:
      return v1::TRUTH_UNKNOWN;
    case risk::Truth::kTrue:
      return v1::TRUTH_TRUE;
  }
  return v1::TRUTH_UNSPECIFIED;
}

void FillInput(const risk::FeatureInput& input, const Catalogue& catalogue, v1::Input* out) {
  const Indicator* indicator = catalogue.Get(input.indicator);
  if (indicator != nullptr) {
    out->set_indicator(indicator->name);
    out->set_unit(indicator->unit);
  }
  out->set_value(FormatDecimal(input.point.value, indicator == nullptr ? 0 : indicator->decimals));
  out->set_date(input.point.date.days());
  out->set_source(wire::ToProto(input.arrival.source));
  out->set_batch(input.arrival.batch);
  out->set_known_at_ms(wire::ToMs(input.arrival.known_at));
  out->set_reported_at_ms(wire::ToMs(input.arrival.reported_at));
}

void FillChange(const risk::ClearingChange& change, v1::ClearingChange* out) {
  const auto name = [&](const auto& item) {
    out->set_title_zh(item.title_zh);
    out->set_title_en(item.title_en);
    out->set_unit(item.unit);
  };
  if (change.feature != nullptr) {
    out->set_feature(change.feature->name);
    name(*change.feature);
  } else {
    out->set_indicator(change.indicator->name);
    name(*change.indicator);
  }
  out->set_date(change.date.days());
  out->set_from(change.from);
  out->set_to(change.to);
  out->set_relative(change.relative);
  out->set_beyond(change.beyond);
}

void FillFeature(const risk::FeatureValue& value, const Catalogue& catalogue,
                 v1::FeatureValue* out) {
  out->set_feature(value.feature->name);
  out->set_title_zh(value.feature->title_zh);
  out->set_title_en(value.feature->title_en);
  out->set_unit(value.feature->unit);
  if (value.value) out->set_value(*value.value);
  out->set_unknown_because(value.unknown_because);
  out->set_formula(value.formula);
  for (const risk::FeatureInput& input : value.inputs) {
    FillInput(input, catalogue, out->add_inputs());
  }
  for (const Indicator* indicator : value.missing) out->add_missing(indicator->name);
  if (value.presence.period_months == 0) return;
  v1::WindowPresence* presence = out->mutable_presence();
  presence->set_period_months(static_cast<uint32_t>(value.presence.period_months));
  presence->set_periods(static_cast<uint32_t>(value.presence.periods));
  presence->set_present(static_cast<uint32_t>(value.presence.present));
}

}  // namespace

std::string PathOf(const Subject& subject, const DivisionTree& divisions) {
  const bool township = subject.kind == SubjectKind::kSite && subject.place % 1000 == 0;
  return divisions.PathOf(
      subject.In(township ? DivisionLevel::kTownship : DivisionLevel::kVillage));
}

const risk::Rule* FindRule(const risk::PolicySet& policies, RuleId id) {
  const auto& all = policies.All();
  for (auto policy = all.rbegin(); policy != all.rend(); ++policy) {
    if (const risk::Rule* rule = policy->FindRule(id)) return rule;
  }
  return nullptr;
}

const risk::Rule* FindRule(const risk::PolicySet& policies, std::string_view name) {
  const auto& all = policies.All();
  for (auto policy = all.rbegin(); policy != all.rend(); ++policy) {
    if (const risk::Rule* rule = policy->FindRule(name)) return rule;
  }
  return nullptr;
}

Date JudgedFrom(const Rulebook& rulebook) {
  if (rulebook.retention.keeps_everything()) return Date::Min();
  return rulebook.retention.AllKeptFrom().PlusMonths(rulebook.policies.LongestLookbackMonths());
}

void FillRule(const risk::Rule& rule, v1::Rule* out) {
  out->set_id(rule.id);
  out->set_name(rule.name);
  out->set_title_zh(rule.title_zh);
  out->set_title_en(rule.title_en);
  out->set_severity(wire::ToProto(rule.severity));
  out->set_risk_kind(std::string(RiskKindName(rule.kind)));
  out->set_applies_to(wire::ToProto(rule.applies_to));
  out->set_when(rule.when);
  out->set_clear_when(rule.clear_when);
  out->set_hold_months(static_cast<uint32_t>(rule.hold_months));
  out->set_measure_zh(rule.measure_zh);
  out->set_measure_en(rule.measure_en);
  out->set_citation(rule.citation);
}

void FillWarning(const Warning& warning, const Rulebook& rulebook, v1::Warning* out) {
  wire::WarningWords words;
  words.division_path = PathOf(warning.subject, rulebook.reg.divisions);
  if (const risk::Rule* rule = FindRule(rulebook.policies, warning.rule)) {
    words.rule = rule->name;
    words.rule_title_zh = rule->title_zh;
    words.rule_title_en = rule->title_en;
  } else {
    words.rule = fmt::format("rule_{}", warning.rule);
  }
  *out = wire::ToProto(warning, words);
}

void FillComparison(const risk::Comparison& comparison, v1::Comparison* out) {
  out->set_text(comparison.text);
  out->set_op(comparison.op);
  out->set_truth(TruthOf(comparison.truth));
  if (comparison.left) out->set_left(*comparison.left);
  if (comparison.right) out->set_right(*comparison.right);
  if (comparison.left && comparison.right) {
    out->set_distance(std::abs(*comparison.left - *comparison.right));
  }
}

void FillExplanation(const risk::Explanation& explanation, const Catalogue& catalogue,
                     v1::RuleExplanation* out) {
  FillRule(*explanation.rule, out->mutable_rule());
  out->set_truth(TruthOf(explanation.truth));
  if (explanation.opened_on) out->set_opened_on(explanation.opened_on->days());
  for (const risk::Comparison& comparison : explanation.comparisons) {
    FillComparison(comparison, out->add_comparisons());
  }
  for (const risk::FeatureValue& value : explanation.features) {
    FillFeature(value, catalogue, out->add_features());
  }
  out->set_clears(TruthOf(explanation.clears));
  for (const risk::ClearingChange& change : explanation.clearing_changes) {
    FillChange(change, out->add_clearing_changes());
  }
  out->set_text_zh(explanation.text_zh);
  out->set_text_en(explanation.text_en);
}

}  // namespace shouwang::query
