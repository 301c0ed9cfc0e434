#include "daemon/incidents/false_discovery.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace shouwang::incidents {
namespace {

using testing::DoubleNear;
using testing::Each;
using testing::ElementsAre;
using testing::IsEmpty;

TEST(FalseDiscoveryTest, FollowsBenjaminiAndYekutieli) {
  // m = 4, 1 + 1/2 + 1/3 + 1/4 = 25/12.
  EXPECT_THAT(QValues(std::vector<double>{0.03, 0.001, 0.9, 0.002}, 4),
              ElementsAre(DoubleNear(0.03 * 4 * 25 / 12 / 3, 1e-12),
                          DoubleNear(0.002 * 4 * 25 / 12 / 2, 1e-12), DoubleNear(1, 1e-12),
                          DoubleNear(0.002 * 4 * 25 / 12 / 2, 1e-12)));
}

TEST(FalseDiscoveryTest, TestsThatAreNotListedCountAll) {
  EXPECT_THAT(QValues(std::vector<double>{0.001}, 4),
              ElementsAre(DoubleNear(0.001 * 4 * 25 / 12, 1e-12)));
  EXPECT_THAT(QValues(std::vector<double>{1e-8}, 200'000),
              ElementsAre(DoubleNear(1e-8 * 200'000 * 12.783290, 1e-8)));
}

TEST(FalseDiscoveryTest, IsNeverMoreThanOneAndNothingOfNothing) {
  EXPECT_THAT(QValues(std::vector<double>{0.5, 0.9}, 10), Each(1.0));
  EXPECT_THAT(QValues({}, 10), IsEmpty());
}

}  // namespace
}  // namespace shouwang::incidents
