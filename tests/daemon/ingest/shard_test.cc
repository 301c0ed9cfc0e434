#include "daemon/ingest/shard.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <span>

#include "tests/daemon/ingest/census.h"
#include "tests/daemon/ingest/fixture.h"
#include "tests/daemon/ingest/gated_store.h"

namespace shouwang::ingest {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::UnorderedElementsAre;

class ShardTest : public testing::Test {
 protected:
  // Notes its receipt, and in which order receipts were set and replies let go of.
  class NotedReply final : public Reply {
   public:
    NotedReply(ShardTest* test, std::string id) : test_(test), id_(std::move(id)) {}
    ~NotedReply() override {
      absl::MutexLock lock(&test_->mutex_);
      test_->replies_.push_back("go " + id_);
    }
    void Set(v1::Receipt receipt) override {
      absl::MutexLock lock(&test_->mutex_);
      test_->replies_.push_back("set " + id_);
      test_->receipts_.push_back(std::move(receipt));
    }

   private:
    ShardTest* const test_;
    const std::string id_;
  };

  // False where the caller is to wait.
  bool Push(
      const v1::Batch& batch, std::function<void()> on_room = [] {}) {
    auto pending = std::make_unique<PendingBatch>();
    pending->message = MessageOf(batch);
    pending->rulebook = checked_by_;
    pending->checked = *CheckBatch(batch, *checked_by_, clock_(), bounds_);
    pending->reply = std::make_unique<NotedReply>(this, batch.request_id());
    return shard_->Push(std::move(pending), std::move(on_room));
  }

  void Start() {
    metrics_ = std::make_unique<IngestMetrics>(registry_, bounds_, checked_by_->policies);
    shard_ = std::make_unique<Shard>(
        0, Shard::Surroundings{store_, current_, clock_, bounds_, *metrics_, nullptr});
  }

  // "r1" is at its commit until "r2" to "r<last>", of a household each, wait for the shard; then
  // all of it is worked off.
  void WorkOffBehindOne(uint32_t last) {
    store_.Close();
    Push(Insured("r1", 1));
    store_.AwaitCommit();
    for (uint32_t i = 2; i <= last; ++i) Push(Insured("r" + std::to_string(i), i));
    store_.Open();
    shard_->Stop();
  }

  static v1::Batch Insured(const std::string& id, uint32_t household, int64_t value = 1) {
    return MakeBatch(id, {{Household(household), Day("2026-05-31"), "insured", value}});
  }

  IngestBounds bounds_;
  std::shared_ptr<const Rulebook> checked_by_ = MakeRulebook();
  CurrentRulebook current_{checked_by_};
  std::function<Instant()> clock_ = [] { return At("2026-07-01"); };
  GatedStore store_;
  prometheus::Registry registry_;
  std::unique_ptr<IngestMetrics> metrics_;
  std::unique_ptr<Shard> shard_;
  absl::Mutex mutex_;
  std::vector<v1::Receipt> receipts_ ABSL_GUARDED_BY(mutex_);
  std::vector<std::string> replies_ ABSL_GUARDED_BY(mutex_);
};

TEST_F(ShardTest, ABatchCheckedByARulebookThatIsGoneIsCheckedAgain) {
  Start();
  auto smaller = std::make_shared<Rulebook>(*checked_by_);
  std::vector<Indicator> kept;
  for (const Indicator& indicator : checked_by_->reg.catalogue.All()) {
    if (indicator.id != kInsured) kept.push_back(indicator);
  }
  smaller->reg.catalogue = *Catalogue::Of(kept);
  smaller->reg.divisions = DivisionTree();
  current_.Set(smaller);
  Push(Insured("r1", 1));
  shard_->Stop();
  absl::MutexLock lock(&mutex_);
  ASSERT_EQ(receipts_.size(), 1u);
  EXPECT_EQ(receipts_[0].error().message(),
            "batch 'r1' refused: township: 520502001 is not a known division");
  EXPECT_THAT(FactsOf(store_), IsEmpty());
}

TEST_F(ShardTest, ABatchCheckedAgainIsStoredByTheRulebookInForce) {
  Start();
  auto narrower = std::make_shared<Rulebook>(*checked_by_);
  std::vector<Indicator> changed;
  for (Indicator indicator : checked_by_->reg.catalogue.All()) {
    if (indicator.id == kInsured) indicator.max = 0;
    changed.push_back(indicator);
  }
  narrower->reg.catalogue = *Catalogue::Of(changed);
  current_.Set(narrower);
  Push(Insured("r1", 1, 0));
  Push(Insured("r2", 2, 1));
  shard_->Stop();
  absl::MutexLock lock(&mutex_);
  ASSERT_EQ(receipts_.size(), 2u);
  EXPECT_EQ(receipts_[0].accepted(), 1u);
  EXPECT_EQ(receipts_[1].accepted(), 0u);
  EXPECT_EQ(receipts_[1].rejected(), 1u);
}

TEST_F(ShardTest, BatchesThatWaitAreCommittedTogetherUpToABoundOfValues) {
  bounds_.bunch_values = 2;
  Start();
  WorkOffBehindOne(6);
  EXPECT_THAT(store_.CommitSizes(), ElementsAre(1, 2, 2, 1));
  absl::MutexLock lock(&mutex_);
  EXPECT_EQ(receipts_.size(), 6u);
}

TEST_F(ShardTest, TheReceiptsOfACommitAreAllSetBeforeTheFirstReplyGoes) {
  Start();
  WorkOffBehindOne(4);
  absl::MutexLock lock(&mutex_);
  ASSERT_EQ(replies_.size(), 8u);
  const std::span replies(replies_);
  EXPECT_THAT(replies.first(5), ElementsAre("set r1", "go r1", "set r2", "set r3", "set r4"));
  EXPECT_THAT(replies.last(3), UnorderedElementsAre("go r2", "go r3", "go r4"));
}

TEST_F(ShardTest, AtItsBoundItTakesTheBatchAndCallsBackOnceThereIsRoom) {
  bounds_.queue_batches = 2;
  Start();
  store_.Close();
  Push(Insured("r1", 1));
  store_.AwaitCommit();
  int woken = 0;
  EXPECT_TRUE(Push(Insured("r2", 2), [&] { woken += 100; }));
  EXPECT_FALSE(Push(Insured("r3", 3), [&] { ++woken; }));
  EXPECT_FALSE(Push(Insured("r4", 4), [&] { ++woken; }));
  EXPECT_EQ(woken, 0);
  EXPECT_EQ(metrics_->slowed().Value(), 2);
  store_.Open();
  shard_->Stop();
  EXPECT_EQ(woken, 2);
  EXPECT_EQ(metrics_->slowed().Value(), 0);
  absl::MutexLock lock(&mutex_);
  EXPECT_EQ(receipts_.size(), 4u);
}

TEST_F(ShardTest, TheQueueIsBoundedInBytesToo) {
  bounds_.queue_bytes = 1 << 16;
  Start();
  store_.Close();
  Push(Insured("r1", 1));
  store_.AwaitCommit();
  EXPECT_TRUE(Push(Insured("r2", 2)));
  // A newer collector's field, of which only the message knows.
  v1::Batch large = Insured("r3", 3);
  large.GetReflection()->MutableUnknownFields(&large)->AddLengthDelimited(
      1000, std::string(1 << 16, 'x'));
  EXPECT_FALSE(Push(large));
  store_.Open();
  shard_->Stop();
}

TEST_F(ShardTest, CommitsAreKnownAtDifferentInstants) {
  bounds_.bunch_values = 1;
  Start();
  Push(Insured("r1", 1));
  Push(Insured("r2", 2));
  shard_->Stop();
  absl::MutexLock lock(&mutex_);
  ASSERT_EQ(receipts_.size(), 2u);
  EXPECT_EQ(receipts_[1].known_at_ms() - receipts_[0].known_at_ms(), 1);
}

TEST_F(ShardTest, WhatIsKnownIsNeverKnownEarlierWhenTheClockIsSetBack) {
  std::atomic<bool> set_back = false;
  clock_ = [&set_back] { return At(set_back ? "2026-07-01" : "2026-07-02"); };
  Start();
  store_.Close();
  Push(Insured("r1", 1));
  store_.AwaitCommit();
  set_back = true;
  Push(Insured("r2", 2));
  store_.Open();
  shard_->Stop();
  absl::MutexLock lock(&mutex_);
  ASSERT_EQ(receipts_.size(), 2u);
  EXPECT_EQ(receipts_[1].known_at_ms() - receipts_[0].known_at_ms(), 1);
}

TEST_F(ShardTest, WhatIsKnownIsKnownLaterThanAllThatTheStoreHad) {
  metrics_ = std::make_unique<IngestMetrics>(registry_, bounds_, checked_by_->policies);
  shard_ = std::make_unique<Shard>(0, Shard::Surroundings{store_, current_, clock_, bounds_,
                                                          *metrics_, nullptr, At("2026-07-02")});
  Push(Insured("r1", 1));
  shard_->Stop();
  absl::MutexLock lock(&mutex_);
  ASSERT_EQ(receipts_.size(), 1u);
  EXPECT_EQ(receipts_[0].known_at_ms(), At("2026-07-02").time_since_epoch().count() + 1);
}

TEST_F(ShardTest, DamageThatOneBatchRunsIntoLeavesTheOthersOfItsBunch) {
  Start();
  store_.Damage(Household(3));
  WorkOffBehindOne(4);
  absl::MutexLock lock(&mutex_);
  ASSERT_EQ(receipts_.size(), 4u);
  for (const v1::Receipt& receipt : receipts_) {
    if (receipt.request_id() == "r3") {
      EXPECT_EQ(receipt.error().code(), static_cast<int>(absl::StatusCode::kDataLoss));
      EXPECT_EQ(receipt.error().message(),
                "nothing of the batch was stored: " + Household(3).ToString() + " is damaged");
      EXPECT_EQ(receipt.error().details_size(), 0) << "sending it again would not help";
    } else {
      EXPECT_FALSE(receipt.has_error());
      EXPECT_EQ(receipt.accepted(), 1u) << "counted once, though it was applied twice";
    }
  }
  EXPECT_THAT(store_.CommitSizes(), ElementsAre(1, 1, 1));
}

TEST_F(ShardTest, AfterAStopABatchIsAnsweredUnavailable) {
  Start();
  shard_->Stop();
  EXPECT_TRUE(Push(Insured("r1", 1)));
  EXPECT_FALSE(shard_->Post([](const Rulebook&, risk::Evaluator&, Instant) {}));
  absl::MutexLock lock(&mutex_);
  ASSERT_EQ(receipts_.size(), 1u);
  EXPECT_EQ(receipts_[0].error().message(),
            "nothing of the batch was stored: the daemon is stopping");
}

TEST_F(ShardTest, ARepeatOfABatchThatCouldNotBeStoredIsNotStoredEither) {
  Start();
  store_.Close();
  Push(Insured("r0", 1));
  store_.AwaitCommit();
  Push(Insured("r1", 2));
  Push(Insured("r1", 2));
  store_.FailCommits(absl::UnavailableError("disk is full"));
  store_.Open();
  shard_->Stop();
  absl::MutexLock lock(&mutex_);
  ASSERT_EQ(receipts_.size(), 3u);
  for (const v1::Receipt& receipt : receipts_) {
    EXPECT_EQ(receipt.error().code(), static_cast<int>(absl::StatusCode::kUnavailable));
  }
  EXPECT_EQ(receipts_[2].error().message(),
            "nothing of the batch was stored: its first sending was not stored");
}

TEST_F(ShardTest, ATownshipStaysOnItsShardAndTownshipsSpread) {
  std::vector<int> counts(4);
  for (uint64_t code = 520502001; code < 520502101; ++code) {
    const Division township = *Division::Parse(std::to_string(code));
    ++counts[ShardOf(township, counts.size())];
  }
  for (const int count : counts) EXPECT_GT(count, 10);
}

}  // namespace
}  // namespace shouwang::ingest
