#include "daemon/ingest/group_windows.h"

#include <gtest/gtest.h>

#include "storage/memory/memory_store.h"
#include "tests/daemon/ingest/fixture.h"

namespace shouwang::ingest {
namespace {

constexpr int64_t kRoom = 1 << 20;

// Which counts how often a group is read, and can be damaged.
class GroupStore final : public MemoryStore {
 public:
  std::unique_ptr<WindowReader> ReadWindows() const override {
    return std::make_unique<WatchedReader>(MemoryStore::ReadWindows(), [this](DateRange) {
      ++reads;
      return damaged ? absl::DataLossError("block 7") : absl::OkStatus();
    });
  }
  mutable int reads = 0;
  bool damaged = false;
};

class GroupWindowsTest : public testing::Test {
 protected:
  void SetUp() override { windows_.ReadFor(rulebook_->policies); }

  // Each of these households has a wage on the last day of each of so many months.
  void Store(uint32_t households, const char* first, int months, int64_t value = 100) {
    Transaction transaction;
    for (uint32_t household = 1; household <= households; ++household) {
      for (int month = 0; month < months; ++month) {
        transaction.observations.push_back({Household(household), kWage,
                                            Date::LastOf(*Month::Parse(first) + month), value,
                                            Arrival{}});
      }
    }
    ASSERT_TRUE(store_.Commit(transaction).ok());
  }

  // Households [first, last], stored from a day on or not at all.
  absl::StatusOr<GroupWindow*> Open(uint32_t first, uint32_t last, Date from,
                                    size_t new_dates = 1) {
    std::vector<GroupWindows::Member> members;
    for (uint32_t household = first; household <= last; ++household) {
      members.push_back({SubjectGroup::LowOf(Household(household)), from});
    }
    return windows_.Open(SubjectGroup::Of(Household(1)), members, new_dates, *store_.ReadWindows());
  }
  bool Opens(uint32_t first, uint32_t last, Date from, size_t new_dates = 1) {
    const absl::StatusOr<GroupWindow*> window = Open(first, last, from, new_dates);
    EXPECT_TRUE(window.ok()) << window.status();
    return window.ok() && *window != nullptr;
  }

  const std::shared_ptr<const Rulebook> rulebook_ = MakeRulebook();
  GroupStore store_;
  GroupWindows windows_{kRoom};
};

TEST_F(GroupWindowsTest, ReadsAGroupOnceAndKeepsWhatRulesRead) {
  Store(20, "2026-01", 3);
  const absl::StatusOr<GroupWindow*> window = Open(1, 20, Day("2025-01-01"));
  ASSERT_TRUE(window.ok() && *window != nullptr);
  EXPECT_EQ((*window)->dates().size(), 3U);
  windows_.EndPart(12);
  EXPECT_TRUE(Opens(1, 20, Day("2025-01-01")));
  EXPECT_EQ(store_.reads, 1);
  EXPECT_TRUE(windows_.Keeps(kWage));
  EXPECT_FALSE(windows_.Keeps(kWage + 1'000));
}

TEST_F(GroupWindowsTest, NewHouseholdsComeInWithoutReading) {
  EXPECT_TRUE(Opens(1, 20, Date::Max()));
  EXPECT_TRUE(Opens(1, 60, Date::Max()));
  EXPECT_EQ(store_.reads, 0);
  EXPECT_EQ((*Open(1, 60, Date::Max()))->held(), 60U);
}

TEST_F(GroupWindowsTest, OneThatLeftIsReadAgainWithItsGroup) {
  Store(20, "2026-01", 3);
  EXPECT_TRUE(Opens(1, 20, Day("2025-01-01")));
  windows_.Leave(Household(5));
  EXPECT_TRUE(Opens(1, 4, Day("2025-01-01"))) << "its neighbours are not";
  EXPECT_EQ(store_.reads, 1);
  EXPECT_TRUE(Opens(1, 20, Day("2025-01-01")));
  EXPECT_EQ(store_.reads, 2);
}

TEST_F(GroupWindowsTest, AGroupThatDoesNotFitIsTriedAgainLater) {
  Store(20, "2026-01", 3, 5'000'000'000);
  EXPECT_FALSE(Opens(1, 20, Day("2025-01-01")));
  EXPECT_EQ(store_.reads, 1);
  int tries = 1;
  for (; store_.reads == 1 && tries < 100; ++tries) {
    EXPECT_FALSE(Opens(1, 20, Day("2025-01-01")));
  }
  EXPECT_EQ(store_.reads, 2);
  EXPECT_GT(tries, 5);
}

TEST_F(GroupWindowsTest, IsNotReadForAFewOfMany) {
  Store(200, "2026-01", 3);
  EXPECT_FALSE(Opens(1, 40, Day("2025-01-01")));
  windows_.Clear();
  EXPECT_TRUE(Opens(1, 50, Day("2025-01-01")));
  EXPECT_TRUE(Opens(1, 8, Day("2025-01-01"))) << "once it is there";
}

TEST_F(GroupWindowsTest, NoMoreDatesThanAWindowMayHave) {
  Store(20, "2026-01", 3);
  EXPECT_FALSE(Opens(1, 20, Day("2025-01-01"), GroupWindow::kMostRows - 2));
  windows_.Clear();
  EXPECT_TRUE(Opens(1, 20, Day("2025-01-01"), GroupWindow::kMostRows - 3));
}

TEST_F(GroupWindowsTest, DamageIsForThoseWhomItConcerns) {
  Store(20, "2026-01", 3);
  store_.damaged = true;
  EXPECT_FALSE(Opens(1, 20, Day("2025-01-01")));
  store_.damaged = false;
  EXPECT_TRUE(Opens(1, 20, Day("2025-01-01")));
}

TEST_F(GroupWindowsTest, OtherPoliciesFindNothingThere) {
  Store(20, "2026-01", 3);
  EXPECT_TRUE(Opens(1, 20, Day("2025-01-01")));
  windows_.ReadFor(rulebook_->policies);
  EXPECT_TRUE(Opens(1, 20, Day("2025-01-01")));
  EXPECT_EQ(store_.reads, 1);
  windows_.ReadFor(MakeRulebook(2'000)->policies);
  EXPECT_TRUE(Opens(1, 20, Day("2025-01-01")));
  EXPECT_EQ(store_.reads, 2);
}

class ManyGroupsTest : public GroupWindowsTest {
 protected:
  static constexpr uint32_t kGroups = 200;
  static constexpr uint8_t kLanes = 20;
  static constexpr int64_t kRoomForSome = 40'000;

  static SubjectGroup GroupOf(uint32_t group) {
    return {520502001001, SubjectKind::kHousehold, group + 1};
  }

  void SetUp() override {
    Transaction transaction;
    for (uint32_t group = 0; group < kGroups; ++group) {
      for (uint8_t low = 0; low < kLanes; ++low) {
        transaction.observations.push_back(
            {GroupOf(group).At(low), kWage, Day("2026-01-31"), 1000 + group, Arrival{}});
      }
    }
    ASSERT_TRUE(store_.Commit(transaction).ok());
    some_.ReadFor(rulebook_->policies);
  }

  // As the only group of a part.
  void OpenOne(uint32_t group) {
    std::vector<GroupWindows::Member> members;
    for (uint8_t low = 0; low < kLanes; ++low) members.push_back({low, Day("2025-01-01")});
    const auto window = some_.Open(GroupOf(group), members, 1, *store_.ReadWindows());
    ASSERT_TRUE(window.ok() && *window != nullptr);
    EXPECT_EQ((*window)->group(), GroupOf(group));
    ASSERT_EQ((*window)->dates().size(), 1U);
    EXPECT_EQ((*window)->Cells(0, *(*window)->ColumnOf(kWage))[kLanes - 1],
              1000 + static_cast<int32_t>(group));
    some_.EndPart(12);
    EXPECT_LE(some_.bytes(), kRoomForSome);
  }

  GroupWindows some_{kRoomForSome};
};

// As months come: each would drive out one that is asked for before it comes again.
TEST_F(ManyGroupsTest, SomeStayWhereAllAreAskedForAgainAndAgain) {
  for (uint32_t group = 0; group < kGroups; ++group) OpenOne(group);
  EXPECT_EQ(store_.reads, static_cast<int>(kGroups));
  constexpr int kMonths = 11;
  store_.reads = 0;
  for (int month = 0; month < kMonths; ++month) {
    for (uint32_t group = 0; group < kGroups; ++group) OpenOne(group);
  }
  const int found = kMonths * static_cast<int>(kGroups) - store_.reads;
  EXPECT_GT(found, kMonths * 15);
  EXPECT_LT(found, kMonths * 45) << "no more than fit";
}

// As an import of one village's years.
TEST_F(ManyGroupsTest, OneThatIsSoonAskedForAgainStays) {
  for (uint32_t group = 0; group < kGroups; ++group) OpenOne(group);
  for (uint32_t village = 0; village < 20; ++village) {
    store_.reads = 0;
    for (int month = 0; month < 12; ++month) OpenOne(village);
    EXPECT_LE(store_.reads, 2);
  }
}

TEST_F(GroupWindowsTest, APartThatFillsTheMemoryHasNoMoreWindows) {
  GroupWindows few(100'000);
  few.ReadFor(rulebook_->policies);
  int opened = 0;
  for (uint32_t group = 0; group < 200; ++group) {
    std::vector<GroupWindows::Member> members;
    for (uint8_t low = 0; low < 40; ++low) members.push_back({low, Date::Max()});
    const auto window =
        few.Open({520502001001, SubjectKind::kHousehold, group}, members, 1, *store_.ReadWindows());
    ASSERT_TRUE(window.ok());
    if (*window == nullptr) continue;
    ++opened;
    (*window)->AddRow(Day("2026-01-31"));
  }
  EXPECT_GT(opened, 20);
  EXPECT_LT(opened, 200);
  few.EndPart(12);
  EXPECT_LE(few.bytes(), 100'000);
}

}  // namespace
}  // namespace shouwang::ingest
