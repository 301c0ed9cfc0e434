#include "daemon/ingest/recent_windows.h"

#include <gtest/gtest.h>

#include "tests/daemon/ingest/fixture.h"

namespace shouwang::ingest {
namespace {

constexpr int kLookbackMonths = 3;
constexpr int64_t kRoom = 1 << 20;

// A report on the last day of each of `months` from `first` on.
History Monthly(uint32_t household, const std::string& first, int months) {
  History history(Household(household));
  for (int i = 0; i < months; ++i) {
    history.Put(kWage, Date::LastOf(*Month::Parse(first) + i), i, Arrival{});
  }
  return history;
}

TEST(RecentWindowsTest, FindsAWindowThatReachesFarEnoughBack) {
  RecentWindows<History> recent(kRoom);
  History history = Monthly(1, "2026-01", 3);
  recent.Keep(&history, Day("2025-12-01"));
  recent.EndUse(kLookbackMonths, kRoom);
  ASSERT_NE(recent.Find(Household(1), Day("2026-01-01")), nullptr);
  EXPECT_EQ(recent.Find(Household(1), Day("2025-12-01"))->dates().size(), 3u);
  EXPECT_EQ(recent.Find(Household(2), Day("2026-01-01")), nullptr);
  recent.EndUse(kLookbackMonths, kRoom);
  EXPECT_EQ(recent.Find(Household(1), Day("2025-11-30")), nullptr);
  EXPECT_EQ(recent.size(), 0u) << "a window that was too short is dropped";
}

TEST(RecentWindowsTest, WhatIsPutIntoAWindowIsThereNextTime) {
  RecentWindows<History> recent(kRoom);
  History history = Monthly(1, "2026-01", 1);
  recent.Keep(&history, Date::Min())->Put(kWage, Day("2026-02-28"), 7, Arrival{});
  recent.EndUse(kLookbackMonths, kRoom);
  EXPECT_EQ(recent.Find(Household(1), Day("2026-01-01"))->At(kWage, Day("2026-02-28"))->value, 7);
}

TEST(RecentWindowsTest, GoesBackWithinItsBytesAfterABunch) {
  constexpr int64_t kBytes = 20'000;
  RecentWindows<History> recent(kBytes);
  for (uint32_t household = 1; household <= 200; ++household) {
    History history = Monthly(household, "2026-01", 3);
    recent.Keep(&history, Date::Min());
    if (household % 50 != 0) continue;
    // All that a bunch needs stays until it ends.
    EXPECT_NE(recent.Find(Household(household - 49), Day("2026-01-01")), nullptr);
    recent.EndUse(kLookbackMonths, kBytes);
    EXPECT_LE(recent.bytes(), kBytes);
  }
  EXPECT_GT(recent.size(), 10u);
}

TEST(RecentWindowsTest, NothingIsKeptBeyondABunchWhereThereIsNoRoom) {
  RecentWindows<History> recent(0);
  History history = Monthly(1, "2026-01", 3);
  EXPECT_EQ(recent.Keep(&history, Date::Min())->dates().size(), 3u);
  recent.EndUse(kLookbackMonths, 0);
  EXPECT_EQ(recent.size(), 0u);
  EXPECT_EQ(recent.bytes(), 0);
}

TEST(RecentWindowsTest, DropsDatesThatNoWindowReachesBackTo) {
  RecentWindows<History> recent(kRoom);
  History history = Monthly(1, "2024-01", 24);
  recent.Keep(&history, Date::Min());
  recent.EndUse(kLookbackMonths, kRoom);
  EXPECT_EQ(recent.Find(Household(1), Day("2025-08-31")), nullptr);
  History again = Monthly(1, "2024-01", 24);
  recent.Keep(&again, Date::Min());
  recent.EndUse(kLookbackMonths, kRoom);
  const History* kept = recent.Find(Household(1), Day("2025-09-01"));
  ASSERT_NE(kept, nullptr);
  EXPECT_EQ(kept->dates().front(), Day("2025-09-30"));
  EXPECT_EQ(kept->dates().size(), 4u);
}

TEST(RecentWindowsTest, ForgetsOneAndClearsAll) {
  RecentWindows<History> recent(kRoom);
  for (uint32_t household : {1, 2, 3}) {
    History history = Monthly(household, "2026-01", 3);
    recent.Keep(&history, Date::Min());
  }
  recent.Forget(Household(1));
  EXPECT_EQ(recent.Find(Household(1), Day("2026-01-01")), nullptr);
  EXPECT_NE(recent.Find(Household(2), Day("2026-01-01")), nullptr);
  recent.EndUse(kLookbackMonths, kRoom);
  recent.Clear();
  EXPECT_EQ(recent.size(), 0u);
  EXPECT_EQ(recent.bytes(), 0);
}

TEST(RecentWindowsTest, WindowsOfGroupsAreKeptByGroupAndShortened) {
  RecentWindows<GroupWindow> recent(kRoom);
  const SubjectGroup group = SubjectGroup::Of(Household(1));
  GroupWindow window(group);
  for (uint32_t household = 1; household <= 20; ++household) {
    ASSERT_TRUE(window.Add(Monthly(household, "2026-01", 8)));
  }
  recent.Keep(&window, Date::Min());
  recent.EndUse(kLookbackMonths, kRoom);
  EXPECT_EQ(recent.Find(SubjectGroup::Of(Household(300)), Day("2026-08-01")), nullptr);
  const GroupWindow* kept = recent.Find(group, Day("2026-05-01"));
  ASSERT_NE(kept, nullptr);
  EXPECT_EQ(kept->dates().size(), 4u);
  EXPECT_EQ(recent.Find(group, Day("2026-04-30")), nullptr);
  EXPECT_EQ(recent.size(), 1u) << "in use, it is not dropped";
  recent.EndUse(kLookbackMonths, 0);
  EXPECT_EQ(recent.size(), 0u);
}

}  // namespace
}  // namespace shouwang::ingest
