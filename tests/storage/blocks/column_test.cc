#include "storage/blocks/column.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <string>
#include <vector>

#include "storage/vocabulary/decimal.h"

namespace shouwang {
namespace {

// As in a block of version 1: one stream for all that a column writes.
struct Written {
  uint8_t tag = 0;
  std::string body;
};

Written Write(const std::vector<int64_t>& values) {
  ColumnStreams streams;
  const uint8_t tag = WriteColumn(values, &streams);
  return {tag, streams.constants + streams.others + streams.widths + streams.bits};
}

bool Read(uint8_t tag, ByteReader* body, std::span<int64_t> values) {
  return ReadColumn(tag, {body, body, body, body}, values);
}

std::vector<int64_t> ReadBack(const Written& written, size_t count) {
  std::vector<int64_t> values(count);
  ByteReader body(written.body);
  EXPECT_TRUE(Read(written.tag, &body, values));
  EXPECT_TRUE(body.done());
  ByteReader skipped(written.body);
  EXPECT_TRUE(SkipColumn(written.tag, {&skipped, &skipped, &skipped, &skipped}, count));
  EXPECT_TRUE(skipped.done());
  return values;
}

TEST(ColumnTest, AConstantYearTakesOneValue) {
  const std::vector<int64_t> values(12, 400);
  EXPECT_EQ(Write(values).body, std::string("\x08", 1));  // zigzag of 4, for 400 = 4 * 10^2
  EXPECT_EQ(ReadBack(Write(values), 12), values);
}

TEST(ColumnTest, AStepTakesTwoRuns) {
  const std::vector<int64_t> values = {3, 3, 3, 3, 3, 3, 2, 2, 2, 2, 2, 2};
  EXPECT_EQ(Write(values).body, std::string("\x06\x05\x01\x05", 4));
  EXPECT_EQ(ReadBack(Write(values), 12), values);
}

TEST(ColumnTest, RoundAmountsAreWrittenWithoutTheirZeros) {
  const std::vector<int64_t> values = {330'000, 0, 410'000, 120'000};
  EXPECT_LE(Write(values).body.size(), 5u);
  EXPECT_EQ(ReadBack(Write(values), 4), values);
}

TEST(ColumnTest, HalvesOfRoundAmountsTakeNoMoreThanRoundOnes) {
  const std::vector<int64_t> values = {35'000, 0, 40'000, 15'000, 25'000, 5'000, 30'000, 10'000};
  EXPECT_EQ(Write(values).tag, 0x80 | 3 << 2 | 3);  // packed, by 5 * 10^3
  EXPECT_EQ(Write(values).body.size(), 6u);         // the least, the width, 8 times 4 bits
  EXPECT_EQ(ReadBack(Write(values), 8), values);
  EXPECT_EQ(ReadBack(Write({-25, 5, 0, 10}), 4), (std::vector<int64_t>{-25, 5, 0, 10}));
}

TEST(ColumnTest, GivesBackEveryValueWithinTheLimit) {
  const std::vector<std::vector<int64_t>> columns = {
      {kMaxScaledValue},
      {-kMaxScaledValue},
      {kMaxScaledValue, -kMaxScaledValue, kMaxScaledValue},
      {0},
      {0, 0, 0},
      {-1, 1},
      {899'999'999'999, 899'999'999'998, 1, 0, -1},
      std::vector<int64_t>(366, -kMaxScaledValue)};
  for (const std::vector<int64_t>& values : columns) {
    EXPECT_EQ(ReadBack(Write(values), values.size()), values);
  }
}

TEST(ColumnTest, GivesBackRandomColumns) {
  std::mt19937_64 random(7);
  for (int round = 0; round < 20'000; ++round) {
    std::vector<int64_t> values(1 + random() % (round % 100 == 0 ? 366 : 14));
    const int64_t span = int64_t{1} << (random() % 40);
    const int64_t unit = std::array<int64_t, 3>{1, 100, 1'000'000}[random() % 3];
    for (int64_t& value : values) {
      value = (static_cast<int64_t>(random() % static_cast<uint64_t>(span)) - span / 2) * unit;
      value = std::clamp(value, -kMaxScaledValue, kMaxScaledValue);
      if (random() % 3 == 0 && &value != values.data()) value = *(&value - 1);
    }
    ASSERT_EQ(ReadBack(Write(values), values.size()), values) << "round " << round;
  }
}

TEST(ColumnTest, BytesOfOneKindGoToOneStream) {
  ColumnStreams streams;
  EXPECT_EQ(WriteColumn(std::vector<int64_t>(12, 7), &streams) & 3, 0);
  EXPECT_EQ(WriteColumn(std::vector<int64_t>{3, 3, 3, 3, 3, 3, 2, 2, 2, 2, 2, 2}, &streams) & 3, 2);
  EXPECT_EQ(
      WriteColumn(std::vector<int64_t>{11, 8, 14, 9, 12, 13, 10, 11, 8, 15, 9, 14}, &streams) & 3,
      3);
  EXPECT_EQ(streams.constants, "\x0E");
  EXPECT_EQ(streams.others, std::string("\x06\x05\x01\x05\x10"));
  EXPECT_EQ(streams.widths, "\x03");
  EXPECT_EQ(streams.bits.size(), 5u);
}

TEST(ColumnTest, RefusesABodyCutShort) {
  const std::vector<std::vector<int64_t>> columns = {
      {500}, {1, 2, 4, 7}, {0, 0, 0, 9, 9, 9, 9, 9}, {81'231, 43'212, 77'777, 12'345, 99'999}};
  for (const std::vector<int64_t>& values : columns) {
    const Written written = Write(values);
    for (size_t size = 0; size < written.body.size(); ++size) {
      std::vector<int64_t> out(values.size());
      ByteReader body(std::string_view(written.body).substr(0, size));
      EXPECT_FALSE(Read(written.tag, &body, out)) << size << " bytes";
    }
  }
}

TEST(ColumnTest, RefusesWhatItNeverWrites) {
  std::vector<int64_t> out(2);
  const auto reads = [&](uint8_t tag, std::string_view bytes) {
    ByteReader body(bytes);
    return Read(tag, &body, out);
  };
  EXPECT_FALSE(reads(7 << 2, "\x02"));                          // a power of ten past the last
  EXPECT_FALSE(reads(2, std::string_view("\x02\x02", 2)));      // a run past the end
  EXPECT_FALSE(reads(3, std::string_view("\x02\x39\xff", 3)));  // 57 bits
  EXPECT_FALSE(reads(3, std::string_view("\x02\x00", 2)));      // 0 bits
  // 900,000,000,001, and 900,000,000 * 10^6.
  std::string bytes;
  AppendZigZag(kMaxScaledValue + 1, &bytes);
  EXPECT_FALSE(reads(0, bytes));
  bytes.clear();
  AppendZigZag(900'000'000, &bytes);
  EXPECT_FALSE(reads(6 << 2, bytes));
  EXPECT_TRUE(reads(3 << 2, bytes));
}

}  // namespace
}  // namespace shouwang
