#include "daemon/query/alert_service.h"

#include <shouwang/v1/alerts.grpc.pb.h>

#include "daemon/query/deliveries_answer.h"
#include "tests/daemon/query/query_server.h"

namespace shouwang::query {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

class AlertServiceTest : public QueryServer {
 protected:
  static Delivery Told(int64_t ms, std::string_view township,
                       DeliveryEvent event = DeliveryEvent::kFired) {
    Delivery delivery;
    delivery.sent_at = At(ms);
    delivery.receiver = "http://127.0.0.1:9093";
    delivery.group = {At(township), "wage_low", Severity::kRed, RiskKind::kIncome};
    delivery.event = event;
    delivery.households = "<5";
    delivery.firing_since = At(1'000);
    return delivery;
  }
  void Record(const std::vector<Delivery>& deliveries) {
    ASSERT_TRUE(deliveries_.Record(deliveries).ok());
  }
  grpc::Status List(const v1::ListDeliveriesRequest& request,
                    v1::ListDeliveriesResponse* response) {
    grpc::ClientContext context;
    return Stub<v1::AlertService>()->ListDeliveries(&context, request, response);
  }
  std::vector<int64_t> TimesOf(const v1::ListDeliveriesRequest& request) {
    v1::ListDeliveriesResponse response;
    const grpc::Status status = List(request, &response);
    EXPECT_TRUE(status.ok()) << status.error_message();
    token_ = response.next_page_token();
    std::vector<int64_t> times;
    for (const v1::Delivery& delivery : response.deliveries()) {
      times.push_back(delivery.sent_at_ms());
    }
    return times;
  }

  std::string token_;
};

TEST_F(AlertServiceTest, TellsAllOfADelivery) {
  Delivery refused = Told(2'000, "520502001", DeliveryEvent::kRefused);
  refused.answer = "400 no";
  Record({refused});
  Up();
  v1::ListDeliveriesResponse response;
  ASSERT_TRUE(List({}, &response).ok());
  ASSERT_EQ(response.deliveries_size(), 1);
  const v1::Delivery& told = response.deliveries(0);
  EXPECT_EQ(told.sent_at_ms(), 2'000);
  EXPECT_EQ(told.alertmanager(), "http://127.0.0.1:9093");
  EXPECT_EQ(told.event(), v1::DELIVERY_EVENT_REFUSED);
  EXPECT_EQ(told.division(), "520502001");
  EXPECT_EQ(told.division_path(), "贵州省 / 毕节市 / 七星关区 / 市西街道");
  EXPECT_EQ(told.rule(), "wage_low");
  EXPECT_EQ(told.rule_title_zh(), "工资低");
  EXPECT_EQ(told.rule_title_en(), "Low wage");
  EXPECT_EQ(told.severity(), v1::SEVERITY_RED);
  EXPECT_EQ(told.risk_kind(), "income");
  EXPECT_EQ(told.households(), "<5");
  EXPECT_EQ(told.firing_since_ms(), 1'000);
  EXPECT_EQ(told.answer(), "400 no");
  EXPECT_EQ(response.next_page_token(), "");
}

TEST_F(AlertServiceTest, ListsARegionFromAnInstantOnByPages) {
  Record({Told(1'000, "520502001"), Told(2'000, "520302001"), Told(3'000, "520502002"),
          Told(4'000, "520502001", DeliveryEvent::kResolved), Told(5'000, "520302001")});
  Up();
  v1::ListDeliveriesRequest request;
  request.set_region("5205");
  EXPECT_THAT(TimesOf(request), ElementsAre(1'000, 3'000, 4'000));
  EXPECT_EQ(token_, "");
  request.set_from_ms(2'500);
  EXPECT_THAT(TimesOf(request), ElementsAre(3'000, 4'000));
  request.set_from_ms(0);
  request.set_page_size(2);
  EXPECT_THAT(TimesOf(request), ElementsAre(1'000, 3'000));
  request.set_page_token(token_);
  EXPECT_THAT(TimesOf(request), ElementsAre(4'000));
  EXPECT_EQ(token_, "");
}

TEST_F(AlertServiceTest, APageEndsAfterManyDeliveriesElsewhereAndGoesOn) {
  std::vector<Delivery> elsewhere;
  for (int i = 0; i < 100'001; ++i) elsewhere.push_back(Told(1'000 + i, "520302001"));
  Record(elsewhere);
  Record({Told(900'000, "520502001")});
  v1::ListDeliveriesRequest request;
  request.set_region("5205");
  v1::ListDeliveriesResponse first;
  const std::shared_ptr<const Rulebook> rulebook = SmallRulebook();
  ASSERT_TRUE(AnswerDeliveries(deliveries_, *rulebook, request, &first).ok());
  EXPECT_THAT(first.deliveries(), IsEmpty());
  request.set_page_token(first.next_page_token());
  v1::ListDeliveriesResponse second;
  ASSERT_TRUE(AnswerDeliveries(deliveries_, *rulebook, request, &second).ok());
  EXPECT_EQ(second.deliveries_size(), 1);
  EXPECT_EQ(second.next_page_token(), "");
}

TEST_F(AlertServiceTest, NamesEveryFieldAtFault) {
  Up();
  v1::ListDeliveriesRequest request;
  request.set_region("99");
  request.set_page_size(10'001);
  request.set_from_ms(9'000'000'000'000);
  request.set_page_token("not one");
  v1::ListDeliveriesResponse response;
  const grpc::Status status = List(request, &response);
  EXPECT_EQ(status.error_code(), grpc::StatusCode::INVALID_ARGUMENT);
  EXPECT_THAT(FieldsOf(status), ElementsAre("region", "page_size", "from_ms", "page_token"));
}

TEST_F(AlertServiceTest, ATokenOfAnotherListingIsRefused) {
  Record({Told(1'000, "520502001"), Told(2'000, "520502001")});
  Up();
  v1::ListDeliveriesRequest request;
  request.set_page_size(1);
  TimesOf(request);
  request.set_page_token(token_);
  request.set_region("52");
  v1::ListDeliveriesResponse response;
  EXPECT_EQ(List(request, &response).error_code(), grpc::StatusCode::INVALID_ARGUMENT);
}

}  // namespace
}  // namespace shouwang::query
