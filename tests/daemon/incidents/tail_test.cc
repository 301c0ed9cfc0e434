#include "daemon/incidents/tail.h"

#include <gtest/gtest.h>

#include <cmath>

namespace shouwang::incidents {
namespace {

// R: ppois(k - 1, m, lower = FALSE).
TEST(TailTest, WithoutVariationIsPoissons) {
  EXPECT_NEAR(UpperTail(1, 0.5, 0), 1 - std::exp(-0.5), 1e-14);
  EXPECT_NEAR(UpperTail(5, 1, 0), 0.003659846827, 1e-12);
  EXPECT_NEAR(UpperTail(10, 3, 0), 0.001102488, 1e-9);
}

// P(X >= n) of size 1 is (m / (1 + m))^n.
TEST(TailTest, OfVariationOneIsGeometric) {
  EXPECT_NEAR(UpperTail(4, 1, 1), 1.0 / 16, 1e-14);
  EXPECT_NEAR(UpperTail(7, 3, 1), std::pow(0.75, 7), 1e-12);
}

TEST(TailTest, ACountAtOrBelowTheMeanIsNoExcess) {
  EXPECT_EQ(UpperTail(0, 2, 0.1), 1);
  EXPECT_EQ(UpperTail(2, 2, 0.1), 1);
}

TEST(TailTest, FallsInTheCountAndRisesInTheVariation) {
  EXPECT_LT(UpperTail(9, 2, 0.1), UpperTail(8, 2, 0.1));
  EXPECT_LT(UpperTail(9, 2, 0.1), UpperTail(9, 2, 0.2));
}

// The sum is cut off after 100,000 terms, of a tail of millions. The recursion up from 0: 0.15351.
TEST(TailTest, IsNeverToldTooSmall) {
  const double p = UpperTail(2'000'000, 1e6, 4);
  EXPECT_GE(p, 0.15351);
  EXPECT_LT(p, 0.4);
}

TEST(TailTest, FarOutOfAWideDistributionIsStillATail) {
  const double p = UpperTail(50'000, 20'000, 0.5);
  // Gamma's tail of shape 2 at 5: (1 + 5) e^-5.
  EXPECT_NEAR(p, 6 * std::exp(-5), 1e-4);
}

}  // namespace
}  // namespace shouwang::incidents
