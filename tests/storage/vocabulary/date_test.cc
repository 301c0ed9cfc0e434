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

TEST(InstantTest, ADayEndsAtMidnightInChina) {
  const Date day = *Date::Parse("2026-03-01");
  EXPECT_EQ(ToString(EndOf(day)), "2026-03-01T15:59:59.999Z");
  EXPECT_EQ(DateOf(EndOf(day)), day);
  EXPECT_EQ(DateOf(EndOf(day) + std::chrono::milliseconds(1)), day + 1);
  EXPECT_EQ(ToString(EndOf(*Date::Parse("1969-12-31"))), "1969-12-31T15:59:59.999Z");
}

TEST(InstantTest, IsReadAsItIsWrittenOrWithAnOffset) {
  const Instant morning =
      Instant(std::chrono::days(20'731)) + std::chrono::hours(8) + std::chrono::minutes(30);
  EXPECT_EQ(*ParseInstant(ToString(morning)), morning);
  EXPECT_EQ(*ParseInstant("2026-10-05T08:30:00Z"), morning);
  EXPECT_EQ(*ParseInstant("2026-10-05T16:30:00+08:00"), morning);
  EXPECT_EQ(*ParseInstant("2026-10-04T23:00:00.0-09:30"), morning);
  EXPECT_EQ(*ParseInstant("2026-10-05T08:30:07.25Z"), morning + std::chrono::milliseconds(7'250));
  EXPECT_EQ(*ParseInstant("2026-10-05T08:30:00.007Z"), morning + std::chrono::milliseconds(7));
}

TEST(InstantTest, RefusesTimesThatDoNotExist) {
  for (const char* text :
       {"", "2026-10-05", "2026-10-05T08:30:00", "2026-10-05T08:30Z", "2026-10-05 08:30:00Z",
        "2026-02-29T08:30:00Z", "2026-10-05T24:00:00Z", "2026-10-05T08:60:00Z",
        "2026-10-05T08:30:60Z", "2026-10-05T08:30:00.Z", "2026-10-05T08:30:00.1234Z",
        "2026-10-05T08:30:00.-1Z", "2026-10-05T08:30:00+24:00", "2026-10-05T08:30:00+8",
        "2026-10-05T08:30:00Zulu", "1899-12-31T00:00:00Z", "2026-10-05T08:30:-1Z",
        "2026-10-05T08-30:00Z", "10:00:00Z"}) {
    EXPECT_FALSE(ParseInstant(text).ok()) << text;
  }
}

}  // namespace
}  // namespace shouwang
