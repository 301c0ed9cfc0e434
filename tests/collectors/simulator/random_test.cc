#include "collectors/simulator/random.h"

#include <gtest/gtest.h>

namespace shouwang::simulator {
namespace {

TEST(RandomTest, IsTheSameOnEveryMachine) {
  Random random(42);
  EXPECT_EQ(random.Next(), 13'679'457'532'755'275'413u);
  EXPECT_EQ(Mix({1, 2, 3}), 5'246'500'226'706'903'259u);
}

TEST(RandomTest, DrawsEvenlyBetweenBothEnds) {
  Random random(7);
  int counts[6] = {};
  for (int i = 0; i < 60'000; ++i) ++counts[random.Between(1, 6) - 1];
  for (int count : counts) EXPECT_NEAR(count, 10'000, 400);
}

TEST(RandomTest, DrawsNormalNumbers) {
  Random random(7);
  double sum = 0;
  double squares = 0;
  for (int i = 0; i < 100'000; ++i) {
    const double x = random.Normal();
    sum += x;
    squares += x * x;
  }
  EXPECT_NEAR(sum / 100'000, 0, 0.02);
  EXPECT_NEAR(squares / 100'000, 1, 0.02);
}

TEST(RandomTest, MixesEveryPart) {
  EXPECT_NE(Mix({1, 2}), Mix({2, 1}));
  EXPECT_NE(Mix({1, 2}), Mix({1, 3}));
  EXPECT_NE(Mix({1}), Mix({1, 0}));
}

}  // namespace
}  // namespace shouwang::simulator
