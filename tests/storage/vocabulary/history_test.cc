#include "storage/vocabulary/history.h"

#include <gtest/gtest.h>

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
  EXPECT_EQ(history.Dates(), (std::vector{On("2026-01-01"), On("2026-02-01"), On("2026-03-01")}));
  EXPECT_EQ(history.Of(3, {On("2026-01-02"), On("2026-02-01")}).size(), 1u);
  EXPECT_EQ(history.At(3, On("2026-01-02")), nullptr);
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
