// Literal figures are those of the formulas of projection.h, worked out apart from this code.
#include "daemon/risk/projection.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <numbers>
#include <random>

#include "tests/daemon/risk/fixture.h"

namespace shouwang::risk {
namespace {

const std::vector<std::string> kYear2024 = {"1000", "800",  "600",  "600",  "700", "900",
                                            "1500", "1800", "1200", "1000", "900", "1100"};
const std::vector<std::string> kYear2025 = {"1100", "720",  "630",  "570", "840", "765",
                                            "1500", "1980", "1080", "970", "972", "1122"};

class ProjectionTest : public RiskFixture {
 protected:
  ProjectionTest() {
    policy_.of = {catalogue_.Find("income")->id};
    policy_.per = catalogue_.Find("size")->id;
    policy_.line = "line";
    policy_.floor = 50;
    policy_.confidence = 0.8;
  }
  void PutTwoYears() {
    PutMonthly("income", "2024-01", kYear2024);
    PutMonthly("income", "2025-01", kYear2025);
    Put("size", "2026-01-31", "2");
  }
  // Eight months of 2026, each some per cent off the year before.
  void PutThreeYears() {
    PutTwoYears();
    PutMonthly("income", "2026-01", {"850", "800", "660", "540", "679", "972", "1530", "1980"});
  }
  std::optional<Projection> Of(double line, const std::string& date) {
    return Project(policy_, line, catalogue_, history_, Day(date), &lack_);
  }

  ProjectionPolicy policy_;
  ProjectionLack lack_ = ProjectionLack::kNone;
};

TEST_F(ProjectionTest, TheMonthsToComeFollowTheHouseholdsOwnYears) {
  PutThreeYears();
  const auto p = Of(6000, "2026-08-31");
  ASSERT_TRUE(p);
  EXPECT_EQ(lack_, ProjectionLack::kNone);
  EXPECT_EQ(p->months_to_come, 4);
  EXPECT_EQ(p->line, 6000);
  EXPECT_DOUBLE_EQ(p->reported, 4005.5);
  EXPECT_NEAR(p->expected, 6102.772436, 1e-6);
  EXPECT_NEAR(p->low, 5938.692696, 1e-6);
  EXPECT_NEAR(p->high, 6272.030942, 1e-6);
  EXPECT_NEAR(p->probability, 0.2181319107, 1e-9);
  EXPECT_NEAR(p->probability_low, 0.0716075915, 1e-9);
  EXPECT_NEAR(p->probability_high, 0.3985589135, 1e-9);
  EXPECT_NEAR(Of(5800, "2026-08-31")->probability, 0.0065497249, 1e-9);
}

// A household that has fallen and stayed down: its months are alike, so many say little more than
// one, and the interval is wide.
TEST_F(ProjectionTest, MonthsThatFallTogetherWidenTheInterval) {
  PutMonthly("income", "2024-01", kYear2024);
  PutMonthly("income", "2025-01", kYear2024);
  PutMonthly("income", "2026-01", {"700", "560", "420", "420", "490", "630"});
  Put("size", "2026-01-31", "2");
  const auto p = Of(4500, "2026-06-30");
  ASSERT_TRUE(p);
  EXPECT_EQ(p->months_to_come, 6);
  EXPECT_NEAR(p->expected, 4933.260861, 1e-6);
  EXPECT_NEAR(p->low, 4028.357616, 1e-6);
  EXPECT_NEAR(p->high, 5945.857287, 1e-6);
  EXPECT_NEAR(p->probability, 0.3087599711, 1e-9);
  EXPECT_NEAR(p->probability_low, 0.0217936440, 1e-9);
  EXPECT_NEAR(p->probability_high, 0.7232372634, 1e-9);
}

TEST_F(ProjectionTest, AMonthWithoutAReportIsStillToCome) {
  PutThreeYears();
  history_.Erase(catalogue_.Find("income")->id, Day("2026-05-31"));
  const auto p = Of(6000, "2026-08-31");
  ASSERT_TRUE(p);
  EXPECT_EQ(p->months_to_come, 5);
  EXPECT_DOUBLE_EQ(p->reported, 3666);
  EXPECT_NEAR(p->expected, 6183.833616, 1e-6);
  EXPECT_NEAR(p->probability, 0.0868530014, 1e-9);
}

TEST_F(ProjectionTest, AHouseholdThatNeverVariedIsCertain) {
  PutMonthly("income", "2024-01", std::vector<std::string>(32, "1000"));
  Put("size", "2026-01-31", "2");
  const auto above = Of(5999.99, "2026-08-31");
  ASSERT_TRUE(above);
  EXPECT_EQ(above->expected, 6000);
  EXPECT_EQ(above->low, above->high);
  EXPECT_EQ(above->probability, 0);
  EXPECT_EQ(Of(6000.01, "2026-08-31")->probability, 1);
}

TEST_F(ProjectionTest, WhatIsReportedAboveTheLineCannotFallBelowIt) {
  PutThreeYears();
  const auto p = Of(4005.5, "2026-08-31");
  EXPECT_EQ(p->probability, 0);
  EXPECT_EQ(p->probability_high, 0);
  EXPECT_GT(Of(4100, "2026-03-31")->probability_high, 0);
}

TEST_F(ProjectionTest, AYearThatIsWholeIsKnown) {
  PutTwoYears();
  const auto p = Of(6125, "2025-12-31");
  EXPECT_EQ(lack_, ProjectionLack::kPersons);  // they were told in 2026
  EXPECT_FALSE(p);
  Put("size", "2025-12-31", "2");
  ASSERT_TRUE(Of(6125, "2025-12-31"));
  EXPECT_EQ(Of(6125, "2025-12-31")->months_to_come, 0);
  EXPECT_EQ(Of(6125, "2025-12-31")->expected, 6124.5);
  EXPECT_EQ(Of(6125, "2025-12-31")->probability, 1);
  EXPECT_EQ(Of(6124.5, "2025-12-31")->probability, 0);
}

TEST_F(ProjectionTest, ReadsNothingThatWasObservedLater) {
  PutThreeYears();
  const auto then = Of(6000, "2026-08-31");
  Put("income", "2026-09-30", "99999");
  Put("size", "2026-09-30", "9");
  EXPECT_EQ(Of(6000, "2026-08-31")->probability, then->probability);
}

TEST_F(ProjectionTest, OfTwoReportsOfAMonthTheLaterStands) {
  PutThreeYears();
  const auto once = Of(6000, "2026-08-31");
  Put("income", "2026-08-10", "5");
  EXPECT_EQ(Of(6000, "2026-08-31")->probability, once->probability);
}

TEST_F(ProjectionTest, CostsAreTakenOffAndAMonthThatLacksThemIsNotReported) {
  PutThreeYears();
  policy_.minus = {catalogue_.Find("cost")->id};
  EXPECT_FALSE(Of(6000, "2026-08-31"));
  EXPECT_EQ(lack_, ProjectionLack::kSeason);
  PutMonthly("cost", "2024-01", std::vector<std::string>(31, "100"));  // none in August 2026
  const auto p = Of(6000, "2026-08-31");
  ASSERT_TRUE(p);
  EXPECT_EQ(p->months_to_come, 5);
  EXPECT_DOUBLE_EQ(p->reported, (8011 - 1980 - 700) / 2.0);
}

// Households of 31 months whose years vary by a fifth and whose months by a quarter, against lines
// around their usual year: those told to be below it with a probability of p are, about as often as
// p says.
TEST_F(ProjectionTest, ProbabilitiesAreAsOftenRightAsTheySay) {
  std::mt19937 random(20'031'231);
  const auto uniform = [&] { return (static_cast<double>(random()) + 0.5) / 4'294'967'296.0; };
  const auto normal = [&] {
    const double radius = std::sqrt(-2 * std::log(uniform()));
    return radius * std::cos(2 * std::numbers::pi * uniform());
  };
  struct Group {
    int households = 0;
    int below = 0;
    double told = 0;
  };
  std::array<Group, 4> groups{};  // by quarters of probability
  const IndicatorId income = catalogue_.Find("income")->id;
  for (int household = 0; household < 1200; ++household) {
    history_ = History(history_.subject());
    Put("size", "2026-01-31", "1");
    double year = 0;
    double of_year = 0;
    for (int i = 0; i < 36; ++i) {
      if (i % 12 == 0) of_year = 0.2 * normal();
      const double value =
          std::stod(kYear2024[static_cast<size_t>(i % 12)]) * std::exp(of_year + 0.25 * normal());
      const Date date = Date::LastOf(*Month::Parse("2024-01") + i);
      if (date.year() == 2026) year += value;
      if (i < 31) history_.Put(income, date, *FromDouble(value, 2), {});
    }
    const double line = 12100 * (0.7 + 0.6 * uniform());
    const auto p = Of(line, "2026-07-31");
    ASSERT_TRUE(p);
    EXPECT_LE(p->probability_low, p->probability_high);
    Group& group = groups[std::min<size_t>(3, static_cast<size_t>(p->probability * 4))];
    ++group.households;
    group.below += year < line ? 1 : 0;
    group.told += p->probability;
  }
  for (const Group& group : groups) {
    ASSERT_GT(group.households, 100);
    EXPECT_NEAR(group.told / group.households, static_cast<double>(group.below) / group.households,
                0.1);
  }
}

TEST_F(ProjectionTest, AHistoryThatIsTooShortIsUnknown) {
  Put("size", "2026-01-31", "2");
  PutMonthly("income", "2025-09", {"1", "1", "1", "1"});
  PutMonthly("income", "2026-01", {"850", "800", "660", "540", "679", "972", "1530", "1980"});
  EXPECT_FALSE(Of(6000, "2026-08-31"));
  EXPECT_EQ(lack_, ProjectionLack::kMonths);
  EXPECT_FALSE(Of(6000, "2026-07-31"));
  EXPECT_EQ(lack_, ProjectionLack::kSeason);
  // Six months with a year before them are asked for.
  PutMonthly("income", "2025-03", {"1", "1", "1", "1", "1"});
  EXPECT_FALSE(Of(6000, "2026-08-31"));
  EXPECT_EQ(lack_, ProjectionLack::kMonths);
  Put("income", "2025-08-31", "1");
  EXPECT_TRUE(Of(6000, "2026-08-31"));
}

TEST_F(ProjectionTest, AMonthOfLossesCountsAsTheFloor) {
  PutTwoYears();
  Put("income", "2025-12-31", "-4000");
  PutMonthly("income", "2026-01",
             {"850", "800", "660", "540", "679", "972", "1530", "1980", "1080", "970", "972"});
  policy_.years = 1;  // December 2025 alone says what a December brings
  policy_.at_least = 2;
  const auto p = Of(6000, "2026-11-30");
  ASSERT_TRUE(p);
  EXPECT_EQ(p->months_to_come, 1);
  EXPECT_GT(p->expected, p->reported);
  EXPECT_LT(p->expected, p->reported + 2 * 50);
}

}  // namespace
}  // namespace shouwang::risk
