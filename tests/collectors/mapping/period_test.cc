#include "collectors/mapping/period.h"

#include <gtest/gtest.h>

namespace shouwang {
namespace {

std::string Day(std::string_view text, PeriodFormat format) {
  const absl::StatusOr<Date> date = ParsePeriod(text, format);
  return date.ok() ? date->ToString() : std::string(date.status().message());
}

TEST(PeriodTest, StandsForItsLastDay) {
  EXPECT_EQ(Day("2026-10-05", PeriodFormat::kDate), "2026-10-05");
  EXPECT_EQ(Day("2026/2/8", PeriodFormat::kDate), "2026-02-08");
  EXPECT_EQ(Day("2024-02", PeriodFormat::kMonth), "2024-02-29");
  EXPECT_EQ(Day("2026/2", PeriodFormat::kMonth), "2026-02-28");
  EXPECT_EQ(Day("2009-Q1", PeriodFormat::kQuarter), "2009-03-31");
  EXPECT_EQ(Day("2003-Q3", PeriodFormat::kQuarter), "2003-09-30");
  EXPECT_EQ(Day("2026", PeriodFormat::kYear), "2026-12-31");
}

TEST(PeriodTest, NamesTheTextAndTheFormatThatIsExpected) {
  EXPECT_EQ(Day("2026-02-30", PeriodFormat::kDate),
            "'2026-02-30' is not a date such as 2026-10-05");
  EXPECT_EQ(Day("2026-13", PeriodFormat::kMonth), "'2026-13' is not a month such as 2026-10");
  EXPECT_EQ(Day("2009-Q5", PeriodFormat::kQuarter), "'2009-Q5' is not a quarter such as 2026-Q3");
  EXPECT_EQ(Day("09", PeriodFormat::kYear), "'09' is not a year such as 2026");
}

TEST(PeriodTest, RefusesWhatIsLeftOverOrMixed) {
  for (const char* text : {"2026-10-05 ", "2026-10/05", "2026-10-", "2026-10-050", "20261005", "",
                           "1899-12-31", "2200-01-01", "2026-1-0"}) {
    EXPECT_FALSE(ParsePeriod(text, PeriodFormat::kDate).ok()) << text;
  }
  EXPECT_FALSE(ParsePeriod("2026-10-05", PeriodFormat::kMonth).ok());
  EXPECT_FALSE(ParsePeriod("2026-Q", PeriodFormat::kQuarter).ok());
  EXPECT_FALSE(ParsePeriodFormat("week").ok());
}

}  // namespace
}  // namespace shouwang
