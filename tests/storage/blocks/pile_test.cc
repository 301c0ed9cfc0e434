#include "storage/blocks/pile.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

#include "storage/blocks/block_format.h"
#include "tests/storage/blocks/old_block.h"
#include "tests/storage/blocks/sample.h"

namespace shouwang {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

std::vector<std::string_view> PartsOf(std::string_view pile) {
  std::vector<std::string_view> parts;
  SplitPile(pile, &parts);
  return parts;
}

std::string Join(const std::vector<std::string_view>& piles) { return JoinPiles(piles); }

TEST(PileTest, OnePartIsItself) {
  EXPECT_EQ(Join({"\x01 a block"}), "\x01 a block");
  EXPECT_THAT(PartsOf("\x01 a block"), ElementsAre("\x01 a block"));
}

TEST(PileTest, KeepsTheOrderOfPartsHoweverTheyWereJoined) {
  const std::string left = Join({Join({"\x01"
                                       "a",
                                       "\x02"
                                       "b"}),
                                 "\x02"
                                 "c"});
  const std::string right =
      Join({"\x01"
            "a",
            Join({"\x02"
                  "b",
                  "\x02"
                  "c"})});
  EXPECT_EQ(left,
            "\x03\x02\x01"
            "a\x02\x02"
            "b\x02\x02"
            "c");
  EXPECT_EQ(left, right);
  EXPECT_THAT(PartsOf(left), ElementsAre("\x01"
                                         "a",
                                         "\x02"
                                         "b",
                                         "\x02"
                                         "c"));
  std::string appended;
  for (const std::string_view part : PartsOf(left)) AppendPart(part, &appended);
  EXPECT_EQ(appended, left);
}

TEST(PileTest, APileWhoseLengthsDoNotAddUpIsOneDamagedPart) {
  const std::string sound = Operand(KeyOf(2026), {Observe(1, 1, "2026-01-31", 1)});
  const std::string pile = Join({sound, sound});
  for (size_t size = 1; size < pile.size(); ++size) {
    const std::string cut = pile.substr(0, size);
    if (size == 1 + 1 + sound.size()) continue;  // one whole part
    EXPECT_THAT(PartsOf(cut), ElementsAre(cut)) << size;
    // What is added to it does not hide it.
    const std::string more = Join({cut, sound});
    EXPECT_THAT(PartsOf(more), ElementsAre(cut, sound)) << size;
    const absl::Status status = ReadAll(KeyOf(2026), more).status();
    EXPECT_EQ(status.code(), absl::StatusCode::kDataLoss);
    EXPECT_THAT(std::string(status.message()), HasSubstr("lengths of its parts do not add up"));
  }
}

TEST(PileTest, KeepsEveryPartOfWhatDoesNotFold) {
  const std::string sound = Block(KeyOf(2026), {Observe(17, 2, "2026-01-03", 5)});
  const std::string later = Operand(KeyOf(2026), {Observe(17, 1, "2026-08-01", 8)});
  std::string damaged = Operand(KeyOf(2026), {Observe(17, 1, "2026-07-01", 7)});
  damaged[5] = static_cast<char>(damaged[5] ^ 1);
  std::string kept = Fold(KeyOf(2026), {sound, damaged});
  kept = Fold(KeyOf(2026), {Join({kept, later}), later});
  const absl::Status status = ReadAll(KeyOf(2026), kept).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kDataLoss);
  EXPECT_THAT(std::string(status.message()), HasSubstr("parts that did not fold are kept"));
  ByteReader in(kept);
  EXPECT_EQ(in.Byte(), kDamagedVersion);
  EXPECT_EQ(in.LengthAndBytes(), sound);
  EXPECT_EQ(in.LengthAndBytes(), damaged);
  EXPECT_EQ(in.LengthAndBytes(), later);
  EXPECT_EQ(in.LengthAndBytes(), later);
  EXPECT_TRUE(in.done());
}

Cells Within(const Cells& cells, DateRange range) {
  Cells within;
  for (const auto& [key, cell] : cells) {
    if (range.Contains(std::get<Date>(key))) within.emplace(key, cell);
  }
  return within;
}

// Neighbouring parts are folded, added or only joined before the rest is, as flushes and
// compactions do.
TEST(FoldTest, PilesAndFoldsInAnyGroupingEqualAPlainMap) {
  std::mt19937_64 random(11);
  for (int round = 0; round < 150; ++round) {
    const BlockKey key = KeyOf(2024 + round % 2);
    Cells expected;
    std::vector<std::string> parts;
    for (uint64_t batch = 1; batch <= 1 + random() % 6; ++batch) {
      const auto observations = RandomObservations(&random, key.year, batch);
      for (const Observation& observation : observations) Put(observation, &expected);
      parts.push_back(Operand(key, observations));
    }
    const std::string at_once = Fold(key, parts);
    EXPECT_EQ(static_cast<uint8_t>(at_once[0]), kBlockVersion);
    const int32_t first = key.FirstDay().days() + static_cast<int32_t>(random() % 366);
    const DateRange range{Date::OfDays(first),
                          Date::OfDays(first + static_cast<int32_t>(random() % 200))};
    for (;;) {
      const absl::StatusOr<Cells> cells = ReadAll(key, parts);
      ASSERT_TRUE(cells.ok()) << cells.status();
      ASSERT_EQ(*cells, expected) << "round " << round << ", " << parts.size() << " parts";
      ASSERT_EQ(*ReadAll(key, parts, range), Within(expected, range)) << "round " << round;
      if (parts.size() == 1) break;
      const size_t at = random() % (parts.size() - 1);
      const std::vector<std::string> both = {parts[at], parts[at + 1]};
      const uint64_t how = random() % 3;
      parts[at] = how == 0   ? Fold(key, both)
                  : how == 1 ? FoldMany(key, both)
                             : Join({both[0], both[1]});
      parts.erase(parts.begin() + static_cast<std::ptrdiff_t>(at) + 1);
    }
    ASSERT_EQ(*ReadAll(key, at_once), expected) << "round " << round;
    ASSERT_EQ(*ReadAll(key, at_once, range), Within(expected, range)) << "round " << round;
    ASSERT_EQ(Fold(key, {at_once}), at_once);
  }
}

// Some of the columns, but every date; a column that is read the slow way may come along.
TEST(FoldTest, ReadsTheColumnsAskedForOnEveryDate) {
  std::mt19937_64 random(12);
  const std::vector<IndicatorId> wanted = {2, 4};
  size_t left_out = 0;
  for (int round = 0; round < 100; ++round) {
    const BlockKey key = KeyOf(2025);
    Cells all;
    std::vector<std::string> parts;
    for (uint64_t batch = 1; batch <= 1 + random() % 4; ++batch) {
      const auto observations = RandomObservations(&random, key.year, batch);
      for (const Observation& observation : observations) Put(observation, &all);
      parts.push_back(Operand(key, observations));
      if (random() % 2 == 0) parts = {Fold(key, parts)};
    }
    const std::vector<std::string_view> views(parts.begin(), parts.end());
    PileReader reader;
    ASSERT_TRUE(reader.Open(views, key, DateRange{}).ok());
    reader.ReadOnly(wanted);
    for (uint32_t low = 0; low < kSubjectsPerGroup; ++low) {
      const Subject subject = key.group.At(static_cast<uint8_t>(low));
      std::set<Date> dates;
      Cells of_subject;
      for (const auto& [cell, value] : all) {
        if (std::get<Subject>(cell) != subject) continue;
        of_subject.insert({cell, value});
        dates.insert(std::get<Date>(cell));
      }
      History history(subject);
      ASSERT_TRUE(reader.Read(static_cast<uint8_t>(low), &history).ok());
      ASSERT_EQ(reader.Has(static_cast<uint8_t>(low)), !dates.empty());
      ASSERT_EQ(std::set<Date>(history.dates().begin(), history.dates().end()), dates);
      for (const auto& [cell, value] : of_subject) {
        const auto [cell_subject, indicator, date] = cell;
        const std::optional<Point> point = history.At(indicator, date);
        if (indicator == 2 || indicator == 4) {
          ASSERT_TRUE(point) << indicator;
        }
        left_out += point ? 0 : 1;
        if (point) {
          ASSERT_EQ(point->value, value.first);
        }
      }
    }
  }
  EXPECT_GT(left_out, 0u);
}

std::vector<std::string> SheetsOf(size_t count) {
  std::vector<std::string> sheets;
  for (size_t i = 0; i < count; ++i) {
    const Date date = *Date::Parse("2026-01-15") + static_cast<int32_t>(i);
    sheets.push_back(Operand(KeyOf(2026), {Observe(1, 1, date.ToString(), 7)}));
  }
  return sheets;
}

TEST(FoldTest, FewSheetsAreLeftAsTheyAreAndOneMoreIsFolded) {
  std::vector<std::string> sheets = SheetsOf(kMostPartsLeft);
  const std::string few = FoldMany(KeyOf(2026), sheets);
  EXPECT_THAT(PartsOf(few), testing::ElementsAreArray(sheets));
  const std::string one = FoldMany(KeyOf(2026), {sheets[0]});
  EXPECT_TRUE(HasVersion(one, kPileVersion)) << "or nobody would see that it can be folded";
  EXPECT_THAT(PartsOf(one), ElementsAre(sheets[0]));
  sheets.push_back(Operand(KeyOf(2026), {Observe(1, 1, "2026-03-01", 8)}));
  EXPECT_EQ(FoldMany(KeyOf(2026), {few, sheets.back()}), Fold(KeyOf(2026), sheets));
}

TEST(FoldTest, ABlockStaysInFrontOfFewSheets) {
  std::vector<std::string> parts = SheetsOf(kMostPartsLeft);
  const std::string last = parts.back();
  parts.back() = Block(KeyOf(2026), {Observe(1, 1, "2026-01-01", 1)});
  std::ranges::rotate(parts, parts.end() - 1);
  const std::string pile = FoldMany(KeyOf(2026), parts);
  EXPECT_THAT(PartsOf(pile), testing::ElementsAreArray(parts));
  EXPECT_TRUE(HasVersion(FoldMany(KeyOf(2026), {pile, last}), kBlockVersion));
  EXPECT_EQ(FoldMany(KeyOf(2026), {parts[0]}), parts[0]) << "a block alone";
  EXPECT_TRUE(HasVersion(FoldMany(KeyOf(2026), {last, parts[0]}), kBlockVersion))
      << "a block behind a sheet";
}

TEST(FoldTest, WhatIsOldOrDamagedIsNotLeftAsItIs) {
  const std::string sheet = SheetsOf(1)[0];
  EXPECT_TRUE(HasVersion(FoldMany(KeyOf(2026), {OldBlock(), sheet}), kBlockVersion));
  EXPECT_TRUE(HasVersion(FoldMany(KeyOf(2026), {UncompressedBlock(), sheet}), kBlockVersion));
  EXPECT_EQ(FoldMany(KeyOf(2026), {UncompressedBlock()}), Fold(KeyOf(2026), {OldBlock()}));
  const std::string damaged = Fold(KeyOf(2026), {sheet.substr(0, 5)});
  EXPECT_TRUE(HasVersion(damaged, kDamagedVersion));
  EXPECT_EQ(FoldMany(KeyOf(2026), {damaged, sheet}), Fold(KeyOf(2026), {damaged, sheet}));
  EXPECT_TRUE(HasVersion(FoldMany(KeyOf(2026), {"", sheet}), kDamagedVersion));
}

// What is left as it is was not looked at: damage is found by whoever reads it, and kept by a fold.
TEST(FoldTest, ADamagedSheetAmongFewIsKeptAndTold) {
  const std::vector<std::string> sheets = SheetsOf(2);
  std::string damaged = sheets[1];
  damaged.back() = static_cast<char>(damaged.back() ^ 1);
  const std::string few = FoldMany(KeyOf(2026), {sheets[0], damaged});
  EXPECT_THAT(PartsOf(few), ElementsAre(sheets[0], damaged));
  EXPECT_EQ(ReadAll(KeyOf(2026), few).status().code(), absl::StatusCode::kDataLoss);
  EXPECT_EQ(Fold(KeyOf(2026), {few}), KeepDamaged(std::vector<std::string_view>{few}));
}

TEST(FoldTest, ReplacedValuesLeaveNothingBehind) {
  const std::string old =
      Operand(KeyOf(2026), {Observe(1, 1, "2026-03-31", 1'234'567, ArrivalAt(1'000, 1)),
                            Observe(1, 2, "2026-03-31", 7'654'321, ArrivalAt(1'000, 1))});
  const std::string now =
      Operand(KeyOf(2026), {Observe(1, 1, "2026-03-31", 5, ArrivalAt(9'000, 2)),
                            Observe(1, 2, "2026-03-31", 6, ArrivalAt(9'000, 2))});
  EXPECT_EQ(Fold(KeyOf(2026), {old, now}), Fold(KeyOf(2026), {now}));
}

}  // namespace
}  // namespace shouwang
