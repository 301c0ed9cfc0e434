#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "storage/blocks/block_format.h"
#include "storage/blocks/checksum.h"
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
  const std::string block = Operand(KeyOf(2026), observations);
  const std::string correction =
      Operand(KeyOf(2026), {Observe(18, 3, "2026-06-30", 5, ArrivalAt(1'800'000'000'000, 99))});
  return FoldBlocks(KeyOf(2026), std::vector<std::string_view>{block, correction});
}

void Reseal(std::string* block) {
  block->resize(block->size() - kChecksumBytes);
  const uint32_t checksum = Crc32c(*block);
  for (int shift = 0; shift < 32; shift += 8) {
    block->push_back(static_cast<char>(checksum >> shift));
  }
}

TEST(BlockTest, IsWrittenAsDocumented) {
  const std::string block =
      Operand(KeyOf(2026), {Observe(17, 2, "2026-01-03", 5), Observe(17, 7, "2026-01-03", -1),
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
  const BlockReader reader = *BlockReader::Open(block, KeyOf(2026));
  ASSERT_EQ(reader.Find({kVillage, SubjectKind::kHousehold, 18}), 1u);
  EXPECT_EQ(reader.Find({kVillage, SubjectKind::kHousehold, 19}), std::nullopt);
  EXPECT_EQ(reader.Find({kVillage, SubjectKind::kSite, 18}), std::nullopt);
  EXPECT_EQ(reader.Find({kVillage, SubjectKind::kHousehold, 18 + 256}), std::nullopt);
  History history(reader.At(1));
  const DateRange range{*Date::Parse("2026-05-31"), *Date::Parse("2026-07-30")};
  ASSERT_TRUE(reader.Read(1, range, &history).ok());
  EXPECT_EQ(std::vector(history.dates().begin(), history.dates().end()),
            (std::vector<Date>{*Date::Parse("2026-05-31"), *Date::Parse("2026-06-30")}));
}

TEST(BlockTest, ALeapDayAndBothEndsOfTheYearAreKept) {
  const std::string block =
      Operand(KeyOf(2024), {Observe(1, 1, "2024-01-01", 1), Observe(1, 1, "2024-02-29", 2),
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
  block[0] = 2;
  EXPECT_THAT(std::string(ReadAll(KeyOf(2026), block).status().message()),
              HasSubstr("format version 2, not 1"));
}

TEST(FoldTest, EqualsAPlainMapInAnyGrouping) {
  std::mt19937_64 random(11);
  for (int round = 0; round < 300; ++round) {
    const BlockKey key = KeyOf(2024 + round % 2);
    Cells expected;
    std::vector<std::string> parts;
    for (uint64_t batch = 1; batch <= 1 + random() % 6; ++batch) {
      const auto observations = RandomObservations(&random, key.year, batch);
      for (const Observation& observation : observations) Put(observation, &expected);
      parts.push_back(Operand(key, observations));
    }
    const std::vector<std::string_view> views(parts.begin(), parts.end());
    const std::string at_once = FoldBlocks(key, views);
    // Neighbours are folded among themselves first, as compaction does.
    while (parts.size() > 1) {
      const size_t at = random() % (parts.size() - 1);
      parts[at] = FoldBlocks(key, std::vector<std::string_view>{parts[at], parts[at + 1]});
      parts.erase(parts.begin() + static_cast<std::ptrdiff_t>(at) + 1);
    }
    for (const std::string& block : {at_once, parts[0]}) {
      const absl::StatusOr<Cells> cells = ReadAll(key, block);
      ASSERT_TRUE(cells.ok()) << cells.status();
      ASSERT_EQ(*cells, expected) << "round " << round;
    }
  }
}

TEST(FoldTest, ReplacedValuesLeaveNothingBehind) {
  const std::string old =
      Operand(KeyOf(2026), {Observe(1, 1, "2026-03-31", 1'234'567, ArrivalAt(1'000, 1)),
                            Observe(1, 2, "2026-03-31", 7'654'321, ArrivalAt(1'000, 1))});
  const std::string now =
      Operand(KeyOf(2026), {Observe(1, 1, "2026-03-31", 5, ArrivalAt(9'000, 2)),
                            Observe(1, 2, "2026-03-31", 6, ArrivalAt(9'000, 2))});
  EXPECT_EQ(FoldBlocks(KeyOf(2026), std::vector<std::string_view>{old, now}), now);
}

TEST(FoldTest, KeepsEveryPartOfWhatDoesNotFold) {
  const std::string sound = SampleBlock();
  const std::string later = Operand(KeyOf(2026), {Observe(17, 1, "2026-08-01", 8)});
  std::string damaged = Operand(KeyOf(2026), {Observe(17, 1, "2026-07-01", 7)});
  damaged[5] = static_cast<char>(damaged[5] ^ 1);
  std::string kept = FoldBlocks(KeyOf(2026), std::vector<std::string_view>{sound, damaged});
  kept = FoldBlocks(KeyOf(2026), std::vector<std::string_view>{kept, later});
  EXPECT_EQ(ReadAll(KeyOf(2026), kept).status().code(), absl::StatusCode::kDataLoss);
  ByteReader in(kept);
  EXPECT_EQ(in.Byte(), kDamagedVersion);
  EXPECT_EQ(in.LengthAndBytes(), sound);
  EXPECT_EQ(in.LengthAndBytes(), damaged);
  EXPECT_EQ(in.LengthAndBytes(), later);
  EXPECT_TRUE(in.done());
}

}  // namespace
}  // namespace shouwang
