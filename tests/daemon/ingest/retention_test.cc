// Promise 2 with a retention: once it has been applied, a store is what it would be had it never
// got anything older, whatever came before, between and after.
#include "daemon/ingest/retention.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <stdlib.h>

#include <algorithm>
#include <iterator>
#include <sstream>

#include "absl/synchronization/notification.h"
#include "daemon/ingest/ingest.h"
#include "daemon/rulebook/retention_months.h"
#include "storage/memory/memory_store.h"
#include "storage/rocks/rocks_store.h"
#include "storage/rocks/rocks_trimming.h"
#include "tests/daemon/ingest/arrivals.h"
#include "tests/daemon/ingest/census.h"
#include "tests/daemon/ingest/fixture.h"
#include "tests/temporary_directory.h"

namespace shouwang::ingest {
namespace {

// Most indicators are kept from 2026 on; insured, as one of a longer cadence would be, for ever.
std::shared_ptr<const Rulebook> Closing(const Rulebook& rulebook) {
  auto closing = std::make_shared<Rulebook>(rulebook);
  closing->retention.first_year = {{kWage, 2026}, {kSize, 2026}, {kMedical, 2026}, {kSeats, 2026}};
  return closing;
}

// Without the rollups and histograms of closed months, which stay as they were. Their lines have
// "INDICATOR MONTH bucket|count" in them.
std::vector<std::string> OpenOnes(std::vector<std::string> counts, const Retention& retention) {
  std::erase_if(counts, [&](const std::string& line) {
    std::istringstream text(line);
    const std::vector<std::string> words{std::istream_iterator<std::string>(text), {}};
    if (words[0] != "rollup" && words[0] != "histogram") return false;
    const auto behind = std::ranges::find(words, words[0] == "rollup" ? "count" : "bucket");
    const Date first = Date::FirstOf(*Month::Parse(*(behind - 1)));
    const auto indicator = static_cast<IndicatorId>(std::stoi(*(behind - 2)));
    return first <
           (indicator == kAnyIndicator ? retention.AllKeptFrom() : retention.KeptFrom(indicator));
  });
  return counts;
}

class RetentionTest : public testing::TestWithParam<uint32_t>, protected Arrivals {
 protected:
  RetentionTest() : Arrivals(GetParam()) {
    RocksOptions options;
    options.path = folder_.path() + "/store";
    store_ = *RocksStore::Open(options);
  }

  TrimTotals Apply() {
    IngestBounds bounds;
    prometheus::Registry registry;
    Ingest ingest(*store_, current_, clock_, bounds, registry, nullptr);
    RocksTrimming trimming(store_.get());
    TrimTotals dropped;
    double share = 0;
    const absl::Status status = ingest.Trim(&trimming, {}, [&](double done, const TrimTotals& all) {
      share = done;
      dropped = all;
    });
    EXPECT_TRUE(status.ok()) << status;
    EXPECT_EQ(share, 1);
    return dropped;
  }

  std::vector<RuleId> OpenRules() const {
    std::vector<RuleId> rules;
    const auto note = [&](const Warning& warning) {
      rules.push_back(warning.rule);
      return true;
    };
    EXPECT_TRUE(store_->ScanWarnings(Division(), Subject(), 0, note).ok());
    return rules;
  }

  TemporaryDirectory folder_;
  std::unique_ptr<RocksStore> store_;
};

TEST_P(RetentionTest, AfterItAStoreIsAsIfNothingOlderHadEverCome) {
  std::vector<v1::Batch> batches = RandomBatches(40);
  const std::shared_ptr<const Rulebook> open = rulebook_;
  const std::shared_ptr<const Rulebook> closing = Closing(*open);
  const Retention& retention = closing->retention;
  const size_t before = static_cast<size_t>(Pick(5, 35));
  Take({batches.begin(), batches.begin() + static_cast<ptrdiff_t>(before)}, 30, store_.get());
  current_.Set(closing);
  EXPECT_GT(Apply().observations, 0u);
  EXPECT_EQ(OpenOnes(CountsOf(*store_), retention), OpenOnes(Recount(*store_), retention));
  EXPECT_THAT(FactsOf(*store_), testing::IsSupersetOf(JudgeAgain(*store_, *closing)));
  // These were checked before the year was closed, and are checked again by the shard.
  batches.push_back(batches[0]);
  batches.back().set_request_id("again");
  Take({batches.begin() + static_cast<ptrdiff_t>(before), batches.end()}, 30, store_.get());
  EXPECT_EQ(Apply().observations, 0u);

  MemoryStore other;
  Take(batches, 1 << 19, &other);
  EXPECT_EQ(FactsOf(*store_), FactsOf(other));
  EXPECT_EQ(OpenOnes(CountsOf(*store_), retention), OpenOnes(CountsOf(other), retention));
  EXPECT_EQ(OpenOnes(CountsOf(*store_), retention), OpenOnes(Recount(*store_), retention));
  EXPECT_THAT(FactsOf(*store_), testing::IsSupersetOf(JudgeAgain(*store_, *closing)));
}

// A shard keeps what its subjects reported lately in memory.
class LivingShardTest : public RetentionTest {};

TEST_P(LivingShardTest, WhatWasDroppedIsNotJudgedByAnyMore) {
  IngestBounds bounds;
  prometheus::Registry registry;
  IngestMetrics metrics(registry, bounds, rulebook_->policies);
  const Shard::Surroundings surroundings{*store_, current_, clock_, bounds, metrics, nullptr};
  Shard shard(0, surroundings);
  Push(MakeBatch("before",
                 {{Household(1), Day("2025-12-31"), "medical_cost", 600'000},
                  {Household(1), Day("2026-01-31"), "wage_income", 120'000}},
                 At("2026-06-14")),
       bounds, &shard);
  RocksTrimming trimming(store_.get());
  absl::Notification trimmed;
  shard.Post([&](const Rulebook& open, risk::Evaluator& evaluator, Instant known_at) {
    EXPECT_EQ(OpenRules(), std::vector<RuleId>{2});
    const auto totals = TrimTownship(Division::Parse(kTownship).value(), trimming, surroundings,
                                     *Closing(open), evaluator, known_at, {});
    EXPECT_EQ(totals->observations, 1u);
    trimmed.Notify();
  });
  trimmed.WaitForNotification();
  EXPECT_TRUE(OpenRules().empty());
  Push(MakeBatch("after", {{Household(1), Day("2026-02-28"), "wage_income", 120'000}},
                 At("2026-06-14")),
       bounds, &shard);
  shard.Stop();
  EXPECT_TRUE(OpenRules().empty());
}

INSTANTIATE_TEST_SUITE_P(One, LivingShardTest, testing::Values(1u));
INSTANTIATE_TEST_SUITE_P(Seeds, RetentionTest, testing::Range(1u, 7u));

TEST(RetentionMonthsTest, WholeYearsAreClosedAndNeverWhatPoliciesLookBackOn) {
  std::vector<Indicator> indicators(3);
  for (size_t i = 0; i < 3; ++i) {
    indicators[i].id = static_cast<IndicatorId>(i + 1);
    indicators[i].name = std::string(1, static_cast<char>('a' + i));
    indicators[i].max = 1;
  }
  indicators[1].cadence = Cadence::kYearly;
  indicators[2].cadence = Cadence::kOnChange;
  const Catalogue catalogue = *Catalogue::Of(indicators);
  const RetentionMonths months{.monthly = 24, .yearly = 120};
  // 24 months before October 2026 is October 2024: all of 2024 stays.
  EXPECT_EQ(RetentionOn(Day("2026-10-05"), months, catalogue, 12).first_year,
            (std::map<IndicatorId, int32_t>{{1, 2024}, {2, 2016}}));
  EXPECT_EQ(RetentionOn(Day("2026-10-05"), months, catalogue, 60).first_year,
            (std::map<IndicatorId, int32_t>{{1, 2021}, {2, 2016}}));
  EXPECT_TRUE(RetentionOn(Day("2026-10-05"), {}, catalogue, 60).keeps_everything());
}

TEST(RetentionCheckTest, AValueOfAClosedDayIsRejectedAndTheRestIsTaken) {
  const std::shared_ptr<const Rulebook> closing = Closing(*MakeRulebook());
  const v1::Batch batch =
      MakeBatch("b", {{Household(1), Day("2025-12-31"), "wage_income", 120000},
                      {Household(1), Day("2025-12-31"), "insured", 1},
                      {Household(1), Day("2026-01-01"), "wage_income", 130000}});
  const auto checked = CheckBatch(batch, *closing, At("2026-06-30"), IngestBounds());
  ASSERT_TRUE(checked.ok()) << checked.status();
  EXPECT_EQ(checked->observations.size(), 2u);
  ASSERT_EQ(checked->receipt.rejections_size(), 1);
  EXPECT_EQ(checked->receipt.rejected(), 1u);
  const v1::Rejection& rejection = checked->receipt.rejections(0);
  EXPECT_EQ(rejection.reason(), v1::REJECTION_REASON_NOT_KEPT);
  EXPECT_EQ(rejection.value(), "1200.00");
  EXPECT_EQ(rejection.message(),
            "wage_income on 2025-12-31: values of it are kept from 2026-01-01 on");
}

}  // namespace
}  // namespace shouwang::ingest
