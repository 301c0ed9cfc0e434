#include "daemon/query/answers.h"

#include <fmt/format.h>

#include <cmath>

#include "storage/vocabulary/decimal.h"

namespace shouwang::query {
namespace {

pb::Cadence CadenceOf(Cadence cadence) {
  switch (cadence) {
    case Cadence::kOnChange:
      return pb::CADENCE_ON_CHANGE;
    case Cadence::kMonthly:
      return pb::CADENCE_MONTHLY;
    case Cadence::kQuarterly:
      return pb::CADENCE_QUARTERLY;
    case Cadence::kYearly:
      return pb::CADENCE_YEARLY;
  }
  return pb::CADENCE_UNSPECIFIED;
}

pb::Truth TruthOf(risk::Truth truth) {
  switch (truth) {
    case risk::Truth::kFalse:
      return pb::TRUTH_FALSE;
    case risk::Truth::kUnknown:
      return pb::TRUTH_UNKNOWN;
    case risk::Truth::kTrue:
      return pb::TRUTH_TRUE;
  }
  return pb::TRUTH_UNSPECIFIED;
}

void FillComparison(const risk::Comparison& comparison, pb::Comparison* out) {
  out->set_text(comparison.text);
  out->set_op(comparison.op);
  out->set_truth(TruthOf(comparison.truth));
  if (comparison.left) out->set_left(*comparison.left);
  if (comparison.right) out->set_right(*comparison.right);
  if (comparison.left && comparison.right) {
    out->set_distance(std::abs(*comparison.left - *comparison.right));
  }
}

void FillInput(const risk::FeatureInput& input, const Catalogue& catalogue, pb::Input* out) {
  const Indicator* indicator = catalogue.Get(input.indicator);
  if (indicator != nullptr) {
    out->set_indicator(indicator->name);
    out->set_unit(indicator->unit);
  }
  out->set_value(FormatDecimal(input.point.value, indicator == nullptr ? 0 : indicator->decimals));
  out->set_date(input.point.date.days());
  out->set_source(SourceOf(input.arrival.source));
  out->set_batch(input.arrival.batch);
  out->set_known_at_ms(MillisOf(input.arrival.known_at));
  out->set_reported_at_ms(MillisOf(input.arrival.reported_at));
}

}  // namespace

int64_t MillisOf(Instant instant) { return instant.time_since_epoch().count(); }

pb::SubjectKind KindOf(SubjectKind kind) {
  return kind == SubjectKind::kSite ? pb::SUBJECT_KIND_SITE : pb::SUBJECT_KIND_HOUSEHOLD;
}

pb::Source SourceOf(Source source) { return static_cast<pb::Source>(source); }

pb::Severity SeverityOf(Severity severity) { return static_cast<pb::Severity>(severity); }

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

void FillIndicator(const Indicator& indicator, pb::Indicator* out) {
  out->set_id(indicator.id);
  out->set_name(indicator.name);
  out->set_title_zh(indicator.title_zh);
  out->set_title_en(indicator.title_en);
  out->set_unit(indicator.unit);
  out->set_decimals(static_cast<uint32_t>(indicator.decimals));
  out->set_min(indicator.min);
  out->set_max(indicator.max);
  out->set_cadence(CadenceOf(indicator.cadence));
  out->set_applies_to(KindOf(indicator.applies_to));
  out->set_supplied_by(SourceOf(indicator.supplied_by));
}

void FillRule(const risk::Rule& rule, pb::Rule* out) {
  out->set_id(rule.id);
  out->set_name(rule.name);
  out->set_title_zh(rule.title_zh);
  out->set_title_en(rule.title_en);
  out->set_severity(SeverityOf(rule.severity));
  out->set_risk_kind(std::string(RiskKindName(rule.kind)));
  out->set_applies_to(KindOf(rule.applies_to));
  out->set_when(rule.when);
  out->set_clear_when(rule.clear_when);
  out->set_hold_months(static_cast<uint32_t>(rule.hold_months));
  out->set_measure_zh(rule.measure_zh);
  out->set_measure_en(rule.measure_en);
  out->set_citation(rule.citation);
}

void FillWarning(const Warning& warning, const Rulebook& rulebook, pb::Warning* out) {
  out->set_subject(warning.subject.ToString());
  out->set_severity(SeverityOf(warning.severity));
  out->set_risk_kind(std::string(RiskKindName(warning.kind)));
  out->set_opened_on(warning.opened_on.days());
  if (warning.cleared_on) out->set_cleared_on(warning.cleared_on->days());
  out->set_policy_version(warning.policy_version);
  out->set_known_at_ms(MillisOf(warning.known_at));
  out->set_division_path(PathOf(warning.subject, rulebook.reg.divisions));
  if (const risk::Rule* rule = FindRule(rulebook.policies, warning.rule)) {
    out->set_rule(rule->name);
    out->set_rule_title_zh(rule->title_zh);
    out->set_rule_title_en(rule->title_en);
  } else {
    out->set_rule(fmt::format("rule_{}", warning.rule));
  }
}

void FillResidence(const Residence& residence, pb::Residence* out) {
  out->set_household(residence.household.ToString());
  out->set_site(residence.site.ToString());
  out->set_origin(residence.origin.ToString());
  out->set_since(residence.since.days());
}

void FillExplanation(const risk::Explanation& explanation, const Catalogue& catalogue,
                     pb::RuleExplanation* out) {
  FillRule(*explanation.rule, out->mutable_rule());
  out->set_truth(TruthOf(explanation.truth));
  if (explanation.opened_on) out->set_opened_on(explanation.opened_on->days());
  for (const risk::Comparison& comparison : explanation.comparisons) {
    FillComparison(comparison, out->add_comparisons());
  }
  for (const risk::FeatureValue& value : explanation.features) {
    pb::FeatureValue* feature = out->add_features();
    feature->set_feature(value.feature->name);
    feature->set_title_zh(value.feature->title_zh);
    feature->set_title_en(value.feature->title_en);
    feature->set_unit(value.feature->unit);
    if (value.value) feature->set_value(*value.value);
    feature->set_unknown_because(value.unknown_because);
    feature->set_formula(value.formula);
    for (const risk::FeatureInput& input : value.inputs) {
      FillInput(input, catalogue, feature->add_inputs());
    }
  }
  out->set_text_zh(explanation.text_zh);
  out->set_text_en(explanation.text_en);
}

}  // namespace shouwang::query
