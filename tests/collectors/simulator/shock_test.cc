#include "collectors/simulator/shock.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "collectors/simulator/household.h"
#include "tests/collectors/simulator/sheets.h"

namespace shouwang::simulator {
namespace {

using testing::HasSubstr;

constexpr uint64_t kVillage = 520'502'001'001;
const Month kFirst = *Month::Parse("2025-01");

Shock Parsed(std::string_view text) {
  const auto shock = Shock::Parse(text);
  EXPECT_TRUE(shock.ok()) << std::string(shock.status().message());
  return *shock;
}

TEST(ShockTest, IsWrittenKindPlaceMonthAndShare) {
  const Shock flood = Parsed("flood:520502001:2026-07");
  EXPECT_EQ(flood.kind, ShockKind::kFlood);
  EXPECT_EQ(flood.division.ToString(), "520502001");
  EXPECT_FALSE(flood.site);
  EXPECT_EQ(flood.month.ToString(), "2026-07");
  EXPECT_EQ(flood.share, 0.7);
  const Shock layoff = Parsed("layoff:520502001/S1:2026-05");
  EXPECT_EQ(layoff.kind, ShockKind::kLayoff);
  EXPECT_EQ(layoff.division.ToString(), "520502001");
  EXPECT_TRUE(layoff.site);
  EXPECT_EQ(layoff.share, 0.6);
  const Shock price = Parsed("price_fall:5205:2026-05:0.25");
  EXPECT_EQ(price.kind, ShockKind::kPriceFall);
  EXPECT_EQ(price.share, 0.25);
}

TEST(ShockTest, SaysWhatIsWrong) {
  const auto message = [](std::string_view text) {
    return std::string(Shock::Parse(text).status().message());
  };
  EXPECT_THAT(message("flood"), HasSubstr("shock 'flood': three or four parts are expected"));
  EXPECT_THAT(message("war:52:2026-07"), HasSubstr("the kind is flood, layoff or price_fall"));
  EXPECT_THAT(message("flood:nowhere:2026-07"), HasSubstr("the place is no division code"));
  EXPECT_THAT(message("flood::2026-07"), HasSubstr("the place is no division code"));
  EXPECT_THAT(message("flood:520502001/S2:2026-07"), HasSubstr("the site of a township"));
  EXPECT_THAT(message("flood:520502001001/1:2026-07"), HasSubstr("the site of a township"));
  EXPECT_THAT(message("flood:52:July"), HasSubstr("the month is no month"));
  for (const char* share : {"0", "1.1", "-1", "x", "0.5x", ""}) {
    EXPECT_THAT(message(std::string("flood:52:2026-07:") + share),
                HasSubstr("the share is above 0 and at most 1"));
  }
}

TEST(ShockTest, StrikesItsShareOfThePlaceAndNobodyElse) {
  const Shock shock = Parsed("flood:520502001:2026-07:0.5");
  int struck = 0;
  for (uint32_t number = 1; number <= 1'000; ++number) {
    struck += shock.Strikes(1, kVillage, number, false) ? 1 : 0;
    EXPECT_FALSE(shock.Strikes(1, 520'502'002'001, number, false));
  }
  EXPECT_NEAR(struck, 500, 60);
  const Shock at_site = Parsed("layoff:520502001/S1:2026-07:1");
  EXPECT_TRUE(at_site.Strikes(1, kVillage, 7, true));
  EXPECT_FALSE(at_site.Strikes(1, kVillage, 7, false));
}

class StruckHouseholdTest : public testing::Test {
 protected:
  StruckHouseholdTest() : usual_(1, kVillage, 3, false, kFirst, 24), struck_(usual_) { Begin(); }
  void Begin() {
    for (int i = 0; i < 6; ++i) Step(i);
  }
  void Step(int month) {
    usual_.Step(kFirst + month, {});
    struck_.Step(kFirst + month, {});
  }
  Household usual_;
  Household struck_;
};

TEST_F(StruckHouseholdTest, AFloodCostsOnceAndTakesTheCrops) {
  struck_.Strike(ShockKind::kFlood);
  Step(6);
  EXPECT_EQ(usual_.reading()[kDisasterCost], 0);
  EXPECT_GE(struck_.reading()[kDisasterCost], 12'000'00);
  EXPECT_LE(struck_.reading()[kDisasterCost], 24'000'00);
  EXPECT_LT(struck_.reading()[kOperatingIncome], usual_.reading()[kOperatingIncome]);
  Step(7);
  EXPECT_EQ(struck_.reading()[kDisasterCost], 0);
}

TEST_F(StruckHouseholdTest, ALayoffTakesAllWorkForSixMonths) {
  // One in which somebody works.
  for (uint32_t number = 4; usual_.reading()[kEmployed] == 0; ++number) {
    ASSERT_LT(number, 50U);
    usual_ = Household(1, kVillage, number, false, kFirst, 24);
    struck_ = usual_;
    Begin();
  }
  struck_.Strike(ShockKind::kLayoff);
  for (int month = 6; month < 12; ++month) {
    Step(month);
    EXPECT_EQ(struck_.reading()[kEmployed], 0) << month;
    EXPECT_EQ(struck_.reading()[kWageIncome], 0) << month;
  }
  Step(12);
  EXPECT_GT(struck_.reading()[kEmployed], 0);
}

TEST_F(StruckHouseholdTest, APriceFallLeavesAThirdForAYear) {
  struck_.Strike(ShockKind::kPriceFall);
  for (int month = 6; month < 18; ++month) {
    Step(month);
    EXPECT_NEAR(static_cast<double>(struck_.reading()[kOperatingIncome]),
                0.33 * static_cast<double>(usual_.reading()[kOperatingIncome]), 1'000)
        << month;
    EXPECT_EQ(struck_.reading()[kOperatingCost], usual_.reading()[kOperatingCost]);
  }
  Step(18);
  EXPECT_EQ(struck_.reading()[kOperatingIncome], usual_.reading()[kOperatingIncome]);
}

TEST_F(SimulationTest, AShockChangesTheRowsOfItsPlaceFromItsMonthOnAndNoOthers) {
  Run();
  const auto usual = RowsOf("households-520502001.csv.gz");
  plan_.shocks = {Parsed("flood:520502001002:2026-03:1")};
  Run();
  const auto struck = RowsOf("households-520502001.csv.gz");
  ASSERT_EQ(usual.size(), struck.size());
  constexpr size_t kDate = 2;
  constexpr size_t kLoss = 6 + kDisasterCost;
  int losses = 0;
  for (size_t i = 0; i < usual.size(); ++i) {
    const bool there = usual[i][0] == "520502001002" && usual[i][kDate] >= "2026-03";
    if (!there) {
      EXPECT_EQ(usual[i], struck[i]) << usual[i][0] << " " << usual[i][kDate];
    }
    if (usual[i][kLoss] != struck[i][kLoss]) ++losses;
  }
  EXPECT_GT(losses, 5);
}

TEST_F(SimulationTest, RefusesAShockThatStrikesNobody) {
  plan_.shocks = {Parsed("flood:520502002:2026-03")};
  EXPECT_THAT(Refusal(), HasSubstr("a shock at 520502002 in 2026-03 strikes nobody"));
  plan_.shocks = {Parsed("flood:520502001:2026-11")};
  EXPECT_THAT(Refusal(), HasSubstr("place or month is not simulated"));
}

}  // namespace
}  // namespace shouwang::simulator
