#include "daemon/query/incident_service.h"

#include <shouwang/v1/incident.grpc.pb.h>

#include "daemon/query/incident_answer.h"
#include "tests/daemon/flooded_county.h"
#include "tests/daemon/query/query_server.h"

namespace shouwang::query {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

constexpr char kFlood[] = "520502001001:income:2026-10";

// The flooded county behind the query room.
class IncidentServiceTest : public QueryServer {
 protected:
  void UpWith(FloodedCounty* county, bool look = true) {
    watch_ = std::make_unique<incidents::IncidentWatch>(&county->store(), &county->current(),
                                                        [] { return FloodedCounty::Now(); });
    if (look) {
      ASSERT_TRUE(watch_->Refresh().ok());
    }
    query_ = std::make_unique<Query>(QueryParts{.store = &county->store(),
                                                .rulebook = &county->current(),
                                                .feed = &feed_,
                                                .deliveries = &deliveries_,
                                                .incidents = watch_.get(),
                                                .registry = &registry_,
                                                .now = [] { return FloodedCounty::Now(); },
                                                .state = [this] { return state_; }});
    Serve();
    incidents_ = v1::IncidentService::NewStub(channel_);
  }
  grpc::Status List(const v1::ListIncidentsRequest& request, v1::ListIncidentsResponse* response) {
    grpc::ClientContext context;
    return incidents_->ListIncidents(&context, request, response);
  }
  std::vector<std::string> IdsOf(const v1::ListIncidentsRequest& request) {
    v1::ListIncidentsResponse response;
    const grpc::Status status = List(request, &response);
    EXPECT_TRUE(status.ok()) << status.error_message();
    std::vector<std::string> ids;
    for (const v1::Incident& incident : response.incidents()) ids.push_back(incident.id());
    return ids;
  }
  grpc::Status Get(const v1::GetIncidentRequest& request, v1::GetIncidentResponse* response) {
    grpc::ClientContext context;
    return incidents_->GetIncident(&context, request, response);
  }

  std::unique_ptr<incidents::IncidentWatch> watch_;
  std::unique_ptr<v1::IncidentService::Stub> incidents_;
};

TEST_F(IncidentServiceTest, TellsAllOfAnIncident) {
  FloodedCounty county;
  UpWith(&county);
  v1::ListIncidentsResponse response;
  ASSERT_TRUE(List({}, &response).ok());
  ASSERT_EQ(response.incidents_size(), 1);
  const v1::Incident& incident = response.incidents(0);
  EXPECT_EQ(incident.id(), kFlood);
  EXPECT_EQ(incident.place(), "520502001001");
  EXPECT_EQ(incident.place_path(), "贵州省 / 毕节市 / 七星关区 / 市西街道 / 一村");
  EXPECT_EQ(incident.place_level(), "village");
  EXPECT_EQ(incident.risk_kind(), "income");
  EXPECT_EQ(incident.first_month(), MonthOf("2026-10").index());
  EXPECT_EQ(incident.last_month(), MonthOf("2026-10").index());
  EXPECT_TRUE(incident.open());
  EXPECT_EQ(incident.observed(), 20);
  EXPECT_GT(incident.expected(), 0);
  EXPECT_LT(incident.expected(), 3);
  EXPECT_LT(incident.q_value(), 0.001);
  EXPECT_EQ(incident.part_of(), "");
  EXPECT_EQ(incident.members(), 20);
  EXPECT_EQ(incident.worst_severity(), v1::SEVERITY_RED);
  EXPECT_EQ(response.next_page_token(), "");
  EXPECT_EQ(response.looked_at_ms(), kNowMs);
  EXPECT_TRUE(response.looked_for());
  EXPECT_EQ(response.false_discovery_rate(), 0.05);
  // The county, a township, three villages and the site; the other township is its one village.
  EXPECT_EQ(response.places_judged(), 6);
  EXPECT_EQ(response.places_unjudged(), 0);
}

TEST_F(IncidentServiceTest, ListsByRegionMonthsKindAndState) {
  FloodedCounty county;
  UpWith(&county);
  v1::ListIncidentsRequest request;
  request.set_region("520502001");
  EXPECT_THAT(IdsOf(request), ElementsAre(kFlood));
  request.set_region("520502002");
  EXPECT_THAT(IdsOf(request), IsEmpty());
  request.set_region("5205");
  request.set_risk_kind("illness");
  EXPECT_THAT(IdsOf(request), IsEmpty());
  request.set_risk_kind("income");
  request.set_open_only(true);
  request.set_from_month(MonthOf("2026-10").index());
  request.set_to_month(MonthOf("2026-10").index());
  EXPECT_THAT(IdsOf(request), ElementsAre(kFlood));
  request.set_from_month(MonthOf("2026-11").index());
  request.clear_to_month();
  EXPECT_THAT(IdsOf(request), IsEmpty());
  request.clear_from_month();
  request.set_to_month(MonthOf("2026-09").index());
  EXPECT_THAT(IdsOf(request), IsEmpty());
}

TEST_F(IncidentServiceTest, TellsMonthsAndMembersByPages) {
  FloodedCounty county;
  UpWith(&county);
  v1::GetIncidentRequest request;
  request.set_id(kFlood);
  request.set_page_size(12);
  v1::GetIncidentResponse first;
  ASSERT_TRUE(Get(request, &first).ok());
  EXPECT_EQ(first.incident().id(), kFlood);
  ASSERT_EQ(first.members_size(), 12);
  EXPECT_EQ(first.members(0).subject(), "520502001001/1");
  EXPECT_EQ(first.members(0).opened_on(), Day("2026-10-12").days());
  EXPECT_EQ(first.members(0).rule(), "wage_low");
  EXPECT_EQ(first.members(0).rule_title_zh(), "工资低");
  EXPECT_EQ(first.members(0).severity(), v1::SEVERITY_RED);
  EXPECT_EQ(first.months(0).month(), MonthOf("2024-10").index());
  const v1::IncidentMonth& october = first.months(24);
  EXPECT_EQ(october.month(), MonthOf("2026-10").index());
  EXPECT_EQ(october.observed(), 20);
  EXPECT_EQ(october.exposure(), 40);
  EXPECT_EQ(october.neighbours_observed(), 1);
  EXPECT_EQ(october.neighbours_exposure(), 20);
  EXPECT_TRUE(october.has_q_value());
  EXPECT_FALSE(first.months(23).has_q_value());
  request.set_page_token(first.next_page_token());
  v1::GetIncidentResponse second;
  ASSERT_TRUE(Get(request, &second).ok());
  ASSERT_EQ(second.members_size(), 8);
  EXPECT_EQ(second.members(7).subject(), "520502001001/20");
  EXPECT_EQ(second.next_page_token(), "");
}

TEST_F(IncidentServiceTest, RefusesWhatIsNoIncidentAndNamesTheField) {
  FloodedCounty county;
  UpWith(&county);
  v1::GetIncidentRequest request;
  request.set_id("520502001");
  v1::GetIncidentResponse response;
  EXPECT_THAT(FieldsOf(Get(request, &response)), ElementsAre("id"));
  request.set_id("520502001002:income:2026-10");
  const grpc::Status status = Get(request, &response);
  EXPECT_EQ(status.error_code(), grpc::StatusCode::NOT_FOUND);
  EXPECT_THAT(status.error_message(),
              HasSubstr("there is no incident 520502001002:income:2026-10"));
  v1::ListIncidentsRequest list;
  list.set_region("99");
  list.set_from_month(-100'000);
  list.set_risk_kind("war");
  list.set_page_size(1'001);
  list.set_page_token("x");
  v1::ListIncidentsResponse listed;
  EXPECT_THAT(FieldsOf(List(list, &listed)),
              ElementsAre("region", "from_month", "risk_kind", "page_size", "page_token"));
}

TEST_F(IncidentServiceTest, BeforeTheFirstLookNothingIsKnown) {
  FloodedCounty county;
  UpWith(&county, /*look=*/false);
  v1::ListIncidentsResponse response;
  const grpc::Status status = List({}, &response);
  EXPECT_EQ(status.error_code(), grpc::StatusCode::UNAVAILABLE);
  EXPECT_THAT(status.error_message(), HasSubstr("have not been looked for"));
}

TEST_F(IncidentServiceTest, SaysThatThePolicyLooksForNone) {
  FloodedCounty county(/*with_policy=*/false);
  UpWith(&county);
  v1::ListIncidentsResponse response;
  ASSERT_TRUE(List({}, &response).ok());
  EXPECT_FALSE(response.looked_for());
  EXPECT_EQ(response.incidents_size(), 0);
}

// Of an incident's members a page reads those of its own villages only.
TEST(IncidentPagesTest, AskAtEachHouseholdWhetherTheCallerHasLeft) {
  FloodedCounty county;
  incidents::IncidentWatch watch(&county.store(), &county.current(),
                                 [] { return FloodedCounty::Now(); });
  ASSERT_TRUE(watch.Refresh().ok());
  v1::GetIncidentRequest request;
  request.set_id(kFlood);
  int asked = 0;
  const auto get = [&](int households) {
    v1::GetIncidentResponse response;
    asked = 0;
    const auto left = [&] { return ++asked > households; };
    return AnswerGetIncident(watch.Latest().get(), county.store(), county.rulebook(), request, left,
                             &response);
  };
  // 20 of the 40 are members, and come first.
  EXPECT_EQ(get(30).code(), absl::StatusCode::kCancelled);
  EXPECT_TRUE(get(40).ok());
  EXPECT_EQ(asked, 40);
}

// Many incidents, without a store behind them.
TEST(IncidentPagesTest, TheLatestComeFirstAndPagesFollowEachOther) {
  const auto rulebook = SmallRulebook(kIncidentSection);
  incidents::Look look;
  for (const char* text : {"520502001:income:2026-01", "520502001:income:2026-02",
                           "520502002:income:2026-02", "520302001:income:2026-03"}) {
    Incident incident;
    incident.id = IncidentId::Parse(text).value();
    incident.last = incident.id.first;
    look.findings.incidents.push_back(incident);
  }
  v1::ListIncidentsRequest request;
  request.set_page_size(3);
  v1::ListIncidentsResponse first;
  ASSERT_TRUE(AnswerListIncidents(&look, *rulebook, Day("2026-11-15"), request, &first).ok());
  ASSERT_EQ(first.incidents_size(), 3);
  EXPECT_EQ(first.incidents(0).id(), "520302001:income:2026-03");
  EXPECT_EQ(first.incidents(2).id(), "520502001:income:2026-02");
  request.set_page_token(first.next_page_token());
  v1::ListIncidentsResponse second;
  ASSERT_TRUE(AnswerListIncidents(&look, *rulebook, Day("2026-11-15"), request, &second).ok());
  ASSERT_EQ(second.incidents_size(), 1);
  EXPECT_EQ(second.incidents(0).id(), "520502001:income:2026-01");
  EXPECT_EQ(second.next_page_token(), "");
  request.set_open_only(true);
  EXPECT_FALSE(AnswerListIncidents(&look, *rulebook, Day("2026-11-15"), request, &second).ok());
}

}  // namespace
}  // namespace shouwang::query
