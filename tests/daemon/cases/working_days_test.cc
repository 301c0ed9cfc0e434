#include "daemon/cases/working_days.h"

#include <gtest/gtest.h>

#include <random>

#include "tests/daemon/cases/kept_cases.h"

namespace shouwang::cases {
namespace {

TEST(WorkingDaysTest, AreMondayToFridayWhereNoPolicySaysOtherwise) {
  const WorkingDays days;
  EXPECT_TRUE(days.Has(Day("2026-11-23"))) << "a Monday";
  EXPECT_TRUE(days.Has(Day("2026-11-27"))) << "a Friday";
  EXPECT_FALSE(days.Has(Day("2026-11-28")));
  EXPECT_FALSE(days.Has(Day("2026-11-29")));
  EXPECT_TRUE(days.Has(Day("1969-12-29"))) << "a Monday before 1970";
  EXPECT_FALSE(days.Has(Day("1969-12-28")));
}

TEST(WorkingDaysTest, LeaveOutHolidaysAndTakeInTheWeekendDaysWorkedForThem) {
  const auto rulebook = RulebookWithCases();
  const WorkingDays days(rulebook->policies);
  EXPECT_TRUE(days.Has(Day("2026-09-30")));
  EXPECT_FALSE(days.Has(Day("2026-10-01"))) << "a Thursday, National Day";
  EXPECT_FALSE(days.Has(Day("2026-10-07")));
  EXPECT_TRUE(days.Has(Day("2026-10-08")));
  EXPECT_TRUE(days.Has(Day("2026-10-10"))) << "a Saturday that is worked";
  EXPECT_FALSE(days.Has(Day("2026-10-11")));
}

TEST(WorkingDaysTest, AreCountedFromTheDayAfter) {
  const auto rulebook = RulebookWithCases();
  const WorkingDays days(rulebook->policies);
  EXPECT_EQ(days.After(Day("2026-09-30"), 0), Day("2026-09-30"));
  EXPECT_EQ(days.After(Day("2026-09-30"), 1), Day("2026-10-08"));
  // Thursday, Friday, Saturday (worked), Monday, Tuesday.
  EXPECT_EQ(days.After(Day("2026-09-30"), 5), Day("2026-10-13"));
  EXPECT_EQ(WorkingDays().After(Day("2026-09-30"), 5), Day("2026-10-07"));
  EXPECT_EQ(days.EndOf(Day("2026-09-30"), {5, /*working=*/true}), Day("2026-10-13"));
  EXPECT_EQ(days.EndOf(Day("2026-09-30"), {5, /*working=*/false}), Day("2026-10-05"));
}

// Property: the n-th day after is a working day with n - 1 of them between.
TEST(WorkingDaysTest, TheNthHasNMinusOneBeforeIt) {
  const auto rulebook = RulebookWithCases();
  const WorkingDays days(rulebook->policies);
  std::mt19937_64 random(7);
  for (int round = 0; round < 300; ++round) {
    const Date from = Day("2026-08-01") + static_cast<int>(random() % 120);
    const int count = 1 + static_cast<int>(random() % 20);
    const Date end = days.After(from, count);
    EXPECT_TRUE(days.Has(end));
    int between = 0;
    for (Date day = from + 1; day < end; day = day + 1) between += days.Has(day) ? 1 : 0;
    EXPECT_EQ(between, count - 1) << from.ToString() << " " << count;
  }
}

}  // namespace
}  // namespace shouwang::cases
