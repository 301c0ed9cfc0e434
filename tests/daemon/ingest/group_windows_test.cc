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
  absl::StatusOr<bool> FillWindow(const SubjectGroup& group, DateRange range,
                                  std::span<const IndicatorId> indicators,
                                  GroupWindow* window) const override {
    ++reads;
    if (damaged) return absl::DataLossError("block 7");
    return MemoryStore::FillWindow(group, range, indicators, window);
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
    return windows_.Open(SubjectGroup::Of(Household(1)), members, new_dates, store_);
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
  windows_.EndBunch(12);
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

TEST_F(GroupWindowsTest, ABunchThatFillsTheMemoryHasNoMoreWindows) {
  GroupWindows few(100'000);
  few.ReadFor(rulebook_->policies);
  int opened = 0;
  for (uint32_t group = 0; group < 200; ++group) {
    std::vector<GroupWindows::Member> members;
    for (uint8_t low = 0; low < 40; ++low) members.push_back({low, Date::Max()});
    const auto window =
        few.Open({520502001001, SubjectKind::kHousehold, group}, members, 1, store_);
    ASSERT_TRUE(window.ok());
    if (*window == nullptr) continue;
    ++opened;
    (*window)->AddRow(Day("2026-01-31"));
  }
  EXPECT_GT(opened, 20);
  EXPECT_LT(opened, 200);
  few.EndBunch(12);
  EXPECT_LE(few.bytes(), 100'000);
}

}  // namespace
}  // namespace shouwang::ingest
