#include <fmt/format.h>
#include <gtest/gtest.h>

#include <random>
#include <utility>

#include "daemon/ingest/bunch.h"
#include "storage/memory/memory_store.h"
#include "tests/daemon/ingest/census.h"
#include "tests/daemon/ingest/fixture.h"

namespace shouwang::ingest {
namespace {

// Counts the subjects of each read of states: one read for each part.
class WatchedStore final : public MemoryStore {
 public:
  absl::Status FillStates(std::span<const Subject> subjects,
                          std::vector<SubjectState>* states) const override {
    parts_.push_back(subjects.size());
    return MemoryStore::FillStates(subjects, states);
  }
  std::vector<size_t> TakeParts() { return std::exchange(parts_, {}); }

 private:
  mutable std::vector<size_t> parts_;
};

struct World {
  explicit World(int64_t recent_bytes = 1 << 20) : memory(recent_bytes) {}

  std::vector<v1::Receipt> Apply(std::span<const v1::Batch> batches) {
    std::vector<CheckedBatch> checked = CheckAll(batches, *rulebook, now);
    std::vector<CheckedBatch*> pointers;
    for (CheckedBatch& batch : checked) pointers.push_back(&batch);
    absl::StatusOr<AppliedBunch> applied =
        ApplyBunch(pointers, store, *rulebook, evaluator, now, &memory);
    EXPECT_TRUE(applied.ok()) << applied.status();
    EXPECT_TRUE(store.Commit(applied->transaction).ok());
    memory.EndBunch(std::move(applied->transaction));
    std::vector<v1::Receipt> receipts;
    for (const CheckedBatch& batch : checked) receipts.push_back(batch.receipt);
    return receipts;
  }

  std::shared_ptr<const Rulebook> rulebook = MakeRulebook();
  risk::Evaluator evaluator{rulebook->policies, rulebook->reg.catalogue};
  BunchMemory memory;
  WatchedStore store;
  Instant now = At("2026-07-01");
};

std::vector<Row> Months(int village, uint32_t first, uint32_t end, Date date, int64_t value) {
  std::vector<Row> rows;
  for (uint32_t n = first; n < end; ++n) {
    rows.push_back({Household(n, village), date, "wage_income", value + n});
  }
  return rows;
}

TEST(BunchPartTest, AVillageIsAPartAndReportsThatComeAloneShareOne) {
  World world;
  std::vector<v1::Batch> batches;
  const Date date = Day("2026-05-31");
  batches.push_back(MakeBatch("second village", Months(2, 1, 301, date, 0)));
  batches.push_back(MakeBatch("first village", Months(1, 1, 301, date, 0)));
  // Each of a group of its own.
  for (uint32_t n = 1'000; n < 6'000; n += 256) {
    batches.push_back(MakeBatch(fmt::format("alone {}", n), Months(2, n, n + 1, date, 0)));
  }
  const std::vector<v1::Receipt> receipts = world.Apply(batches);
  EXPECT_EQ(world.store.TakeParts(), (std::vector<size_t>{300, 300, 20}));
  // Numbers are of the order in which batches came.
  for (size_t i = 1; i < receipts.size(); ++i) {
    EXPECT_EQ(receipts[i].batch(), receipts[0].batch() + i);
  }
}

TEST(BunchPartTest, BatchesWithNeighboursStayTogetherHoweverManyTheyAre) {
  World world;
  const Date date = Day("2026-05-31");
  v1::Batch moving = MakeBatch("moving", Months(1, 1, 2, date, 0));
  AddResidence(&moving, Household(2, 2), SiteOf(3), "520502002", "2026-01-01");
  const std::vector<v1::Batch> batches = {
      MakeBatch("first", Months(1, 1, 257, date, 1)),
      MakeBatch("second", Months(1, 1, 257, date + 1, 1)),
      moving,
      MakeBatch("neighbours", Months(2, 3, 300, date, 1)),
  };
  world.Apply(batches);
  EXPECT_EQ(world.store.TakeParts(), (std::vector<size_t>{256 + 1 + 297}));
}

// Batches of one to three hundred households, in part the same ones, some of whom move.
std::vector<v1::Batch> DrawBatches(int bunch, std::mt19937_64* random) {
  const auto below = [&](uint64_t bound) { return (*random)() % bound; };
  std::vector<v1::Batch> batches;
  for (uint64_t b = 0, count = 1 + below(6); b < count; ++b) {
    const int village = below(2) == 0 ? 1 : 2;
    const auto first = static_cast<uint32_t>(1 + below(400));
    const auto end = static_cast<uint32_t>(first + 1 + below(3) * below(150));
    const Date date = Date::LastOf(*Month::Parse("2024-01") + bunch + static_cast<int>(below(2)));
    std::vector<Row> rows = Months(village, first, end, date, static_cast<int64_t>(below(250'000)));
    // In a third of the batches all tell whether they are insured, in one some do.
    const uint64_t told = below(3);
    for (uint32_t n = first; n < end; ++n) {
      if (told == 0 || (told == 1 && below(2) == 0)) continue;
      rows.push_back({Household(n, village), date, "insured", static_cast<int64_t>(below(8) > 0)});
    }
    batches.push_back(MakeBatch(fmt::format("b{}-{}", bunch, b), rows,
                                At("2026-06-30", static_cast<int>(below(50)))));
    if (below(4) != 0) continue;
    AddResidence(&batches.back(), Household(static_cast<uint32_t>(1 + below(700)), village),
                 SiteOf(3), "520502002", Date::OfDays(19'000 + bunch).ToString());
  }
  return batches;
}

TEST(BunchPartTest, WhatTheyComeToIsThatOfBatchesOneByOne) {
  std::mt19937_64 random(20261130);
  World together(1 << 20);
  World passing(0);     // no window stays
  World mixed(40'000);  // some do
  World apart;
  size_t parts = 0;
  for (int bunch = 0; bunch < 24; ++bunch) {
    const std::vector<v1::Batch> batches = DrawBatches(bunch, &random);
    const std::vector<v1::Receipt> receipts = together.Apply(batches);
    parts = std::max(parts, together.store.TakeParts().size());
    passing.Apply(batches);
    mixed.Apply(batches);
    for (size_t i = 0; i < batches.size(); ++i) {
      const v1::Receipt expected = apart.Apply({&batches[i], 1})[0];
      EXPECT_EQ(receipts[i].accepted(), expected.accepted());
      EXPECT_EQ(receipts[i].corrected(), expected.corrected());
      EXPECT_EQ(receipts[i].unchanged(), expected.unchanged());
      EXPECT_EQ(receipts[i].superseded(), expected.superseded());
    }
  }
  EXPECT_GT(parts, 1u);
  for (const World* world : {&together, &passing, &mixed}) {
    EXPECT_EQ(FactsOf(world->store), FactsOf(apart.store));
    EXPECT_EQ(CountsOf(world->store), CountsOf(apart.store));
    EXPECT_EQ(CountsOf(world->store), Recount(world->store));
  }
}

}  // namespace
}  // namespace shouwang::ingest
