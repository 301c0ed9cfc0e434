#include "daemon/alerts/pace.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <vector>

namespace shouwang::alerts {
namespace {

using std::chrono::milliseconds;

std::vector<int64_t> Failing(Pace& pace, int times) {
  std::vector<int64_t> pauses;
  for (int i = 0; i < times; ++i) pauses.push_back(pace.After(false).count());
  return pauses;
}

TEST(PaceTest, TriesSoonAndThenLessOftenUpToTheLongestPause) {
  Pace pace(milliseconds(30'000));
  EXPECT_EQ(pace.After(true), milliseconds(30'000));
  EXPECT_THAT(Failing(pace, 9), testing::ElementsAre(1'000, 2'000, 4'000, 8'000, 16'000, 32'000,
                                                     60'000, 60'000, 60'000));
}

TEST(PaceTest, BeginsAnewAfterASuccess) {
  Pace pace(milliseconds(60'000));
  Failing(pace, 5);
  EXPECT_EQ(pace.After(true), milliseconds(60'000));
  EXPECT_EQ(pace.After(false), milliseconds(1'000));
}

TEST(PaceTest, AnHourOfFailuresNeverPausesLongerThanItMay) {
  Pace slow(milliseconds(300'000));
  for (const int64_t pause : Failing(slow, 10'000)) EXPECT_LE(pause, 300'000);
  Pace quick(milliseconds(200));
  EXPECT_EQ(quick.After(false), milliseconds(200));
  for (const int64_t pause : Failing(quick, 100)) EXPECT_LE(pause, 60'000);
}

}  // namespace
}  // namespace shouwang::alerts
