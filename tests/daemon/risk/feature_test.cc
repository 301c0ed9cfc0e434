#include "daemon/risk/feature.h"

#include <gtest/gtest.h>

#include "daemon/risk/window.h"
#include "tests/daemon/risk/fixture.h"

namespace shouwang::risk {
namespace {

class FeatureTest : public RiskFixture {
 protected:
  // The value of feature `f` at `date`, nullopt where unknown.
  std::optional<double> At(const std::string& date) { return Read(date).value; }
  FeatureValue Read(const std::string& date) {
    const auto explained =
        Evaluator(policies_, catalogue_).Explain(history_, SubjectRisk{}, Day(date), 101);
    EXPECT_TRUE(explained.ok()) << explained.status();
    return explained->front().features.back();
  }
  void LoadFeature(const std::string& feature) { LoadOne({"name: f, " + feature}, "when: f < 0"); }
};

TEST_F(FeatureTest, LastIsTheValueOfTheLatestUsableDate) {
  LoadFeature("kind: last, of: [income], minus: [cost], window_months: 3");
  PutMonthly("income", "2025-01", {"10", "20.25", "30"});
  PutMonthly("cost", "2025-01", {"1", "2", "_"});
  EXPECT_EQ(At("2025-03-31"), 18.25);
  EXPECT_EQ(At("2025-05-31"), std::nullopt);
}

TEST_F(FeatureTest, SumAddsOfAndTakesMinusAway) {
  LoadFeature("kind: sum, of: [income, ratio], minus: [cost], window_months: 12");
  PutMonthly("income", "2025-01", {"0.10", "0.20", "0.30"});
  PutMonthly("ratio", "2025-01", {"0.001", "0.001", "0.001"});
  PutMonthly("cost", "2025-01", {"0.05", "0.05", "0.50"});
  EXPECT_EQ(At("2025-03-31"), 0.003);
}

TEST_F(FeatureTest, ADateWithoutOneOfTheIndicatorsIsLeftOut) {
  LoadFeature("kind: sum, of: [income], minus: [cost], window_months: 12");
  PutMonthly("income", "2025-01", {"10", "20", "30"});
  PutMonthly("cost", "2025-01", {"1", "_", "1"});
  EXPECT_EQ(At("2025-03-31"), 38);
}

TEST_F(FeatureTest, AMissingIndicatorCountsAsZeroWhereThePolicySaysSo) {
  LoadFeature("kind: sum, of: [income], minus: [cost], window_months: 12, missing_is_zero: true");
  PutMonthly("income", "2025-01", {"10", "20", "_"});
  PutMonthly("cost", "2025-01", {"1", "_", "5"});
  EXPECT_EQ(At("2025-03-31"), 24);
}

TEST_F(FeatureTest, AWindowIsTheCalendarMonthsUpToTheDate) {
  LoadFeature("kind: count, of: [income], window_months: 2");
  Put("income", "2025-03-31", "1");
  Put("income", "2025-04-01", "1");
  Put("income", "2025-04-30", "1");
  Put("income", "2025-05-15", "1");
  Put("income", "2025-05-16", "1");
  EXPECT_EQ(At("2025-04-30"), 3);
  EXPECT_EQ(At("2025-05-15"), 3);
  EXPECT_EQ(At("2025-05-16"), 4);
  EXPECT_EQ(At("2025-06-01"), 2);
}

TEST_F(FeatureTest, WindowsBeginAfterAMonthsEnd) {
  EXPECT_EQ(MonthsBefore(Day("2026-06-30"), 3), Day("2026-03-31"));
  EXPECT_EQ(MonthsBefore(Day("2025-02-01"), 12), Day("2024-02-29"));
  EXPECT_EQ(MonthsBefore(Day("2026-05-17"), 3), Day("2026-02-28"));
  EXPECT_EQ(MonthsBefore(Day("2026-05-17"), 0), Day("2026-05-17"));
}

TEST_F(FeatureTest, FewerDatesThanNeededAreUnknown) {
  LoadFeature("kind: sum, of: [income], minus: [cost], window_months: 12, at_least: 3");
  PutMonthly("income", "2025-01", {"10", "20"});
  EXPECT_EQ(At("2025-02-28"), std::nullopt);
  EXPECT_EQ(Read("2025-02-28").unknown_because,
            "0 usable dates in 12 months, 3 needed; none of cost");
}

TEST_F(FeatureTest, MeanMinAndMaxAreOverTheUsableDates) {
  PutMonthly("income", "2025-01", {"10", "5.50", "40"});
  LoadFeature("kind: mean, of: [income], window_months: 12");
  EXPECT_EQ(At("2025-03-31"), 18.5);
  LoadFeature("kind: min, of: [income], window_months: 12");
  EXPECT_EQ(At("2025-03-31"), 5.5);
  LoadFeature("kind: max, of: [income], window_months: 2");
  EXPECT_EQ(At("2025-03-31"), 40);
  EXPECT_EQ(At("2025-02-28"), 10);
}

TEST_F(FeatureTest, PerDividesByTheLatestValueOfTwoYears) {
  LoadFeature("kind: sum, of: [income], per: size, window_months: 12");
  PutMonthly("income", "2025-01", {"10", "20", "30"});
  Put("size", "2023-04-01", "3");
  EXPECT_EQ(At("2025-03-31"), 20);
  EXPECT_EQ(At("2025-04-01"), std::nullopt);
  EXPECT_EQ(Read("2025-04-01").unknown_because, "no size above 0 in 24 months");
  Put("size", "2025-04-01", "4");
  EXPECT_EQ(At("2025-04-01"), 15);
  Put("size", "2025-04-01", "0");
  EXPECT_EQ(At("2025-04-01"), std::nullopt);
}

TEST_F(FeatureTest, ChangeComparesMeansWithTheWindowAYearBefore) {
  LoadFeature("kind: change, of: [income], window_months: 2, compare_months: 12");
  PutMonthly("income", "2024-01", {"100", "300"});
  PutMonthly("income", "2025-01", {"120", "130"});
  EXPECT_EQ(At("2025-02-28"), -0.375);
  EXPECT_EQ(At("2024-02-29"), std::nullopt);
  EXPECT_EQ(Read("2024-02-29").unknown_because,
            "0 usable dates in the earlier 2 months, 1 needed; none of income");
}

TEST_F(FeatureTest, ChangeFromALossIsMeasuredAgainstItsSizeAndFromZeroUnknown) {
  LoadFeature("kind: change, of: [income], window_months: 1, compare_months: 1");
  PutMonthly("income", "2025-01", {"-50", "25", "0", "9"});
  EXPECT_EQ(At("2025-02-28"), 1.5);
  EXPECT_EQ(At("2025-03-31"), -1);
  EXPECT_EQ(At("2025-04-30"), std::nullopt);
  EXPECT_EQ(Read("2025-04-30").unknown_because, "what it is compared with is 0");
}

TEST_F(FeatureTest, SlopeIsLeastSquaresPerMonth) {
  LoadFeature("kind: slope, of: [income], window_months: 12");
  Put("income", "2025-01-01", "100");
  EXPECT_EQ(At("2025-01-01"), std::nullopt);
  EXPECT_EQ(Read("2025-01-01").unknown_because, "a trend or spread needs two dates");
  Put("income", "2025-01-11", "110");
  Put("income", "2025-01-21", "120");
  EXPECT_DOUBLE_EQ(*At("2025-01-21"), 30.4375);
  Put("income", "2025-01-21", "90");
  EXPECT_DOUBLE_EQ(*At("2025-01-31"), -15.21875);
}

TEST_F(FeatureTest, MonthsSinceCountsWholeMonths) {
  LoadFeature("kind: months_since, of: [employed], above: 1, window_months: 6, at_least: 2");
  PutMonthly("employed", "2025-01", {"2", "1", "1", "0", "1", "1", "1", "1"});
  EXPECT_EQ(At("2025-01-31"), std::nullopt);
  EXPECT_EQ(At("2025-02-28"), 1);
  EXPECT_EQ(At("2025-04-30"), 3);
  EXPECT_EQ(At("2025-04-29"), 2);
  EXPECT_EQ(At("2025-08-31"), 7);
}

TEST_F(FeatureTest, LongestZeroRunCountsDates) {
  LoadFeature("kind: longest_zero_run, of: [employed], window_months: 12");
  PutMonthly("employed", "2025-01", {"0", "1", "0", "0", "_", "0", "2", "0"});
  EXPECT_EQ(At("2025-08-31"), 3);
  EXPECT_EQ(At("2025-02-28"), 1);
}

TEST_F(FeatureTest, ShareDividesSumsOfTheSameDates) {
  LoadFeature("kind: share, of: [cost], total: [income], window_months: 12");
  PutMonthly("income", "2025-01", {"100", "300", "0"});
  PutMonthly("cost", "2025-01", {"50", "50", "_"});
  EXPECT_EQ(At("2025-03-31"), 0.25);
}

TEST_F(FeatureTest, ShareOfNothingIsUnknown) {
  LoadFeature("kind: share, of: [cost], total: [income], window_months: 1");
  PutMonthly("income", "2025-01", {"0"});
  PutMonthly("cost", "2025-01", {"50"});
  EXPECT_EQ(At("2025-01-31"), std::nullopt);
}

TEST_F(FeatureTest, LogMeanIsTheMeanOfLogarithms) {
  LoadFeature("kind: log_mean, of: [income], minus: [cost], window_months: 3, at_least: 2");
  PutMonthly("income", "2025-01", {"2", "15", "1100"});
  PutMonthly("cost", "2025-01", {"1", "5", "1000"});
  EXPECT_NEAR(*At("2025-03-31"), 2.302585, 1e-6);  // of 1, 10 and 100
  EXPECT_EQ(At("2025-01-31"), std::nullopt);
  EXPECT_EQ(Read("2025-03-31").formula, "mean of ln(max(income - cost, 1)) over 3 months");
}

TEST_F(FeatureTest, LogarithmsOfLessThanTheFloorAreThoseOfTheFloor) {
  LoadFeature("kind: log_mean, of: [income], window_months: 3, floor: 0.1");
  PutMonthly("income", "2025-01", {"0", "-20", "10"});
  EXPECT_NEAR(*At("2025-03-31"), -0.767528, 1e-6);  // (2 ln 0.1 + ln 10) / 3
}

TEST_F(FeatureTest, ADateWeighsHalfAsMuchAfterTheHalfLife) {
  LoadFeature("kind: log_mean, of: [income], window_months: 60, half_life_months: 48");
  Put("income", "2021-01-31", "1");
  Put("income", "2025-01-31", "100");              // 1461 days later, 48 months of 30.4375 days
  EXPECT_NEAR(*At("2025-01-31"), 3.070113, 1e-6);  // (0.5 ln 1 + ln 100) / 1.5
  LoadFeature("kind: log_spread, of: [income], window_months: 60, half_life_months: 48");
  EXPECT_NEAR(*At("2025-01-31"), 2.170898, 1e-6);  // sqrt((0.5 3.0701^2 + 1.5351^2) / 1.5)
  EXPECT_EQ(Read("2025-01-31").formula,
            "standard deviation of ln(max(income, 1)) over 60 months, half-life 48 months");
}

TEST_F(FeatureTest, LogSpreadNeedsTwoDates) {
  LoadFeature("kind: log_spread, of: [income], window_months: 2");
  PutMonthly("income", "2025-01", {"1", "100"});
  EXPECT_EQ(At("2025-01-31"), std::nullopt);
  EXPECT_EQ(Read("2025-01-31").unknown_because, "a trend or spread needs two dates");
  EXPECT_NEAR(*At("2025-02-28"), 2.302585, 1e-6);  // ln 1 and ln 100 lie ln 10 off their mean
}

TEST_F(FeatureTest, CountMayBeZeroWhereThePolicySaysSo) {
  LoadFeature("kind: count, of: [cost], window_months: 2, at_least: 0");
  PutMonthly("cost", "2025-01", {"50", "50", "50"});
  EXPECT_EQ(At("2025-03-31"), 2);
  EXPECT_EQ(At("2025-09-30"), 0);
}

TEST_F(FeatureTest, FormulaReadsConstantsAndFeaturesAboveIt) {
  files_.Write("policy.yaml",
               kHead + "constants:\n  - {name: line, value: 8, " + kTitles +
                   ", citation: placeholder}\nfeatures:\n  - {name: a, kind: last, of: income, " +
                   kTitles + "}\n  - {name: f, kind: formula, formula: a / 2 - line, " + kTitles +
                   "}\nrules:\n  - {id: 101, name: rule_one, when: f < 0, " + kRuleRest + "}\n");
  Load();
  PutMonthly("income", "2025-01", {"21"});
  EXPECT_EQ(At("2025-01-31"), 2.5);
  EXPECT_EQ(At("2024-01-31"), std::nullopt);
}

TEST_F(FeatureTest, PointsAfterTheDateAreNotLookedAt) {
  LoadFeature("kind: max, of: [income], window_months: 12");
  PutMonthly("income", "2025-01", {"10", "99"});
  EXPECT_EQ(At("2025-02-27"), 10);
}

TEST_F(FeatureTest, WholeMonthsNeverPassTheLaterDate) {
  EXPECT_EQ(WholeMonths(Day("2025-01-31"), Day("2025-02-28")), 1);
  EXPECT_EQ(WholeMonths(Day("2025-01-31"), Day("2025-02-27")), 0);
  EXPECT_EQ(WholeMonths(Day("2025-01-15"), Day("2026-01-14")), 11);
  EXPECT_EQ(WholeMonths(Day("2025-01-15"), Day("2025-01-15")), 0);
}

}  // namespace
}  // namespace shouwang::risk
