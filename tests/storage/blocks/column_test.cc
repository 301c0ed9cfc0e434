#include "storage/blocks/column.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <bit>
#include <cstdlib>
#include <functional>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "storage/blocks/packed_bits.h"
#include "storage/vocabulary/decimal.h"
#include "storage/vocabulary/group_window.h"

namespace shouwang {
namespace {

struct Written {
  uint8_t tag = 0;
  ColumnStreams streams;

  const std::string& Of(Stream stream) { return streams[stream]; }
  size_t bytes() const {
    size_t bytes = 0;
    for (const std::string& stream : streams.all()) bytes += stream.size();
    return bytes;
  }
};

Written Write(const std::vector<int64_t>& values) {
  Written written;
  written.tag = WriteColumn(values, &written.streams);
  return written;
}

std::array<ByteReader, kStreams> ReadersOf(const ColumnStreams& streams) {
  std::array<ByteReader, kStreams> readers;
  for (size_t i = 0; i < kStreams; ++i) readers[i] = ByteReader(streams.all()[i]);
  return readers;
}

// The same where other columns follow, as of all but the last of a block.
std::array<std::string, kStreams> WithMoreBehind(const ColumnStreams& streams) {
  std::array<std::string, kStreams> longer = streams.all();
  for (std::string& stream : longer) stream.append(kBytesBehindBits, '\x55');
  return longer;
}

// Into cells of a window, which must say the same as the column read as values.
void ExpectCells(uint8_t tag, std::span<const std::string, kStreams> streams,
                 std::span<const int64_t> values, bool sound) {
  std::array<ByteReader, kStreams> readers;
  for (size_t i = 0; i < kStreams; ++i) readers[i] = ByteReader(streams[i]);
  std::vector<int32_t> cells(values.size());
  ASSERT_EQ(ReadColumn(tag, ColumnReaders(&readers), cells), sound);
  std::array<ByteReader, kStreams> others;
  for (size_t i = 0; i < kStreams; ++i) others[i] = ByteReader(streams[i]);
  std::vector<int64_t> again(values.size());
  ASSERT_EQ(ReadColumn(tag, ColumnReaders(&others), again), sound);
  for (size_t i = 0; sound && i < kStreams; ++i) {
    ASSERT_EQ(readers[i].offset(), others[i].offset());
  }
  for (size_t i = 0; sound && i < values.size(); ++i) {
    ASSERT_EQ(cells[i], GroupWindow::Fits(values[i]) ? values[i] : GroupWindow::kAbsent);
  }
}

bool Read(const Written& written, std::span<int64_t> values) {
  std::array<ByteReader, kStreams> readers = ReadersOf(written.streams);
  const bool sound = ReadColumn(written.tag, ColumnReaders(&readers), values);
  ExpectCells(written.tag, written.streams.all(), values, sound);
  return sound;
}

std::vector<int64_t> ReadBack(const Written& written, size_t count) {
  std::vector<int64_t> values(count);
  std::array<ByteReader, kStreams> readers = ReadersOf(written.streams);
  EXPECT_TRUE(ReadColumn(written.tag, ColumnReaders(&readers), values));
  EXPECT_TRUE(std::ranges::all_of(readers, &ByteReader::done));
  readers = ReadersOf(written.streams);
  EXPECT_TRUE(SkipColumn(written.tag, ColumnReaders(&readers), count));
  EXPECT_TRUE(std::ranges::all_of(readers, &ByteReader::done));
  ExpectCells(written.tag, written.streams.all(), values, true);
  const std::array<std::string, kStreams> longer = WithMoreBehind(written.streams);
  for (size_t i = 0; i < kStreams; ++i) readers[i] = ByteReader(longer[i]);
  std::vector<int64_t> again(count);
  EXPECT_TRUE(ReadColumn(written.tag, ColumnReaders(&readers), again));
  EXPECT_EQ(again, values);
  ExpectCells(written.tag, longer, values, true);
  return values;
}

TEST(ColumnTest, AConstantYearTakesOneValue) {
  const std::vector<int64_t> values(12, 400);
  EXPECT_EQ(Write(values).Of(Stream::kConstants), "\x08");  // zigzag of 4, for 400 = 4 * 10^2
  EXPECT_EQ(Write(values).bytes(), 1u);
  EXPECT_EQ(ReadBack(Write(values), 12), values);
}

TEST(ColumnTest, AYearOfZerosTakesItsTagOnly) {
  const std::vector<int64_t> values(12, 0);
  EXPECT_EQ(Write(values).tag, 7 << 2);
  EXPECT_EQ(Write(values).bytes(), 0u);
  EXPECT_EQ(ReadBack(Write(values), 12), values);
}

TEST(ColumnTest, AStepTakesTwoRuns) {
  const std::vector<int64_t> values = {3, 3, 3, 3, 3, 3, 2, 2, 2, 2, 2, 2};
  EXPECT_EQ(Write(values).Of(Stream::kSteps), "\x06\x01");
  EXPECT_EQ(Write(values).Of(Stream::kLengths), "\x05\x05");
  EXPECT_EQ(Write(values).bytes(), 4u);
  EXPECT_EQ(ReadBack(Write(values), 12), values);
}

TEST(ColumnTest, RoundAmountsAreWrittenWithoutTheirZeros) {
  const std::vector<int64_t> values = {330'000, 0, 410'000, 120'000};
  EXPECT_LE(Write(values).bytes(), 5u);
  EXPECT_EQ(ReadBack(Write(values), 4), values);
}

TEST(ColumnTest, HalvesOfRoundAmountsTakeNoMoreThanRoundOnes) {
  const std::vector<int64_t> values = {35'000, 0, 40'000, 15'000, 25'000, 5'000, 30'000, 10'000};
  EXPECT_EQ(Write(values).tag, 0x80 | 3 << 2 | 3);  // packed, by 5 * 10^3
  EXPECT_EQ(Write(values).bytes(), 7u);             // the least, the width, 8 times 4 bits
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

// The tag that a column of several values has to have, worked out number by number.
uint8_t TagOf(std::vector<int64_t> values) {
  uint8_t exponent = 0;
  const auto are_multiples = [&](int64_t of) {
    return std::ranges::all_of(values, [&](int64_t value) { return value % of == 0; });
  };
  for (; exponent < 6 && are_multiples(10); ++exponent) {
    for (int64_t& value : values) value /= 10;
  }
  size_t deltas = 0;
  size_t runs = 1;
  for (size_t i = 1; i < values.size(); ++i) runs += values[i] != values[i - 1] ? 1 : 0;
  const bool are_fives = runs >= 4 && are_multiples(5);
  for (int64_t& value : values) value /= are_fives ? 5 : 1;
  size_t of_runs = 0;
  int64_t before = 0;
  for (size_t i = 0; i < values.size();) {
    size_t end = i + 1;
    while (end < values.size() && values[end] == values[i]) ++end;
    const size_t step = VarintBytes(ZigZag(values[i] - before));
    of_runs += step + VarintBytes(end - i - 1);
    deltas += step + (end - i - 1);
    before = values[i];
    i = end;
  }
  const auto [least, most] = std::ranges::minmax(values);
  const auto width = static_cast<size_t>(std::bit_width(static_cast<uint64_t>(most - least)));
  const size_t packed = VarintBytes(ZigZag(least)) + 1 + (values.size() * width + 7) / 8;
  const int coding = packed < std::min(of_runs, deltas) ? 3 : of_runs < deltas ? 2 : 1;
  return static_cast<uint8_t>(coding | exponent << 2 | (are_fives ? 0x80 : 0));
}

TEST(ColumnTest, GivesBackRandomColumnsInTheirShortestForm) {
  std::mt19937_64 random(7);
  for (int round = 0; round < 20'000; ++round) {
    std::vector<int64_t> values(1 + random() % (round % 100 == 0 ? 366 : 14));
    const int64_t span = int64_t{1} << (random() % 40);
    const int64_t unit = std::array<int64_t, 4>{1, 50, 100, 1'000'000}[random() % 4];
    for (int64_t& value : values) {
      value = (static_cast<int64_t>(random() % static_cast<uint64_t>(span)) - span / 2) * unit;
      value = std::clamp(value, -kMaxScaledValue, kMaxScaledValue);
      if (random() % 3 == 0 && &value != values.data()) value = *(&value - 1);
    }
    ASSERT_EQ(ReadBack(Write(values), values.size()), values) << "round " << round;
    if (std::ranges::adjacent_find(values, std::not_equal_to<>()) == values.end()) continue;
    ASSERT_EQ(Write(values).tag, TagOf(values)) << "round " << round;
  }
}

TEST(ColumnTest, GivesBackNumbersOfEveryWidth) {
  std::mt19937_64 random(11);
  for (size_t width = 1; width <= 39; ++width) {
    for (const size_t count : {2, 7, 8, 9, 12, 16, 31, 366}) {
      std::vector<int64_t> values(count);
      for (int64_t& value : values) value = static_cast<int64_t>(random() >> (64 - width)) - 3;
      ASSERT_EQ(ReadBack(Write(values), count), values) << width << " bits, " << count;
    }
  }
}

TEST(ColumnTest, BytesOfOneKindGoToOneStream) {
  ColumnStreams streams;
  EXPECT_EQ(WriteColumn(std::vector<int64_t>(12, 7), &streams) & 3, 0);
  EXPECT_EQ(WriteColumn(std::vector<int64_t>{3, 3, 3, 3, 3, 3, 2, 2, 2, 2, 2, 2}, &streams) & 3, 2);
  EXPECT_EQ(WriteColumn(std::vector<int64_t>{1, 2, 4, 7}, &streams) & 3, 1);
  EXPECT_EQ(
      WriteColumn(std::vector<int64_t>{311, 308, 314, 309, 312, 313, 310, 311, 308, 315, 309, 314},
                  &streams) &
          3,
      3);
  EXPECT_EQ(streams[Stream::kConstants], "\x0E");
  EXPECT_EQ(streams[Stream::kSteps], "\x06\x01\x02\x02\x04\x06");
  EXPECT_EQ(streams[Stream::kLengths], "\x05\x05");
  EXPECT_EQ(streams[Stream::kLows], "\x68");  // of zigzag of 308, 616
  EXPECT_EQ(streams[Stream::kHighs], "\x02");
  EXPECT_EQ(streams[Stream::kWidths], "\x03");
  EXPECT_EQ(streams[Stream::kBits].size(), 5u);
}

TEST(ColumnTest, RefusesStreamsCutShort) {
  const std::vector<std::vector<int64_t>> columns = {
      {500}, {1, 2, 4, 7}, {0, 0, 0, 9, 9, 9, 9, 9}, {81'231, 43'212, 77'777, 12'345, 99'999}};
  for (const std::vector<int64_t>& values : columns) {
    const Written written = Write(values);
    for (size_t stream = 0; stream < kStreams; ++stream) {
      for (size_t size = 0; size < written.streams.all()[stream].size(); ++size) {
        Written cut = written;
        cut.streams[static_cast<Stream>(stream)].resize(size);
        std::vector<int64_t> out(values.size());
        EXPECT_FALSE(Read(cut, out)) << size << " bytes";
        std::array<ByteReader, kStreams> readers = ReadersOf(cut.streams);
        EXPECT_FALSE(SkipColumn(cut.tag, ColumnReaders(&readers), values.size()));
      }
    }
  }
}

// Whatever the tag and the bytes are, what is read lies within the limit, and nothing behind the
// streams is touched.
TEST(ColumnTest, GarbageIsRefusedOrReadWithinTheLimit) {
  std::mt19937_64 random(5);
  int refused = 0;
  int read = 0;
  for (int round = 0; round < 50'000; ++round) {
    Written garbage{static_cast<uint8_t>(random() % 256), {}};
    for (size_t stream = 0; stream < kStreams; ++stream) {
      // Of its own allocation, so that reading past it is seen.
      std::string& bytes = garbage.streams[static_cast<Stream>(stream)];
      bytes.resize(random() % 40);
      for (char& byte : bytes) byte = static_cast<char>(random() % (round % 2 == 0 ? 256 : 8));
    }
    std::vector<int64_t> out(1 + random() % 30);
    std::array<ByteReader, kStreams> readers = ReadersOf(garbage.streams);
    static_cast<void>(SkipColumn(garbage.tag, ColumnReaders(&readers), out.size()));
    if (!Read(garbage, out)) {
      ++refused;
      continue;
    }
    ++read;
    for (const int64_t value : out) ASSERT_LE(std::abs(value), kMaxScaledValue);
  }
  EXPECT_GT(refused, 1'000);
  EXPECT_GT(read, 1'000);
}

TEST(ColumnTest, RefusesWhatItNeverWrites) {
  std::vector<int64_t> out(2);
  const auto reads = [&](uint8_t tag, Stream stream, std::string bytes) {
    Written written{tag, {}};
    written.streams[Stream::kLows] = written.streams[Stream::kHighs] = std::string("\0", 1);
    written.streams[Stream::kBits] = std::string(20, '\xff');
    written.streams[Stream::kWidths] = "\x01";
    written.streams[Stream::kLengths] = std::string(20, '\0');
    written.streams[stream] = std::move(bytes);
    return Read(written, out);
  };
  for (const int coding : {1, 2, 3}) {
    EXPECT_FALSE(reads(static_cast<uint8_t>(7 << 2 | coding), Stream::kSteps, "\x02\x02"));
    EXPECT_TRUE(reads(static_cast<uint8_t>(6 << 2 | coding), Stream::kSteps, "\x02\x02"));
  }
  EXPECT_FALSE(reads(0x80 | 7 << 2, Stream::kSteps, ""));  // five times 0
  EXPECT_FALSE(reads(2, Stream::kLengths, "\x02"));        // a run past the end
  EXPECT_FALSE(reads(3, Stream::kWidths, "\x39"));         // 57 bits
  EXPECT_FALSE(reads(3, Stream::kWidths, std::string("\0", 1)));
  EXPECT_TRUE(reads(3, Stream::kWidths, "\x02"));
  // A least value of more than 64 bits.
  EXPECT_FALSE(reads(3, Stream::kHighs, "\x80\x80\x80\x80\x80\x80\x80\x80\x01"));
  // 900,000,000,001, and 900,000,000 * 10^6.
  std::string bytes;
  AppendZigZag(kMaxScaledValue + 1, &bytes);
  EXPECT_FALSE(reads(0, Stream::kConstants, bytes));
  bytes.clear();
  AppendZigZag(900'000'000, &bytes);
  EXPECT_FALSE(reads(6 << 2, Stream::kConstants, bytes));
  EXPECT_TRUE(reads(3 << 2, Stream::kConstants, bytes));
}

// Version 1 had one stream, and no tag for zeros.
TEST(ColumnTest, ReadsOneStreamAsVersionOneWroteIt) {
  std::vector<int64_t> out(4);
  const auto read = [&](uint8_t tag, std::string_view bytes) {
    ByteReader body(bytes);
    return ReadColumn(tag, ColumnReaders(&body), out) && body.done() ? out : std::vector<int64_t>();
  };
  EXPECT_EQ(read(2 << 2, "\x08"), std::vector<int64_t>(4, 400));
  EXPECT_EQ(read(1, "\x02\x02\x04\x06"), (std::vector<int64_t>{1, 2, 4, 7}));
  EXPECT_EQ(read(2, std::string_view("\x06\x02\x01\x00", 4)), (std::vector<int64_t>{3, 3, 3, 2}));
  EXPECT_EQ(read(3, "\xE8\x04\x02\xE4"), (std::vector<int64_t>{308, 309, 310, 311}));
  EXPECT_EQ(read(7 << 2, ""), std::vector<int64_t>());
}

}  // namespace
}  // namespace shouwang
