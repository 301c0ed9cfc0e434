#include "storage/vocabulary/group_window.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <set>

#include "tests/storage/lanes.h"

namespace shouwang {
namespace {

using testing::ElementsAre;

constexpr SubjectGroup kGroup{520502001001, SubjectKind::kHousehold, 1};

Date On(std::string_view text) { return *Date::Parse(text); }

History HistoryOf(uint8_t low) { return History(kGroup.At(low)); }

TEST(GroupWindowTest, HoldsWhatSeveralHistoriesHold) {
  History first = HistoryOf(7);
  first.Put(3, On("2026-01-31"), 10, {});
  first.Put(5, On("2026-02-28"), -20, {});
  History second = HistoryOf(2);
  second.Put(3, On("2026-01-15"), 30, {});
  GroupWindow window(kGroup);
  ASSERT_TRUE(window.Add(first));
  ASSERT_TRUE(window.Add(second));
  EXPECT_THAT(window.dates(), ElementsAre(On("2026-01-15"), On("2026-01-31"), On("2026-02-28")));
  EXPECT_THAT(window.indicators(), ElementsAre(3, 5));
  Lanes expected;
  AddTo(first, {}, &expected);
  AddTo(second, {}, &expected);
  EXPECT_EQ(LanesOf(window), expected);
  EXPECT_EQ(window.LaneOf(7), 0U);
  EXPECT_EQ(window.LaneOf(8), std::nullopt);
}

TEST(GroupWindowTest, OfOtherIndicatorsOnlyTheDatesAreKept) {
  History history = HistoryOf(7);
  history.Put(3, On("2026-01-31"), 10, {});
  history.Put(5, On("2026-02-28"), int64_t{1} << 40, {});
  GroupWindow window(kGroup);
  const std::vector<IndicatorId> wanted = {3};
  ASSERT_TRUE(window.Add(history, wanted));
  EXPECT_THAT(window.indicators(), ElementsAre(3));
  EXPECT_THAT(window.dates(), ElementsAre(On("2026-01-31"), On("2026-02-28")));
}

// Else decoding a subject would displace its own cells from the cache again and again.
TEST(GroupWindowTest, TheCellsOfOneLaneLieOnManySetsOfACache) {
  for (const size_t lanes : {1, 16, 64, 128, 200, 256}) {
    GroupWindow window(kGroup);
    window.ReserveLanes(lanes);
    const size_t row = window.AddRow(On("2026-01-31"));
    std::set<uintptr_t> sets;
    for (IndicatorId indicator = 1; indicator <= 16; ++indicator) {
      size_t hint = 0;
      const int32_t* cells = window.Cells(row, window.AddColumn(indicator, &hint));
      EXPECT_EQ(reinterpret_cast<uintptr_t>(cells) % 64, 0U);
    }
    for (size_t column = 0; column < 16; ++column) {
      EXPECT_EQ(window.Cells(row, column), window.Cells(row, 0) + column * window.column_step());
      sets.insert(reinterpret_cast<uintptr_t>(window.Cells(row, column)) / 64 % 64);
    }
    EXPECT_EQ(sets.size(), 16U) << lanes;
    EXPECT_GE(window.column_step(), window.stride());
  }
}

TEST(GroupWindowTest, AValueOfMoreThan32BitsDoesNotFit) {
  for (const int64_t value : {int64_t{1} << 31, -(int64_t{1} << 31), int64_t{1} << 40}) {
    EXPECT_FALSE(GroupWindow::Fits(value));
    History history = HistoryOf(7);
    history.Put(3, On("2026-01-31"), value, {});
    GroupWindow window(kGroup);
    EXPECT_FALSE(window.Add(history));
    EXPECT_EQ(LanesOf(window), Lanes{});
  }
  for (const int64_t value : {(int64_t{1} << 31) - 1, -(int64_t{1} << 31) + 1, int64_t{0}}) {
    EXPECT_TRUE(GroupWindow::Fits(value));
  }
}

TEST(GroupWindowTest, IsDenseWhileHalfOfItsPlacesAreReports) {
  GroupWindow window(kGroup);
  EXPECT_TRUE(window.IsDense());
  for (uint8_t low = 0; low < 4; ++low) {
    History history = HistoryOf(low);
    history.Put(3, On("2026-01-31") + low / 2, 1, {});
    ASSERT_TRUE(window.Add(history));
  }
  EXPECT_TRUE(window.IsDense());
  History history = HistoryOf(9);
  history.Put(3, On("2026-03-31"), 1, {});
  ASSERT_TRUE(window.Add(history));
  EXPECT_FALSE(window.IsDense());
}

TEST(GroupWindowTest, IsEvenWhileMostReportOnEachOfTheLatestDates) {
  GroupWindow window(kGroup);
  EXPECT_TRUE(window.IsEven());
  for (uint8_t low = 0; low < 4; ++low) {
    History history = HistoryOf(low);
    for (int month = 0; month < 8; ++month) {
      // The last one lacks a date that is long past, and one that is not.
      if (low == 3 && (month == 0 || month == 6)) continue;
      history.Put(3, Date::LastOf(*Month::Parse("2026-01") + month), 1, {});
    }
    ASSERT_TRUE(window.Add(history));
    EXPECT_TRUE(window.IsEven()) << "three quarters of them";
  }
  window.DropLane(0);
  EXPECT_FALSE(window.IsEven());
}

TEST(GroupWindowTest, OneThatWasNeverResetKnowsNobody) {
  const GroupWindow window;
  EXPECT_EQ(window.LaneOf(0), std::nullopt);
  EXPECT_EQ(window.size(), 0U);
}

TEST(GroupWindowTest, ADroppedLaneIsForgottenAndMayComeAgain) {
  History history = HistoryOf(7);
  history.Put(3, On("2026-01-31"), 10, {});
  GroupWindow window(kGroup);
  ASSERT_TRUE(window.Add(history));
  window.DropLane(7);
  window.DropLane(8);
  EXPECT_EQ(window.LaneOf(7), std::nullopt);
  EXPECT_EQ(LanesOf(window), Lanes{});
  EXPECT_TRUE(window.ReportedOn(0).none());
  ASSERT_TRUE(window.Add(history));
  Lanes expected;
  AddTo(history, {}, &expected);
  EXPECT_EQ(LanesOf(window), expected);
  EXPECT_EQ(window.size(), 1U) << "in the lane that was free";
  // Of the one before nothing is left in it.
  window.DropLane(7);
  EXPECT_EQ(window.AddLane(9), 0U);
  window.NoteReport(0, 0);
  EXPECT_EQ(LanesOf(window).values.size(), 0U);
}

size_t AddBareRowAndFill(Date date, GroupWindow* window) {
  const auto [row, is_new] = window->AddBareRow(date);
  for (size_t column = 0; is_new && column < window->indicators().size(); ++column) {
    std::fill_n(window->Cells(row, column), window->stride(), GroupWindow::kAbsent);
  }
  return row;
}

// Everything that changes a window, in any order, against a plain map.
TEST(GroupWindowTest, StaysWhatItIsWhateverMoves) {
  for (uint64_t seed = 1; seed <= 20; ++seed) {
    std::mt19937_64 random(seed);
    const auto upto = [&](uint64_t n) { return random() % n; };
    GroupWindow window(kGroup);
    Lanes expected;
    Date first = On("2026-01-01");
    for (int step = 0; step < 2'000; ++step) {
      const auto low = static_cast<uint8_t>(upto(40) * 6);
      const Subject subject = kGroup.At(low);
      if (upto(200) == 0) {
        window.DropLane(low);
        std::erase_if(expected.reports, [&](const auto& r) { return r.first == subject; });
        std::erase_if(expected.values, [&](const auto& v) { return get<0>(v.first) == subject; });
        continue;
      }
      if (upto(300) == 0) {
        first = first + static_cast<int32_t>(upto(10));
        window.DropBefore(first);
        std::erase_if(expected.reports, [&](const auto& r) { return r.second < first; });
        std::erase_if(expected.values, [&](const auto& v) { return get<2>(v.first) < first; });
        continue;
      }
      if (upto(700) == 0) {
        window.Reset(kGroup);
        expected = {};
        continue;
      }
      if (upto(100) == 0) window.ReserveLanes(upto(200));
      const size_t lane = window.LaneFor(low);
      const Date date = first + static_cast<int32_t>(upto(50));
      const size_t row = upto(2) == 0 ? window.AddRow(date) : AddBareRowAndFill(date, &window);
      window.NoteReport(row, lane);
      expected.reports.insert({subject, date});
      size_t hint = upto(3);
      for (uint64_t n = upto(4); n > 0; --n) {
        const auto indicator = static_cast<IndicatorId>(1 + upto(6));
        const auto value = static_cast<int32_t>(upto(1'000));
        window.Cells(row, window.AddColumn(indicator, &hint))[lane] = value;
        expected.values[{subject, indicator, date}] = value;
      }
      if (step % 50 != 0) continue;
      ASSERT_EQ(LanesOf(window), expected) << seed << ", step " << step;
    }
    ASSERT_EQ(LanesOf(window), expected) << seed;
    EXPECT_GE(window.Bytes(), static_cast<int64_t>(sizeof(GroupWindow)));
  }
}

}  // namespace
}  // namespace shouwang
