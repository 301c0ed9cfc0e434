#include "daemon/query/warning_watch.h"

#include <shouwang/v1/risk.grpc.pb.h>

#include "tests/daemon/query/query_server.h"

namespace shouwang::query {
namespace {

using testing::HasSubstr;

Warning Change(std::string_view subject, RuleId rule, std::string_view opened) {
  return {.subject = Of(subject),
          .rule = rule,
          .opened_on = Day(opened),
          .cleared_on = {},
          .known_at = {}};
}

class WarningWatchTest : public QueryServer {
 protected:
  // Returns once the server has said that no change is missed from here on.
  std::unique_ptr<grpc::ClientReader<v1::WatchWarningsResponse>> Watch(
      const v1::WatchWarningsRequest& request) {
    auto reader = Stub<v1::RiskService>()->WatchWarnings(&context_, request);
    reader->WaitForInitialMetadata();
    return reader;
  }

  grpc::ClientContext context_;
};

TEST_F(WarningWatchTest, PassesOnWhatOpensAndClearsInOrder) {
  Up();
  auto reader = Watch({});
  std::vector<Warning> changes = {Change("520502001001/1", 101, "2026-09-05"),
                                  Change("520502001001/2", 102, "2026-08-05")};
  changes[1].cleared_on = Day("2026-10-05");
  feed_.Publish(changes);
  v1::WatchWarningsResponse response;
  ASSERT_TRUE(reader->Read(&response));
  EXPECT_EQ(response.warning().subject(), "520502001001/1");
  EXPECT_EQ(response.warning().rule(), "wage_low");
  EXPECT_FALSE(response.warning().has_cleared_on());
  ASSERT_TRUE(reader->Read(&response));
  EXPECT_EQ(response.warning().subject(), "520502001001/2");
  EXPECT_EQ(response.warning().cleared_on(), Day("2026-10-05").days());
}

TEST_F(WarningWatchTest, LeavesOutWhatTheFilterDoesNotWant) {
  Up();
  v1::WatchWarningsRequest request;
  request.mutable_filter()->set_region("5205");
  request.mutable_filter()->add_rules("medical_high");
  auto reader = Watch(request);
  feed_.Publish(std::vector<Warning>{Change("520302001001/1", 102, "2026-09-05"),
                                     Change("520502001001/1", 101, "2026-09-05"),
                                     Change("520502001001/3", 102, "2026-09-05")});
  v1::WatchWarningsResponse response;
  ASSERT_TRUE(reader->Read(&response));
  EXPECT_EQ(response.warning().subject(), "520502001001/3");
}

TEST_F(WarningWatchTest, ABadFilterEndsTheCallWithItsField) {
  Up();
  v1::WatchWarningsRequest request;
  request.mutable_filter()->add_rules("no_such_rule");
  auto reader = Stub<v1::RiskService>()->WatchWarnings(&context_, request);
  v1::WatchWarningsResponse response;
  EXPECT_FALSE(reader->Read(&response));
  const grpc::Status status = reader->Finish();
  EXPECT_EQ(status.error_code(), grpc::StatusCode::INVALID_ARGUMENT);
  EXPECT_THAT(FieldsOf(status), testing::ElementsAre("filter.rules[0]"));
}

TEST_F(WarningWatchTest, AReaderThatFallsTenThousandBehindIsEnded) {
  Up();
  auto reader = Watch({});
  // One offer of more than a reader may be behind cannot be written in between.
  feed_.Publish(std::vector<Warning>(10'002, Change("520502001001/1", 101, "2026-09-05")));
  v1::WatchWarningsResponse response;
  while (reader->Read(&response)) {
  }
  const grpc::Status status = reader->Finish();
  EXPECT_EQ(status.error_code(), grpc::StatusCode::RESOURCE_EXHAUSTED);
  EXPECT_THAT(status.error_message(), HasSubstr("10000 changes behind"));
}

TEST_F(WarningWatchTest, EndsWithUnavailableWhenTheDaemonStops) {
  Up();
  auto reader = Watch({});
  feed_.Close();
  v1::WatchWarningsResponse response;
  EXPECT_FALSE(reader->Read(&response));
  EXPECT_EQ(reader->Finish().error_code(), grpc::StatusCode::UNAVAILABLE);
}

TEST_F(WarningWatchTest, AReaderThatLeftIsForgotten) {
  Up();
  auto reader = Watch({});
  context_.TryCancel();
  v1::WatchWarningsResponse response;
  EXPECT_FALSE(reader->Read(&response));
  EXPECT_EQ(reader->Finish().error_code(), grpc::StatusCode::CANCELLED);
  feed_.Publish(std::vector<Warning>{Change("520502001001/1", 101, "2026-09-05")});
  Down();
}

class CountingReader : public WarningFeed::Reader {
 public:
  void Offer(std::span<const Warning> changes) override { offered += changes.size(); }
  void End(const absl::Status& why) override { ended = why; }
  size_t offered = 0;
  absl::Status ended;
};

TEST(WarningFeedTest, BoundsItsReadersAndTakesNoneOnceClosed) {
  WarningFeed feed;
  auto first = std::make_shared<CountingReader>();
  ASSERT_TRUE(feed.Subscribe(first).ok());
  for (size_t i = 1; i < WarningFeed::kMaxReaders; ++i) {
    ASSERT_TRUE(feed.Subscribe(std::make_shared<CountingReader>()).ok());
  }
  EXPECT_EQ(feed.Subscribe(std::make_shared<CountingReader>()).code(),
            absl::StatusCode::kResourceExhausted);
  feed.Publish(std::vector<Warning>{Change("520502001001/1", 101, "2026-09-05")});
  EXPECT_EQ(first->offered, 1);
  feed.Unsubscribe(first.get());
  feed.Publish(std::vector<Warning>{Change("520502001001/1", 101, "2026-09-05")});
  EXPECT_EQ(first->offered, 1);
  ASSERT_TRUE(feed.Subscribe(first).ok());
  feed.Close();
  EXPECT_EQ(first->ended.code(), absl::StatusCode::kUnavailable);
  EXPECT_EQ(feed.Subscribe(first).code(), absl::StatusCode::kUnavailable);
}

}  // namespace
}  // namespace shouwang::query
