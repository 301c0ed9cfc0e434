#include "daemon/risk/rank.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/daemon/risk/fixture.h"

namespace shouwang::risk {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

const std::string kWorklist = R"(worklist:
  points: {yellow: 10, orange: 25, red: 40, dimension: 8, month_open: 1.5, trend: 20,
    below_line: 30}
  months_at_most: 12
  trend_feature: income_change
  vulnerability_feature: vulnerability
  unknown_share: 0.5
  projection: {of: income, minus: cost, per: size, line: line, years: 3, half_life_months: 12,
    at_least: 6, floor: 50, confidence: 0.8}
)";

class RankTest : public RiskFixture {
 protected:
  static std::string PolicyText(const std::string& worklist) {
    return R"(version: 7
effective_from: 2020-01-01
title_zh: 政策
title_en: Policy
constants:
  - {name: line, value: 6000, unit: yuan, title_zh: 监测线, title_en: Monitoring line, citation: press}
features:
  - {name: net, kind: sum, of: [income], minus: [cost], per: size, unit: yuan, title_zh: 人均纯收入,
     title_en: Net income per person}
  - {name: income_change, kind: change, of: [income], window_months: 3, at_least: 2, unit: ratio,
     title_zh: 近3个月收入同比变化, title_en: Change of income in 3 months}
  - {name: vulnerability, kind: formula, formula: phi((ln(line) - ln(net)) / 0.5), title_zh: 概率,
     title_en: Probability}
  - {name: jobs, kind: last, of: site_jobs, title_zh: 岗位, title_en: Jobs}
rules:
  - {id: 101, name: income_low, kind: income, severity: orange, when: net < line, title_zh: 低,
     title_en: Low, measure_zh: 做, measure_en: Do, citation: press}
)" + worklist;
  }
  void LoadPolicy() {
    files_.Write("policy.yaml", PolicyText(kWorklist));
    Load();
  }
  std::vector<std::string> FaultsOf(const std::string& from, const std::string& to) {
    std::string worklist = kWorklist;
    const size_t at = worklist.find(from);
    EXPECT_NE(at, std::string::npos) << from;
    worklist.replace(at, from.size(), to);
    files_.Write("policy.yaml", PolicyText(worklist));
    (void)files_.Load(catalogue_);
    return files_.faults();
  }
  Warning Open(Severity severity, RiskKind kind, const std::string& since) {
    Warning warning;
    warning.subject = history_.subject();
    warning.severity = severity;
    warning.kind = kind;
    warning.opened_on = Day(since);
    return warning;
  }
  HouseholdRank Rank(const std::vector<Warning>& open, const std::string& today) {
    return Ranker(policies_.All().front(), catalogue_).Rank(history_, open, Day(today));
  }
  std::string Line(const HouseholdRank& rank, Language language) {
    return Ranker(policies_.All().front(), catalogue_).Line(rank, language);
  }
  static std::vector<double> PointsOf(const HouseholdRank& rank) {
    std::vector<double> points;
    for (const RankTerm& term : rank.terms) points.push_back(term.points);
    return points;
  }
  void PutSeasons() {
    PutMonthly("income", "2024-01",
               {"1000", "800",  "600", "600", "700", "900", "1500", "1800", "1200", "1000", "900",
                "1100", "1100", "720", "630", "570", "840", "765",  "1500", "1980", "1080", "970",
                "972",  "1122", "850", "800", "660", "540", "679",  "972",  "1530", "1980"});
    PutMonthly("cost", "2024-01", std::vector<std::string>(32, "0"));
    Put("size", "2026-01-31", "2");
  }
};

TEST_F(RankTest, AddsUpEverySignByThePolicysWeights) {
  LoadPolicy();
  PutSeasons();
  const HouseholdRank rank = Rank({Open(Severity::kYellow, RiskKind::kEmployment, "2026-06-30"),
                                   Open(Severity::kRed, RiskKind::kIncome, "2026-02-10"),
                                   Open(Severity::kOrange, RiskKind::kIncome, "2026-08-31")},
                                  "2026-09-10");
  EXPECT_EQ(rank.worst, Severity::kRed);
  EXPECT_THAT(rank.kinds, ElementsAre(RiskKind::kIncome, RiskKind::kEmployment));
  EXPECT_EQ(rank.months_open, 7);
  // June to August: 4,482 against 4,245 of the year before, a rise.
  ASSERT_TRUE(rank.trend);
  EXPECT_NEAR(*rank.trend, 4482.0 / 4245 - 1, 1e-12);
  ASSERT_TRUE(rank.projection);
  const double below = rank.projection->probability;
  EXPECT_GT(below, 0.1);
  EXPECT_LT(below, 0.3);
  EXPECT_THAT(PointsOf(rank), ElementsAre(40, 8, 10.5, 0, 30 * below));
  EXPECT_DOUBLE_EQ(rank.rank, 40 + 8 + 10.5 + 30 * below);
}

TEST_F(RankTest, PersistenceIsBoundedAndAFallCountsByWhatIsLost) {
  LoadPolicy();
  PutSeasons();
  for (const char* day : {"2026-07-31", "2026-08-31"}) Put("income", day, "0");
  Put("income", "2026-06-30", "849");  // a fifth of 4,245
  const HouseholdRank rank =
      Rank({Open(Severity::kYellow, RiskKind::kIncome, "2020-01-01")}, "2026-09-10");
  EXPECT_EQ(rank.months_open, 80);
  ASSERT_EQ(rank.terms.size(), 5U);
  EXPECT_EQ(rank.terms[2].name, "persistence");
  EXPECT_EQ(rank.terms[2].points, 18);
  EXPECT_DOUBLE_EQ(rank.terms[3].points, 20 * 0.8);
}

TEST_F(RankTest, WhereTheHistoryIsTooShortTheVulnerabilityStandsIn) {
  LoadPolicy();
  PutMonthly("income", "2026-06", {"4000", "4000", "4000"});
  PutMonthly("cost", "2026-06", {"0", "0", "0"});
  Put("size", "2026-06-30", "2");
  const HouseholdRank rank =
      Rank({Open(Severity::kOrange, RiskKind::kIncome, "2026-09-01")}, "2026-09-10");
  EXPECT_FALSE(rank.projection);
  EXPECT_EQ(rank.lack, ProjectionLack::kSeason);
  // The net income per person is the line: one half. The trend is unknown: half of its points.
  EXPECT_THAT(PointsOf(rank), ElementsAre(25, 0, 0, 10, 15));
  EXPECT_EQ(Line(rank, Language::kEn),
            "orange, 1 kind of risk (income), open for 0 months, 50% likely below the monitoring "
            "line (too little history to project the year)");
}

TEST_F(RankTest, UnknownIsNotSafe) {
  LoadPolicy();
  Put("income", "2026-08-31", "4000");
  const HouseholdRank rank =
      Rank({Open(Severity::kYellow, RiskKind::kWater, "2026-09-01")}, "2026-09-10");
  EXPECT_EQ(rank.lack, ProjectionLack::kPersons);
  EXPECT_THAT(PointsOf(rank), ElementsAre(10, 0, 0, 10, 15));
  EXPECT_EQ(Line(rank, Language::kZh),
            "黄色预警，1类风险（饮水），已持续0个月，是否低于监测线无法预计（历史不足）");
}

TEST_F(RankTest, SaysItsReasonsInOneLine) {
  LoadPolicy();
  PutSeasons();
  const HouseholdRank rank = Rank({Open(Severity::kRed, RiskKind::kIllness, "2026-02-10"),
                                   Open(Severity::kOrange, RiskKind::kIncome, "2026-08-31")},
                                  "2026-08-31");
  EXPECT_EQ(Line(rank, Language::kZh),
            "红色预警，2类风险（收入、因病），已持续6个月，近3个月收入同比变化6%，年底低于监测线的"
            "概率22%（7%至40%）");
  EXPECT_EQ(Line(rank, Language::kEn),
            "red, 2 kinds of risk (income, illness), open for 6 months, change of income in 3 "
            "months 6%, 22% likely below the monitoring line by the end of the year (7% to 40%)");
}

TEST_F(RankTest, AHouseholdWithoutAReportUpToTodayIsRankedByItsWarnings) {
  LoadPolicy();
  const HouseholdRank rank =
      Rank({Open(Severity::kRed, RiskKind::kHousing, "2026-08-01")}, "2026-09-10");
  EXPECT_THAT(PointsOf(rank), ElementsAre(40, 0, 1.5, 10, 15));
  EXPECT_THAT(Line(rank, Language::kEn), HasSubstr("(housing), open for 1 month, below the"));
}

TEST_F(RankTest, TheSectionIsReadStrictly) {
  EXPECT_THAT(FaultsOf("trend: 20,", ""), ElementsAre(HasSubstr("'trend' is missing")));
  EXPECT_THAT(FaultsOf("red: 40", "red: -1"),
              ElementsAre(HasSubstr("'red' is -1; 0 to 1000000 is expected")));
  EXPECT_THAT(FaultsOf("unknown_share: 0.5", "unknown_share: 2"),
              ElementsAre(HasSubstr("'unknown_share' is 2; 0 to 1 is expected")));
  EXPECT_THAT(FaultsOf("trend_feature: income_change", "trend_feature: nothing"),
              ElementsAre(HasSubstr("'trend_feature': no feature 'nothing'")));
  EXPECT_THAT(FaultsOf("trend_feature: income_change", "trend_feature: jobs"),
              ElementsAre(HasSubstr("feature 'jobs' is of a site, a worklist of households")));
  EXPECT_THAT(FaultsOf("line: line", "line: net"),
              ElementsAre(HasSubstr("'line': no constant 'net'")));
  EXPECT_THAT(FaultsOf("of: income", "of: incme"),
              ElementsAre(HasSubstr("'of': unknown indicator 'incme'")));
  EXPECT_THAT(FaultsOf("per: size", "per: site_jobs"),
              ElementsAre(HasSubstr("'per': 'site_jobs' is of a site")));
  EXPECT_THAT(FaultsOf("at_least: 6", "at_least: 1"), ElementsAre(HasSubstr("'at_least'")));
  EXPECT_THAT(FaultsOf("months_at_most: 12", "months_at_most: 12\n  mood: 3"),
              ElementsAre(HasSubstr("'mood'")));
  EXPECT_THAT(FaultsOf("  vulnerability_feature: vulnerability\n", ""), testing::IsEmpty());
}

TEST_F(RankTest, APolicyMayDoWithoutAWorklist) {
  files_.Write("policy.yaml", PolicyText(""));
  Load();
  EXPECT_FALSE(policies_.All().front().worklist);
}

}  // namespace
}  // namespace shouwang::risk
