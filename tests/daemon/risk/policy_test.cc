#include "daemon/risk/policy.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/daemon/risk/fixture.h"

namespace shouwang::risk {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

class PolicyTest : public testing::Test {
 protected:
  // The faults of one file made of these parts; the head is lines 1 to 4.
  std::vector<std::string> FaultsOf(const std::string& rest, const std::string& head = kHead) {
    files_.Write("p.yaml", head + rest);
    files_.Load(catalogue_);
    return files_.faults();
  }
  // Line 5 is "features:", line 6 the feature, line 7 "rules:", line 8 the rule.
  std::vector<std::string> FaultsOfFeature(const std::string& feature) {
    return FaultsOf("features:\n  - {" + feature + ", " + kTitles + "}\nrules:\n" + kPlainRule);
  }
  std::vector<std::string> FaultsOfRule(const std::string& rule) {
    return FaultsOf("features:\n  - {name: f, kind: last, of: income, " + kTitles +
                    "}\nrules:\n  - {" + rule + "}\n");
  }

  const std::string kPlainRule = "  - {id: 101, name: rule_one, when: f < 1, " + kRuleRest + "}\n";
  Catalogue catalogue_ = SmallCatalogue();
  PolicyFiles files_;
};

TEST_F(PolicyTest, ReadsEveryKey) {
  files_.Write("p.yaml", kHead + "constants:\n  - {name: line, value: 12.5, unit: yuan, " +
                             kTitles +
                             ", citation: somewhere}\n"
                             "features:\n  - {name: f, kind: change, of: [income, ratio], minus: "
                             "cost, window_months: 3, compare_months: 24, at_least: 2, "
                             "missing_is_zero: true, unit: ratio, " +
                             kTitles +
                             "}\nrules:\n  - {id: 205, name: rule_b, when: f < line, clear_when: f "
                             "> line, hold_months: 6, applies_to: household, " +
                             kRuleRest + "}\n" + kPlainRule);
  const PolicySet set = files_.Load(catalogue_);
  ASSERT_THAT(files_.faults(), ElementsAre());
  ASSERT_EQ(set.All().size(), 1U);
  const Policy& policy = set.All().front();
  EXPECT_EQ(policy.version, 1U);
  EXPECT_EQ(policy.effective_from, Day("2020-01-01"));
  EXPECT_EQ(policy.title_zh, "政策");
  EXPECT_EQ(policy.FindConstant("line")->value, 12.5);
  EXPECT_EQ(policy.FindConstant("line")->citation, "somewhere");
  const Feature& feature = *policy.FindFeature("f");
  EXPECT_EQ(feature.kind, FeatureKind::kChange);
  EXPECT_THAT(feature.of, ElementsAre(1, 6));
  EXPECT_THAT(feature.minus, ElementsAre(2));
  EXPECT_EQ(feature.window_months, 3);
  EXPECT_EQ(feature.compare_months, 24);
  EXPECT_EQ(feature.at_least, 2);
  EXPECT_TRUE(feature.missing_is_zero);
  EXPECT_EQ(policy.rules.front().id, 101) << "rules are sorted by id";
  const Rule& rule = *policy.FindRule("rule_b");
  EXPECT_EQ(rule.id, 205);
  EXPECT_EQ(rule.clear_when, "f > line");
  EXPECT_EQ(rule.hold_months, 6);
  EXPECT_EQ(rule.severity, Severity::kRed);
  EXPECT_EQ(set.RuleName(205), "rule_b");
  EXPECT_EQ(set.RuleName(9), "");
  EXPECT_EQ(set.LongestLookbackMonths(), 27);
}

TEST_F(PolicyTest, NoFileAtAllIsAFault) {
  files_.Load(catalogue_);
  EXPECT_THAT(files_.faults(), ElementsAre("policies: no policy file is named"));
}

TEST_F(PolicyTest, AFileThatIsNotThereOrEmptyIsAFault) {
  files_.Write("empty.yaml", "");
  files_.Load(catalogue_);
  EXPECT_THAT(files_.faults(), ElementsAre("empty.yaml: is empty"));
  Problems problems;
  PolicySet::Load({"/nowhere/policy.yaml"}, catalogue_, &problems);
  EXPECT_THAT(problems.messages(),
              ElementsAre("/nowhere/policy.yaml: can't be opened; does it exist and may it be "
                          "read?"));
}

TEST_F(PolicyTest, TheHeadIsRequired) {
  EXPECT_THAT(FaultsOf("rules: []\n", "effective_from: 2026-02-30\n"),
              ElementsAre("p.yaml:1: 'version' is missing",
                          "p.yaml:1: 'effective_from': date '2026-02-30': write YYYY-MM-DD, a day "
                          "between 1900-01-01 and 2199-12-31",
                          "p.yaml:1: 'title_zh' is missing", "p.yaml:1: 'title_en' is missing",
                          "p.yaml:1: a policy needs at least one rule under 'rules'"));
}

TEST_F(PolicyTest, UnknownKeysAreFaultsAtTheirLine) {
  EXPECT_THAT(FaultsOf("features:\n  - {name: f, kind: last, of: income, windw_months: 3, " +
                       kTitles + "}\nrules:\n" + kPlainRule + "extra: 1\n"),
              ElementsAre(HasSubstr("p.yaml:6: unknown key 'windw_months'"),
                          HasSubstr("p.yaml:9: unknown key 'extra'")));
}

TEST_F(PolicyTest, UnknownIndicatorsAreFaults) {
  EXPECT_THAT(FaultsOfFeature("name: f, kind: sum, of: [income, incme], per: sice"),
              ElementsAre("p.yaml:6: 'of': unknown indicator 'incme'",
                          "p.yaml:6: 'per': unknown indicator 'sice'"));
}

TEST_F(PolicyTest, UnknownNamesInExpressionsAreFaults) {
  EXPECT_THAT(FaultsOfRule("id: 101, name: r, when: f < line, clear_when: g > 1, " + kRuleRest),
              ElementsAre("p.yaml:8: 'when' of rule 'r': at character 5: unknown name 'line'",
                          "p.yaml:8: 'clear_when' of rule 'r': at character 1: unknown name 'g'"));
}

TEST_F(PolicyTest, ConditionsMustBeTruthValuesOverAFeature) {
  EXPECT_THAT(
      FaultsOfRule("id: 101, name: r, when: f + 1, " + kRuleRest),
      ElementsAre("p.yaml:8: 'when' of rule 'r': a condition is expected; this is a number"));
  EXPECT_THAT(FaultsOfRule("id: 101, name: r, when: 1 < 2, " + kRuleRest),
              ElementsAre("p.yaml:8: 'when' of rule 'r' uses no feature: it would hold for all or "
                          "for none"));
}

TEST_F(PolicyTest, AFormulaSeesOnlyWhatStandsAboveIt) {
  EXPECT_THAT(
      FaultsOf("features:\n  - {name: a, kind: formula, formula: f * 2, " + kTitles +
               "}\n  - {name: b, kind: formula, formula: b + 1, " + kTitles +
               "}\n  - {name: f, kind: last, of: income, " + kTitles + "}\nrules:\n" + kPlainRule),
      ElementsAre("p.yaml:6: formula of 'a': at character 1: unknown name 'f' (a formula "
                  "sees the constants and the features above it)",
                  "p.yaml:7: formula of 'b': at character 1: unknown name 'b' (a formula "
                  "sees the constants and the features above it)"));
}

TEST_F(PolicyTest, NamesAndIdsAreGivenOnce) {
  EXPECT_THAT(
      FaultsOf("constants:\n  - {name: f, value: 1, citation: placeholder, " + kTitles +
               "}\nfeatures:\n  - {name: f, kind: last, of: income, " + kTitles + "}\nrules:\n" +
               kPlainRule + "  - {id: 101, name: other, when: f < 1, " + kRuleRest + "}\n" +
               "  - {id: 102, name: rule_one, when: f < 1, " + kRuleRest + "}\n"),
      testing::Contains("p.yaml:8: name 'f' is given twice"));
  EXPECT_THAT(files_.faults(),
              testing::Contains("p.yaml:11: rule id 101 belongs to 'rule_one' already"));
  EXPECT_THAT(files_.faults(), testing::Contains("p.yaml:12: rule name 'rule_one' is given twice"));
}

TEST_F(PolicyTest, NamesMustBePlain) {
  EXPECT_THAT(FaultsOfFeature("name: F, kind: last, of: income"),
              testing::Contains(HasSubstr("p.yaml:6: name 'F' must be lower-case letters")));
  EXPECT_THAT(FaultsOfFeature("name: known, kind: last, of: income"),
              testing::Contains(HasSubstr("name 'known' must be")));
}

TEST_F(PolicyTest, WindowsHaveBounds) {
  EXPECT_THAT(FaultsOfFeature("name: f, kind: change, of: income, window_months: 61, "
                              "compare_months: 0, at_least: 0"),
              ElementsAre("p.yaml:6: 'window_months' is 61; it must be 1 to 60",
                          "p.yaml:6: 'compare_months' is 0; it must be 1 to 60",
                          "p.yaml:6: 'at_least' is 0; it must be 1 to 1860"));
  EXPECT_THAT(FaultsOfRule("id: 0, name: r, when: f < 1, hold_months: 61, " + kRuleRest),
              ElementsAre("p.yaml:8: 'id' is 0; it must be 1 to 65535",
                          "p.yaml:8: 'hold_months' is 61; it must be 0 to 60"));
}

TEST_F(PolicyTest, KeysMustMeanSomethingForTheKind) {
  EXPECT_THAT(FaultsOfFeature("name: f, kind: last, of: income, total: cost, above: 1, "
                              "compare_months: 2, formula: 1"),
              ElementsAre("p.yaml:6: 'total' means nothing for a feature of kind last",
                          "p.yaml:6: 'compare_months' means nothing for a feature of kind last",
                          "p.yaml:6: 'above' means nothing for a feature of kind last",
                          "p.yaml:6: 'formula' means nothing for a feature of kind last"));
  EXPECT_THAT(FaultsOfFeature("name: f, kind: share, of: income, minus: cost, per: size"),
              ElementsAre("p.yaml:6: 'minus' means nothing for a feature of kind share",
                          "p.yaml:6: 'per' means nothing for a feature of kind share",
                          "p.yaml:6: feature 'f': 'total' is missing"));
  EXPECT_THAT(FaultsOfFeature("name: f, kind: formula, formula: 1 + 1, of: income"),
              testing::Contains("p.yaml:6: 'of' means nothing for a feature of kind formula"));
  EXPECT_THAT(FaultsOfFeature("name: f, kind: median, of: income"),
              ElementsAre("p.yaml:6: 'median' is not a feature kind (last, sum, mean, min, max, "
                          "change, slope, months_since, longest_zero_run, share, count, log_mean, "
                          "log_spread, formula)"));
  EXPECT_THAT(FaultsOfFeature("name: f, kind: sum, of: income, half_life_months: 6, floor: 2"),
              ElementsAre("p.yaml:6: 'half_life_months' means nothing for a feature of kind sum",
                          "p.yaml:6: 'floor' means nothing for a feature of kind sum"));
  EXPECT_THAT(FaultsOfFeature("name: f, kind: log_mean, of: income, per: size, floor: 0"),
              ElementsAre("p.yaml:6: 'floor' is 0; a number above 0 is expected",
                          "p.yaml:6: 'per' means nothing for a feature of kind log_mean"));
  EXPECT_THAT(FaultsOfFeature("name: f, kind: last"),
              testing::Contains("p.yaml:6: feature 'f': 'of' is missing"));
}

TEST_F(PolicyTest, HouseholdsAndSitesDoNotMix) {
  EXPECT_THAT(FaultsOfFeature("name: f, kind: sum, of: [income, site_jobs]"),
              ElementsAre("p.yaml:6: feature 'f' mixes households and sites: 'site_jobs' is of a "
                          "site"));
  EXPECT_THAT(FaultsOfRule("id: 101, name: r, when: f < 1, applies_to: site, " + kRuleRest),
              ElementsAre("p.yaml:8: 'when' of rule 'r': feature 'f' is of a household, the rule "
                          "of a site"));
}

TEST_F(PolicyTest, WordsOfFixedListsAreChecked) {
  std::string rest = kRuleRest;
  rest.replace(rest.find("income"), 6, "weather");
  rest.replace(rest.find("red"), 3, "pink");
  EXPECT_THAT(FaultsOfRule("id: 101, name: r, when: f < 1, applies_to: village, " + rest),
              ElementsAre(HasSubstr("p.yaml:8: 'kind': 'weather' is not a risk kind (income"),
                          "p.yaml:8: 'severity': 'pink' is not a severity (yellow, orange, red)",
                          "p.yaml:8: 'applies_to' is 'village'; household or site is expected"));
}

TEST_F(PolicyTest, EveryThresholdSaysWhereItComesFrom) {
  std::string rest = kRuleRest;
  rest.erase(rest.find(", citation"));
  EXPECT_THAT(FaultsOfRule("id: 101, name: r, when: f < 1, " + rest),
              ElementsAre("p.yaml:8: 'citation' is missing"));
  EXPECT_THAT(FaultsOf("constants:\n  - {name: c, value: 1, " + kTitles +
                       "}\nfeatures:\n  - "
                       "{name: f, kind: last, of: income, " +
                       kTitles + "}\nrules:\n" + kPlainRule),
              ElementsAre("p.yaml:6: 'citation' is missing"));
}

TEST_F(PolicyTest, ListsAndConditionsAreBounded) {
  const std::string longest = "f < " + std::string(996, ' ') + "1";
  EXPECT_THAT(FaultsOfRule("id: 101, name: r, when: \"" + longest + "\", " + kRuleRest),
              ElementsAre("p.yaml:8: 'when' of rule 'r' has 1001 characters; 1000 at most"));
  std::string rules = "rules:\n";
  for (int i = 1; i <= 257; ++i) {
    rules += "  - {id: " + std::to_string(i) + ", name: r" + std::to_string(i) + ", when: f < 1, " +
             kRuleRest + "}\n";
  }
  EXPECT_THAT(
      FaultsOf("features:\n  - {name: f, kind: last, of: income, " + kTitles + "}\n" + rules),
      ElementsAre("p.yaml:7: 257 rules; 256 at most"));
}

TEST_F(PolicyTest, FilesMustAgreeWithEachOther) {
  const std::string body =
      "features:\n  - {name: f, kind: last, of: income, " + kTitles + "}\nrules:\n";
  files_.Write("a.yaml", kHead + body + kPlainRule);
  files_.Write("b.yaml", kHead + body + "  - {id: 101, name: renamed, when: f < 1, " + kRuleRest +
                             "}\n  - {id: 102, name: rule_one, when: f < 1, " + kRuleRest + "}\n");
  files_.Load(catalogue_);
  EXPECT_THAT(files_.faults(),
              ElementsAre("b.yaml: is effective from 2020-01-01 as a.yaml is; one of them must go",
                          "b.yaml: has version 1 as a.yaml has",
                          "b.yaml: rule id 101 is 'renamed' here and 'rule_one' in policy 1",
                          "b.yaml: rule 'rule_one' has id 102 here and 101 in policy 1"));
}

TEST_F(PolicyTest, TheFingerprintFollowsFilesAndDecimals) {
  const std::string body =
      "features:\n  - {name: f, kind: last, of: income, " + kTitles + "}\nrules:\n" + kPlainRule;
  files_.Write("a.yaml", kHead + body);
  const uint64_t first = files_.Load(catalogue_).fingerprint();
  EXPECT_EQ(files_.Load(catalogue_).fingerprint(), first);
  std::vector<Indicator> indicators(catalogue_.All().begin(), catalogue_.All().end());
  indicators.front().decimals = 3;
  EXPECT_NE(files_.Load(*Catalogue::Of(indicators)).fingerprint(), first);
  files_.Write("a.yaml", kHead + body + "# a word\n");
  EXPECT_NE(files_.Load(catalogue_).fingerprint(), first);
}

}  // namespace
}  // namespace shouwang::risk
