#include <gmock/gmock.h>
#include <gtest/gtest.h>

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

TEST(BlockTest, IsWrittenAsDocumented) {
  const std::string block =
      Block(KeyOf(2026), {Observe(17, 2, "2026-01-03", 5), Observe(17, 7, "2026-01-03", -1),
                          Observe(19, 2, "2026-01-03", 6), Observe(19, 7, "2026-01-03", 0)});
  const std::string expected(
      "\x01"                          // version
      "\x01\xE0\x5D\x8F\x4E\x02\x02"  // known_at 6000, reported 5000 before, batch 1, a visit
      "\x01\x01\x02\x00"              // one axis: 3 January
      "\x01\x02\x02\x05"              // one set: 2, 7
      "\x02\x11\x01\x00\x00\x00\x00\x04\x04"  // households 17 and 19, bodies of 4 bytes
      "\x00\x00\x0A\x01"
      "\x00\x00\x0C\x00",
      33);
  EXPECT_EQ(block.substr(0, block.size() - kChecksumBytes), expected);
  EXPECT_EQ(block.size(), expected.size() + kChecksumBytes);
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
// may at worst give other numbers.
TEST(BlockTest, DamageUnderAValidChecksumNeverCrashes) {
  const std::string block = SampleBlock();
  int found = 0;
  for (size_t at = 0; at + kChecksumBytes < block.size(); ++at) {
    for (int byte = 0; byte < 256; ++byte) {
      std::string damaged = block;
      damaged[at] = static_cast<char>(byte);
      Reseal(&damaged);
      const absl::StatusOr<Cells> cells = ReadAll(KeyOf(2026), damaged);
      if (!cells.ok()) {
        ASSERT_EQ(cells.status().code(), absl::StatusCode::kDataLoss);
        ++found;
      } else {
        ASSERT_LE(cells->size(), 200u);
      }
    }
  }
  EXPECT_GT(found, 1000);
  for (size_t size = 1; size + kChecksumBytes < block.size(); ++size) {
    std::string damaged = block.substr(0, size + kChecksumBytes);
    Reseal(&damaged);
    ASSERT_EQ(ReadAll(KeyOf(2026), damaged).status().code(), absl::StatusCode::kDataLoss) << size;
  }
}

TEST(BlockTest, ANewerFormatIsNamed) {
  std::string block = SampleBlock();
  block[0] = 9;
  EXPECT_THAT(std::string(ReadAll(KeyOf(2026), block).status().message()),
              HasSubstr("format version 9, not 1"));
}

}  // namespace
}  // namespace shouwang
