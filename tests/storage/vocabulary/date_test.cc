#include "storage/vocabulary/date.h"

#include <gtest/gtest.h>

namespace shouwang {
namespace {

TEST(DateTest, ComesBackAsWritten) {
  EXPECT_EQ(Date::Parse("1970-01-01")->days(), 0);
  EXPECT_EQ(Date::Parse("2026-10-05")->ToString(), "2026-10-05");
  EXPECT_EQ(Date::Parse("2024-02-29")->ToString(), "2024-02-29");
  EXPECT_EQ(Date::Min().ToString(), "1900-01-01");
  EXPECT_EQ(Date::Max().ToString(), "2199-12-31");
}

TEST(DateTest, RefusesDaysThatDoNotExist) {
  for (const char* text : {"2026-02-29", "2026-13-01", "2026-1-1", "1899-12-31", "", "2026-10-0x",
                           "2026-10--1", "2026/10/05"}) {
    EXPECT_FALSE(Date::Parse(text).ok()) << text;
  }
}

TEST(DateTest, AddsMonthsToTheLastDayWhereTheDayIsMissing) {
  EXPECT_EQ(Date::Parse("2026-03-31")->PlusMonths(-1).ToString(), "2026-02-28");
  EXPECT_EQ(Date::Parse("2026-01-31")->PlusMonths(25).ToString(), "2028-02-29");
  EXPECT_EQ(Date::Parse("1969-12-15")->PlusMonths(-12).ToString(), "1968-12-15");
}

TEST(MonthTest, CountsFromJanuary1970InBothDirections) {
  EXPECT_EQ(Month::Parse("1970-01")->index(), 0);
  EXPECT_EQ(Month::OfIndex(-1).ToString(), "1969-12");
  EXPECT_EQ(Date::Parse("1969-12-31")->month().index(), -1);
  EXPECT_EQ(Date::LastOf(*Month::Parse("2024-02")).ToString(), "2024-02-29");
  EXPECT_FALSE(Month::Parse("2024-00").ok());
}

TEST(InstantTest, FallsOnTheCalendarDayOfChina) {
  const Instant evening{std::chrono::sys_days(std::chrono::days(0)) + std::chrono::hours(16)};
  EXPECT_EQ(DateOf(evening).ToString(), "1970-01-02");
  EXPECT_EQ(ToString(evening), "1970-01-01T16:00:00.000Z");
}

}  // namespace
}  // namespace shouwang
