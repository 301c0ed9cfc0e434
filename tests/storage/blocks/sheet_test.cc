#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "storage/blocks/pile.h"
#include "storage/blocks/sheet_reader.h"
#include "storage/vocabulary/decimal.h"
#include "tests/storage/blocks/sample.h"

namespace shouwang {
namespace {

using testing::HasSubstr;

constexpr std::string_view kDay = "2026-06-30";

std::vector<std::string_view> PartsOf(std::string_view pile) {
  std::vector<std::string_view> parts;
  SplitPile(pile, &parts);
  return parts;
}

// Three neighbours with the same indicators, and one further on that lacks one of them.
std::string SampleSheet() {
  std::vector<Observation> observations;
  for (const uint32_t household : {17, 18, 19, 40}) {
    for (IndicatorId indicator = 1; indicator <= 4; ++indicator) {
      if (household == 40 && indicator == 3) continue;
      observations.push_back(
          Observe(household, indicator, kDay, indicator == 4 ? 7 : household * 1'000 - indicator));
    }
  }
  return Operand(KeyOf(2026), observations);
}

TEST(SheetTest, IsWrittenAsDocumented) {
  const std::string sheet =
      Operand(KeyOf(2026), {Observe(17, 2, "2026-01-03", 5), Observe(17, 7, "2026-01-03", -1),
                            Observe(18, 2, "2026-01-03", 5), Observe(18, 7, "2026-01-03", 1),
                            Observe(19, 7, "2026-01-03", 2)});
  const std::string expected(
      "\x02\x02"                  // version, 3 January
      "\xE0\x5D\x8F\x4E\x02\x02"  // known_at 6000, reported 5000 before, batch 1, a visit
      "\x03\x11\x00"              // three subjects from 17 on
      "\x02\x02\x05"              // indicators 2 and 7
      "\x80\x0A\x03"              // all of 2 are 5, of the first two subjects
      "\x02\x01\x38",             // 7: two bits a value, from -1 on: 0, 2, 3
      20);
  EXPECT_EQ(sheet.substr(0, sheet.size() - kChecksumBytes), expected);
  EXPECT_TRUE(IsSealed(sheet));
}

TEST(SheetTest, AVillagesMonthIsOneSheet) {
  std::vector<Observation> observations;
  for (uint32_t household = 1; household <= 250; ++household) {
    for (IndicatorId indicator = 1; indicator <= 20; ++indicator) {
      observations.push_back(Observe(household, indicator, kDay, household % (indicator * 3)));
    }
  }
  const std::string sheet = Operand(KeyOf(2026), observations);
  EXPECT_EQ(PartsOf(sheet).size(), 1u);
  SheetReader reader;
  ASSERT_TRUE(reader.Open(sheet, KeyOf(2026)).ok());
  EXPECT_EQ(reader.size(), 250u);
  EXPECT_EQ(reader.date(), *Date::Parse(kDay));
  ASSERT_EQ(reader.Find(250), 249u);
  EXPECT_EQ(reader.ValueAt(19, 249), 250 % 60);
  EXPECT_EQ(reader.Find(0), std::nullopt);
  EXPECT_EQ(reader.Find(251), std::nullopt);
}

TEST(SheetTest, DatesAndArrivalsHaveSheetsOfTheirOwn) {
  const Arrival visit = ArrivalAt(1'000, 1);
  const Arrival screening = ArrivalAt(2'000, 2);
  const std::vector<Observation> observations = {
      Observe(1, 1, "2026-01-31", 1, visit), Observe(1, 1, "2026-02-28", 2, visit),
      Observe(2, 1, "2026-01-31", 3, visit), Observe(2, 2, "2026-01-31", 4, screening)};
  const std::string operand = Operand(KeyOf(2026), observations);
  std::vector<std::pair<Date, size_t>> sheets;
  for (const std::string_view part : PartsOf(operand)) {
    SheetReader reader;
    ASSERT_TRUE(reader.Open(part, KeyOf(2026)).ok());
    sheets.emplace_back(reader.date(), reader.size());
  }
  // The second report of one date comes behind, so that it would replace the first.
  EXPECT_EQ(sheets, (std::vector<std::pair<Date, size_t>>{{*Date::Parse("2026-01-31"), 2},
                                                          {*Date::Parse("2026-02-28"), 1},
                                                          {*Date::Parse("2026-01-31"), 1}}));
  Cells expected;
  for (const Observation& observation : observations) Put(observation, &expected);
  EXPECT_EQ(*ReadAll(KeyOf(2026), operand), expected);
}

TEST(SheetTest, OfOneCellTwiceTheLaterStands) {
  const std::string operand =
      Operand(KeyOf(2026), {Observe(1, 1, kDay, 1), Observe(1, 2, kDay, 2), Observe(1, 1, kDay, 3),
                            Observe(1, 1, kDay, 4, ArrivalAt(9, 9)), Observe(1, 2, kDay, 5)});
  const Cells cells = *ReadAll(KeyOf(2026), operand);
  const Subject household{kVillage, SubjectKind::kHousehold, 1};
  EXPECT_EQ(cells.at({household, 1, *Date::Parse(kDay)}), std::pair(int64_t{4}, ArrivalAt(9, 9)));
  EXPECT_EQ(cells.at({household, 2, *Date::Parse(kDay)}).first, 5);
}

// 250 households with 40 indicators each, none in common: a table of all would be 2.5 M places.
TEST(SheetTest, SubjectsWithNothingInCommonTakeNoSharedTable) {
  std::vector<Observation> observations;
  Cells expected;
  for (uint32_t household = 1; household <= 250; ++household) {
    for (uint32_t i = 0; i < 40; ++i) {
      observations.push_back(
          Observe(household, static_cast<IndicatorId>(household * 40 + i), kDay, i));
      Put(observations.back(), &expected);
    }
  }
  const std::string operand = Operand(KeyOf(2026), observations);
  EXPECT_EQ(PartsOf(operand).size(), 250u);
  EXPECT_LT(operand.size(), 40'000u);
  EXPECT_EQ(*ReadAll(KeyOf(2026), operand), expected);
}

TEST(SheetTest, GivesBackEveryValueWithinTheLimit) {
  const std::vector<int64_t> values = {kMaxScaledValue, -kMaxScaledValue,   0, 1, -1,
                                       36'028'797,      kMaxScaledValue - 1};
  for (const int64_t a : values) {
    for (const int64_t b : values) {
      std::vector<Observation> observations;
      Cells expected;
      for (uint32_t household = 1; household <= 9; ++household) {
        observations.push_back(Observe(household, 3, kDay, household % 2 == 0 ? a : b));
        Put(observations.back(), &expected);
      }
      ASSERT_EQ(*ReadAll(KeyOf(2026), Operand(KeyOf(2026), observations)), expected)
          << a << " and " << b;
    }
  }
}

// ReadAll reads subject by subject and into a window, and holds one to the other.
TEST(SheetTest, GivesBackNumbersOfEveryWidth) {
  std::mt19937_64 random(13);
  for (size_t width = 0; width <= 39; ++width) {
    for (const uint32_t households : {1, 7, 8, 9, 64, 255}) {
      std::vector<Observation> observations;
      Cells expected;
      for (uint32_t household = 1; household <= households; ++household) {
        const auto value = static_cast<int64_t>(width == 0 ? 0 : random() >> (64 - width)) - 3;
        for (IndicatorId indicator = 3; indicator <= 4;
             ++indicator) {  // bits behind those of 3, too
          observations.push_back(Observe(household, indicator, kDay, value));
          Put(observations.back(), &expected);
        }
      }
      ASSERT_EQ(*ReadAll(KeyOf(2026), Operand(KeyOf(2026), observations)), expected)
          << width << " bits, " << households;
    }
  }
}

TEST(SheetTest, EveryTruncationIsDataLoss) {
  const std::string sheet = SampleSheet();
  SheetReader reader;
  for (size_t size = 0; size < sheet.size(); ++size) {
    ASSERT_EQ(reader.Open(sheet.substr(0, size), KeyOf(2026)).code(), absl::StatusCode::kDataLoss)
        << size << " bytes";
  }
  EXPECT_THAT(std::string(ReadAll(KeyOf(2026), sheet.substr(0, 30)).status().message()),
              HasSubstr("block 520502001001 household 0 to 255, 2026 is damaged: a sheet has no "
                        "checksum that matches at byte 30"));
}

TEST(SheetTest, EveryFlippedByteIsDataLoss) {
  const std::string sheet = SampleSheet();
  for (size_t at = 0; at < sheet.size(); ++at) {
    for (const int flip : {0x01, 0x80, 0xff}) {
      std::string damaged = sheet;
      damaged[at] = static_cast<char>(damaged[at] ^ flip);
      ASSERT_EQ(ReadAll(KeyOf(2026), damaged).status().code(), absl::StatusCode::kDataLoss)
          << "byte " << at;
    }
  }
}

// The checksum hides damage from the rest of the reader; here the reader has to find it alone, and
// may at worst give other numbers.
TEST(SheetTest, DamageUnderAValidChecksumNeverCrashes) {
  const std::string sheet = SampleSheet();
  int found = 0;
  for (size_t at = 0; at + kChecksumBytes < sheet.size(); ++at) {
    for (int byte = 0; byte < 256; ++byte) {
      std::string damaged = sheet;
      damaged[at] = static_cast<char>(byte);
      Reseal(&damaged);
      const absl::StatusOr<Cells> cells = ReadAll(KeyOf(2026), damaged);
      if (!cells.ok()) {
        ASSERT_EQ(cells.status().code(), absl::StatusCode::kDataLoss);
        ++found;
        continue;
      }
      ASSERT_LE(cells->size(), 32u);
      for (const auto& [key, cell] : *cells) ASSERT_LE(std::abs(cell.first), kMaxScaledValue);
    }
  }
  EXPECT_GT(found, 1000);
  for (size_t size = 1; size + kChecksumBytes < sheet.size(); ++size) {
    std::string damaged = sheet.substr(0, size + kChecksumBytes);
    Reseal(&damaged);
    ASSERT_EQ(ReadAll(KeyOf(2026), damaged).status().code(), absl::StatusCode::kDataLoss) << size;
  }
}

}  // namespace
}  // namespace shouwang
