// Promise 2: the same observations and the same policy give the same warnings, whatever the order
// of arrival, the re-sends, the bunches and the restarts.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <stdlib.h>

#include <algorithm>
#include <random>

#include "daemon/ingest/shard.h"
#include "storage/memory/memory_store.h"
#include "storage/rocks/rocks_store.h"
#include "tests/daemon/ingest/census.h"
#include "tests/daemon/ingest/fixture.h"

namespace shouwang::ingest {
namespace {

class OrderTest : public testing::TestWithParam<uint32_t> {
 protected:
  int Pick(int from, int to) { return std::uniform_int_distribution(from, to)(random_); }

  Row RandomRow() {
    static const std::vector<std::string> kIndicators = {"wage_income", "medical_cost", "insured",
                                                         "household_size"};
    Date date = Date::LastOf(Month::OfIndex((2025 - 1970) * 12 + Pick(0, 13)));
    if (Pick(0, 3) == 0) date = date - Pick(1, 27);
    if (Pick(0, 9) == 0) return {SiteOf(3), date, "school_seats", Pick(80, 120)};
    const Subject household = Household(static_cast<uint32_t>(Pick(1, 3)), Pick(1, 2));
    const std::string& indicator = kIndicators[static_cast<size_t>(Pick(0, 3))];
    const int64_t value = indicator == "wage_income"    ? Pick(0, 4) * 50000
                          : indicator == "medical_cost" ? Pick(0, 3) * 200000
                          : indicator == "insured"      ? Pick(0, 1)
                                                        : Pick(1, 4);
    return {household, date, indicator, value};
  }

  // Few instants and all sources, so that reports of one cell meet in every way.
  std::vector<v1::Batch> RandomBatches(int count) {
    std::vector<v1::Batch> batches;
    for (int i = 0; i < count; ++i) {
      std::vector<Row> rows;
      for (int r = Pick(1, 25); r > 0; --r) rows.push_back(RandomRow());
      v1::Batch batch = MakeBatch("batch-" + std::to_string(i), rows, At("2026-03-01", Pick(0, 5)),
                                  static_cast<v1::Source>(Pick(1, 3)));
      if (Pick(0, 2) == 0) {
        const bool third = Pick(0, 1) == 0;
        AddResidence(&batch, Household(static_cast<uint32_t>(Pick(1, 3)), Pick(1, 2)),
                     SiteOf(third ? 3 : 4), third ? "520502002" : "520502003",
                     Pick(0, 1) == 0 ? "2021-05-01" : "2023-05-01");
      }
      batches.push_back(batch);
    }
    return batches;
  }

  // Sends the batches in this order, over several lives of the shard.
  void Take(const std::vector<v1::Batch>& batches, int bunch_values, Store* store) {
    size_t next = 0;
    while (next < batches.size()) {
      IngestBounds bounds;
      bounds.bunch_values = bunch_values;
      prometheus::Registry registry;
      IngestMetrics metrics(registry, bounds, rulebook_->policies);
      Shard shard(0, {*store, current_, clock_, bounds, metrics, nullptr});
      const size_t end = std::min(batches.size(), next + static_cast<size_t>(Pick(1, 20)));
      for (; next < end; ++next) Push(batches[next], bounds, &shard);
      shard.Stop();
    }
  }

  void Push(const v1::Batch& batch, const IngestBounds& bounds, Shard* shard) {
    auto pending = std::make_unique<PendingBatch>();
    pending->request = std::make_unique<v1::SubmitRequest>();
    *pending->request->mutable_batch() = batch;
    pending->rulebook = rulebook_;
    absl::StatusOr<CheckedBatch> checked = CheckBatch(batch, *rulebook_, clock_(), bounds);
    ASSERT_TRUE(checked.ok()) << checked.status();
    pending->checked = *std::move(checked);
    pending->answer = [](const v1::Receipt& receipt) {
      EXPECT_FALSE(receipt.has_error()) << receipt.error().message();
    };
    shard->Push(std::move(pending), [] {});
  }

  std::mt19937 random_{GetParam()};
  std::shared_ptr<const Rulebook> rulebook_ = MakeRulebook();
  CurrentRulebook current_{rulebook_};
  std::function<Instant()> clock_ = [] { return At("2026-06-15"); };
};

TEST_P(OrderTest, AnyArrivalGivesTheSameHistoriesWarningsAndCounts) {
  std::vector<v1::Batch> batches = RandomBatches(40);
  MemoryStore first;
  Take(batches, 1 << 19, &first);
  const std::vector<std::string> facts = FactsOf(first);
  const std::vector<std::string> counts = CountsOf(first);
  EXPECT_THAT(facts, testing::Contains(testing::StartsWith("warning")));
  EXPECT_EQ(counts, Recount(first));
  EXPECT_THAT(facts, testing::IsSupersetOf(JudgeAgain(first, *rulebook_)));

  // Some again under their own request id, some as new batches.
  const size_t original = batches.size();
  for (size_t i = 0; i < original; i += 3) {
    batches.push_back(batches[i]);
    batches.push_back(batches[i + 1]);
    batches.back().set_request_id("again-" + std::to_string(i));
  }
  for (const int bunch_values : {1, 30, 1 << 19}) {
    std::ranges::shuffle(batches, random_);
    MemoryStore other;
    Take(batches, bunch_values, &other);
    EXPECT_EQ(FactsOf(other), facts) << "bunches of " << bunch_values << " values";
    EXPECT_EQ(CountsOf(other), counts) << "bunches of " << bunch_values << " values";
  }
}

TEST_P(OrderTest, AStoreOnDiskThatIsClosedAndOpenedAgainHoldsTheSame) {
  std::vector<v1::Batch> batches = RandomBatches(30);
  MemoryStore memory;
  Take(batches, 1 << 19, &memory);
  std::string folder = testing::TempDir() + "/ingest_order_XXXXXX";
  ASSERT_NE(mkdtemp(folder.data()), nullptr);
  RocksOptions options;
  options.path = folder + "/store";
  std::ranges::shuffle(batches, random_);
  const size_t half = batches.size() / 2;
  for (const auto& part :
       {std::vector(batches.begin(), batches.begin() + static_cast<ptrdiff_t>(half)),
        std::vector(batches.begin() + static_cast<ptrdiff_t>(half), batches.end())}) {
    const auto store = RocksStore::Open(options);
    ASSERT_TRUE(store.ok()) << store.status();
    ASSERT_TRUE((*store)->BindCatalogue(rulebook_->reg.catalogue).ok());
    Take(part, 30, store->get());
  }
  const auto store = RocksStore::Open(options);
  ASSERT_TRUE(store.ok()) << store.status();
  EXPECT_EQ(FactsOf(**store), FactsOf(memory));
  EXPECT_EQ(CountsOf(**store), CountsOf(memory));
  EXPECT_EQ(CountsOf(**store), Recount(**store));
}

INSTANTIATE_TEST_SUITE_P(Seeds, OrderTest, testing::Range(1u, 7u));

}  // namespace
}  // namespace shouwang::ingest
