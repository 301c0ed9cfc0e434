// What keeps the piles of small commits short.
#include "storage/rocks/long_piles.h"

#include <gtest/gtest.h>

#include <thread>

#include "storage/blocks/pile.h"
#include "tests/storage/contract/store_contract.h"

namespace shouwang {
namespace {

using rocks::Database;
using rocks::Family;
using rocks::LongPiles;

constexpr uint32_t kHouseholds = 250;

std::string NameOf(uint32_t household) { return "520502001001/" + std::to_string(household); }

// One household's report, and what was judged of it.
Transaction ReportOf(uint32_t household, std::string_view date, int64_t value, uint64_t batch) {
  Transaction transaction;
  transaction.observations = {
      Observe(NameOf(household), 1, date, value, ArrivedAt(static_cast<int64_t>(batch), batch)),
      Observe(NameOf(household), 2, date, -value, ArrivedAt(static_cast<int64_t>(batch), batch))};
  SubjectRisk risk;
  risk.subject = Named(NameOf(household));
  risk.policy_fingerprint = batch;
  transaction.risks = {risk};
  return transaction;
}

// As an ingest does: what is known is read before it is added to.
void FillAndCommit(RocksStore& store, const Transaction& transaction) {
  const std::vector<Subject> subjects = {transaction.observations[0].subject};
  std::vector<History> histories;
  std::vector<SubjectState> states;
  ASSERT_TRUE(store.FillStates(subjects, &states).ok());
  ASSERT_TRUE(store.FillHistories(subjects, {On("2026-01-01"), On("2026-12-31")}, &histories).ok());
  CommitOk(store, transaction);
}

size_t PartsOf(const Database& database, Family family, std::string_view key) {
  const auto value = database.Get(family, key);
  EXPECT_TRUE(value.ok() && value->has_value());
  std::vector<std::string_view> parts;
  SplitPile(**value, &parts);
  return parts.size();
}

std::pair<size_t, size_t> BlockAndStateParts(const std::string& path) {
  RocksOptions options = SmallRocks(path);
  options.read_only = true;
  const auto database = Database::Open(options);
  EXPECT_TRUE(database.ok()) << database.status();
  const BlockKey key = BlockKey::Of(Named(NameOf(1)), On("2026-01-31"));
  std::string block;
  std::string group;
  AppendBlockKey(key, &block);
  AppendGroupKey(key.group, &group);
  return {PartsOf(**database, Family::kBlocks, block), PartsOf(**database, Family::kStates, group)};
}

TEST(LongPilesTest, ManyPartsAreLongAndSoAreFewerThatMatterBesideTheFirst) {
  const std::string block(60'000, 'b');
  const std::string sheet(120, 's');
  const auto is_long = [&](size_t sheets, std::string_view first) {
    std::vector<std::string_view> parts(sheets + 1, sheet);
    parts[0] = first;
    return LongPiles::IsLong(parts);
  };
  EXPECT_FALSE(is_long(47, sheet));
  EXPECT_TRUE(is_long(48, sheet));
  EXPECT_FALSE(is_long(48, block));
  EXPECT_FALSE(is_long(160, block));
  EXPECT_TRUE(is_long(167, block));  // a quarter of all bytes
  EXPECT_TRUE(is_long(192, std::string(1'000'000, 'b')));
}

// Eight months of a village, household by household. The parts of its year and of its states stay
// few at every moment, and nothing is lost on the way.
TEST(LongPilesTest, ThousandsOfSmallCommitsToOneVillageLeaveShortPiles) {
  TemporaryDirectory directory;
  RocksOptions options = SmallRocks(directory.path());
  options.cache_bytes = 64 << 20;
  options.write_buffer_bytes = 64 << 20;  // nothing is written out, so no flush helps
  const std::unique_ptr<RocksStore> store = OpenRocks(options);
  const std::vector<std::string> dates = {"2026-01-31", "2026-02-28", "2026-03-31", "2026-04-30",
                                          "2026-05-31", "2026-06-30", "2026-07-31", "2026-08-31"};
  uint64_t batch = 0;
  for (const std::string& date : dates) {
    for (uint32_t household = 1; household <= kHouseholds; ++household) {
      ++batch;
      FillAndCommit(*store, ReportOf(household, date, static_cast<int64_t>(batch), batch));
      if (batch % 200 != 0) continue;
      const auto [blocks, states] = BlockAndStateParts(directory.path());
      ASSERT_LE(blocks, 200u) << "after " << batch << " commits";
      ASSERT_LE(states, 200u) << "after " << batch << " commits";
    }
  }
  ASSERT_EQ(batch, 2'000u);
  size_t rows = 0;
  for (const Row& row : Scanned(*store, Div("520502001001"))) {
    const auto& [subject, indicator, date, value, arrival] = row;
    EXPECT_EQ(std::abs(value), static_cast<int64_t>(arrival.batch)) << subject << " on " << date;
    ++rows;
  }
  EXPECT_EQ(rows, 4'000u);
  const auto states = store->LoadStates(std::vector<Subject>{Named(NameOf(1))});
  EXPECT_EQ((*states)[0].risk->policy_fingerprint, 1'751u);
}

// Several writers of one village at once, each of other households: what one folds, another adds
// to.
TEST(LongPilesTest, WritersSideBySideLoseNothingToAFold) {
  TemporaryDirectory directory;
  const std::unique_ptr<RocksStore> store = OpenRocks(SmallRocks(directory.path()));
  constexpr uint32_t kWriters = 4;
  constexpr uint32_t kCommits = 150;
  {
    std::vector<std::jthread> writers;
    writers.reserve(kWriters);
    for (uint32_t writer = 0; writer < kWriters; ++writer) {
      writers.emplace_back([&store, writer] {
        for (uint32_t i = 0; i < kCommits; ++i) {
          const std::string date = i < 75 ? "2026-01-31" : "2026-02-28";
          FillAndCommit(*store, ReportOf(1 + writer + kWriters * (i % 50), date, i, i + 1));
        }
      });
    }
  }
  // Of each household: two dates, and of each the value of the last commit.
  const std::vector<Row> rows = Scanned(*store, Div(""));
  ASSERT_EQ(rows.size(), size_t{kWriters} * 50 * 2 * 2);
  for (const Row& row : rows) {
    const auto& [subject, indicator, date, value, arrival] = row;
    const uint32_t place = (Named(subject).number - 1) / kWriters;
    const uint32_t last = date == "2026-02-28" ? place + 100 : (place < 25 ? place + 50 : place);
    EXPECT_EQ(std::abs(value), int64_t{last}) << subject << " on " << date;
  }
}

}  // namespace
}  // namespace shouwang
