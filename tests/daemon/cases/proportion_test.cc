#include "daemon/cases/proportion.h"

#include <gtest/gtest.h>

namespace shouwang::cases {
namespace {

// The figures were computed apart, with the quantile of Python's statistics.NormalDist.
TEST(WilsonTest, IsTheScoreInterval) {
  const Proportion third = Wilson(10.0 / 30, 30, 0.95);
  EXPECT_NEAR(third.low, 0.1923050, 1e-6);
  EXPECT_NEAR(third.high, 0.5121995, 1e-6);
  EXPECT_EQ(third.share, 10.0 / 30);
  const Proportion surer = Wilson(10.0 / 30, 30, 0.9);
  EXPECT_GT(surer.low, third.low);
  EXPECT_LT(surer.high, third.high);
}

TEST(WilsonTest, SaysSomethingWhereNothingWasFoundAndStaysBetween0And1) {
  const Proportion none = Wilson(0, 5, 0.95);
  EXPECT_EQ(none.low, 0);
  EXPECT_NEAR(none.high, 0.4344825, 1e-6);
  const Proportion all = Wilson(1, 5, 0.95);
  EXPECT_NEAR(all.low, 0.5655175, 1e-6);
  EXPECT_EQ(all.high, 1);
}

TEST(WilsonTest, OfNoVisitsNothingIsKnown) {
  EXPECT_EQ(Wilson(0, 0, 0.95).low, 0);
  EXPECT_EQ(Wilson(0, 0, 0.95).high, 1);
}

}  // namespace
}  // namespace shouwang::cases
