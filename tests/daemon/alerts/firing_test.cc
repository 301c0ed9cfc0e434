#include "daemon/alerts/firing.h"

#include <fmt/format.h>

#include "tests/daemon/alerts/groups.h"

namespace shouwang::alerts {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::Pair;

class FiringTest : public testing::Test {
 protected:
  Firing Read(const Store& store) {
    absl::Status fault;
    const Firing firing = ReadFiring(store, *rulebook_, taken_on_, DateOf(At(kNowMs)), &fault);
    EXPECT_TRUE(fault.ok()) << fault;
    EXPECT_TRUE(firing.whole);
    return firing;
  }

  const cases::TakenOnCount* taken_on_ = nullptr;
  std::shared_ptr<const Rulebook> rulebook_ = SmallRulebook();
  WatchedCounty county_;
};

TEST_F(FiringTest, CountsHouseholdsByTownshipRuleAndSeverity) {
  county_.Tell(OpenIn("520502001", 101, Severity::kRed, 3));
  county_.Tell(OpenIn("520502001", 101, Severity::kRed, 4));
  county_.Tell(OpenIn("520502001", 102, Severity::kYellow, 1));
  county_.Tell(OpenIn("520502002", 101, Severity::kRed, 2));
  EXPECT_THAT(Read(county_.store()).households,
              ElementsAre(Pair(HighCosts("520502001"), 1), Pair(LowWages("520502001"), 7),
                          Pair(LowWages("520502002"), 2)));
}

TEST_F(FiringTest, WhatIsCountedElsewhereIsNotCountedTwice) {
  Tally origin = OpenIn("520502001", 101, Severity::kRed, 3);
  origin.place = Origin("520502001");
  Tally site = OpenIn("520502001", 101, Severity::kRed, 3);
  site.place = SitePlace("520502001", "520502001/S3");
  county_.Tell(origin);
  county_.Tell(site);
  EXPECT_THAT(Read(county_.store()).households, IsEmpty());
}

TEST_F(FiringTest, RulesOfSitesAndThoseThatNoPolicyHasAreLeftOut) {
  county_.Tell(OpenIn("520502001", 201, Severity::kOrange, 1));
  county_.Tell(OpenIn("520502001", 999, Severity::kRed, 8));
  EXPECT_THAT(Read(county_.store()).households, IsEmpty());
}

TEST_F(FiringTest, AGroupWhoseWarningsHaveAllClearedFiresNoMore) {
  county_.Tell(OpenIn("520502001", 101, Severity::kRed, 3));
  county_.Tell(OpenIn("520502001", 101, Severity::kRed, -3));
  EXPECT_THAT(Read(county_.store()).households, IsEmpty());
}

// Households of a township with a red warning of rule 101, so many of which were taken on.
cases::TakenOnCount TakenOnIn(std::string_view village, int64_t taken_on, int64_t waiting,
                              std::optional<Role> level = std::nullopt) {
  cases::TakenOnCount count;
  uint32_t number = 0;
  const auto add = [&](CaseState state, const cases::Deadlines& deadlines) {
    cases::CaseStanding standing;
    standing.subject = Subject::Household(At(village), ++number).value();
    standing.state = state;
    standing.warnings = {{101, RiskKind::kIncome, Severity::kRed, Day("2026-10-31")}};
    count.Add(standing, deadlines, Day("2026-11-15"));
  };
  cases::Deadlines deadlines;
  for (int64_t i = 0; i < waiting; ++i) add(CaseState::kClue, deadlines);
  if (level) {
    deadlines.up_on[static_cast<size_t>(*level) - 2] = Day("2026-11-15");
  }
  for (int64_t i = 0; i < taken_on; ++i) add(CaseState::kVerifying, deadlines);
  return count;
}

WarningGroup Handled(WarningGroup group, Handling handling) {
  group.handling = handling;
  return group;
}

TEST_F(FiringTest, TellsHowManyHouseholdsNobodyHasTakenOn) {
  county_.Tell(OpenIn("520502001", 101, Severity::kRed, 7));
  county_.Tell(OpenIn("520502002", 101, Severity::kRed, 2));
  EXPECT_FALSE(Read(county_.store()).waiting.has_value()) << "nobody has counted yet";
  const cases::TakenOnCount count = TakenOnIn("520502001001", 4, 3);
  taken_on_ = &count;
  const Firing firing = Read(county_.store());
  EXPECT_THAT(firing.households,
              ElementsAre(Pair(LowWages("520502001"), 7), Pair(LowWages("520502002"), 2)));
  EXPECT_THAT(*firing.waiting,
              ElementsAre(Pair(LowWages("520502001"), 3), Pair(LowWages("520502002"), 2)));
}

TEST_F(FiringTest, OnceEveryHouseholdIsTakenOnTheGroupIsAcknowledged) {
  county_.Tell(OpenIn("520502001", 101, Severity::kRed, 4));
  const cases::TakenOnCount count = TakenOnIn("520502001001", 4, 0);
  taken_on_ = &count;
  const WarningGroup acknowledged = Handled(LowWages("520502001"), Handling::kAcknowledged);
  EXPECT_THAT(Read(county_.store()).households, ElementsAre(Pair(acknowledged, 4)));
  EXPECT_THAT(*Read(county_.store()).waiting, ElementsAre(Pair(acknowledged, 0)));
  county_.Tell(OpenIn("520502001", 101, Severity::kRed, 1));
  EXPECT_THAT(Read(county_.store()).households, ElementsAre(Pair(LowWages("520502001"), 5)))
      << "a new household waits";
}

TEST_F(FiringTest, ACaseThatWentUpTakesTheGroupWithIt) {
  county_.Tell(OpenIn("520502001", 101, Severity::kRed, 4));
  const cases::TakenOnCount count = TakenOnIn("520502001001", 4, 0, Role::kCounty);
  taken_on_ = &count;
  EXPECT_THAT(Read(county_.store()).households,
              ElementsAre(Pair(Handled(LowWages("520502001"), Handling::kCounty), 4)));
}

// Townships that cannot be read.
class DamagedStore final : public MemoryStore {
 public:
  absl::Status ScanTallies(RollupView view, const Division& region,
                           absl::FunctionRef<void(const Tally&)> visit) const override {
    const absl::Status status = MemoryStore::ScanTallies(view, region, visit);
    return status.ok() ? absl::DataLossError("tallies record 01 is damaged") : status;
  }
};

TEST_F(FiringTest, WhereATownshipCannotBeReadTheRestIsThereAndNotTheWhole) {
  DamagedStore store;
  ASSERT_TRUE(store
                  .Commit([] {
                    Transaction transaction;
                    transaction.tallies = {OpenIn("520502001", 101, Severity::kRed, 3)};
                    return transaction;
                  }())
                  .ok());
  absl::Status fault;
  const Firing firing = ReadFiring(store, *rulebook_, nullptr, DateOf(At(kNowMs)), &fault);
  EXPECT_EQ(fault.code(), absl::StatusCode::kDataLoss);
  EXPECT_FALSE(firing.whole);
  EXPECT_THAT(firing.households, ElementsAre(Pair(LowWages("520502001"), 3)));
}

TEST_F(FiringTest, PastTheLimitTheLeastSevereAreLeftOutAndCounted) {
  Transaction transaction;
  for (int township = 0; township < 30'000; ++township) {
    const std::string code = fmt::format("52{:07}", township);
    Tally tally = OpenIn(code, 101, Severity::kRed, 1);
    tally.warnings.push_back({102, Severity::kYellow, 1});
    transaction.tallies.push_back(tally);
  }
  ASSERT_TRUE(county_.store().Commit(transaction).ok());
  const Firing firing = Read(county_.store());
  EXPECT_EQ(firing.left_out, 10'000u);
  EXPECT_EQ(firing.households.size(), 50'000u);
  EXPECT_TRUE(firing.households.contains(LowWages("520029999")));
  EXPECT_TRUE(firing.households.contains(HighCosts("520019999")));
  EXPECT_FALSE(firing.households.contains(HighCosts("520020000")));
}

TEST(HouseholdsTextTest, SmallNumbersAreNotTold) {
  EXPECT_EQ(HouseholdsText(1, 5), "<5");
  EXPECT_EQ(HouseholdsText(4, 5), "<5");
  EXPECT_EQ(HouseholdsText(5, 5), "5");
  EXPECT_EQ(HouseholdsText(1, 1), "1");
  EXPECT_EQ(HouseholdsText(1234, 5), "1234");
}

TEST(TellsMoreTest, OnlyANumberOfAnotherStepIsNews) {
  EXPECT_FALSE(TellsMore("<5", "<5"));
  EXPECT_TRUE(TellsMore("5", "<5"));
  EXPECT_FALSE(TellsMore("9", "5"));
  EXPECT_TRUE(TellsMore("10", "9"));
  EXPECT_TRUE(TellsMore("19", "20"));
  EXPECT_FALSE(TellsMore("99", "50"));
  EXPECT_TRUE(TellsMore("100", "99"));
  EXPECT_TRUE(TellsMore("<5", "100"));
}

}  // namespace
}  // namespace shouwang::alerts
