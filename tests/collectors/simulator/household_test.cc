#include "collectors/simulator/household.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <vector>

namespace shouwang::simulator {
namespace {

constexpr uint64_t kVillage = 520'502'001'001;
const Month kFirst = *Month::Parse("2025-01");

std::vector<HouseholdReading> Year(Household household, const VillageMonth& july = {}) {
  std::vector<HouseholdReading> readings;
  for (int i = 0; i < 12; ++i) {
    household.Step(kFirst + i, i == 6 ? july : VillageMonth{});
    readings.push_back(household.reading());
  }
  return readings;
}

int64_t Sum(const std::vector<HouseholdReading>& readings, HouseholdColumn column) {
  int64_t sum = 0;
  for (const HouseholdReading& reading : readings) sum += reading[column];
  return sum;
}

TEST(HouseholdTest, DependsOnSeedAndKeyAlone) {
  const auto household = [](uint64_t seed, uint64_t village, uint32_t number) {
    return Year(Household(seed, village, number, false, kFirst, 12));
  };
  EXPECT_EQ(household(1, kVillage, 7), household(1, kVillage, 7));
  EXPECT_NE(household(1, kVillage, 7), household(2, kVillage, 7));
  EXPECT_NE(household(1, kVillage, 7), household(1, kVillage, 8));
  EXPECT_NE(household(1, kVillage, 7), household(1, kVillage + 1, 7));
}

TEST(HouseholdTest, NeverContradictsItself) {
  for (uint32_t number = 1; number <= 2000; ++number) {
    for (const auto& r : Year(Household(3, kVillage, number, number % 2 == 0, kFirst, 12))) {
      ASSERT_LE(r[kEmployed], r[kLabourForce]);
      ASSERT_LE(r[kLabourForce], r[kHouseholdSize]);
      ASSERT_LE(r[kStudents] + r[kDropouts] + r[kLabourForce], r[kHouseholdSize]);
      ASSERT_LE(r[kMonthsWorked], 1200);
      ASSERT_EQ(r[kUrbanLivingCost] == kMissing, number % 2 == 1);
      ASSERT_TRUE(r[kEmployed] > 0 || r[kWageIncome] == 0);
      ASSERT_TRUE(r[kSevereIllness] == 0 || r[kMedicalOutOfPocket] > 0);
    }
  }
}

TEST(HouseholdTest, EarnsFromTheFarmAtHarvestAndSpendsInSpring) {
  int64_t autumn = 0, spring = 0, autumn_cost = 0, spring_cost = 0;
  for (uint32_t number = 1; number <= 500; ++number) {
    const auto year = Year(Household(3, kVillage, number, false, kFirst, 12));
    autumn += year[8][kOperatingIncome] + year[9][kOperatingIncome];
    spring += year[2][kOperatingIncome] + year[3][kOperatingIncome];
    autumn_cost += year[8][kOperatingCost] + year[9][kOperatingCost];
    spring_cost += year[2][kOperatingCost] + year[3][kOperatingCost];
  }
  EXPECT_GT(autumn, 3 * spring);
  EXPECT_GT(spring_cost, 2 * autumn_cost);
}

TEST(HouseholdTest, PutsAFewInAHundredBelowTheLine) {
  int below = 0;
  for (uint32_t number = 1; number <= 4000; ++number) {
    const auto year = Year(Household(3, kVillage, number, false, kFirst, 12));
    const int64_t net = Sum(year, kWageIncome) + Sum(year, kOperatingIncome) +
                        Sum(year, kPropertyIncome) + Sum(year, kTransferIncome) -
                        Sum(year, kOperatingCost);
    below += net / (year[0][kHouseholdSize] / 100) < 880'000 ? 1 : 0;
  }
  EXPECT_GT(below, 4000 / 100);
  EXPECT_LT(below, 4000 * 6 / 100);
}

TEST(HouseholdTest, LosesHarvestAndMoneyInADisasterOfItsVillage) {
  int struck = 0;
  int64_t harvest = 0, harvest_after_disaster = 0;
  for (uint32_t number = 1; number <= 500; ++number) {
    const Household household(3, kVillage, number, false, kFirst, 12);
    const auto quiet = Year(household);
    const auto year = Year(household, {4000});
    ASSERT_EQ(Sum(quiet, kDisasterCost), 0);
    if (year[6][kDisasterCost] > 0) ++struck;
    harvest += quiet[9][kOperatingIncome];
    harvest_after_disaster += year[9][kOperatingIncome];
  }
  EXPECT_NEAR(struck, 350, 50);
  EXPECT_LT(harvest_after_disaster, harvest * 8 / 10);
}

TEST(HouseholdTest, LeavesSomeCellsEmptyAndAFewFallSilent) {
  int rows = 0, missing_cells = 0, silent = 0;
  for (uint32_t number = 1; number <= 2000; ++number) {
    Household household(3, kVillage, number, true, kFirst, 24);
    bool last = false;
    for (int i = 0; i < 24; ++i) {
      household.Step(kFirst + i, {});
      const auto reported = household.Reported();
      last = reported.has_value();
      if (!reported) continue;
      ++rows;
      for (size_t c = 0; c < kAccidentCost; ++c)
        missing_cells += (*reported)[c] == kMissing ? 1 : 0;
    }
    silent += last ? 0 : 1;
  }
  EXPECT_GT(rows, 48'000 * 97 / 100);
  EXPECT_LT(rows, 48'000);
  EXPECT_NEAR(missing_cells, rows * 0.04, rows * 0.01);
  EXPECT_GT(silent, 10);
  EXPECT_LT(silent, 80);
}

TEST(HouseholdTest, SeesItsTransitionSupportRunOut) {
  Household household(3, kVillage, 1, true, kFirst, 120);
  int64_t left = 100'000;
  for (int i = 0; i < 120; ++i) {
    household.Step(kFirst + i, {});
    ASSERT_LE(household.reading()[kTransitionSupportMonthsLeft], left);
    left = household.reading()[kTransitionSupportMonthsLeft];
  }
  EXPECT_EQ(left, 0);
}

TEST(WeatherTest, StrikesVillagesInSummerOnlyAndRarely) {
  int struck = 0;
  for (uint64_t village = 1; village <= 2000; ++village) {
    for (int i = 0; i < 12; ++i) {
      const bool disaster = WeatherOf(1, village, kFirst + i).disaster_loss > 0;
      ASSERT_FALSE(disaster && (i < 4 || i > 8));
      struck += disaster ? 1 : 0;
    }
  }
  EXPECT_NEAR(struck, 40, 25);
}

}  // namespace
}  // namespace shouwang::simulator
