// What holds for every call of the room: its queue is bounded, its calls are counted.
#include "daemon/query/query.h"

#include <prometheus/text_serializer.h>
#include <shouwang/v1/admin.grpc.pb.h>
#include <shouwang/v1/catalogue.grpc.pb.h>

#include <thread>

#include "absl/synchronization/notification.h"
#include "tests/daemon/query/query_server.h"

namespace shouwang::query {
namespace {

using testing::HasSubstr;

class QueryTest : public QueryServer {
 protected:
  std::string Scrape() { return prometheus::TextSerializer().Serialize(registry_.Collect()); }
};

TEST_F(QueryTest, EveryMethodIsCountedFromTheStart) {
  Up();
  const std::string scrape = Scrape();
  for (const char* method :
       {"CatalogueService/ListIndicators", "CatalogueService/ListDivisions",
        "CatalogueService/ListSites", "SeriesService/GetHistory", "SeriesService/ListRollups",
        "RiskService/ListWarnings", "RiskService/WatchWarnings", "RiskService/ExplainSubject",
        "RiskService/ListWorklist", "RiskService/ListRules", "AdminService/GetStatus"}) {
    EXPECT_THAT(scrape, HasSubstr(std::string("shouwang_rpc_requests_total{code=\"OK\",method=\"") +
                                  method + "\"} 0"));
  }
  EXPECT_THAT(
      scrape,
      HasSubstr("shouwang_rpc_duration_seconds_count{method=\"AdminService/GetStatus\"} 0"));
}

TEST_F(QueryTest, CountsCallsByTheirStatusCode) {
  Up();
  v1::ListDivisionsRequest request;
  request.set_region("x");
  grpc::ClientContext context;
  v1::ListDivisionsResponse response;
  ASSERT_FALSE(Stub<v1::CatalogueService>()->ListDivisions(&context, request, &response).ok());
  const std::string scrape = Scrape();
  EXPECT_THAT(scrape, HasSubstr("shouwang_rpc_requests_total{code=\"INVALID_ARGUMENT\","
                                "method=\"CatalogueService/ListDivisions\"} 1"));
  EXPECT_THAT(
      scrape,
      HasSubstr(
          "shouwang_rpc_duration_seconds_count{method=\"CatalogueService/ListDivisions\"} 1"));
}

// GetStatus asks for the daemon's state, which is where the only worker is held here.
TEST_F(QueryTest, AFullQueueAnswersAtOnceAndSaysWhenToComeBack) {
  absl::Notification held;
  absl::Notification release;
  query_ = std::make_unique<Query>(QueryParts{.store = &county_.store(),
                                              .rulebook = &rulebook_,
                                              .feed = &feed_,
                                              .registry = &registry_,
                                              .now = [] { return At(kNowMs); },
                                              .state =
                                                  [&] {
                                                    if (!held.HasBeenNotified()) held.Notify();
                                                    release.WaitForNotification();
                                                    return DaemonState();
                                                  },
                                              .threads = 1,
                                              .queue_limit = 1});
  Serve();
  const auto ask = [this](grpc::Status* status) {
    grpc::ClientContext context;
    v1::GetStatusResponse response;
    *status = Stub<v1::AdminService>()->GetStatus(&context, {}, &response);
  };
  grpc::Status first;
  std::jthread one([&] { ask(&first); });
  held.WaitForNotification();
  // Of these two the one that comes first waits in the queue, and the other is refused.
  absl::Notification refused;
  grpc::Status second;
  grpc::Status third;
  const auto ask_and_tell = [&](grpc::Status* status) {
    ask(status);
    if (!status->ok()) refused.Notify();
  };
  std::jthread two([&] { ask_and_tell(&second); });
  std::jthread three([&] { ask_and_tell(&third); });
  refused.WaitForNotification();
  release.Notify();
  one.join();
  two.join();
  three.join();
  EXPECT_TRUE(first.ok());
  EXPECT_NE(second.ok(), third.ok());
  const grpc::Status& no = second.ok() ? third : second;
  EXPECT_EQ(no.error_code(), grpc::StatusCode::RESOURCE_EXHAUSTED);
  EXPECT_THAT(no.error_message(), HasSubstr("1 queries are waiting, which is the limit"));
  google::rpc::Status details;
  ASSERT_TRUE(details.ParseFromString(no.error_details()));
  google::rpc::RetryInfo retry;
  ASSERT_EQ(details.details_size(), 1);
  EXPECT_TRUE(details.details(0).UnpackTo(&retry));
  EXPECT_EQ(retry.retry_delay().nanos(), 250'000'000);
}

}  // namespace
}  // namespace shouwang::query
