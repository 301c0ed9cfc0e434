// Many things in one call: more subjects than a store reads together, batches out of the order of
// their requests.
#include <fmt/format.h>

#include "tests/storage/contract/store_contract.h"

namespace shouwang {
namespace {

template <typename UnderTest>
class StoreManyTest : public StoreContractTest<UnderTest> {};
TYPED_TEST_SUITE(StoreManyTest, Stores);

// One household in each village, so that each has a group to itself.
std::vector<Subject> Households(int count) {
  std::vector<Subject> households;
  for (int i = 0; i < count; ++i) {
    households.push_back(
        Named(fmt::format("520502{:03}{:03}/{}", 1 + i / 50, 1 + i % 50, 1 + i % 7)));
  }
  return households;
}

TYPED_TEST(StoreManyTest, ManySubjectsAreReadTogetherEachInItsPlace) {
  const std::vector<Subject> households = Households(700);
  Transaction transaction;
  for (size_t i = 0; i < households.size(); i += 2) {
    const std::string name = households[i].ToString();
    const auto value = static_cast<int64_t>(i);
    transaction.observations.push_back(Observe(name, 1, "2025-12-31", value));
    transaction.observations.push_back(Observe(name, 1, "2026-01-31", -value));
    SubjectRisk& risk = transaction.risks.emplace_back();
    risk.subject = households[i];
    risk.evaluated_through = On("2026-01-31") + static_cast<int32_t>(i);
  }
  CommitOk(this->store(), transaction);
  this->Reopen();
  const auto histories =
      this->store().LoadHistories(households, {On("2025-01-01"), On("2026-12-31")});
  ASSERT_TRUE(histories.ok()) << histories.status();
  const auto states = this->store().LoadStates(households);
  ASSERT_TRUE(states.ok()) << states.status();
  for (size_t i = 0; i < households.size(); ++i) {
    SCOPED_TRACE(households[i].ToString());
    EXPECT_EQ((*histories)[i].subject(), households[i]);
    std::vector<int64_t> values;
    for (const Row& row : RowsOf((*histories)[i])) values.push_back(std::get<3>(row));
    const bool reported = i % 2 == 0;
    const auto value = static_cast<int64_t>(i);
    EXPECT_EQ(values, reported ? (std::vector<int64_t>{value, -value}) : std::vector<int64_t>());
    ASSERT_EQ((*states)[i].risk.has_value(), reported);
    if (!reported) continue;
    EXPECT_EQ((*states)[i].risk->evaluated_through, On("2026-01-31") + static_cast<int32_t>(i));
  }
}

TYPED_TEST(StoreManyTest, BatchesOfOneCommitAreFoundByTheirRequests) {
  const std::vector<std::string> requests = {"m", "a", "z", "b", ""};
  const uint64_t first = this->store().ReserveBatchNumbers(requests.size());
  Transaction transaction;
  for (size_t i = 0; i < requests.size(); ++i) {
    BatchRecord& batch = transaction.batches.emplace_back();
    batch.number = first + i;
    batch.request_id = requests[i];
    batch.township = Div("520502001");
    batch.collector = "pc-1";
    batch.receipt = "receipt of " + requests[i];
  }
  CommitOk(this->store(), transaction);
  this->Reopen();
  for (size_t i = 0; i < requests.size(); ++i) {
    const auto found = this->store().FindBatch(first + i);
    ASSERT_TRUE(found.ok() && found->has_value()) << found.status();
    EXPECT_EQ((*found)->request_id, requests[i]);
    if (requests[i].empty()) continue;
    EXPECT_EQ(*this->store().FindReceipt(requests[i]), "receipt of " + requests[i]);
  }
  EXPECT_EQ(*this->store().FindReceipt("c"), std::nullopt);
}

}  // namespace
}  // namespace shouwang
