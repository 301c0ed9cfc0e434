#include "storage/vocabulary/division.h"

#include <gtest/gtest.h>

namespace shouwang {
namespace {

Division Of(std::string_view code) { return *Division::Parse(code); }

TEST(DivisionTest, KnowsItsLevelByTheNumberOfDigits) {
  EXPECT_EQ(Of("52").level(), DivisionLevel::kProvince);
  EXPECT_EQ(Of("520502001001").level(), DivisionLevel::kVillage);
  EXPECT_EQ(Of("").level(), DivisionLevel::kNation);
  for (const char* code : {"5", "520", "52050", "52050200100", "5205020010011", "5a", "-1"}) {
    EXPECT_FALSE(Division::Parse(code).ok()) << code;
  }
}

TEST(DivisionTest, ContainsWhatHasItsCodeAsPrefix) {
  EXPECT_TRUE(Of("520502").Contains(Of("520502001001")));
  EXPECT_TRUE(Of("520502").Contains(Of("520502")));
  EXPECT_TRUE(Of("").Contains(Of("11")));
  EXPECT_FALSE(Of("520502001").Contains(Of("520502")));
  EXPECT_FALSE(Of("520502").Contains(Of("520503001")));
  EXPECT_EQ(Of("520502001001").Parent().ToString(), "520502001");
  EXPECT_EQ(Of("520502001001").At(DivisionLevel::kPrefecture).ToString(), "5205");
}

TEST(DivisionTest, LevelsGoDownOneByOneToTheVillage) {
  EXPECT_EQ(LevelBelow(DivisionLevel::kNation), DivisionLevel::kProvince);
  EXPECT_EQ(LevelBelow(DivisionLevel::kCounty), DivisionLevel::kTownship);
  EXPECT_EQ(LevelBelow(DivisionLevel::kTownship), DivisionLevel::kVillage);
  EXPECT_EQ(LevelBelow(DivisionLevel::kVillage), std::nullopt);
}

TEST(DivisionTest, IsOneRangeOfVillageCodes) {
  EXPECT_EQ(Of("520502").FirstVillageCode(), 520502000000u);
  EXPECT_EQ(Of("520502").EndVillageCode(), 520503000000u);
  EXPECT_EQ(Division::OfVillageCode(520502001001, DivisionLevel::kTownship), Of("520502001"));
}

}  // namespace
}  // namespace shouwang
