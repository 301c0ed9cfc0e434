#include "daemon/incidents/exposure.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace shouwang::incidents {
namespace {

using testing::ElementsAre;

TEST(ExposureTest, OfAFullMonthIsItsHouseholds) {
  EXPECT_THAT(Exposure(std::vector<double>{100, 100, 100}, 0), ElementsAre(100, 100, 100));
}

TEST(ExposureTest, WhatAMonthMissedTheNextOneTells) {
  EXPECT_THAT(Exposure(std::vector<double>{100, 0, 100}, 0), ElementsAre(100, 0, 200));
  EXPECT_THAT(Exposure(std::vector<double>{100, 50, 100}, 0), ElementsAre(100, 50, 150));
}

TEST(ExposureTest, ReportsOfEveryThirdMonthTellOfThree) {
  EXPECT_THAT(Exposure(std::vector<double>{60, 0, 0, 60, 0, 0, 60}, 0),
              ElementsAre(60, 0, 0, 180, 0, 0, 180));
}

TEST(ExposureTest, BeforeItHasSettledAPlaceHasNone) {
  EXPECT_THAT(Exposure(std::vector<double>{100, 0, 100, 80}, 2), ElementsAre(0, 0, 100, 80));
  EXPECT_THAT(Exposure(std::vector<double>{100, 100}, 5), ElementsAre(0, 0));
}

TEST(ExposureTest, OfAPlaceThatNeverReportedIsNone) {
  EXPECT_THAT(Exposure(std::vector<double>{0, 0}, 0), ElementsAre(0, 0));
}

}  // namespace
}  // namespace shouwang::incidents
