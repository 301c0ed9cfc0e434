#include "daemon/screening/entry_speed.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace shouwang::screening {
namespace {

using testing::IsEmpty;
using testing::SizeIs;

risk::ScreeningPolicy Policy() {
  risk::ScreeningPolicy policy;
  policy.visits_per_day = 40;
  policy.visits_per_hour = 6;
  policy.sheet_households = 3;
  policy.night_from_hour = 23;
  policy.night_before_hour = 5;
  return policy;
}

int32_t Day(const char* text) { return Date::Parse(text)->days(); }
int64_t Ms(const char* text) { return ParseInstant(text)->time_since_epoch().count(); }

TEST(EntrySpeedTest, VisitsOfADayBeyondWhatIsPlausibleCount) {
  const EntrySpeed speed = MeasureEntrySpeed(
      Policy(), {{Day("2026-03-01"), 40}, {Day("2026-03-02"), 300}, {Day("2026-03-03"), 41}}, {});
  EXPECT_EQ(speed.implausible, 261u);
  ASSERT_THAT(speed.examples, SizeIs(2));
  EXPECT_EQ(speed.examples[0].date, *Date::Parse("2026-03-02"));
  EXPECT_EQ(speed.examples[0].value, 300);
  EXPECT_FALSE(speed.examples[0].hour.has_value());
}

TEST(EntrySpeedTest, ASheetTypedAtOneInstantSaysNothingOfTheHour) {
  const EntrySpeed speed =
      MeasureEntrySpeed(Policy(), {}, {{Ms("2026-03-02T03:00:00+08:00"), 300}});
  EXPECT_EQ(speed.implausible, 0u);
  EXPECT_THAT(speed.examples, IsEmpty());
}

TEST(EntrySpeedTest, VisitsEnteredOneAtATimeCountByTheHour) {
  VisitsByInstant entered;
  const int64_t ten = Ms("2026-03-02T10:00:00+08:00");
  for (int64_t minute = 0; minute < 20; ++minute) entered[ten + minute * 60'000] = 1;
  entered[Ms("2026-03-02T11:00:00+08:00")] = 3;
  const EntrySpeed speed = MeasureEntrySpeed(Policy(), {}, entered);
  EXPECT_EQ(speed.implausible, 14u);
  ASSERT_THAT(speed.examples, SizeIs(1));
  EXPECT_EQ(speed.examples[0].date, *Date::Parse("2026-03-02"));
  EXPECT_EQ(speed.examples[0].hour, 10);
  EXPECT_EQ(speed.examples[0].value, 20);
}

TEST(EntrySpeedTest, AllVisitsOfTheNightCountByChinasClock) {
  const EntrySpeed speed = MeasureEntrySpeed(Policy(), {},
                                             {{Ms("2026-03-02T22:59:00+08:00"), 2},
                                              {Ms("2026-03-02T23:00:00+08:00"), 2},
                                              {Ms("2026-03-03T04:59:00+08:00"), 1},
                                              {Ms("2026-03-03T05:00:00+08:00"), 2}});
  EXPECT_EQ(speed.implausible, 3u);
  ASSERT_THAT(speed.examples, SizeIs(2));
  EXPECT_EQ(speed.examples[0].hour, 23);
  EXPECT_EQ(speed.examples[1].hour, 4);
  EXPECT_EQ(speed.examples[1].date, *Date::Parse("2026-03-03"));
}

TEST(EntrySpeedTest, TheSameVisitsDoNotCountTwice) {
  VisitsByInstant entered;
  const int64_t ten = Ms("2026-03-02T10:00:00+08:00");
  for (int64_t second = 0; second < 100; ++second) entered[ten + second * 1000] = 1;
  const EntrySpeed speed = MeasureEntrySpeed(Policy(), {{Day("2026-03-02"), 100}}, entered);
  EXPECT_EQ(speed.implausible, 94u) << "60 beyond the day's, 94 beyond the hour's";
}

TEST(EntrySpeedTest, ShowsTheFullestDays) {
  VisitsByDay days;
  for (int32_t day = 0; day < 50; ++day) days[20'000 + day] = 100 + static_cast<uint64_t>(day);
  const EntrySpeed speed = MeasureEntrySpeed(Policy(), days, {});
  ASSERT_THAT(speed.examples, SizeIs(kMaxExamples));
  EXPECT_EQ(speed.examples.front().value, 149);
  EXPECT_EQ(speed.examples.back().value, 130);
}

}  // namespace
}  // namespace shouwang::screening
