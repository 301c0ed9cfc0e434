#include "collectors/submit/progress.h"

#include <gtest/gtest.h>

namespace shouwang {
namespace {

TEST(ProgressTest, ShowsShareRowsRateAndTimeLeft) {
  EXPECT_EQ(ProgressLine({12'345, 1'234'567, 25, 100}, std::chrono::milliseconds(30'000), false),
            " 25.0 %  12,345 rows  411 rows/s  1,234,567 values stored  1:30 left");
  EXPECT_EQ(ProgressLine({12, 0, 100, 100}, std::chrono::milliseconds(1'000), true),
            "[========================] 100.0 %  12 rows  12 rows/s  0 values stored");
  EXPECT_EQ(ProgressLine({1, 0, 50, 100}, std::chrono::milliseconds(1'000), true),
            "[============            ]  50.0 %  1 rows  1 rows/s  0 values stored  0:01 left");
}

TEST(ProgressTest, AnEmptyFileIsNoDivisionByZero) {
  EXPECT_EQ(ProgressLine({0, 0, 0, 0}, std::chrono::milliseconds(0), false),
            "  0.0 %  0 rows  0 rows/s  0 values stored");
}

}  // namespace
}  // namespace shouwang
