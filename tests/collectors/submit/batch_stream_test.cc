#include "collectors/submit/batch_stream.h"

#include <gmock/gmock.h>
#include <grpcpp/create_channel.h>
#include <gtest/gtest.h>

#include "daemon/wire/status.h"
#include "tests/collectors/submit/fake_daemon.h"

namespace shouwang {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::SizeIs;

using Answer = FakeDaemon::Answer;

OutgoingBatch Batch(const std::string& id) {
  OutgoingBatch batch;
  batch.request.mutable_batch()->set_request_id(id);
  batch.request.mutable_batch()->set_township("520502001");
  return batch;
}

std::shared_ptr<grpc::Channel> ChannelTo(const std::string& address) {
  grpc::ChannelArguments arguments;
  arguments.SetInt(GRPC_ARG_INITIAL_RECONNECT_BACKOFF_MS, 10);
  arguments.SetInt(GRPC_ARG_MIN_RECONNECT_BACKOFF_MS, 100);
  arguments.SetInt(GRPC_ARG_MAX_RECONNECT_BACKOFF_MS, 20);
  return grpc::CreateCustomChannel(address, grpc::InsecureChannelCredentials(), arguments);
}

StreamOptions Quick() {
  StreamOptions options;
  options.window = 4;
  options.first_backoff = std::chrono::milliseconds(1);
  options.max_backoff = std::chrono::milliseconds(10);
  options.retry_for = std::chrono::milliseconds(20'000);
  return options;
}

// A stream to a daemon, and the receipts that came over it.
class BatchStreamTest : public ::testing::Test {
 protected:
  std::unique_ptr<BatchStream> Open(const FakeDaemon& daemon, StreamOptions options = Quick()) {
    return std::make_unique<BatchStream>(
        ChannelTo(daemon.address()), options,
        [this](const OutgoingBatch& batch, const v1::Receipt& receipt) {
          EXPECT_EQ(batch.request.batch().request_id(), receipt.request_id());
          receipts_.push_back(receipt.request_id());
        });
  }
  static std::vector<std::string> Received(const FakeDaemon& daemon) {
    std::vector<std::string> ids;
    for (const v1::Batch& batch : daemon.batches()) ids.push_back(batch.request_id());
    return ids;
  }
  std::vector<std::string> receipts_;
};

TEST_F(BatchStreamTest, TellsEveryReceiptOnceAndInOrder) {
  const FakeDaemon daemon;
  const auto stream = Open(daemon);
  std::vector<std::string> sent;
  for (int i = 0; i < 20; ++i) {
    sent.push_back("b" + std::to_string(i));
    ASSERT_TRUE(stream->Send(Batch(sent.back())).ok());
  }
  ASSERT_TRUE(stream->Finish().ok());
  EXPECT_EQ(receipts_, sent);
  EXPECT_EQ(Received(daemon), sent);
}

TEST_F(BatchStreamTest, TakesAllReceiptsOfAResponse) {
  const FakeDaemon daemon([](size_t ordinal, const v1::Batch& batch) {
    Answer answer;
    answer.receipt = FakeDaemon::Accepted(batch);
    // The second, which shares a response, is asked for again, and then comes alone.
    if (ordinal == 1) {
      *answer.receipt.mutable_error() = wire::ToProto(wire::TryAgain("full", 1));
    }
    answer.with_next = ordinal < 2;
    return answer;
  });
  const auto stream = Open(daemon);
  for (const char* id : {"a", "b", "c"}) ASSERT_TRUE(stream->Send(Batch(id)).ok());
  ASSERT_TRUE(stream->Finish().ok());
  EXPECT_THAT(receipts_, ElementsAre("a", "c", "b"));
  EXPECT_THAT(Received(daemon), ElementsAre("a", "b", "c", "b"));
}

TEST_F(BatchStreamTest, FinishesWithoutABatch) {
  const FakeDaemon daemon;
  EXPECT_TRUE(Open(daemon)->Finish().ok());
  EXPECT_THAT(daemon.batches(), SizeIs(0));
}

TEST_F(BatchStreamTest, SendsAgainWhatHasNoReceiptWhenTheStreamBreaks) {
  const FakeDaemon daemon([](size_t ordinal, const v1::Batch& batch) {
    Answer answer{FakeDaemon::Accepted(batch)};
    if (ordinal == 1) answer.end = grpc::Status(grpc::StatusCode::UNAVAILABLE, "going down");
    if (ordinal == 3) answer.hang_up = true;
    return answer;
  });
  StreamOptions options = Quick();
  options.window = 1;  // so that what was on its way at the break is known
  const auto stream = Open(daemon, options);
  for (const char* id : {"a", "b", "c"}) ASSERT_TRUE(stream->Send(Batch(id)).ok());
  ASSERT_TRUE(stream->Finish().ok());
  EXPECT_THAT(receipts_, ElementsAre("a", "b", "c"));
  EXPECT_THAT(Received(daemon), ElementsAre("a", "b", "b", "c", "c"));
}

TEST_F(BatchStreamTest, OutlastsARestartOfTheDaemon) {
  FakeDaemon daemon;
  const auto stream = Open(daemon);
  ASSERT_TRUE(stream->Send(Batch("a")).ok());
  daemon.Stop();
  ASSERT_TRUE(stream->Send(Batch("b")).ok());
  ASSERT_TRUE(stream->Send(Batch("c")).ok());
  daemon.Restart();
  ASSERT_TRUE(stream->Finish().ok());
  EXPECT_THAT(receipts_, ElementsAre("a", "b", "c"));
}

TEST_F(BatchStreamTest, SendsABatchAgainWhenTheDaemonAsksForIt) {
  const FakeDaemon daemon([](size_t ordinal, const v1::Batch& batch) {
    Answer answer;
    if (ordinal == 0) {
      answer.receipt.set_request_id(batch.request_id());
      *answer.receipt.mutable_error() = wire::ToProto(wire::TryAgain("the queue is full", 1));
    } else {
      answer.receipt = FakeDaemon::Accepted(batch);
    }
    return answer;
  });
  const auto stream = Open(daemon);
  ASSERT_TRUE(stream->Send(Batch("a")).ok());
  ASSERT_TRUE(stream->Finish().ok());
  EXPECT_THAT(receipts_, ElementsAre("a"));
  EXPECT_THAT(Received(daemon), ElementsAre("a", "a"));
}

TEST_F(BatchStreamTest, GivesUpAtOnceOnAFaultThatDoesNotPass) {
  const FakeDaemon daemon([](size_t, const v1::Batch&) {
    Answer answer;
    answer.end = grpc::Status(grpc::StatusCode::RESOURCE_EXHAUSTED, "message over 4 MiB");
    return answer;
  });
  const auto stream = Open(daemon);
  ASSERT_TRUE(stream->Send(Batch("a")).ok());
  const absl::Status status = stream->Finish();
  EXPECT_EQ(status.code(), absl::StatusCode::kResourceExhausted);
  EXPECT_THAT(std::string(status.message()), HasSubstr("message over 4 MiB"));
  EXPECT_THAT(daemon.batches(), SizeIs(1));
  EXPECT_EQ(stream->Send(Batch("b")).code(), absl::StatusCode::kResourceExhausted);
}

TEST_F(BatchStreamTest, GivesUpWhenTheDaemonStaysAway) {
  FakeDaemon daemon;
  daemon.Stop();
  StreamOptions options = Quick();
  options.retry_for = std::chrono::milliseconds(50);
  const auto stream = Open(daemon, options);
  ASSERT_TRUE(stream->Send(Batch("a")).ok());
  EXPECT_EQ(stream->Finish().code(), absl::StatusCode::kUnavailable);
  EXPECT_THAT(receipts_, SizeIs(0));
}

TEST_F(BatchStreamTest, TakesASilentConnectionAsBroken) {
  const FakeDaemon daemon([](size_t ordinal, const v1::Batch& batch) {
    Answer answer{FakeDaemon::Accepted(batch)};
    // An answer to nobody: the batch itself gets none.
    if (ordinal == 0) answer.receipt.set_request_id("other");
    return answer;
  });
  StreamOptions options = Quick();
  options.receipt_timeout = std::chrono::milliseconds(100);
  const auto stream = Open(daemon, options);
  ASSERT_TRUE(stream->Send(Batch("a")).ok());
  ASSERT_TRUE(stream->Finish().ok());
  EXPECT_THAT(receipts_, ElementsAre("a"));
}

TEST_F(BatchStreamTest, EndsWithoutFinishing) {
  const FakeDaemon daemon;
  const auto stream = Open(daemon);
  ASSERT_TRUE(stream->Send(Batch("a")).ok());
}

}  // namespace
}  // namespace shouwang
