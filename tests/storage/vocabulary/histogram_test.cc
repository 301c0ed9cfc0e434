#include "storage/vocabulary/histogram.h"

#include <gtest/gtest.h>

#include <random>
#include <vector>

#include "storage/vocabulary/decimal.h"

namespace shouwang {
namespace {

TEST(BucketTest, SmallValuesHaveABucketEachAndLargeOnesASixteenthOfADoubling) {
  EXPECT_EQ(BucketOf(0), 0);
  EXPECT_EQ(BucketOf(15), 15);
  EXPECT_EQ(BucketOf(16), 16);
  EXPECT_EQ(BucketOf(31), 31);
  EXPECT_EQ(BucketOf(32), 32);
  EXPECT_EQ(BucketOf(33), 32);
  EXPECT_EQ(BucketOf(34), 33);
  EXPECT_EQ(BucketOf(-33), -32);
  EXPECT_EQ(EndsOf(32), (BucketEnds{32, 33}));
  EXPECT_EQ(EndsOf(-32), (BucketEnds{-33, -32}));
  EXPECT_EQ(EndsOf(0), (BucketEnds{0, 0}));
  EXPECT_EQ(BucketOf(kMaxScaledValue), kLastBucket);
  EXPECT_EQ(BucketOf(kMaxScaledValue + 1), kLastBucket);
  EXPECT_EQ(EndsOf(kLastBucket).greatest, kMaxScaledValue);
}

TEST(BucketTest, EveryBucketHoldsItsEndsAndTheNextBeginsBehindThem) {
  for (int bucket = -kLastBucket; bucket < kLastBucket; ++bucket) {
    const BucketEnds ends = EndsOf(static_cast<Bucket>(bucket));
    EXPECT_LE(ends.least, ends.greatest);
    EXPECT_EQ(BucketOf(ends.least), bucket);
    EXPECT_EQ(BucketOf(ends.greatest), bucket);
    EXPECT_EQ(EndsOf(static_cast<Bucket>(bucket + 1)).least, ends.greatest + 1);
  }
}

TEST(HistogramTest, TakingAwayWhatWasAddedLeavesNothing) {
  Histogram histogram;
  histogram.Add(BucketOf(500), 3);
  histogram.Add(BucketOf(-2), 1);
  Histogram other = histogram;
  other.Add(BucketOf(70), 2);
  Histogram negative;
  for (const Histogram::Entry& entry : other.entries()) negative.Add(entry.bucket, -entry.count);
  other.Add(negative);
  EXPECT_TRUE(other.empty());
  EXPECT_EQ(histogram.count(), 4);
}

TEST(HistogramTest, BoundsWhatLiesBelowALineByItsOwnBucket) {
  std::mt19937_64 random(3);
  Histogram histogram;
  std::vector<int64_t> values;
  for (int i = 0; i < 2'000; ++i) {
    const auto value = static_cast<int64_t>(random() % 2'000'000) - 300'000;
    values.push_back(value);
    histogram.Add(BucketOf(value), 1);
  }
  for (const int64_t line : {-250'000L, 0L, 1L, 880'000L, 917'504L, 5'000'000L}) {
    const auto below = std::ranges::count_if(values, [&](int64_t value) { return value < line; });
    const Histogram::Count count = histogram.Below(line);
    EXPECT_LE(count.least, below) << line;
    EXPECT_GE(count.greatest, below) << line;
    EXPECT_LE(count.greatest - count.least, 200) << line;
  }
  // 7 x 2^17 begins a bucket.
  EXPECT_EQ(histogram.Below(917'504).least, histogram.Below(917'504).greatest);
}

TEST(HistogramTest, FindsWhereAQuantileLies) {
  Histogram histogram;
  EXPECT_EQ(histogram.Quantile(0.5), std::nullopt);
  for (int64_t value = 1; value <= 10; ++value) histogram.Add(BucketOf(value), 1);
  EXPECT_EQ(histogram.Quantile(0.5), (BucketEnds{5, 5}));
  EXPECT_EQ(histogram.Quantile(0), (BucketEnds{1, 1}));
  EXPECT_EQ(histogram.Quantile(1), (BucketEnds{10, 10}));
}

}  // namespace
}  // namespace shouwang
