#include "daemon/ingest/bunch.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

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
  std::vector<std::string> TakeLoads() { return std::exchange(loads_, {}); }

 private:
  mutable std::vector<std::string> loads_;
};

class BunchTest : public testing::Test {
 protected:
  AppliedBunch Apply(const std::vector<v1::Batch>& batches) {
    checked_.clear();
    for (const v1::Batch& batch : batches) {
      absl::StatusOr<CheckedBatch> checked =
          CheckBatch(batch, *rulebook_, At("2026-07-01"), IngestBounds());
      EXPECT_TRUE(checked.ok()) << checked.status();
      checked_.push_back(*std::move(checked));
    }
    std::vector<CheckedBatch*> pointers;
    for (CheckedBatch& checked : checked_) pointers.push_back(&checked);
    absl::StatusOr<AppliedBunch> applied =
        ApplyBunch(pointers, store_, *rulebook_, evaluator_, At("2026-07-01"), &memory_);
    EXPECT_TRUE(applied.ok()) << applied.status();
    EXPECT_TRUE(store_.Commit(applied->transaction).ok());
    return *std::move(applied);
  }

  v1::Batch Wage(const std::string& id, std::string_view date, int64_t value, int reported = 0) {
    return MakeBatch(id, {{Household(1), Day(date), "wage_income", value}},
                     At("2026-06-30", reported));
  }

  std::shared_ptr<const Rulebook> rulebook_ = MakeRulebook();
  risk::Evaluator evaluator_{rulebook_->policies, rulebook_->reg.catalogue};
  BunchMemory memory_;
  WatchedStore store_;
  std::vector<CheckedBatch> checked_;
};

TEST_F(BunchTest, LoadsNothingForNewSubjectsAWindowForNewDatesAndAllForOldOnes) {
  Apply({Wage("r1", "2026-04-30", 150000)});
  EXPECT_THAT(store_.TakeLoads(), ElementsAre());
  Apply({Wage("r2", "2026-05-31", 150000)});
  const std::string from =
      Day("2026-05-31").PlusMonths(-rulebook_->policies.LongestLookbackMonths()).ToString();
  EXPECT_THAT(store_.TakeLoads(), ElementsAre("1 from " + from));
  Apply({Wage("r3", "2026-04-30", 100000, 1)});
  EXPECT_THAT(store_.TakeLoads(), ElementsAre("1 from 1900-01-01"));
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
