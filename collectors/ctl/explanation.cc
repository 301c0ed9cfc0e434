#include "collectors/ctl/explanation.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <set>
#include <string>
#include <vector>

#include "collectors/ctl/reported_table.h"
#include "collectors/ctl/words.h"

namespace shouwang::ctl {
namespace {

Json InputJson(const v1::Input& input) {
  return {{"indicator", input.indicator()},
          {"date", DateText(input.date())},
          {"value", input.value()},
          {"unit", input.unit()},
          {"source", Word(input.source())},
          {"batch", input.batch()},
          {"known_at", InstantText(input.known_at_ms())},
          {"reported_at", InstantText(input.reported_at_ms())}};
}

Json PresenceJson(const v1::FeatureValue& feature) {
  if (!feature.has_presence()) return nullptr;
  return {{"period_months", feature.presence().period_months()},
          {"periods", feature.presence().periods()},
          {"present", feature.presence().present()}};
}

Json FeatureJson(const v1::FeatureValue& feature) {
  Json inputs = Json::array();
  for (const v1::Input& input : feature.inputs()) inputs.push_back(InputJson(input));
  return {{"feature", feature.feature()},
          {"title_zh", feature.title_zh()},
          {"title_en", feature.title_en()},
          {"unit", feature.unit()},
          {"value", feature.has_value() ? Json(feature.value()) : Json(nullptr)},
          {"unknown_because", feature.unknown_because()},
          {"formula", feature.formula()},
          {"inputs", inputs},
          {"missing", std::vector<std::string>(feature.missing().begin(), feature.missing().end())},
          {"presence", PresenceJson(feature)}};
}

Json ChangeJson(const v1::ClearingChange& change) {
  const bool reported = !change.indicator().empty();
  return {{"feature", reported ? Json(nullptr) : Json(change.feature())},
          {"indicator", reported ? Json(change.indicator()) : Json(nullptr)},
          {"date", DateText(change.date())},
          {"title_zh", change.title_zh()},
          {"title_en", change.title_en()},
          {"unit", change.unit()},
          {"from", change.from()},
          {"to", change.to()},
          {"relative", change.relative()},
          {"beyond", change.beyond()}};
}

Json ComparisonJson(const v1::Comparison& comparison) {
  return {{"text", comparison.text()},
          {"left", comparison.has_left() ? Json(comparison.left()) : Json(nullptr)},
          {"op", comparison.op()},
          {"right", comparison.has_right() ? Json(comparison.right()) : Json(nullptr)},
          {"truth", Word(comparison.truth())},
          {"distance", comparison.has_distance() ? Json(comparison.distance()) : Json(nullptr)}};
}

Json RuleExplanationJson(const v1::RuleExplanation& rule) {
  Json comparisons = Json::array();
  for (const v1::Comparison& comparison : rule.comparisons()) {
    comparisons.push_back(ComparisonJson(comparison));
  }
  Json features = Json::array();
  for (const v1::FeatureValue& feature : rule.features()) {
    features.push_back(FeatureJson(feature));
  }
  Json changes = Json::array();
  for (const v1::ClearingChange& change : rule.clearing_changes()) {
    changes.push_back(ChangeJson(change));
  }
  return {{"rule", RuleJson(rule.rule())},
          {"truth", Word(rule.truth())},
          {"opened_on", rule.has_opened_on() ? Json(DateText(rule.opened_on())) : Json(nullptr)},
          {"comparisons", comparisons},
          {"features", features},
          {"clears", Word(rule.clears())},
          {"clearing_changes", changes},
          {"text_zh", rule.text_zh()},
          {"text_en", rule.text_en()}};
}

void PrintComparisons(const Session& session, const v1::RuleExplanation& rule) {
  if (rule.comparisons().empty()) return;
  Table table({{session.Title("条件", "CONDITION")},
               {session.Title("左值", "LEFT"), Table::Align::kRight},
               {""},
               {session.Title("右值", "RIGHT"), Table::Align::kRight},
               {session.Title("结果", "IS")},
               {session.Title("距转变", "FROM TURNING"), Table::Align::kRight}});
  for (const v1::Comparison& c : rule.comparisons()) {
    table.Add({c.text(), c.has_left() ? NumberText(c.left()) : "?", c.op(),
               c.has_right() ? NumberText(c.right()) : "?", Shown(c.truth(), session.language()),
               c.has_distance() ? NumberText(c.distance()) : ""});
  }
  table.Print(session.out());
}

// "9 of 12 months present"
std::string PresenceText(const Session& session, const v1::WindowPresence& presence) {
  const uint32_t months = presence.period_months();
  const std::string zh = months == 12 ? "年" : months == 3 ? "个季度" : "个月";
  const std::string en = months == 12 ? "years" : months == 3 ? "quarters" : "months";
  return session.Title(
      fmt::format("{}{}中有{}{}有数据", presence.periods(), zh, presence.present(), zh),
      fmt::format("{} of {} {} present", presence.present(), presence.periods(), en));
}

void PrintFeature(const Session& session, const v1::FeatureValue& feature) {
  session.out() << fmt::format(
      "\n{} ({}) = {}\n  {}\n", session.Title(feature.title_zh(), feature.title_en()),
      feature.feature(),
      feature.has_value() ? fmt::format("{} {}", NumberText(feature.value()), feature.unit())
                          : fmt::format("{}: {}", Shown(v1::TRUTH_UNKNOWN, session.language()),
                                        feature.unknown_because()),
      feature.formula());
  if (feature.has_presence()) {
    session.out() << fmt::format("  {}\n", PresenceText(session, feature.presence()));
  }
  if (feature.inputs().empty()) return;
  ReportedTable table(session);
  for (const v1::Input& input : feature.inputs()) {
    table.Add(input, input.indicator(), input.value(), input.unit());
  }
  table.Print();
}

void PrintChanges(const Session& session, const v1::RuleExplanation& rule) {
  if (rule.clearing_changes().empty()) return;
  Table table({{session.Title("单独即可解除的变化", "WOULD CLEAR IT ALONE")},
               {session.Title("由", "FROM"), Table::Align::kRight},
               {session.Title("到", "TO"), Table::Align::kRight},
               {session.Title("单位", "UNIT")},
               {session.Title("数据日期", "REPORTED ON")}});
  for (const v1::ClearingChange& change : rule.clearing_changes()) {
    const bool reported = !change.indicator().empty();
    table.Add({session.Title(change.title_zh(), change.title_en()), NumberText(change.from()),
               NumberText(change.to()), change.unit(), reported ? DateText(change.date()) : ""});
  }
  session.out() << '\n';
  table.Print(session.out());
}

// Which rules can't be decided, and for want of what: what to ask for at the next visit.
void PrintUnknown(const Session& session, const v1::ExplainSubjectResponse& response) {
  Table table({{session.Title("无法判断", "UNKNOWN")}, {session.Title("缺少", "FOR WANT OF")}});
  for (const v1::RuleExplanation& explained : response.rules()) {
    if (explained.truth() != v1::TRUTH_UNKNOWN) continue;
    std::set<std::string> missing;
    for (const v1::FeatureValue& feature : explained.features()) {
      missing.insert(feature.missing().begin(), feature.missing().end());
    }
    table.Add({session.Title(explained.rule().title_zh(), explained.rule().title_en()),
               missing.empty() ? "more dates" : fmt::format("{}", fmt::join(missing, ", "))});
  }
  if (table.size() == 0) return;
  session.out() << '\n';
  table.Print(session.out());
}

void PrintRule(const Session& session, const v1::RuleExplanation& explained) {
  const v1::Rule& rule = explained.rule();
  session.out() << fmt::format(
      "\n== {} {} [{}, {}]: {}\n", rule.name(), session.Title(rule.title_zh(), rule.title_en()),
      Shown(rule.severity(), session.language()),
      ShownRiskKind(rule.risk_kind(), session.language()),
      explained.has_opened_on() ? fmt::format("open since {}", DateText(explained.opened_on()))
                                : Shown(explained.truth(), session.language()));
  const std::string& text = session.Title(explained.text_zh(), explained.text_en());
  if (!text.empty()) session.out() << text << '\n';
  session.out() << fmt::format("when: {}\n", rule.when());
  if (!rule.clear_when().empty()) {
    session.out() << fmt::format("clears when: {} for {} months\n", rule.clear_when(),
                                 rule.hold_months());
  }
  PrintComparisons(session, explained);
  PrintChanges(session, explained);
  for (const v1::FeatureValue& feature : explained.features()) PrintFeature(session, feature);
  const std::string& measure = session.Title(rule.measure_zh(), rule.measure_en());
  if (!measure.empty()) session.out() << fmt::format("\nmeasure: {}\n", measure);
  if (!rule.citation().empty()) {
    session.out() << fmt::format("threshold from: {}\n", rule.citation());
  }
}

}  // namespace

Json WarningJson(const v1::Warning& warning) {
  return {{"subject", warning.subject()},
          {"rule", warning.rule()},
          {"severity", Word(warning.severity())},
          {"risk_kind", warning.risk_kind()},
          {"opened_on", DateText(warning.opened_on())},
          {"cleared_on",
           warning.has_cleared_on() ? Json(DateText(warning.cleared_on())) : Json(nullptr)},
          {"policy_version", warning.policy_version()},
          {"known_at",
           warning.known_at_ms() != 0 ? Json(InstantText(warning.known_at_ms())) : Json(nullptr)},
          {"rule_title_zh", warning.rule_title_zh()},
          {"rule_title_en", warning.rule_title_en()},
          {"division_path", warning.division_path()}};
}

Json RuleJson(const v1::Rule& rule) {
  return {{"id", rule.id()},
          {"name", rule.name()},
          {"title_zh", rule.title_zh()},
          {"title_en", rule.title_en()},
          {"severity", Word(rule.severity())},
          {"risk_kind", rule.risk_kind()},
          {"applies_to", Word(rule.applies_to())},
          {"when", rule.when()},
          {"clear_when", rule.clear_when()},
          {"hold_months", rule.hold_months()},
          {"measure_zh", rule.measure_zh()},
          {"measure_en", rule.measure_en()},
          {"citation", rule.citation()}};
}

Json ExplanationJson(const v1::ExplainSubjectResponse& response) {
  Json rules = Json::array();
  for (const v1::RuleExplanation& rule : response.rules()) {
    rules.push_back(RuleExplanationJson(rule));
  }
  Json past = Json::array();
  for (const v1::Warning& warning : response.past()) past.push_back(WarningJson(warning));
  return {{"subject", response.subject()},
          {"division_path", response.division_path()},
          {"date", DateText(response.date())},
          {"policy_version", response.policy_version()},
          {"policy_title", response.policy_title()},
          {"rules", rules},
          {"past", past}};
}

void PrintExplanation(const Session& session, const v1::ExplainSubjectResponse& response) {
  const std::string date = DateText(response.date());
  const std::string policy =
      fmt::format("{} {}", response.policy_version(), response.policy_title());
  session.out() << fmt::format("{}  {}\n{}\n", response.subject(), response.division_path(),
                               session.Title(fmt::format("截至 {}，政策 {}", date, policy),
                                             fmt::format("as of {}, policy {}", date, policy)));
  if (response.rules().empty()) {
    session.out() << session.Title("没有触发或无法判断的规则\n", "no rule is open or unknown\n");
  }
  PrintUnknown(session, response);
  for (const v1::RuleExplanation& rule : response.rules()) PrintRule(session, rule);
  if (response.past().empty()) return;
  session.out() << session.Title("\n以前已解除：\n", "\ncleared before:\n");
  Table table({{session.Title("规则", "RULE")},
               {session.Title("触发日", "OPENED")},
               {session.Title("解除日", "CLEARED")}});
  for (const v1::Warning& warning : response.past()) {
    table.Add({warning.rule(), DateText(warning.opened_on()),
               warning.has_cleared_on() ? DateText(warning.cleared_on()) : ""});
  }
  table.Print(session.out());
}

}  // namespace shouwang::ctl
