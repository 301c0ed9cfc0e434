// That the check finds what it is there to find: each test breaks one thing of a store that is as
// it should be.
#include "tests/crash/model.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "storage/vocabulary/date.h"
#include "tests/crash/derive.h"
#include "tests/crash/world.h"

namespace shouwang::crash {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

int32_t Day(const char* text) { return Date::Parse(text).value().days(); }

// A model with its batches, and the store that a faultless daemon would have.
class ModelTest : public testing::Test {
 protected:
  // Makes a batch of at least `values` values; not yet in the store.
  Batch New(size_t values = 20) {
    for (;;) {
      Batch batch = model_.New(&random_);
      if (batch.values.size() >= values && batch.township == 0) return batch;
      Store(batch);
      Receipt(batch);
    }
  }

  // What the daemon would do, in the order of the calls.
  void Store(const Batch& batch) {
    for (const Value& value : batch.values) StoreValue(batch, value);
    if (batch.move) {
      Home& home = stored_.homes[batch.move->first];
      home = std::max(home, batch.move->second);
    }
  }

  void StoreValue(const Batch& batch, const Value& value) {
    Standing& standing = stored_.cells[value.cell];
    if (standing.reported_at_ms > batch.reported_at_ms) return;
    if (standing.reported_at_ms == 0 || standing.value != value.value) {
      standing.batch = batch.number + 1'000;
      standing.known_at_ms = KnownAt(batch);
    }
    standing.value = value.value;
    standing.reported_at_ms = batch.reported_at_ms;
  }

  static int64_t KnownAt(const Batch& batch) {
    return 1'790'000'000'000 + static_cast<int64_t>(batch.number);
  }

  void Receipt(const Batch& batch, bool repeated = false) {
    v1::Receipt receipt;
    receipt.set_request_id(batch.RequestId());
    receipt.set_batch(batch.number + 1'000);
    receipt.set_known_at_ms(KnownAt(batch));
    receipt.set_accepted(batch.values.size());
    receipt.set_repeated(repeated);
    model_.Receive(receipt);
  }

  Verdict Check() {
    stored_.warnings.clear();
    stored_.rollups.clear();
    stored_.figures.clear();
    Derive(&stored_);
    return model_.Check(stored_);
  }

  // The cell of the batch that nothing reported later stands in.
  Cell StandingCellOf(const Batch& batch) const {
    for (const Value& value : batch.values) {
      if (stored_.cells.at(value.cell).reported_at_ms == batch.reported_at_ms) return value.cell;
    }
    ADD_FAILURE() << "all of it was replaced";
    return {};
  }

  std::mt19937_64 random_{7};
  Model model_;
  Stored stored_;
};

TEST_F(ModelTest, AStoreThatHasAllIsWhole) {
  for (int i = 0; i < 20; ++i) {
    const Batch batch = New();
    Store(batch);
    Receipt(batch);
  }
  const Verdict verdict = Check();
  EXPECT_THAT(verdict.findings, IsEmpty());
  EXPECT_TRUE(verdict.ok());
  EXPECT_FALSE(stored_.warnings.empty());
  EXPECT_FALSE(stored_.homes.empty());
}

TEST_F(ModelTest, AReceiptedValueThatIsGoneIsLost) {
  const Batch batch = New();
  Store(batch);
  Receipt(batch);
  const Cell cell = StandingCellOf(batch);
  stored_.cells.erase(cell);
  const Verdict verdict = Check();
  EXPECT_GE(verdict.lost, 1);
  EXPECT_THAT(verdict.findings.front(),
              HasSubstr("lost: batch " + std::to_string(batch.number) + ": " +
                        SubjectOf(cell.household) + " " + IndicatorName(cell.indicator)));
}

TEST_F(ModelTest, AReceiptedValueThatAnOlderOneTookThePlaceOfIsLost) {
  const Batch batch = New();
  Store(batch);
  Receipt(batch);
  stored_.cells[StandingCellOf(batch)].reported_at_ms -= 1;
  const Verdict verdict = Check();
  EXPECT_EQ(verdict.lost, 1);
  EXPECT_EQ(verdict.half, 0);
}

TEST_F(ModelTest, AReceiptedValueUnderAnotherBatchIsLost) {
  const Batch batch = New();
  Store(batch);
  Receipt(batch);
  // Income hardly ever comes twice with one value.
  for (const Value& value : batch.values) {
    if (value.cell.indicator == kIncome &&
        stored_.cells[value.cell].reported_at_ms == batch.reported_at_ms) {
      stored_.cells[value.cell].batch = 5;
    }
  }
  EXPECT_GE(Check().lost, 1);
}

TEST_F(ModelTest, ABatchWithoutAReceiptMayBeThereOrNot) {
  const Batch there = New();
  const Batch not_there = New();
  Store(there);
  const Verdict verdict = Check();
  EXPECT_THAT(verdict.findings, IsEmpty());
  EXPECT_EQ(verdict.found, 1);
  EXPECT_EQ(verdict.absent, 1);
}

TEST_F(ModelTest, ABatchWithoutAReceiptOfWhichAPartIsThereIsHalf) {
  const Batch batch = New();
  for (size_t i = 0; i < batch.values.size() / 2; ++i) StoreValue(batch, batch.values[i]);
  const Verdict verdict = Check();
  EXPECT_GE(verdict.half, 1);
  EXPECT_THAT(verdict.findings.front(),
              HasSubstr("half: batch " + std::to_string(batch.number) + ": "));
}

TEST_F(ModelTest, AMoveWithoutItsBatchIsHalf) {
  Batch batch = New();
  while (!batch.move) {
    Store(batch);
    Receipt(batch);
    batch = New();
  }
  ASSERT_TRUE(stored_.homes.find(batch.move->first) == stored_.homes.end() ||
              stored_.homes[batch.move->first] < batch.move->second);
  stored_.homes[batch.move->first] = batch.move->second;
  EXPECT_GE(Check().half, 1);
}

TEST_F(ModelTest, AValueOfNoBatchIsHalf) {
  stored_.cells[{3, kIncome, Day("2023-01-15")}] = {500'00, 1'719'792'000'001, 9, 1};
  EXPECT_EQ(Check().half, 1);
}

TEST_F(ModelTest, WhatWasFoundWithoutAReceiptMayNotGoAgain) {
  const Batch batch = New();
  const Stored before = stored_;
  Store(batch);
  ASSERT_TRUE(Check().ok());
  stored_ = before;
  EXPECT_GE(Check().lost, 1);
}

TEST_F(ModelTest, ValuesThatAreThereWithoutTheirReceiptAreHalf) {
  const Batch batch = New();
  Store(batch);
  ASSERT_TRUE(Check().ok());
  Receipt(batch, /*repeated=*/false);
  EXPECT_EQ(Check().half, 1);
}

TEST_F(ModelTest, AReceiptThatIsThereWithoutItsValuesIsHalf) {
  const Batch batch = New();
  ASSERT_TRUE(Check().ok());
  Receipt(batch, /*repeated=*/true);
  EXPECT_GE(Check().half, 1);
}

TEST_F(ModelTest, AReceiptThatIsForgottenIsLost) {
  const Batch batch = New();
  Store(batch);
  Receipt(batch);
  Receipt(batch, /*repeated=*/true);
  ASSERT_TRUE(Check().ok());
  Receipt(batch, /*repeated=*/false);
  EXPECT_EQ(Check().lost, 1);
}

TEST_F(ModelTest, ARefusedBatchFailsTheRun) {
  const Batch batch = New();
  v1::Receipt receipt;
  receipt.set_request_id(batch.RequestId());
  receipt.mutable_error()->set_message("no room");
  model_.Receive(receipt);
  const Verdict verdict = Check();
  EXPECT_FALSE(verdict.ok());
  EXPECT_THAT(verdict.findings,
              ElementsAre("batch " + std::to_string(batch.number) + " refused: no room"));
}

TEST_F(ModelTest, AWarningARollupAndATallyThatDifferAreLost) {
  const Batch batch = New();
  Store(batch);
  Receipt(batch);
  Derive(&stored_);
  ASSERT_FALSE(stored_.warnings.empty());
  stored_.warnings.erase(stored_.warnings.begin());
  stored_.rollups.begin()->second.count += 1;
  stored_.figures.begin()->second -= 1;
  EXPECT_EQ(model_.Check(stored_).lost, 3);
}

TEST_F(ModelTest, AReplacedValueThatIsNotKeptIsLost) {
  Batch first = New();
  Store(first);
  Receipt(first);
  std::map<Cell, std::vector<int64_t>> kept;
  std::optional<Value> replaced;
  while (!replaced) {
    const Batch next = New();
    for (const Value& value : next.values) {
      const auto before = stored_.cells.find(value.cell);
      if (before == stored_.cells.end() || before->second.value == value.value) continue;
      const bool later = next.reported_at_ms > before->second.reported_at_ms;
      kept[value.cell].push_back(later ? before->second.value : value.value);
      replaced = Value{value.cell, kept[value.cell].back()};
    }
    Store(next);
    Receipt(next);
  }
  const int household = replaced->cell.household;
  const Verdict without = model_.CheckSuperseded(household, {});
  EXPECT_GE(without.lost, 1);
  // Batches that New passed over may have replaced others; this one is accounted for.
  EXPECT_LT(model_.CheckSuperseded(household, kept).lost, without.lost);
}

// The world's policy, worked out by hand.
TEST(DeriveTest, WarningsFollowThePolicy) {
  Stored stored;
  const auto set = [&](int household, int indicator, const char* day, int64_t yuan) {
    stored.cells[{household, indicator, Day(day)}].value = yuan * 100;
  };
  // Low in March, still low for lack of news in April, high in May.
  set(0, kIncome, "2023-02-28", 900);
  set(0, kIncome, "2023-03-31", 700);
  set(0, kSize, "2023-04-30", 3);
  set(1, kIncome, "2023-03-31", 700);
  set(1, kIncome, "2023-05-31", 701);
  // Over the line with the second bill; under the lower one in October, two months of which end in
  // December.
  set(2, kMedical, "2023-03-31", 3'000);
  set(2, kMedical, "2023-04-30", 2'500);
  set(2, kMedical, "2023-10-31", 0);
  set(2, kMedical, "2023-12-15", 0);
  set(3, kMedical, "2023-03-31", 3'000);
  set(3, kMedical, "2023-04-30", 2'500);
  set(3, kMedical, "2023-10-31", 0);
  set(3, kMedical, "2023-12-31", 0);
  Derive(&stored);
  EXPECT_THAT(stored.warnings,
              ElementsAre(std::pair(OpenWarning{0, "income_low"}, Day("2023-03-31")),
                          std::pair(OpenWarning{2, "medical_high"}, Day("2023-04-30"))));
}

TEST(DeriveTest, ARelocatedHouseholdCountsOnceInEachView) {
  Stored stored;
  stored.cells[{0, kIncome, Day("2023-03-15")}].value = 700'00;
  stored.cells[{0, kIncome, Day("2023-03-31")}].value = 800'00;
  stored.homes[0] = Home{Day("2020-01-01"), 1, "520502003002"};
  Derive(&stored);
  const int32_t march = MonthOf(Day("2023-03-31"));
  for (const auto& [view, place] :
       {std::pair{"settlement", "520502001"}, {"origin", "520502003"}, {"site", "520502001/S2"}}) {
    EXPECT_EQ((stored.rollups[{view, place, "income", march}]), (Sum{2, 1'500'00}));
    EXPECT_EQ((stored.rollups[{view, place, "", march}]), (Sum{1, 0}));
  }
  EXPECT_EQ(stored.rollups.size(), 6u);
  EXPECT_EQ(stored.figures["shouwang_households{division=\"520502001\"}"], 1);
  EXPECT_EQ(stored.figures["shouwang_observations{division=\"520502001\"}"], 2);
  EXPECT_EQ(stored.figures["shouwang_origin_households{division=\"520502003\"}"], 1);
  EXPECT_EQ(stored.figures["shouwang_site_households{site=\"520502001/S2\"}"], 1);
}

}  // namespace
}  // namespace shouwang::crash
