// Ingest as a collector meets it: over a real gRPC server on a port of the kernel's choosing.
#include <gmock/gmock.h>
#include <google/rpc/error_details.pb.h>
#include <gtest/gtest.h>

#include <thread>

#include "daemon/wire/status.h"
#include "tests/daemon/ingest/census.h"
#include "tests/daemon/ingest/service_fixture.h"

namespace shouwang::ingest {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

TEST_F(ServiceTest, AnswersABatchWithItsReceipt) {
  StartServer();
  v1::Batch batch = MakeBatch("r1", {{Household(1), Day("2026-04-30"), "wage_income", 50000},
                                     {Household(1), Day("2026-05-31"), "wage_income", 60000},
                                     {Household(1), Day("2026-05-31"), "insured", 7}});
  const v1::Receipt receipt = Submit(batch);
  EXPECT_FALSE(receipt.has_error());
  EXPECT_EQ(receipt.request_id(), "r1");
  EXPECT_EQ(receipt.batch(), 1u);
  EXPECT_EQ(receipt.accepted(), 2u);
  EXPECT_EQ(receipt.rejected(), 1u);
  EXPECT_EQ(receipt.rejections(0).message(), "insured is 7 yes_no; 0 to 1 is valid");
  EXPECT_EQ(receipt.warnings_opened(), 1u);
  EXPECT_EQ(receipt.known_at_ms(), At("2026-07-01").time_since_epoch().count());
  EXPECT_FALSE(receipt.repeated());
  EXPECT_EQ(PointCount(Household(1)), 2u);
  EXPECT_THAT(recorder_.Lines(), ElementsAre("520502001001/1 1 2026-05-31"));

  const absl::StatusOr<std::optional<BatchRecord>> record = store_.FindBatch(1);
  ASSERT_TRUE(record.ok() && record->has_value());
  EXPECT_EQ((*record)->collector, "test");
  EXPECT_EQ((*record)->township.ToString(), "520502001");
}

TEST_F(ServiceTest, CountsWhatBecameOfEachValue) {
  StartServer();
  Submit(Wages("r1", 1, "2026-05-31", 50000));
  v1::Batch later = Wages("r2", 1, "2026-05-31", 60000);
  later.set_reported_at_ms(later.reported_at_ms() + 1);
  const v1::Receipt corrected = Submit(later);
  EXPECT_EQ(corrected.corrected(), 1u);
  const v1::Receipt superseded = Submit(Wages("r3", 1, "2026-05-31", 40000));
  EXPECT_EQ(superseded.superseded(), 1u);
  later.set_request_id("r4");
  const v1::Receipt unchanged = Submit(later);
  EXPECT_EQ(unchanged.unchanged(), 1u);
  EXPECT_EQ(unchanged.accepted(), 0u);

  const std::string metrics = Metrics();
  EXPECT_THAT(metrics, HasSubstr("shouwang_ingest_batches_total{outcome=\"accepted\"} 4\n"));
  for (const char* outcome : {"accepted", "corrected", "superseded", "unchanged"}) {
    EXPECT_THAT(metrics, HasSubstr("shouwang_ingest_observations_total{outcome=\"" +
                                   std::string(outcome) + "\"} 1\n"));
  }
}

TEST_F(ServiceTest, TheMetricsAreThereFromTheStart) {
  StartServer();
  const std::string metrics = Metrics();
  for (const char* series :
       {"shouwang_ingest_batches_total{outcome=\"refused\"} 0",
        "shouwang_ingest_batches_total{outcome=\"repeated\"} 0",
        "shouwang_ingest_observations_total{outcome=\"rejected\"} 0",
        "shouwang_ingest_rejections_total{reason=\"unknown_indicator\"} 0",
        "shouwang_ingest_rejections_total{reason=\"unknown_site\"} 0",
        "shouwang_ingest_queue_batches{shard=\"1\"} 0", "shouwang_ingest_queue_limit_batches 1024",
        "shouwang_ingest_streams 0", "shouwang_ingest_streams_slowed 0",
        "shouwang_ingest_slowed_total 0", "shouwang_batch_duration_seconds_count 0",
        "shouwang_commit_duration_seconds_count 0",
        "shouwang_warning_transitions_total{rule=\"low_wage\",transition=\"opened\"} 0",
        "shouwang_warning_transitions_total{rule=\"seats_missing\",transition=\"cleared\"} 0"}) {
    EXPECT_THAT(metrics, HasSubstr(std::string(series) + "\n"));
  }
}

TEST_F(ServiceTest, ABatchSentAgainGetsItsFirstReceiptAndChangesNothing) {
  StartServer();
  const v1::Receipt first = Submit(Wages("r1", 1, "2026-05-31", 50000));
  v1::Receipt again = Submit(Wages("r1", 1, "2026-05-31", 99999));
  EXPECT_TRUE(again.repeated());
  again.clear_repeated();
  EXPECT_EQ(again.SerializeAsString(), first.SerializeAsString());
  EXPECT_EQ((*store_.LoadHistories(std::vector{Household(1)}, DateRange{}))[0]
                .At(kWage, Day("2026-05-31"))
                ->value,
            50000);
  EXPECT_THAT(Metrics(), HasSubstr("shouwang_ingest_batches_total{outcome=\"repeated\"} 1\n"));
}

TEST_F(ServiceTest, ARepeatInTheSameBunchGetsTheSameReceipt) {
  StartServer();
  store_.Close();
  grpc::ClientContext context;
  const auto stream = stub_->Submit(&context);
  Send(*stream, Wages("r0", 1, "2026-04-30", 50000));
  store_.AwaitCommit();
  for (int i = 0; i < 3; ++i) Send(*stream, Wages("r1", 1, "2026-05-31", 50000));
  stream->WritesDone();
  store_.Open();
  ReceiptReader receipts(stream.get());
  EXPECT_EQ(receipts.Next().request_id(), "r0");
  EXPECT_FALSE(receipts.Next().repeated());
  for (int i = 0; i < 2; ++i) {
    const v1::Receipt receipt = receipts.Next();
    EXPECT_TRUE(receipt.repeated());
    EXPECT_EQ(receipt.batch(), 2u);
    EXPECT_EQ(receipt.accepted(), 1u);
  }
  EXPECT_TRUE(stream->Finish().ok());
}

TEST_F(ServiceTest, ARefusedBatchLeavesTheStreamOpenAndTheReceiptsInOrder) {
  StartServer();
  grpc::ClientContext context;
  const auto stream = stub_->Submit(&context);
  v1::Batch bad = Wages("bad", 1, "2026-05-31", 50000);
  bad.clear_source();
  store_.Close();
  Send(*stream, Wages("r1", 1, "2026-05-31", 50000));
  Send(*stream, bad);
  Send(*stream, Wages("r2", 2, "2026-05-31", 50000));
  store_.AwaitCommit();
  store_.Open();
  stream->WritesDone();
  ReceiptReader receipts(stream.get());
  EXPECT_EQ(receipts.Next().request_id(), "r1");
  const v1::Receipt refused = receipts.Next();
  EXPECT_EQ(refused.request_id(), "bad");
  EXPECT_EQ(wire::Describe(refused.error()),
            "INVALID_ARGUMENT: batch 'bad' refused: source: is not set\n  source: is not set");
  EXPECT_EQ(receipts.Next().accepted(), 1u);
  EXPECT_TRUE(stream->Finish().ok());
  EXPECT_THAT(Metrics(), HasSubstr("shouwang_ingest_batches_total{outcome=\"refused\"} 1\n"));
}

// They are sent once the last of them is set: a stream with nothing under way has one response.
TEST_F(ServiceTest, WhatIsReadyTogetherSharesAResponse) {
  bounds_.shards = 1;
  StartServer();
  store_.Close();
  grpc::ClientContext before;
  const auto other = stub_->Submit(&before);
  Send(*other, Wages("r0", 9, "2026-05-31", 50000));
  store_.AwaitCommit();
  grpc::ClientContext context;
  const auto stream = stub_->Submit(&context);
  v1::Batch bad = Wages("bad", 1, "2026-05-31", 50000);
  bad.clear_source();
  Send(*stream, Wages("r1", 1, "2026-05-31", 50000));
  Send(*stream, Wages("r2", 2, "2026-05-31", 50000));
  Send(*stream, bad);
  // Refused last, so the two before it wait for the shard.
  const std::string refused = "shouwang_ingest_batches_total{outcome=\"refused\"} 1\n";
  while (Metrics().find(refused) == std::string::npos) std::this_thread::yield();
  store_.Open();
  v1::SubmitResponse response;
  ASSERT_TRUE(stream->Read(&response));
  ASSERT_EQ(response.receipts_size(), 3);
  EXPECT_EQ(response.receipts(0).request_id(), "r1");
  EXPECT_EQ(response.receipts(1).request_id(), "r2");
  EXPECT_TRUE(response.receipts(2).has_error());
  stream->WritesDone();
  EXPECT_TRUE(stream->Finish().ok());
  other->WritesDone();
  EXPECT_EQ(ReceiptReader(other.get()).Next().request_id(), "r0");
  EXPECT_TRUE(other->Finish().ok());
}

TEST_F(ServiceTest, AnOversizedBatchIsRefusedAndNothingOfItStored) {
  bounds_.max_reports = 2;
  StartServer();
  v1::Batch batch = MakeBatch("r1", {{Household(1), Day("2026-05-31"), "wage_income", 1},
                                     {Household(2), Day("2026-05-31"), "wage_income", 1},
                                     {Household(3), Day("2026-05-31"), "wage_income", 1}});
  const v1::Receipt receipt = Submit(batch);
  EXPECT_EQ(std::string(receipt.error().message()),
            "batch 'r1' refused: sections: 3 reports in all; the limit of a batch is 2");
  EXPECT_EQ(PointCount(Household(1)), 0u);
}

TEST_F(ServiceTest, AnOversizedMessageEndsTheStreamWithResourceExhausted) {
  StartServer();
  grpc::ClientContext context;
  const auto stream = stub_->Submit(&context);
  v1::Batch batch = Wages("r1", 1, "2026-05-31", 1);
  for (int i = 0; i < 20000; ++i) batch.add_indicators("indicator_" + std::to_string(i));
  Send(*stream, batch);
  stream->WritesDone();
  v1::SubmitResponse response;
  EXPECT_FALSE(stream->Read(&response));
  EXPECT_EQ(stream->Finish().error_code(), grpc::StatusCode::RESOURCE_EXHAUSTED);
  EXPECT_EQ(Submit(Wages("r2", 1, "2026-05-31", 1)).accepted(), 1u);
}

TEST_F(ServiceTest, AFullQueueSlowsTheStreamAndLosesNothing) {
  bounds_.shards = 1;
  bounds_.queue_batches = 1;
  bounds_.stream_batches = 3;
  StartServer();
  store_.Close();
  constexpr int kStreams = 4;
  constexpr int kBatches = 60;
  std::vector<std::jthread> clients;
  clients.reserve(kStreams);
  for (int s = 0; s < kStreams; ++s) {
    clients.emplace_back([&, s] {
      grpc::ClientContext context;
      const auto stream = stub_->Submit(&context);
      std::jthread writer([&] {
        for (int i = 0; i < kBatches; ++i) {
          const Date date = Day("2020-01-01") + i;
          EXPECT_TRUE(Send(*stream, Wages(std::to_string(s) + "/" + std::to_string(i),
                                          static_cast<uint32_t>(s + 1), date.ToString(), i)));
        }
        stream->WritesDone();
      });
      ReceiptReader receipts(stream.get());
      for (int i = 0; i < kBatches; ++i) {
        EXPECT_EQ(receipts.Next().request_id(), std::to_string(s) + "/" + std::to_string(i));
      }
      writer.join();
      EXPECT_TRUE(stream->Finish().ok());
    });
  }
  store_.AwaitCommit();
  store_.Open();
  clients.clear();
  for (uint32_t s = 1; s <= kStreams; ++s) {
    EXPECT_EQ(PointCount(Household(s)), static_cast<size_t>(kBatches));
  }
  // At the bound of one, each stream can have pushed one batch more before it is made to wait.
  for (const size_t size : store_.CommitSizes()) EXPECT_LE(size, kStreams);
}

TEST_F(ServiceTest, AFailedCommitIsAnsweredWithAnErrorAndNothingIsStored) {
  StartServer();
  store_.FailCommits(absl::UnavailableError("disk is full"));
  const v1::Receipt failed = Submit(Wages("r1", 1, "2026-05-31", 50000));
  EXPECT_EQ(failed.request_id(), "r1");
  EXPECT_EQ(failed.error().code(), static_cast<int>(grpc::StatusCode::UNAVAILABLE));
  EXPECT_EQ(failed.error().message(), "nothing of the batch was stored: disk is full");
  ASSERT_EQ(failed.error().details_size(), 1);
  EXPECT_TRUE(failed.error().details(0).Is<google::rpc::RetryInfo>());
  EXPECT_EQ(failed.accepted(), 0u);
  EXPECT_EQ(failed.batch(), 0u);
  EXPECT_THAT(FactsOf(store_), IsEmpty());
  EXPECT_THAT(recorder_.Lines(), IsEmpty());

  store_.FailCommits(absl::OkStatus());
  const v1::Receipt stored = Submit(Wages("r1", 1, "2026-05-31", 50000));
  EXPECT_FALSE(stored.repeated());
  EXPECT_EQ(stored.accepted(), 1u);
}

TEST_F(ServiceTest, DamageInTheStoreIsNotAnsweredAsSomethingToTryAgain) {
  StartServer();
  store_.FailCommits(absl::DataLossError("block 520502001001 is damaged"));
  const v1::Receipt failed = Submit(Wages("r1", 1, "2026-05-31", 50000));
  EXPECT_EQ(failed.error().code(), static_cast<int>(grpc::StatusCode::DATA_LOSS));
  EXPECT_EQ(failed.error().message(),
            "nothing of the batch was stored: block 520502001001 is damaged");
  EXPECT_EQ(failed.error().details_size(), 0);
}

TEST_F(ServiceTest, WhatACancelledStreamHandedOverIsCommitted) {
  StartServer();
  store_.Close();
  {
    grpc::ClientContext context;
    const auto stream = stub_->Submit(&context);
    Send(*stream, Wages("r1", 1, "2026-05-31", 50000));
    store_.AwaitCommit();
    context.TryCancel();
    EXPECT_EQ(stream->Finish().error_code(), grpc::StatusCode::CANCELLED);
  }
  store_.Open();
  const v1::Receipt again = Submit(Wages("r1", 1, "2026-05-31", 50000));
  EXPECT_TRUE(again.repeated());
  EXPECT_EQ(again.accepted(), 1u);
}

TEST_F(ServiceTest, AStopWorksOffWhatWasHandedOver) {
  StartServer();
  store_.Close();
  grpc::ClientContext context;
  const auto stream = stub_->Submit(&context);
  Send(*stream, Wages("r1", 1, "2026-05-31", 50000));
  store_.AwaitCommit();
  std::jthread stop([&] { StopServer(); });
  store_.Open();
  stop.join();
  EXPECT_EQ(PointCount(Household(1)), 1u);
}

TEST_F(ServiceTest, AHouseholdThatMovesTakesItsCountsAlong) {
  StartServer();
  v1::Batch batch = MakeBatch("r1", {{Household(1), Day("2026-04-30"), "wage_income", 50000},
                                     {Household(1), Day("2026-05-31"), "wage_income", 60000}});
  AddResidence(&batch, Household(1), SiteOf(3), "520502002001", "2020-05-01");
  EXPECT_EQ(Submit(batch).warnings_opened(), 1u);
  EXPECT_THAT(SumsOf(store_),
              ElementsAre("open 0:520502001: 1 red 1", "open 1:520502002: 1 red 1",
                          "open 2:520502001:520502001/S3 1 red 1",
                          "rollup 0:520502001: 0 2026-04 count 1 sum 0",
                          "rollup 0:520502001: 0 2026-05 count 1 sum 0",
                          "rollup 0:520502001: 1 2026-04 count 1 sum 50000",
                          "rollup 0:520502001: 1 2026-05 count 1 sum 60000",
                          "rollup 0:520502001: 65534 2026-04 count 1 sum 0",
                          "rollup 0:520502001: 65535 2026-05 count 1 sum 0",
                          "rollup 1:520502002: 0 2026-04 count 1 sum 0",
                          "rollup 1:520502002: 0 2026-05 count 1 sum 0",
                          "rollup 1:520502002: 1 2026-04 count 1 sum 50000",
                          "rollup 1:520502002: 1 2026-05 count 1 sum 60000",
                          "rollup 2:520502001:520502001/S3 0 2026-04 count 1 sum 0",
                          "rollup 2:520502001:520502001/S3 0 2026-05 count 1 sum 0",
                          "rollup 2:520502001:520502001/S3 1 2026-04 count 1 sum 50000",
                          "rollup 2:520502001:520502001/S3 1 2026-05 count 1 sum 60000",
                          "tally 0:520502001: households 1 sites 0 observations 2",
                          "tally 1:520502002: households 1 sites 0 observations 2",
                          "tally 2:520502001:520502001/S3 households 1 sites 0 observations 2"));
  batch = MakeBatch("r2", {});
  AddResidence(&batch, Household(1), SiteOf(4), "520502003001", "2024-05-01");
  EXPECT_FALSE(Submit(batch).has_error());
  EXPECT_THAT(CountsOf(store_), testing::Each(testing::Not(HasSubstr("S3"))));
  EXPECT_THAT(CountsOf(store_),
              testing::IsSupersetOf({"open 1:520502003: 1 red 1",
                                     "rollup 2:520502001:520502001/S4 1 2026-05 count 1 sum 60000",
                                     "tally 1:520502003: households 1 sites 0 observations 2"}));
  EXPECT_EQ(CountsOf(store_), Recount(store_));
}

TEST_F(ServiceTest, ReevaluationEqualsAFreshEvaluation) {
  const auto send_all = [&] {
    for (uint32_t household = 1; household <= 5; ++household) {
      std::vector<Row> rows;
      for (const char* date : {"2026-02-28", "2026-03-31", "2026-04-30", "2026-05-31"}) {
        rows.push_back(
            {Household(household), Day(date), "wage_income", int64_t{50000} * household});
      }
      v1::Batch batch = MakeBatch("r" + std::to_string(household), rows);
      if (household == 2) AddResidence(&batch, Household(2), SiteOf(3), "520502002", "2020-01-01");
      Submit(batch);
    }
  };
  StartServer();
  send_all();
  EXPECT_EQ(recorder_.Lines().size(), 1u);  // 500 a month of household 1 is under 1,000
  rulebook_.Set(MakeRulebook(1600));
  std::vector<double> progress;
  EXPECT_TRUE(ingest_->Reevaluate({}, [&](double s) { progress.push_back(s); }).ok());
  EXPECT_THAT(progress, ElementsAre(1.0));
  const std::vector<std::string> facts = FactsOf(store_);
  const std::vector<std::string> counts = CountsOf(store_);
  EXPECT_THAT(recorder_.Lines(),
              ElementsAre("520502001001/1 1 2026-03-31", "520502001001/2 1 2026-03-31",
                          "520502001001/3 1 2026-03-31"));
  EXPECT_EQ(counts, Recount(store_));
  StopServer();

  GatedStore fresh;
  const auto current = rulebook_.Get();
  {
    prometheus::Registry registry;
    Ingest ingest(
        fresh, rulebook_, [] { return At("2026-07-01"); }, bounds_, registry, nullptr);
    int port = 0;
    grpc::ServerBuilder builder;
    builder.AddListeningPort("127.0.0.1:0", grpc::InsecureServerCredentials(), &port);
    builder.RegisterService(ingest.service());
    const std::unique_ptr<grpc::Server> server = builder.BuildAndStart();
    stub_ = v1::ReportService::NewStub(grpc::CreateChannel("127.0.0.1:" + std::to_string(port),
                                                           grpc::InsecureChannelCredentials()));
    send_all();
    server->Shutdown(std::chrono::system_clock::now());
  }
  EXPECT_EQ(FactsOf(fresh), facts);
  EXPECT_EQ(CountsOf(fresh), counts);
}

TEST_F(ServiceTest, AWarningThatStaysOpenUnderANewPolicyKeepsTheTimeItWasKnown) {
  StartServer();
  Submit(MakeBatch("r1", {{Household(1), Day("2026-04-30"), "wage_income", 50000},
                          {Household(1), Day("2026-05-31"), "wage_income", 60000}}));
  const auto open = [&] {
    std::vector<Warning> warnings;
    EXPECT_TRUE(store_
                    .ScanWarnings(Division(), Subject{}, 0,
                                  [&](const Warning& warning) {
                                    warnings.push_back(warning);
                                    return true;
                                  })
                    .ok());
    return warnings;
  };
  ASSERT_EQ(open().size(), 1u);
  const Instant known_at = open()[0].known_at;
  EXPECT_EQ(open()[0].policy_version, 1000u);
  rulebook_.Set(MakeRulebook(1100));
  EXPECT_TRUE(ingest_->Reevaluate(std::stop_token(), [](double) {}).ok());
  ASSERT_EQ(open().size(), 1u);
  EXPECT_EQ(open()[0].policy_version, 1100u);
  EXPECT_EQ(open()[0].known_at, known_at);
  EXPECT_EQ(recorder_.Lines().size(), 1u);
}

TEST_F(ServiceTest, IngestJudgesByTheNewPolicyBeforeTheReevaluationComes) {
  StartServer();
  Submit(MakeBatch("r1", {{Household(1), Day("2026-03-31"), "wage_income", 150000},
                          {Household(1), Day("2026-04-30"), "wage_income", 150000}}));
  EXPECT_THAT(recorder_.Lines(), IsEmpty());
  rulebook_.Set(MakeRulebook(1600));
  EXPECT_EQ(Submit(Wages("r2", 1, "2026-05-31", 150000)).warnings_opened(), 1u);
  // Opened when it would have opened had this policy always been in force.
  EXPECT_THAT(recorder_.Lines(), ElementsAre("520502001001/1 1 2026-04-30"));
}

TEST_F(ServiceTest, AReevaluationThatIsStoppedSaysSo) {
  StartServer();
  Submit(Wages("r1", 1, "2026-05-31", 50000));
  rulebook_.Set(MakeRulebook(1600));
  std::stop_source stop;
  stop.request_stop();
  EXPECT_TRUE(absl::IsCancelled(ingest_->Reevaluate(stop.get_token(), [](double) {})));
}

}  // namespace
}  // namespace shouwang::ingest
