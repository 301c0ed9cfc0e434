#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "storage/blocks/block_format.h"
#include "storage/blocks/block_writer.h"
#include "storage/blocks/compression.h"
#include "tests/storage/blocks/old_block.h"
#include "tests/storage/blocks/sample.h"

namespace shouwang {
namespace {

using testing::HasSubstr;

// Two households, one of them corrected in June and asked twice on one date.
std::string SampleBlock() {
  std::vector<Observation> observations;
  for (const uint32_t household : {17, 18}) {
    for (int month = 1; month <= 12; ++month) {
      const Date date = Date::LastOf(Month::OfIndex((2026 - 1970) * 12 + month - 1));
      const Arrival arrival = ArrivalAt(1'700'000'000'000 + month, static_cast<uint64_t>(month));
      for (IndicatorId indicator = 1; indicator <= 4; ++indicator) {
        observations.push_back({{kVillage, SubjectKind::kHousehold, household},
                                indicator,
                                date,
                                indicator * 1000 + month * (indicator - 1) * household,
                                arrival});
      }
    }
  }
  return Fold(
      KeyOf(2026),
      {Operand(KeyOf(2026), observations),
       Operand(KeyOf(2026), {Observe(18, 3, "2026-06-30", 5, ArrivalAt(1'800'000'000'000, 99))})});
}

// What a block's head was before it was compressed, and the bits behind it.
std::pair<std::string, std::string> HeadAndBits(const std::string& block) {
  EXPECT_EQ(static_cast<uint8_t>(block[0]), kBlockVersion);
  ByteReader in(std::string_view(block).substr(1, block.size() - 1 - kChecksumBytes));
  std::vector<char> head;
  EXPECT_TRUE(Decompress(in.LengthAndBytes(), kMostHeadBytes, &head));
  return {std::string(head.begin(), head.end()), std::string(in.Bytes(in.remaining()))};
}

std::string BlockOf(const std::string& head, const std::string& bits) {
  std::string block(1, static_cast<char>(kBlockVersion));
  AppendBytes(Compress(head), &block);
  block += bits;
  Seal(0, &block);
  return block;
}

TEST(BlockTest, IsWrittenAsDocumented) {
  const std::string block =
      Block(KeyOf(2026), {Observe(17, 2, "2026-01-03", 5), Observe(17, 7, "2026-01-03", -1),
                          Observe(19, 2, "2026-01-03", 6), Observe(19, 7, "2026-01-03", 0)});
  const std::string expected(
      "\x01\xE0\x5D\x8F\x4E\x02\x02"      // known_at 6000, reported 5000 before, batch 1, a visit
      "\x01\x01\x02\x00"                  // one axis: 3 January
      "\x01\x02\x02\x05"                  // one set: 2, 7
      "\x02\x11\x01\x13\x00\x00\x00\x00"  // households 17 and 19, their axes and sets
      "\x00\x00\x03\x00\x00\x00\x00"      // three constants, nothing else
      "\x00\x00\x00\x1C"                  // tags of 2, of 7: the last is all zeros
      "\x0A\x01\x0C",
      37);
  EXPECT_EQ(HeadAndBits(block), std::pair(expected, std::string()));
  EXPECT_EQ(block, BlockOf(expected, ""));
}

// What cannot be compressed is written as version 4 was.
TEST(BlockTest, AHeadThatIsTooLongIsNotCompressed) {
  const std::vector<std::string> parts = {Operand(KeyOf(2026), OldSample()),
                                          Operand(KeyOf(2026), {OldCorrection()})};
  const std::vector<std::string_view> views(parts.begin(), parts.end());
  PileReader pile;
  ASSERT_TRUE(pile.Open(views, KeyOf(2026), DateRange{}).ok());
  const auto written = [&](size_t most_head_bytes) {
    BlockWriter writer(KeyOf(2026));
    for (const uint8_t low : {uint8_t{17}, uint8_t{18}}) {
      History history(KeyOf(2026).group.At(low));
      EXPECT_TRUE(pile.Read(low, &history).ok());
      writer.Add(low, history);
    }
    return writer.Finish(most_head_bytes);
  };
  const std::string block = Fold(KeyOf(2026), parts);
  const size_t head_bytes = HeadAndBits(block).first.size();
  EXPECT_EQ(written(head_bytes), block);
  EXPECT_EQ(written(head_bytes - 1), UncompressedBlock());
}

// Twelve numbers of four bits: 6, 13, 4, 11, 2, 9, 0, 7, 14, 5, 12, 3 more than 1001.
TEST(BlockTest, BitsStandBehindTheCompressedHead) {
  std::vector<Observation> observations;
  for (int month = 1; month <= 12; ++month) {
    const Date date = Date::LastOf(Month::OfIndex((2026 - 1970) * 12 + month - 1));
    observations.push_back(Observe(17, 2, date.ToString(), 1000 + month * 7 % 16));
  }
  const std::string block = Block(KeyOf(2026), observations);
  const auto [head, bits] = HeadAndBits(block);
  EXPECT_EQ(bits, "\xD6\xB4\x92\x70\x5E\x3C");
  EXPECT_EQ(block, BlockOf(head, bits));
}

TEST(BlockTest, OneOfAnOldVersionIsReadAndFoldedIntoOneOfToday) {
  for (const auto& [version, old] :
       {std::pair('\x01', OldBlock()), {'\x04', UncompressedBlock()}}) {
    ASSERT_EQ(old[0], version);
    std::vector<std::string> parts = {Operand(KeyOf(2026), OldSample()),
                                      Operand(KeyOf(2026), {OldCorrection()})};
    const absl::StatusOr<Cells> cells = ReadAll(KeyOf(2026), old);
    ASSERT_TRUE(cells.ok()) << cells.status();
    EXPECT_EQ(cells->size(), 104u);
    EXPECT_EQ(*cells, *ReadAll(KeyOf(2026), parts));
    const std::string today = Fold(KeyOf(2026), {old});
    EXPECT_EQ(today, Fold(KeyOf(2026), parts));
    EXPECT_EQ(today[0], '\x05');
    const std::string more = Operand(KeyOf(2026), {Observe(17, 2, "2026-01-31", 7)});
    parts.push_back(more);
    EXPECT_EQ(*ReadAll(KeyOf(2026), {old, more}), *ReadAll(KeyOf(2026), parts));
  }
}

TEST(BlockTest, DamageToOneOfAnOldVersionIsDataLoss) {
  for (const std::string& old : {OldBlock(), UncompressedBlock()}) {
    for (size_t size = 0; size < old.size(); ++size) {
      ASSERT_EQ(ReadAll(KeyOf(2026), old.substr(0, size)).status().code(),
                absl::StatusCode::kDataLoss);
    }
    for (size_t at = 0; at < old.size(); ++at) {
      std::string damaged = old;
      damaged[at] = static_cast<char>(damaged[at] ^ 0x11);
      ASSERT_EQ(ReadAll(KeyOf(2026), damaged).status().code(), absl::StatusCode::kDataLoss) << at;
    }
  }
}

// 250 households, each with its own year.
std::vector<Observation> ManyHouseholds(std::mt19937_64* random) {
  std::vector<Observation> observations;
  for (uint32_t household = 1; household <= 250; ++household) {
    for (int month = 1; month <= 12; ++month) {
      for (IndicatorId indicator = 1; indicator <= 6; ++indicator) {
        if ((*random)() % 50 == 0) continue;
        const auto drawn = static_cast<int64_t>((*random)() % 1'000);
        const int64_t value = indicator <= 2 ? drawn : indicator == 3 ? drawn / 900 : household % 3;
        observations.push_back(Observe(household, indicator, "2026-01-31", value));
        observations.back().date = Date::LastOf(Month::OfIndex((2026 - 1970) * 12 + month - 1));
      }
    }
  }
  return observations;
}

// The streams are gone through from the waypoint before, or from where the last one ended.
TEST(BlockTest, SubjectsAreReadInAnyOrder) {
  std::mt19937_64 random(3);
  const std::vector<Observation> observations = ManyHouseholds(&random);
  const std::string block = Block(KeyOf(2026), observations);
  Cells expected;
  for (const Observation& observation : observations) Put(observation, &expected);
  EXPECT_EQ(*ReadAll(KeyOf(2026), block), expected);
  BlockReader reader;
  ASSERT_TRUE(reader.Open(block, KeyOf(2026)).ok());
  for (int i = 0; i < 300; ++i) {
    const size_t index = random() % 250;
    History history(KeyOf(2026).group.At(reader.At(index)));
    ASSERT_TRUE(reader.Read(index, DateRange{}, &history).ok());
    ASSERT_GT(history.PointCount(), 50u);
    for (const IndicatorId indicator : history.indicators()) {
      for (const Point& point : history.Of(indicator)) {
        ASSERT_EQ(point.value, expected.at({history.subject(), indicator, point.date}).first);
      }
    }
  }
}

TEST(BlockTest, GivesBackWhatWasWritten) {
  const std::string block = SampleBlock();
  const absl::StatusOr<Cells> cells = ReadAll(KeyOf(2026), block);
  ASSERT_TRUE(cells.ok()) << cells.status();
  EXPECT_EQ(cells->size(), 96u);
  const Subject household{kVillage, SubjectKind::kHousehold, 18};
  EXPECT_EQ(cells->at({household, 3, *Date::Parse("2026-06-30")}),
            std::pair(int64_t{5}, ArrivalAt(1'800'000'000'000, 99)));
  EXPECT_EQ(cells->at({household, 4, *Date::Parse("2026-06-30")}),
            std::pair(int64_t{4324}, ArrivalAt(1'700'000'000'006, 6)));
}

TEST(BlockTest, ReadsOneSubjectAndOneRangeOnly) {
  const std::string block = SampleBlock();
  BlockReader reader;
  ASSERT_TRUE(reader.Open(block, KeyOf(2026)).ok());
  ASSERT_EQ(reader.Find(18), 1u);
  EXPECT_EQ(reader.At(1), 18);
  EXPECT_EQ(reader.Find(19), std::nullopt);
  History history(KeyOf(2026).group.At(18));
  const DateRange range{*Date::Parse("2026-05-31"), *Date::Parse("2026-07-30")};
  ASSERT_TRUE(reader.Read(1, range, &history).ok());
  EXPECT_EQ(std::vector(history.dates().begin(), history.dates().end()),
            (std::vector<Date>{*Date::Parse("2026-05-31"), *Date::Parse("2026-06-30")}));
  EXPECT_EQ(history.PointCount(), 8u);
}

TEST(BlockTest, ALeapDayAndBothEndsOfTheYearAreKept) {
  const std::string block =
      Block(KeyOf(2024), {Observe(1, 1, "2024-01-01", 1), Observe(1, 1, "2024-02-29", 2),
                          Observe(1, 1, "2024-12-31", 3)});
  const absl::StatusOr<Cells> cells = ReadAll(KeyOf(2024), block);
  ASSERT_TRUE(cells.ok()) << cells.status();
  const Subject household{kVillage, SubjectKind::kHousehold, 1};
  EXPECT_EQ(cells->at({household, 1, *Date::Parse("2024-02-29")}).first, 2);
  EXPECT_EQ(cells->at({household, 1, *Date::Parse("2024-12-31")}).first, 3);
}

TEST(BlockTest, EveryTruncationIsDataLoss) {
  const std::string block = SampleBlock();
  for (size_t size = 0; size < block.size(); ++size) {
    const absl::StatusOr<Cells> cells = ReadAll(KeyOf(2026), block.substr(0, size));
    ASSERT_EQ(cells.status().code(), absl::StatusCode::kDataLoss) << size << " bytes";
  }
  EXPECT_THAT(std::string(ReadAll(KeyOf(2026), block.substr(0, 50)).status().message()),
              HasSubstr("block 520502001001 household 0 to 255, 2026 is damaged: the checksum does "
                        "not match, at byte 46"));
}

TEST(BlockTest, EveryFlippedByteIsDataLoss) {
  const std::string block = SampleBlock();
  for (size_t at = 0; at < block.size(); ++at) {
    for (const int flip : {0x01, 0x80, 0xff}) {
      std::string damaged = block;
      damaged[at] = static_cast<char>(damaged[at] ^ flip);
      ASSERT_EQ(ReadAll(KeyOf(2026), damaged).status().code(), absl::StatusCode::kDataLoss)
          << "byte " << at;
    }
  }
}

// The checksum hides damage from the rest of the reader; here the reader has to find it alone, and
// may at worst give other numbers. Returns whether it found it.
bool FindsOrSurvives(const std::string& damaged, size_t most_cells) {
  const absl::StatusOr<Cells> cells = ReadAll(KeyOf(2026), damaged);
  if (cells.ok()) {
    EXPECT_LE(cells->size(), most_cells);
    return false;
  }
  EXPECT_EQ(cells.status().code(), absl::StatusCode::kDataLoss);
  return true;
}

TEST(BlockTest, DamageUnderAValidChecksumNeverCrashes) {
  for (const std::string& block : {SampleBlock(), UncompressedBlock(), OldBlock()}) {
    int found = 0;
    for (size_t at = 0; at + kChecksumBytes < block.size(); ++at) {
      for (int byte = 0; byte < 256; ++byte) {
        std::string damaged = block;
        damaged[at] = static_cast<char>(byte);
        Reseal(&damaged);
        found += FindsOrSurvives(damaged, 250) ? 1 : 0;
      }
    }
    EXPECT_GT(found, 1000);
    for (size_t size = 1; size + kChecksumBytes < block.size(); ++size) {
      std::string damaged = block.substr(0, size + kChecksumBytes);
      Reseal(&damaged);
      ASSERT_EQ(ReadAll(KeyOf(2026), damaged).status().code(), absl::StatusCode::kDataLoss) << size;
    }
  }
}

TEST(BlockTest, BitsThatDoNotGoWithTheHeadAreDataLoss) {
  std::mt19937_64 random(13);
  const auto [head, bits] = HeadAndBits(Block(KeyOf(2026), ManyHouseholds(&random)));
  ASSERT_TRUE(ReadAll(KeyOf(2026), BlockOf(head, bits)).ok());
  for (const std::string& other : {bits.substr(1), bits + 'x', std::string()}) {
    EXPECT_EQ(ReadAll(KeyOf(2026), BlockOf(head, other)).status().code(),
              absl::StatusCode::kDataLoss);
  }
  const absl::Status status = ReadAll(KeyOf(2026), BlockOf(head.substr(0, 3), bits)).status();
  EXPECT_THAT(std::string(status.message()), HasSubstr("at byte"));
}

// Each subject may have an axis and a set of its own, and no block has more.
TEST(BlockTest, MoreTablesThanSubjectsAreDataLoss) {
  const std::string arrival("\x01\x00\x00\x00\x01", 5);
  const std::string axes = "\x81\x02" + std::string(257, '\0');
  EXPECT_THAT(std::string(ReadAll(KeyOf(2026), BlockOf(arrival + axes, "")).status().message()),
              HasSubstr("bad axes"));
  const std::string axis("\x01\x01\x02\x00", 4);
  EXPECT_THAT(
      std::string(ReadAll(KeyOf(2026), BlockOf(arrival + axis + axes, "")).status().message()),
      HasSubstr("bad indicator sets"));
}

// Of a block with waypoints, bitmaps and every coding, before its head is compressed: bytes are
// changed, inserted, taken out and swapped between places, some at a time.
TEST(BlockTest, ManyDamagesUnderAValidChecksumNeverCrash) {
  std::mt19937_64 random(13);
  const auto [head, bits] = HeadAndBits(Block(KeyOf(2026), ManyHouseholds(&random)));
  int found = 0;
  for (int round = 0; round < 600; ++round) {
    std::string damaged = head + bits;
    for (uint64_t edit = 0; edit <= random() % 4; ++edit) {
      // As often in the tables at the front as in all that follows.
      const size_t at = 1 + random() % (random() % 2 == 0 ? 200 : damaged.size() - 1);
      switch (random() % 4) {
        case 0:
          damaged[at] = static_cast<char>(random());
          break;
        case 1:
          damaged.insert(at, 1 + random() % 3, static_cast<char>(random()));
          break;
        case 2:
          damaged.erase(at, 1 + random() % 3);
          break;
        default:
          std::swap(damaged[at], damaged[1 + random() % (damaged.size() - 1)]);
      }
    }
    const size_t in_head = std::min(head.size(), damaged.size());
    damaged = BlockOf(damaged.substr(0, in_head), damaged.substr(in_head));
    found += FindsOrSurvives(damaged, size_t{250} * 6 * 366) ? 1 : 0;
  }
  EXPECT_GT(found, 300);
}

TEST(BlockTest, ANewerFormatIsNamed) {
  std::string block = SampleBlock();
  block[0] = 9;
  EXPECT_THAT(std::string(ReadAll(KeyOf(2026), block).status().message()),
              HasSubstr("format version 9, not 5"));
}

}  // namespace
}  // namespace shouwang
