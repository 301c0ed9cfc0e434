#include "collectors/simulator/site.h"

#include <gtest/gtest.h>

#include <vector>

namespace shouwang::simulator {
namespace {

TEST(ResettlementSiteTest, CountsItsHouseholds) {
  const Month month = *Month::Parse("2026-03");
  std::vector<Household> households;
  int64_t people = 0;
  for (uint32_t number = 1; number <= 90; ++number) {
    households.emplace_back(1, 520'502'001'001, number, true, month, 1);
    households.back().Step(month, {});
    people += households.back().reading()[kHouseholdSize];
  }
  ResettlementSite site(1, 520'502'001'000);
  site.Step(month, households);
  EXPECT_EQ(site.reading()[kSiteHouseholds], 9000);
  EXPECT_EQ(site.reading()[kSitePopulation], people);
  EXPECT_EQ(site.reading()[kSiteGridStaff], 100);
}

TEST(ResettlementSiteTest, ReportsRegistrationAtTheEndOfAQuarterOnly) {
  ResettlementSite site(1, 520'502'001'000);
  site.Step(*Month::Parse("2026-02"), {});
  EXPECT_EQ(site.reading()[kSiteUrbanRegisteredShare], kMissing);
  site.Step(*Month::Parse("2026-03"), {});
  EXPECT_NE(site.reading()[kSiteUrbanRegisteredShare], kMissing);
}

TEST(ResettlementSiteTest, NeverServesMoreThanThereAre) {
  const Month first = *Month::Parse("2025-01");
  for (uint64_t seed = 1; seed <= 50; ++seed) {
    std::vector<Household> households;
    for (uint32_t number = 1; number <= 40; ++number) {
      households.emplace_back(seed, 520'502'001'001, number, true, first, 24);
    }
    ResettlementSite site(seed, 520'502'001'000);
    for (int i = 0; i < 24; ++i) {
      for (Household& household : households) household.Step(first + i, {});
      site.Step(first + i, households);
      ASSERT_LE(site.reading()[kSiteSpecialGroupServed], site.reading()[kSiteSpecialGroup]);
      ASSERT_GE(site.reading()[kSiteJobsNearby], 0);
    }
  }
}

}  // namespace
}  // namespace shouwang::simulator
