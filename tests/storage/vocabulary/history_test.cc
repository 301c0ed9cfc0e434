#include "storage/vocabulary/history.h"

#include <gtest/gtest.h>

#include <map>
#include <random>
#include <set>

namespace shouwang {
namespace {

Date On(std::string_view text) { return *Date::Parse(text); }
Instant At(int64_t ms) { return Instant(std::chrono::milliseconds(ms)); }

TEST(HistoryTest, KeepsPointsInDateOrderWhateverTheOrderOfPutting) {
  History history(*Subject::Parse("520502001001/17"));
  history.Put(3, On("2026-02-01"), 20, {});
  history.Put(1, On("2026-03-01"), 30, {});
  history.Put(3, On("2026-01-01"), 10, {});
  history.Put(3, On("2026-02-01"), 21, {});
  ASSERT_EQ(history.Of(3).size(), 2u);
  EXPECT_EQ(history.Of(3)[0].value, 10);
  EXPECT_EQ(history.Of(3)[1].value, 21);
  EXPECT_EQ(history.PointCount(), 3u);
  EXPECT_EQ(std::vector(history.dates().begin(), history.dates().end()),
            (std::vector{On("2026-01-01"), On("2026-02-01"), On("2026-03-01")}));
  EXPECT_EQ(history.Of(3, {On("2026-01-02"), On("2026-02-01")}).size(), 1u);
  EXPECT_EQ(history.At(3, On("2026-01-02")), std::nullopt);
  history.Erase(1, On("2026-03-01"));
  EXPECT_TRUE(history.Of(1).empty());
}

TEST(HistoryTest, RemembersWhichArrivalBroughtEachPoint) {
  History history(*Subject::Parse("520502001001/17"));
  const Arrival first{At(10), At(11), 1, Source::kCadreVisit};
  const Arrival second{At(20), At(21), 2, Source::kDepartmentScreening};
  history.Put(1, On("2026-01-01"), 1, first);
  history.Put(2, On("2026-01-01"), 2, second);
  history.Put(3, On("2026-01-01"), 3, first);
  EXPECT_EQ(history.ArrivalOf(*history.At(1, On("2026-01-01"))), first);
  EXPECT_EQ(history.ArrivalOf(*history.At(2, On("2026-01-01"))), second);
  EXPECT_EQ(history.arrivals().size(), 2u);
}

TEST(HistoryTest, ReservedOrResetItHoldsTheSame) {
  for (const size_t reserved : {0, 1, 12, 40}) {
    History history;
    for (int round = 0; round < 3; ++round) {
      history.Reset(*Subject::Parse("520502001001/17"));
      history.Reserve(reserved, reserved / 4);
      for (int32_t day = 0; day < 30 + 20 * round; ++day) {
        const size_t row = history.AppendRow(Date::OfDays(day), history.AddArrival({}));
        size_t hint = 0;
        for (IndicatorId indicator = 1; indicator <= 3; ++indicator) {
          if (day % indicator == 0)
            history.AppendColumn(indicator, &hint)[row] = int64_t{day} * indicator;
        }
      }
      EXPECT_EQ(history.Of(1).size(), static_cast<size_t>(30 + 20 * round));
      EXPECT_EQ(history.Of(3).size(), static_cast<size_t>(30 + 20 * round + 2) / 3);
      EXPECT_EQ(history.At(3, Date::OfDays(27))->value, 81);
      EXPECT_EQ(history.At(2, Date::OfDays(27)), std::nullopt);
    }
  }
}

TEST(HistoryTest, FromKeepsThePointsOfADateAndAfterWithTheirArrivals) {
  History history(*Subject::Parse("520502001001/17"));
  const Arrival first{At(10), At(11), 1, Source::kCadreVisit};
  const Arrival second{At(20), At(21), 2, Source::kDepartmentScreening};
  history.Put(1, On("2026-01-01"), 1, second);
  history.Put(2, On("2026-01-01"), 2, second);
  history.Put(3, On("2026-02-01"), 3, first);
  history.Put(1, On("2026-02-01"), 4, second);
  history.Put(3, On("2026-03-01"), 5, first);
  const History kept = history.From(On("2026-02-01"));
  EXPECT_EQ(kept.subject(), history.subject());
  EXPECT_EQ(kept.PointCount(), 3u);
  EXPECT_EQ(kept.dates().front(), On("2026-02-01"));
  EXPECT_TRUE(kept.Of(2).empty());
  EXPECT_EQ(kept.At(1, On("2026-02-01"))->value, 4);
  EXPECT_EQ(kept.ArrivalOf(*kept.At(1, On("2026-02-01"))), second);
  EXPECT_EQ(kept.ArrivalOf(*kept.At(3, On("2026-03-01"))), first);
  EXPECT_TRUE(history.From(On("2026-03-02")).empty());
  EXPECT_LT(kept.Bytes(), history.Bytes() * 2);
}

// What a plain map makes of the same puts and erasures.
TEST(HistoryTest, HoldsWhatAPlainMapHoldsUnderAnyPutsAndErasures) {
  std::mt19937_64 random(7);
  for (int round = 0; round < 200; ++round) {
    History history(*Subject::Parse("520502001001/17"));
    std::map<std::pair<IndicatorId, Date>, std::pair<int64_t, Arrival>> model;
    for (int step = 0; step < 80; ++step) {
      const auto indicator = static_cast<IndicatorId>(1 + random() % 4);
      const Date date = Date::OfDays(20'000 + static_cast<int32_t>(random() % 25));
      if (random() % 4 == 0) {
        history.Erase(indicator, date);
        model.erase({indicator, date});
        continue;
      }
      const Arrival arrival{At(static_cast<int64_t>(random() % 3)), At(9), 1, Source::kCadreVisit};
      const auto value = static_cast<int64_t>(random() % 100);
      history.Put(indicator, date, value, arrival);
      model[{indicator, date}] = {value, arrival};
    }
    std::set<Date> dates;
    std::set<IndicatorId> indicators;
    for (const auto& [key, cell] : model) {
      const std::optional<Point> point = history.At(key.first, key.second);
      ASSERT_TRUE(point.has_value());
      EXPECT_EQ(point->value, cell.first);
      EXPECT_EQ(history.ArrivalOf(*point), cell.second);
      indicators.insert(key.first);
      dates.insert(key.second);
    }
    EXPECT_EQ(history.PointCount(), model.size());
    EXPECT_TRUE(std::ranges::equal(history.dates(), dates));
    EXPECT_TRUE(std::ranges::equal(history.indicators(), indicators));
  }
}

TEST(HistoryTest, ARowThatIsAppendedTakesItsCellsColumnByColumn) {
  History history(*Subject::Parse("520502001001/17"));
  history.Put(2, On("2026-01-01"), 5, {At(1), At(2), 1, Source::kCadreVisit});
  const Arrival later{At(3), At(4), 2, Source::kCadreVisit};
  const size_t row = history.AppendRow(On("2026-02-01"), history.AddArrival(later));
  size_t hint = 0;
  history.AppendColumn(1, &hint)[row] = 10;
  history.AppendColumn(2, &hint)[row] = 20;
  EXPECT_EQ(history.At(1, On("2026-01-01")), std::nullopt);
  EXPECT_EQ(history.At(2, On("2026-01-01"))->value, 5);
  EXPECT_EQ(history.At(1, On("2026-02-01"))->value, 10);
  EXPECT_EQ(history.ArrivalOf(*history.At(2, On("2026-02-01"))), later);
  EXPECT_EQ(history.Column(1)[0], History::kAbsent);
  history.Reset(*Subject::Parse("520502001001/18"));
  EXPECT_TRUE(history.empty());
  EXPECT_TRUE(history.Column(1).empty());
}

TEST(SupersedesTest, GoesByWhatReportsSayNotByWhenTheyCameIn) {
  const Arrival early{At(10), At(900), 9, Source::kDepartmentScreening};
  const Arrival late{At(20), At(100), 1, Source::kCadreVisit};
  EXPECT_TRUE(Supersedes(late, 5, early, 7));
  EXPECT_FALSE(Supersedes(early, 7, late, 5));
  const Arrival screened{At(20), At(50), 3, Source::kDepartmentScreening};
  EXPECT_TRUE(Supersedes(screened, 1, late, 9));
  EXPECT_TRUE(Supersedes(late, 6, late, 5));
  EXPECT_FALSE(Supersedes(late, 5, late, 5));
}

}  // namespace
}  // namespace shouwang
