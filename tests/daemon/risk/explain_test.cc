#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "daemon/risk/words.h"
#include "tests/daemon/risk/fixture.h"

namespace shouwang::risk {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

class ExplainTest : public RiskFixture {
 protected:
  void LoadIncomePolicy() {
    files_.Write("policy.yaml", R"(version: 7
effective_from: 2020-01-01
title_zh: 政策
title_en: Policy
constants:
  - {name: line, value: 8800, unit: yuan, title_zh: 监测线, title_en: Monitoring line, citation: press}
features:
  - {name: net, kind: sum, of: [income], minus: [cost], per: size, at_least: 2, unit: yuan,
     title_zh: 人均纯收入, title_en: Net income per person}
  - {name: house, kind: last, of: safe, unit: yes_no, title_zh: 住房安全, title_en: House is safe}
rules:
  - {id: 101, name: income_low, kind: income, severity: orange, when: net < line,
     clear_when: net >= line * 1.1, hold_months: 6, title_zh: 收入偏低, title_en: Income is low,
     measure_zh: 就业帮扶。, measure_en: Find a job., citation: the press of 2024}
  - {id: 102, name: house_unsafe, kind: housing, severity: red, when: house == 0,
     title_zh: 住房不安全, title_en: House is not safe, measure_zh: 修缮, measure_en: Repair,
     citation: guarantee}
)");
    Load();
  }
  Explanation Explain(RuleId rule, const std::string& date) {
    Evaluator evaluator(policies_, catalogue_);
    const auto all = evaluator.Explain(history_, evaluator.Replay(history_), Day(date), rule);
    EXPECT_TRUE(all.ok()) << all.status();
    return all->front();
  }
};

TEST_F(ExplainTest, TellsHowMuchOfAWindowIsThere) {
  LoadIncomePolicy();
  // Income in ten months of which costs are told in seven, one of them twice.
  PutMonthly("income", "2025-01",
             {"900", "900", "900", "900", "900", "900", "900", "900", "900", "900"});
  PutMonthly("cost", "2025-03", {"100", "100", "100", "100", "100", "100", "100"});
  history_.Put(1, Day("2025-05-02"), 1, {});
  history_.Put(2, Day("2025-05-02"), 1, {});
  PutMonthly("size", "2025-01", {"2"});
  PutMonthly("safe", "2025-01", {"1"});
  const auto presence = [&](RuleId rule, const std::string& date) {
    return Explain(rule, date).features.front().presence;
  };
  EXPECT_EQ(presence(101, "2025-10-31"), (WindowPresence{1, 12, 7}));
  EXPECT_EQ(presence(101, "2025-04-30"), (WindowPresence{1, 12, 2}));
  EXPECT_EQ(presence(102, "2025-10-31"), (WindowPresence{1, 12, 1}));
}

TEST_F(ExplainTest, AWindowOfQuarterlyIndicatorsIsCutIntoQuarters) {
  std::vector<Indicator> indicators(catalogue_.All().begin(), catalogue_.All().end());
  indicators[1].cadence = Cadence::kQuarterly;  // cost
  indicators[4].cadence = Cadence::kOnChange;   // safe
  catalogue_ = *Catalogue::Of(indicators);
  LoadIncomePolicy();
  PutMonthly("income", "2025-01", {"900", "900", "900", "900", "900", "900", "900", "900", "900"});
  for (const char* date : {"2025-01-31", "2025-04-30", "2025-07-31"}) {
    history_.Put(2, Day(date), 1, {});
  }
  PutMonthly("size", "2025-01", {"2"});
  PutMonthly("safe", "2025-01", {"1"});
  EXPECT_EQ(Explain(101, "2025-09-30").features.front().presence, (WindowPresence{3, 4, 3}));
  EXPECT_EQ(Explain(102, "2025-09-30").features.front().presence, WindowPresence())
      << "what is told when it changes is not due";
}

TEST_F(ExplainTest, NamesEveryInputWithItsArrival) {
  LoadIncomePolicy();
  const Indicator& income = *catalogue_.Find("income");
  const Arrival arrival{Instant(std::chrono::milliseconds(5)),
                        Instant(std::chrono::milliseconds(9)), 42, Source::kDepartmentScreening};
  history_.Put(income.id, Day("2025-01-31"), 1'200'000, arrival);
  PutMonthly("cost", "2025-01", {"2000", "1000"});
  PutMonthly("income", "2025-02", {"5800"});
  PutMonthly("size", "2025-01", {"2"});
  const Explanation e = Explain(101, "2025-02-28");
  EXPECT_EQ(e.truth, Truth::kTrue);
  EXPECT_EQ(e.opened_on, Day("2025-02-28"));
  EXPECT_EQ(e.policy->version, 7U);
  EXPECT_EQ(e.rule->name, "income_low");
  ASSERT_EQ(e.comparisons.size(), 1U);
  EXPECT_EQ(e.comparisons[0].text, "net < line");
  EXPECT_EQ(e.comparisons[0].left, 7400);
  EXPECT_EQ(e.comparisons[0].right, 8800);
  EXPECT_EQ(e.comparisons[0].op, "<");
  EXPECT_EQ(e.comparisons[0].truth, Truth::kTrue);
  ASSERT_EQ(e.features.size(), 1U);
  EXPECT_EQ(e.features[0].value, 7400);
  EXPECT_EQ(e.features[0].formula, "sum(income - cost) over 12 months / size");
  EXPECT_EQ(e.features[0].unknown_because, "");
  std::vector<std::pair<IndicatorId, int64_t>> inputs;
  for (const FeatureInput& input : e.features[0].inputs) {
    inputs.emplace_back(input.indicator, input.point.value);
  }
  EXPECT_THAT(inputs, ElementsAre(std::pair(1, 1'200'000), std::pair(1, 580'000),
                                  std::pair(2, 200'000), std::pair(2, 100'000), std::pair(3, 2)));
  EXPECT_EQ(e.features[0].inputs[0].arrival, arrival);
}

TEST_F(ExplainTest, SaysAnOpenWarningInWords) {
  LoadIncomePolicy();
  PutMonthly("income", "2025-01", {"12000", "5800"});
  PutMonthly("cost", "2025-01", {"2000", "1000"});
  PutMonthly("size", "2025-01", {"2"});
  const Explanation e = Explain(101, "2025-02-28");
  EXPECT_EQ(e.text_zh,
            "【橙色·收入】收入偏低：人均纯收入为7,400元，低于监测线8,800元，相差1,400元。"
            "自2025-02-28起预警。解除条件：人均纯收入不低于监测线*1.1并持续6个月。"
            "若人均纯收入增加2,280元（至9,680元以上），即可解除（需持续6个月）。"
            "建议措施：就业帮扶。阈值依据：the press of 2024。");
  EXPECT_EQ(
      e.text_en,
      "Income is low (orange, income): net income per person is 7,400 yuan, below monitoring "
      "line 8,800 yuan (by 1,400 yuan). The warning is open since 2025-02-28. It clears when "
      "net income per person is at least monitoring line * 1.1, for 6 months without a break. "
      "If net income per person rose by 2,280 yuan (to 9,680 yuan or more), it would clear (after "
      "6 months of that). "
      "Fitting measure: Find a job. Threshold from: the press of 2024.");
}

TEST_F(ExplainTest, SaysSinceWhenTheClearingConditionHolds) {
  LoadIncomePolicy();
  PutMonthly("income", "2025-01", {"12000", "5800", "20000"});
  PutMonthly("cost", "2025-01", {"2000", "1000", "0"});
  PutMonthly("size", "2025-01", {"2"});
  const Explanation e = Explain(101, "2025-03-31");
  EXPECT_EQ(e.truth, Truth::kFalse);
  EXPECT_EQ(e.opened_on, Day("2025-02-28"));
  EXPECT_THAT(e.text_zh, HasSubstr("人均纯收入为17,400元，不低于监测线8,800元，相差8,600元。"
                                   "自2025-02-28起预警。自2025-03-31起已满足解除条件，"
                                   "须持续至2025-09-30。"));
  EXPECT_THAT(e.text_en, HasSubstr("is 17,400 yuan, at least monitoring line 8,800 yuan (by 8,600 "
                                   "yuan). The warning is open since 2025-02-28. The clearing "
                                   "condition holds since 2025-03-31 and must hold until "
                                   "2025-09-30."));
}

TEST_F(ExplainTest, SaysWhyItIsUnknownAndThatUnknownIsNotSafe) {
  LoadIncomePolicy();
  PutMonthly("income", "2025-01", {"12000", "5800"});
  const Explanation e = Explain(101, "2025-02-28");
  EXPECT_EQ(e.truth, Truth::kUnknown);
  EXPECT_EQ(e.comparisons[0].left, std::nullopt);
  EXPECT_EQ(e.comparisons[0].right, 8800);
  EXPECT_EQ(e.features[0].value, std::nullopt);
  EXPECT_EQ(e.features[0].unknown_because, "0 usable dates in 12 months, 2 needed; none of cost");
  EXPECT_THAT(e.features[0].missing, ElementsAre(catalogue_.Find("cost")));
  EXPECT_EQ(e.text_zh,
            "【橙色·收入】收入偏低：无法判断是否“人均纯收入低于监测线”：人均纯收入未知（"
            "12个月内可用0次，需要2次；缺成本）。未知不等于安全，请补报缺失数据。"
            "阈值依据：the press of 2024。");
  EXPECT_EQ(
      e.text_en,
      "Income is low (orange, income): whether net income per person is below monitoring line "
      "can't be told: net income per person is unknown (0 usable dates in 12 months, 2 "
      "needed; none of cost). Unknown is not safe: the missing values should be reported. "
      "Threshold from: the press of 2024.");
}

TEST_F(ExplainTest, NamesEverySingleChangeThatWouldClear) {
  LoadIncomePolicy();
  PutMonthly("income", "2025-01", {"12000", "5800"});
  PutMonthly("cost", "2025-01", {"2000", "1000"});
  PutMonthly("size", "2025-01", {"2"});
  const Explanation e = Explain(101, "2025-02-28");
  EXPECT_EQ(e.clears, Truth::kFalse);
  ASSERT_EQ(e.clearing_changes.size(), 3U);
  EXPECT_EQ(e.clearing_changes[0].feature->name, "net");
  EXPECT_EQ(e.clearing_changes[0].from, 7400);
  EXPECT_EQ(e.clearing_changes[0].to, 9680);
  EXPECT_TRUE(e.clearing_changes[0].beyond);
  EXPECT_EQ(e.clearing_changes[1].feature, nullptr);
  EXPECT_EQ(e.clearing_changes[1].indicator->name, "income");
  EXPECT_EQ(e.clearing_changes[1].date, Day("2025-02-28"));
  EXPECT_EQ(e.clearing_changes[1].to, 10360);
}

TEST_F(ExplainTest, SaysWhereNoSingleChangeWouldClear) {
  LoadOne({"name: work, kind: last, of: employed", "name: money, kind: last, of: income"},
          "when: work == 0 or money < 1000");
  PutMonthly("employed", "2025-01", {"0"});
  PutMonthly("income", "2025-01", {"990"});
  const Explanation e = Explain(101, "2025-01-31");
  EXPECT_THAT(e.clearing_changes, testing::IsEmpty());
  EXPECT_THAT(e.text_zh, HasSubstr("任何单项变化都不足以解除。"));
  EXPECT_THAT(e.text_en, HasSubstr("No change of a single input would clear it."));
}

TEST_F(ExplainTest, ARuleThatIsNotOpenHasNothingToClear) {
  LoadIncomePolicy();
  PutMonthly("safe", "2025-01", {"1"});
  const Explanation e = Explain(102, "2025-01-31");
  EXPECT_EQ(e.clears, Truth::kTrue);
  EXPECT_THAT(e.clearing_changes, testing::IsEmpty());
}

TEST_F(ExplainTest, SaysYesAndNoPlainly) {
  LoadIncomePolicy();
  PutMonthly("safe", "2025-01", {"0"});
  const Explanation e = Explain(102, "2025-01-31");
  EXPECT_EQ(e.text_zh,
            "【红色·住房】住房不安全：住房安全：否。自2025-01-31起预警。"
            "解除条件：上述条件不再成立。若住房安全变为“是”，即可解除。建议措施：修缮。阈值依据：gu"
            "arantee。");
  EXPECT_EQ(
      e.text_en,
      "House is not safe (red, housing): house is safe: no. The warning is open since "
      "2025-01-31. It clears when this no longer holds. If house is safe became yes, it would "
      "clear. Fitting measure: Repair. Threshold "
      "from: guarantee.");
}

TEST_F(ExplainTest, TellsOfAWarningThatWasOpenThen) {
  LoadIncomePolicy();
  PutMonthly("safe", "2025-01", {"0", "0", "1"});
  EXPECT_EQ(Explain(102, "2025-02-28").opened_on, Day("2025-01-31"));
  EXPECT_EQ(Explain(102, "2025-03-31").opened_on, std::nullopt);
  EXPECT_THAT(Explain(102, "2025-03-31").text_en, HasSubstr("house is safe: yes. No warning is "
                                                            "open."));
}

TEST_F(ExplainTest, ExplainsEveryRuleOfTheSubjectsKind) {
  LoadIncomePolicy();
  PutMonthly("safe", "2025-01", {"1"});
  Evaluator evaluator(policies_, catalogue_);
  const auto all = evaluator.Explain(history_, SubjectRisk{}, Day("2025-01-31"), std::nullopt);
  ASSERT_TRUE(all.ok());
  ASSERT_EQ(all->size(), 2U);
  EXPECT_EQ((*all)[0].truth, Truth::kUnknown);
  EXPECT_EQ((*all)[1].truth, Truth::kFalse);
}

TEST_F(ExplainTest, ARuleThatThePolicyHasNotIsNotFound) {
  LoadIncomePolicy();
  Evaluator evaluator(policies_, catalogue_);
  const auto none = evaluator.Explain(history_, SubjectRisk{}, Day("2025-01-31"), RuleId{9});
  EXPECT_EQ(none.status().code(), absl::StatusCode::kNotFound);
  EXPECT_EQ(std::string(none.status().message()),
            "rule 9: policy 7, in force on 2025-01-31, has none for a household");
}

// Rules that share features and reports are explained by one program, which keeps what it found.
TEST_F(ExplainTest, ARuleIsExplainedAmongOthersAsByItself) {
  files_.Write("policy.yaml", R"(version: 7
effective_from: 2020-01-01
title_zh: 政策
title_en: Policy
features:
  - {name: net, kind: sum, of: [income], minus: [cost], per: size, unit: yuan,
     title_zh: 人均纯收入, title_en: Net income per person}
  - {name: level, kind: mean, of: income, unit: yuan, title_zh: 水平, title_en: Level}
  - {name: gap, kind: formula, formula: level * 12 - net, unit: yuan, title_zh: 差, title_en: Gap}
rules:
  - {id: 101, name: low, kind: income, severity: red, when: net < 20000, title_zh: 低,
     title_en: Low, measure_zh: 帮, measure_en: Help, citation: a}
  - {id: 102, name: lower, kind: income, severity: orange, when: net < 15000 and level < 9000,
     title_zh: 更低, title_en: Lower, measure_zh: 帮, measure_en: Help, citation: b}
  - {id: 103, name: wide, kind: income, severity: yellow, when: gap > 100, title_zh: 宽,
     title_en: Wide, measure_zh: 帮, measure_en: Help, citation: c}
)");
  Load();
  PutMonthly("size", "2025-01", {"2"});
  Evaluator together(policies_, catalogue_);
  const auto lines = [](const Explanation& e) {
    std::string text = e.text_zh + e.text_en;
    for (const ClearingChange& c : e.clearing_changes) {
      text += fmt::format("|{} {} {} {}", c.from, c.to, c.relative, c.beyond);
    }
    for (const Comparison& c : e.comparisons) text += fmt::format("|{}", c.left.value_or(-1));
    return text;
  };
  for (const char* income : {"5800", "5000", "4123.45"}) {
    PutMonthly("income", "2025-01", {"12000", income});
    PutMonthly("cost", "2025-01", {"2000", "1000"});
    const Date date = Day("2025-02-28");
    const auto all = together.Explain(history_, together.Replay(history_), date, std::nullopt);
    ASSERT_TRUE(all.ok());
    ASSERT_EQ(all->size(), 3U);
    for (const Explanation& among : *all) {
      EXPECT_THAT(among.clearing_changes, testing::Not(testing::IsEmpty()));
      EXPECT_EQ(lines(among), lines(Explain(among.rule->id, "2025-02-28")));
    }
  }
}

TEST_F(ExplainTest, ExplainingDoesNotDisturbTheFold) {
  LoadIncomePolicy();
  PutMonthly("income", "2025-01", {"12000", "5800", "1", "30000"});
  PutMonthly("cost", "2025-01", {"2000", "1000", "1", "0"});
  PutMonthly("size", "2025-01", {"2"});
  Evaluator evaluator(policies_, catalogue_);
  const SubjectRisk before = evaluator.Replay(history_);
  ASSERT_TRUE(evaluator.Explain(history_, before, Day("2025-02-28"), std::nullopt).ok());
  EXPECT_EQ(evaluator.Replay(history_), before);
}

TEST(WordsTest, WritesNumbersWithTheirUnits) {
  EXPECT_EQ(ValueText(1234567.5, "yuan", Language::kZh), "1,234,567.5元");
  EXPECT_EQ(ValueText(-999, "yuan", Language::kEn), "-999 yuan");
  EXPECT_EQ(ValueText(-1000, "yuan", Language::kEn), "-1,000 yuan");
  EXPECT_EQ(ValueText(0.456, "ratio", Language::kZh), "45.6%");
  EXPECT_EQ(ValueText(3, "months", Language::kZh), "3个月");
  EXPECT_EQ(ValueText(1, "yes_no", Language::kZh), "是");
  EXPECT_EQ(ValueText(2.005, "persons_per_1000", Language::kEn), "2 persons per 1,000");
  EXPECT_EQ(ValueText(-0.001, "", Language::kEn), "0");
  EXPECT_EQ(ValueText(7, "sheep", Language::kEn), "7 sheep");
}

}  // namespace
}  // namespace shouwang::risk
