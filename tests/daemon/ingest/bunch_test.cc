#include "daemon/ingest/bunch.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>

#include "storage/memory/memory_store.h"
#include "tests/daemon/ingest/census.h"
#include "tests/daemon/ingest/fixture.h"

namespace shouwang::ingest {
namespace {

using testing::ElementsAre;

// A MemoryStore that remembers which windows of history were asked for.
class WatchedStore final : public MemoryStore {
 public:
  absl::Status FillHistories(std::span<const Subject> subjects, DateRange range,
                             std::vector<History>* histories) const override {
    loads_.push_back(std::to_string(subjects.size()) + " from " + range.from.ToString());
    return MemoryStore::FillHistories(subjects, range, histories);
  }
  std::unique_ptr<WindowReader> ReadWindows() const override {
    ++readers_;
    return std::make_unique<WatchedReader>(
        MemoryStore::ReadWindows(), [this, alive = alive_](DateRange range) {
          loads_.push_back("group from " + range.from.ToString());
          return absl::OkStatus();
        });
  }
  // A reader may not show what is committed while it is there.
  absl::Status Commit(const Transaction& transaction) override {
    EXPECT_EQ(alive_.use_count(), 1);
    EXPECT_LE(std::exchange(readers_, 0), 1) << "for one bunch";
    return MemoryStore::Commit(transaction);
  }
  std::vector<std::string> TakeLoads() { return std::exchange(loads_, {}); }

 private:
  mutable std::vector<std::string> loads_;
  mutable int readers_ = 0;                                      // since the latest commit
  const std::shared_ptr<int> alive_ = std::make_shared<int>(0);  // each reader holds it
};

// A store, and what ingest keeps in memory of it.
struct World {
  explicit World(int64_t recent_bytes) : memory(recent_bytes) {}

  AppliedBunch Apply(const std::vector<v1::Batch>& batches) {
    checked = CheckAll(batches, *rulebook, now);
    std::vector<CheckedBatch*> pointers;
    for (CheckedBatch& batch : checked) pointers.push_back(&batch);
    absl::StatusOr<AppliedBunch> applied =
        ApplyBunch(pointers, store, *rulebook, evaluator, now, &memory);
    EXPECT_TRUE(applied.ok()) << applied.status();
    EXPECT_TRUE(store.Commit(applied->transaction).ok());
    memory.EndBunch(applied->transaction);
    return *std::move(applied);
  }

  std::shared_ptr<const Rulebook> rulebook = MakeRulebook();
  risk::Evaluator evaluator{rulebook->policies, rulebook->reg.catalogue};
  BunchMemory memory;
  WatchedStore store;
  std::vector<CheckedBatch> checked;
  Instant now = At("2026-07-01");
};

class BunchTest : public testing::Test {
 protected:
  AppliedBunch Apply(const std::vector<v1::Batch>& batches) { return world_.Apply(batches); }

  v1::Batch Wage(const std::string& id, std::string_view date, int64_t value, int reported = 0) {
    return MakeBatch(id, {{Household(1), Day(date), "wage_income", value}},
                     At("2026-06-30", reported));
  }

  v1::Batch Insured(const std::string& id,
                    std::initializer_list<std::pair<std::string_view, int64_t>> values) {
    std::vector<Row> rows;
    for (const auto& [date, value] : values) {
      rows.push_back({Household(1), Day(date), "insured", value});
    }
    return MakeBatch(id, rows, world_.now);
  }
  // Of the only warning that is open: since when, and since when that is known.
  std::pair<Date, Instant> OnlyWarning() {
    std::vector<Warning> open;
    EXPECT_TRUE(store_
                    .ScanWarnings(Division(), {}, 0,
                                  [&](const Warning& warning) {
                                    open.push_back(warning);
                                    return true;
                                  })
                    .ok());
    EXPECT_EQ(open.size(), 1u);
    return open.empty() ? std::pair<Date, Instant>()
                        : std::pair(open[0].opened_on, open[0].known_at);
  }

  World world_{0};
  WatchedStore& store_ = world_.store;
  const std::vector<CheckedBatch>& checked_ = world_.checked;
};

TEST_F(BunchTest, LoadsNothingForNewSubjectsAWindowForNewDatesAndAllForOldOnes) {
  Apply({Wage("r1", "2026-04-30", 150000)});
  EXPECT_THAT(store_.TakeLoads(), ElementsAre());
  Apply({Wage("r2", "2026-05-31", 150000)});
  const std::string from =
      Day("2026-05-31").PlusMonths(-world_.rulebook->policies.LongestLookbackMonths()).ToString();
  EXPECT_THAT(store_.TakeLoads(), ElementsAre("1 from " + from));
  Apply({Wage("r3", "2026-04-30", 100000, 1)});
  EXPECT_THAT(store_.TakeLoads(), ElementsAre("1 from 1900-01-01"));
}

TEST_F(BunchTest, ASubjectThatReportedLatelyIsJudgedWithoutReadingItsHistory) {
  World world(1 << 20);
  world.Apply({Wage("r1", "2026-03-31", 150000)});
  world.Apply({Wage("r2", "2026-04-30", 150000)});
  EXPECT_THAT(world.store.TakeLoads(), ElementsAre());
  world.Apply({Wage("r3", "2026-03-31", 100000, 1)});
  EXPECT_THAT(world.store.TakeLoads(), ElementsAre("1 from 1900-01-01"));
  world.Apply({Wage("r4", "2026-05-31", 150000)});
  EXPECT_EQ(world.store.TakeLoads().size(), 1u) << "what the correction left behind was not read";
  world.Apply({Wage("r5", "2026-06-30", 150000)});
  EXPECT_THAT(world.store.TakeLoads(), ElementsAre());
  EXPECT_EQ(FactsOf(world.store), FactsOf([&]() -> const Store& {
              for (const char* month : {"2026-03-31", "2026-04-30"}) {
                Apply({Wage(month, month, 150000)});
              }
              Apply({Wage("r3", "2026-03-31", 100000, 1)});
              Apply({Wage("r4", "2026-05-31", 150000)});
              Apply({Wage("r5", "2026-06-30", 150000)});
              return store_;
            }()));
}

// A month of a village: each of these households one wage, on the day of the month that `day`
// tells.
v1::Batch VillageMonth(
    const std::string& id, std::string_view month, uint32_t households,
    int64_t (*value)(uint32_t) = [](uint32_t i) -> int64_t { return 100 * i; },
    Date (*day)(Month, uint32_t) = [](Month m, uint32_t) { return Date::LastOf(m); }) {
  std::vector<Row> rows;
  for (uint32_t i = 1; i <= households; ++i) {
    rows.push_back({Household(i), day(*Month::Parse(month), i), "wage_income", value(i)});
  }
  return MakeBatch(id, rows, At("2026-06-30"));
}

TEST_F(BunchTest, AVillageThatReportsTogetherIsReadTogetherAndOnlyOnce) {
  World world(1 << 20);
  world.Apply({VillageMonth("r1", "2026-01", 20)});
  world.Apply({VillageMonth("r2", "2026-02", 20)});
  EXPECT_THAT(world.store.TakeLoads(), ElementsAre());
  world.memory.ClearRecent();
  world.Apply({VillageMonth("r3", "2026-03", 20)});
  const auto from_of = [&](const char* day) {
    return Day(day).PlusMonths(-world.rulebook->policies.LongestLookbackMonths()).ToString();
  };
  EXPECT_THAT(world.store.TakeLoads(), ElementsAre("group from " + from_of("2026-03-31")));
  // One that is new comes in; one that is corrected has its lane read again.
  world.Apply({VillageMonth("r4", "2026-04", 21)});
  EXPECT_THAT(world.store.TakeLoads(), ElementsAre());
  world.Apply({Wage("r5", "2026-03-31", 1, 1)});
  EXPECT_THAT(world.store.TakeLoads(), ElementsAre("1 from 1900-01-01"));
  world.Apply({VillageMonth("r6", "2026-05", 21)});
  EXPECT_THAT(world.store.TakeLoads(), ElementsAre("group from " + from_of("2026-05-31")));
  EXPECT_EQ(CountsOf(world.store), Recount(world.store));
  EXPECT_THAT(FactsOf(world.store),
              testing::IsSupersetOf(JudgeAgain(world.store, *world.rulebook)));
}

// Of a village whose households report one by one, now a few of them in a bunch and now some more.
TEST_F(BunchTest, ReportsThatComeAloneAreJudgedFromTheirOwnHistories) {
  World world(1 << 20);
  const auto month_of = [&](const char* month, std::initializer_list<uint32_t> bunches) {
    uint32_t household = 0;
    for (const uint32_t reports : bunches) {
      std::vector<v1::Batch> bunch;
      for (uint32_t i = 0; i < reports; ++i) {
        ++household;
        const std::string id = fmt::format("{} {}", month, household);
        const std::vector<Row> rows = {{Household(household), Date::LastOf(*Month::Parse(month)),
                                        "wage_income", int64_t{100} * household}};
        bunch.push_back(MakeBatch(id, rows, At("2026-06-30")));
      }
      world.Apply(bunch);
    }
  };
  month_of("2025-10", {20, 4});
  month_of("2025-11", {4, 12, 3, 5});
  month_of("2025-12", {11, 1, 12});
  EXPECT_THAT(world.store.TakeLoads(), ElementsAre());
  // In one batch: a window for all is worth reading.
  world.Apply({VillageMonth("2026-01", "2026-01", 24)});
  EXPECT_THAT(world.store.TakeLoads(), ElementsAre(testing::StartsWith("group from ")));
  month_of("2026-02", {24});
  EXPECT_THAT(world.store.TakeLoads(), ElementsAre(testing::StartsWith("24 from ")))
      << "the window has taken their place";
  // So many that it is for those who come alone, too.
  world.Apply({VillageMonth("2026-03", "2026-03", 40)});
  world.store.TakeLoads();
  world.memory.ClearRecent();
  month_of("2026-04", {31});
  EXPECT_THAT(world.store.TakeLoads(), ElementsAre(testing::StartsWith("31 from ")));
  world.memory.ClearRecent();
  month_of("2026-05", {32});
  EXPECT_THAT(world.store.TakeLoads(), ElementsAre(testing::StartsWith("group from ")));
  EXPECT_EQ(CountsOf(world.store), Recount(world.store));
  EXPECT_THAT(FactsOf(world.store),
              testing::IsSupersetOf(JudgeAgain(world.store, *world.rulebook)));
}

TEST_F(BunchTest, AVillageThatSharesNoDatesIsReadByItsHouseholds) {
  World world(1 << 20);
  const auto of_its_own = [](Month m, uint32_t i) {
    return Date::FirstOf(m) + static_cast<int>(i);
  };
  const auto value = [](uint32_t i) -> int64_t { return 100 * i; };
  for (const char* month : {"2026-01", "2026-02", "2026-03"}) {
    world.memory.ClearRecent();
    world.Apply({VillageMonth(month, month, 20, value, of_its_own)});
  }
  for (const std::string& load : world.store.TakeLoads()) {
    EXPECT_THAT(load, testing::StartsWith("20 from "));
  }
  // A month together does not make a window worth while, either; it is tried once.
  world.memory.ClearRecent();
  for (const char* month : {"2026-04", "2026-05"}) world.Apply({VillageMonth(month, month, 20)});
  EXPECT_THAT(world.store.TakeLoads(),
              ElementsAre(testing::StartsWith("group from "), testing::StartsWith("20 from ")));
  EXPECT_EQ(CountsOf(world.store), Recount(world.store));
  EXPECT_THAT(FactsOf(world.store),
              testing::IsSupersetOf(JudgeAgain(world.store, *world.rulebook)));
}

TEST_F(BunchTest, OneThatIsFarBehindDoesNotHaveItsNeighboursReadAsFar) {
  World world(1 << 20);
  world.Apply({VillageMonth("r0", "2020-01", 21)});
  for (const char* month : {"2026-01", "2026-02"}) world.Apply({VillageMonth(month, month, 20)});
  world.memory.ClearRecent();
  world.store.TakeLoads();
  world.Apply({VillageMonth("r3", "2026-03", 20),
               MakeBatch("behind", {{Household(21), Day("2020-02-29"), "wage_income", 7}})});
  const std::vector<std::string> loads = world.store.TakeLoads();
  EXPECT_THAT(loads,
              ElementsAre(testing::StartsWith("group from 202"), testing::StartsWith("1 from 20")));
  EXPECT_THAT(loads[0], testing::Not(testing::HasSubstr("from 2020")));
  EXPECT_EQ(CountsOf(world.store), Recount(world.store));
}

TEST_F(BunchTest, AVillageOfWhichManyAreCorrectedIsJudgedRight) {
  World world(1 << 20);
  for (const char* month : {"2026-01", "2026-02"}) world.Apply({VillageMonth(month, month, 100)});
  // Every second one late, in the same bunch as everybody's new month.
  std::vector<Row> rows;
  for (uint32_t i = 2; i <= 100; i += 2) {
    rows.push_back({Household(i), Day("2026-01-31"), "wage_income", 300'000});
  }
  world.Apply({VillageMonth("r3", "2026-03", 100), MakeBatch("late", rows, At("2026-06-30", 5))});
  EXPECT_EQ(CountsOf(world.store), Recount(world.store));
  EXPECT_THAT(FactsOf(world.store),
              testing::IsSupersetOf(JudgeAgain(world.store, *world.rulebook)));
}

TEST_F(BunchTest, ValuesOfMoreThan32BitsAreKeptInHistories) {
  World world(1 << 20);
  constexpr int64_t kLarge = 5'000'000'000;
  for (const char* month : {"2026-01", "2026-02", "2026-03", "2026-04"}) {
    v1::Batch batch = VillageMonth(month, month, 20);
    if (std::string_view(month) == "2026-02") {
      batch = MakeBatch("large", {{Household(3), Day("2026-02-28"), "medical_cost", kLarge}});
    }
    world.Apply({batch});
    EXPECT_EQ(world.checked[0].receipt.rejected(), 0u);
  }
  const History history = (*world.store.LoadHistories(std::vector{Household(3)}, DateRange{}))[0];
  EXPECT_EQ(history.At(kMedical, Day("2026-02-28"))->value, kLarge);
  EXPECT_EQ(CountsOf(world.store), Recount(world.store));
  EXPECT_THAT(FactsOf(world.store),
              testing::IsSupersetOf(JudgeAgain(world.store, *world.rulebook)));
}

// New dates, late ones, corrections, a new household and moves, in bunches of a few batches.
std::vector<v1::Batch> DrawBunch(int bunch, std::mt19937_64* random) {
  const auto below = [&](uint64_t bound) { return (*random)() % bound; };
  std::vector<v1::Batch> batches;
  for (uint64_t b = 0; b <= below(3); ++b) {
    std::vector<Row> rows;
    // Mostly the month that has come, some of those before.
    const int month = std::max(0, bunch / 2 - static_cast<int>(below(8) == 0 ? below(20) : 0));
    const Date date = Date::LastOf(*Month::Parse("2023-01") + month);
    // Mostly together, now and then each on a day of its own.
    const bool together = below(6) != 0;
    for (uint32_t household = 1; household <= 40; ++household) {
      if (below(together ? 12 : 3) == 0) continue;
      const std::string indicator = below(2) == 0 ? "wage_income" : "medical_cost";
      const int32_t earlier = together ? 0 : static_cast<int32_t>(below(20));
      rows.push_back({Household(household, household <= 24 ? 1 : 2), date - earlier, indicator,
                      static_cast<int64_t>(below(250'000))});
    }
    if (rows.empty()) continue;
    batches.push_back(MakeBatch(fmt::format("b{}-{}", bunch, b), rows,
                                At("2026-06-30", static_cast<int>(below(50)))));
    if (below(5) == 0) {
      AddResidence(&batches.back(), Household(1 + static_cast<uint32_t>(below(8))),
                   SiteOf(3 + static_cast<uint32_t>(below(2))), "520502002",
                   Date::OfDays(18'000 + static_cast<int32_t>(below(900))).ToString());
    }
  }
  return batches;
}

// Whose history was loaded by itself.
size_t SingleSubjects(const std::vector<std::string>& loads) {
  size_t subjects = 0;
  for (const std::string& load : loads) {
    if (!load.starts_with("group")) subjects += std::stoul(load);
  }
  return subjects;
}

TEST_F(BunchTest, WhatIsKeptInMemoryChangesNothing) {
  size_t loads_of_all = 0;
  size_t loads_of_none = 0;
  for (uint64_t seed = 1; seed <= 8; ++seed) {
    std::mt19937_64 random(seed);
    World none(0);
    World few(10'000);  // two windows or so: most are dropped and read again
    World all(1 << 20);
    for (int bunch = 0; bunch < 80; ++bunch) {
      const std::vector<v1::Batch> batches = DrawBunch(bunch, &random);
      if (batches.empty()) continue;
      const AppliedBunch expected = none.Apply(batches);
      none.memory.risks = {};
      none.memory.observations = {};
      for (World* world : {&few, &all}) {
        const AppliedBunch applied = world->Apply(batches);
        EXPECT_EQ(applied.transaction.risks, expected.transaction.risks);
        EXPECT_EQ(applied.transaction.opened, expected.transaction.opened);
        EXPECT_EQ(applied.transaction.closed, expected.transaction.closed);
        EXPECT_EQ(applied.transitions, expected.transitions);
      }
      // As after a commit that failed.
      if (random() % 20 == 0) {
        all.memory.ClearRecent();
        all.memory.risks = {};
        all.memory.observations = {};
      }
    }
    EXPECT_EQ(FactsOf(few.store), FactsOf(none.store)) << "seed " << seed;
    EXPECT_EQ(FactsOf(all.store), FactsOf(none.store)) << "seed " << seed;
    EXPECT_EQ(CountsOf(all.store), Recount(all.store)) << "seed " << seed;
    EXPECT_EQ(CountsOf(few.store), Recount(few.store)) << "seed " << seed;
    loads_of_all += SingleSubjects(all.store.TakeLoads());
    loads_of_none += SingleSubjects(none.store.TakeLoads());
  }
  EXPECT_LT(loads_of_all, loads_of_none);
}

TEST(BunchMemoryTest, WhatAnUnusuallyLargeBunchTookIsGivenBack) {
  BunchMemory memory(0);
  Transaction usual;
  usual.risks.resize(BunchMemory::kMostKept);
  memory.EndBunch(std::move(usual));
  EXPECT_EQ(memory.risks.size(), BunchMemory::kMostKept);
  Transaction large;
  large.risks.resize(BunchMemory::kMostKept + 1);
  memory.EndBunch(std::move(large));
  EXPECT_EQ(memory.risks.capacity(), 0u);
  // What was reported again unchanged is not judged.
  memory.slots.resize(BunchMemory::kMostKept + 1);
  memory.EndBunch({});
  EXPECT_EQ(memory.slots.capacity(), 0u);
}

TEST_F(BunchTest, ACellThatSeveralBatchesOfABunchReportEndsWithTheOneThatStands) {
  const AppliedBunch applied =
      Apply({Wage("r1", "2026-05-31", 10, 2), Wage("r2", "2026-05-31", 20, 3),
             Wage("r3", "2026-05-31", 30, 1)});
  EXPECT_EQ(checked_[0].receipt.accepted(), 1u);
  EXPECT_EQ(checked_[1].receipt.corrected(), 1u);
  EXPECT_EQ(checked_[2].receipt.superseded(), 1u);
  EXPECT_EQ(applied.transaction.batches.size(), 3u);
  const History history = (*store_.LoadHistories(std::vector{Household(1)}, DateRange{}))[0];
  EXPECT_EQ(history.At(kWage, Day("2026-05-31"))->value, 20);
  EXPECT_EQ(store_.LoadSuperseded(Household(1))->size(), 2u);
  EXPECT_EQ(CountsOf(store_), Recount(store_));
}

TEST_F(BunchTest, AWarningIsCountedInTheReceiptOfTheLastBatchOfItsSubject) {
  const AppliedBunch applied =
      Apply({Wage("r1", "2026-04-30", 10), Wage("r2", "2026-05-31", 20),
             MakeBatch("r3", {{Household(2), Day("2026-05-31"), "insured", 1}})});
  EXPECT_EQ(checked_[0].receipt.warnings_opened(), 0u);
  EXPECT_EQ(checked_[1].receipt.warnings_opened(), 1u);
  EXPECT_EQ(checked_[2].receipt.warnings_opened(), 0u);
  ASSERT_EQ(applied.transitions.size(), 1u);
  EXPECT_EQ(applied.transitions[0].opened_on, Day("2026-05-31"));
  EXPECT_EQ(applied.transitions[0].known_at, At("2026-07-01"));
}

TEST_F(BunchTest, ACorrectionClearsAWarningThatWasNeverDueOnTheDateItOpened) {
  Apply({Wage("r1", "2026-04-30", 10), Wage("r2", "2026-05-31", 20)});
  const AppliedBunch applied =
      Apply({Wage("r3", "2026-04-30", 500000, 1), Wage("r4", "2026-05-31", 500000, 1)});
  EXPECT_EQ(checked_[1].receipt.warnings_cleared(), 1u);
  ASSERT_EQ(applied.transitions.size(), 1u);
  EXPECT_EQ(applied.transitions[0].cleared_on, Day("2026-05-31"));
}

TEST_F(BunchTest, AWarningThatClearedAndOpenedAgainInOneBatchIsANewOne) {
  Apply({Insured("r1", {{"2026-03-31", 0}})});
  world_.now = At("2026-09-01");
  const AppliedBunch applied = Apply({Insured("r2", {{"2026-06-30", 1}, {"2026-08-31", 0}})});
  ASSERT_EQ(applied.transitions.size(), 2u);
  EXPECT_EQ(applied.transitions[0].opened_on, Day("2026-03-31"));
  EXPECT_EQ(applied.transitions[0].cleared_on, Day("2026-06-30"));
  EXPECT_EQ(applied.transitions[1].opened_on, Day("2026-08-31"));
  EXPECT_EQ(applied.transitions[1].cleared_on, std::nullopt);
  EXPECT_EQ(checked_[0].receipt.warnings_cleared(), 1u);
  EXPECT_EQ(checked_[0].receipt.warnings_opened(), 1u);
  EXPECT_EQ(OnlyWarning(), std::pair(Day("2026-08-31"), At("2026-09-01")));
  EXPECT_EQ(CountsOf(store_), Recount(store_));
}

TEST_F(BunchTest, AWarningThatProvesToHaveOpenedOnAnotherDayIsTheSame) {
  Apply({Insured("r1", {{"2026-03-31", 0}, {"2026-04-30", 0}})});
  world_.now = At("2026-09-01");
  const AppliedBunch applied = Apply({Insured("r2", {{"2026-03-31", 1}})});
  EXPECT_TRUE(applied.transitions.empty());
  EXPECT_EQ(OnlyWarning(), std::pair(Day("2026-04-30"), At("2026-07-01")));
}

TEST_F(BunchTest, ASiteCountsInItsTownshipAndInItself) {
  Apply({MakeBatch("r1", {{SiteOf(3), Day("2026-05-31"), "school_seats", 80}})});
  EXPECT_THAT(
      SumsOf(store_),
      ElementsAre("open 0:520502001: 9 orange 1", "open 2:520502001:520502001/S3 9 orange 1",
                  "rollup 0:520502001: 50 2026-05 count 1 sum 80",
                  "rollup 2:520502001:520502001/S3 50 2026-05 count 1 sum 80",
                  "tally 0:520502001: households 0 sites 1 observations 1",
                  "tally 2:520502001:520502001/S3 households 0 sites 1 observations 1"));
}

TEST_F(BunchTest, AResidenceIsKeptForAHouseholdThatHasNotReportedYet) {
  v1::Batch early = MakeBatch("r1", {});
  AddResidence(&early, Household(1), SiteOf(3), "520502002", "2020-01-01");
  Apply({early});
  EXPECT_THAT(CountsOf(store_), ElementsAre());
  Apply({Wage("r2", "2026-05-31", 150000)});
  EXPECT_THAT(SumsOf(store_),
              testing::Contains("tally 2:520502001:520502001/S3 households 1 sites 0 "
                                "observations 1"));
}

TEST_F(BunchTest, TalliesTellWhenAPlaceWasLastHeardOf) {
  Apply({Wage("r1", "2026-05-31", 150000), Wage("r2", "2026-03-31", 150000)});
  const Tally tally = (*store_.ReadTallies(RollupView::kSettlement, Division()))[0];
  EXPECT_EQ(tally.latest_observed_on, Day("2026-05-31"));
  EXPECT_EQ(tally.latest_known_at, At("2026-07-01"));
}

}  // namespace
}  // namespace shouwang::ingest
