// Promise 2: the same observations and the same policy give the same warnings, whatever the order
// of arrival, the re-sends, the bunches and the restarts.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <stdlib.h>

#include <algorithm>

#include "storage/memory/memory_store.h"
#include "storage/rocks/rocks_store.h"
#include "tests/daemon/ingest/arrivals.h"
#include "tests/daemon/ingest/census.h"
#include "tests/daemon/ingest/fixture.h"
#include "tests/temporary_directory.h"

namespace shouwang::ingest {
namespace {

class OrderTest : public testing::TestWithParam<uint32_t>, protected Arrivals {
 protected:
  OrderTest() : Arrivals(GetParam()) {}
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
  const TemporaryDirectory folder;
  RocksOptions options;
  options.path = folder.path() + "/store";
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
