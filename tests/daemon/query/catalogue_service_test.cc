#include <shouwang/v1/catalogue.grpc.pb.h>

#include "tests/daemon/query/query_server.h"

namespace shouwang::query {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

class CatalogueServiceTest : public QueryServer {
 protected:
  grpc::Status List(const v1::ListDivisionsRequest& request) {
    grpc::ClientContext context;
    return Stub<v1::CatalogueService>()->ListDivisions(&context, request, &divisions_);
  }
  // "code name households"
  std::vector<std::string> Rows() const {
    std::vector<std::string> rows;
    for (const v1::Division& division : divisions_.divisions()) {
      rows.push_back(division.code() + " " + division.name() + " " +
                     std::to_string(division.households()));
    }
    return rows;
  }

  v1::ListDivisionsResponse divisions_;
};

TEST_F(CatalogueServiceTest, ListsIndicatorsByIdWithTheirScaleAndRange) {
  Up();
  grpc::ClientContext context;
  v1::ListIndicatorsResponse response;
  ASSERT_TRUE(Stub<v1::CatalogueService>()->ListIndicators(&context, {}, &response).ok());
  ASSERT_EQ(response.indicators_size(), 3);
  EXPECT_EQ(response.indicators(0).name(), "wage_income");
  EXPECT_EQ(response.indicators(0).decimals(), 2);
  EXPECT_EQ(response.indicators(0).max(), 100'000'000);
  EXPECT_EQ(response.indicators(2).id(), 50);
  EXPECT_EQ(response.indicators(2).applies_to(), v1::SUBJECT_KIND_SITE);
  EXPECT_EQ(response.indicators(2).cadence(), v1::CADENCE_YEARLY);
}

TEST_F(CatalogueServiceTest, ListsTheLevelBelowWithHouseholdsFromTallies) {
  county_.Tell({.place = Settlement("520502001"), .households = 40, .warnings = {}});
  county_.Tell({.place = Settlement("520502002"), .households = 2, .warnings = {}});
  county_.Tell({.place = Settlement("520302001"), .households = 5, .warnings = {}});
  Up();
  v1::ListDivisionsRequest request;
  request.set_region("52");
  ASSERT_TRUE(List(request).ok());
  EXPECT_THAT(Rows(), ElementsAre("5203 遵义市 5", "5205 毕节市 42"));
  EXPECT_EQ(divisions_.next_page_token(), "");

  request.set_region("");
  ASSERT_TRUE(List(request).ok());
  EXPECT_THAT(Rows(), ElementsAre("52 贵州省 47"));
}

TEST_F(CatalogueServiceTest, CountsHouseholdsOfAVillageButNotItsSites) {
  county_.Observe("520502001001/1", kWage, "2026-10-05", 1);
  county_.Observe("520502001001/2", kWage, "2026-10-05", 1);
  county_.Observe("520502001001/S1", kSeats, "2026-10-05", 1);
  Up();
  v1::ListDivisionsRequest request;
  request.set_region("520502001");
  ASSERT_TRUE(List(request).ok());
  EXPECT_THAT(Rows(), ElementsAre("520502001001 一村 2", "520502001002 二村 0"));
}

TEST_F(CatalogueServiceTest, AVillageHasNothingBelow) {
  Up();
  v1::ListDivisionsRequest request;
  request.set_region("520502001001");
  ASSERT_TRUE(List(request).ok());
  EXPECT_EQ(divisions_.divisions_size(), 0);
}

TEST_F(CatalogueServiceTest, PagesThroughADeepLevelWithoutGapOrRepeat) {
  Up();
  v1::ListDivisionsRequest request;
  request.set_region("52");
  request.set_level(v1::DIVISION_LEVEL_VILLAGE);
  request.set_page_size(3);
  ASSERT_TRUE(List(request).ok());
  EXPECT_THAT(Rows(),
              ElementsAre("520302001001 四村 0", "520502001001 一村 0", "520502001002 二村 0"));
  request.set_page_token(divisions_.next_page_token());
  ASSERT_TRUE(List(request).ok());
  EXPECT_THAT(Rows(), ElementsAre("520502002001 三村 0"));
  EXPECT_EQ(divisions_.next_page_token(), "");
}

TEST_F(CatalogueServiceTest, NamesEveryFieldAtFaultAtOnce) {
  Up();
  v1::ListDivisionsRequest request;
  request.set_region("5x");
  request.set_page_size(10'001);
  request.set_page_token("AAAA");
  const grpc::Status status = List(request);
  EXPECT_EQ(status.error_code(), grpc::StatusCode::INVALID_ARGUMENT);
  EXPECT_THAT(FieldsOf(status), ElementsAre("region", "page_size", "page_token"));
  EXPECT_THAT(status.error_message(), HasSubstr("region: division '5x'"));
}

TEST_F(CatalogueServiceTest, RefusesALevelAboveTheRegionAndAnUnknownOne) {
  Up();
  v1::ListDivisionsRequest request;
  request.set_region("520502");
  request.set_level(v1::DIVISION_LEVEL_PROVINCE);
  grpc::Status status = List(request);
  EXPECT_THAT(FieldsOf(status), ElementsAre("level"));
  EXPECT_THAT(status.error_message(), HasSubstr("province stands above region 520502, a county"));
  request.set_level(static_cast<v1::DivisionLevel>(7));
  status = List(request);
  EXPECT_THAT(status.error_message(), HasSubstr("7 is no division level"));
}

TEST_F(CatalogueServiceTest, RefusesARegionThatIsNotRegistered) {
  Up();
  v1::ListDivisionsRequest request;
  request.set_region("53");
  const grpc::Status status = List(request);
  EXPECT_EQ(status.error_code(), grpc::StatusCode::INVALID_ARGUMENT);
  EXPECT_THAT(status.error_message(), HasSubstr("division 53 is not in the register"));
}

TEST_F(CatalogueServiceTest, RefusesATokenOfAnotherListing) {
  Up();
  v1::ListDivisionsRequest request;
  request.set_region("52");
  request.set_page_size(1);
  ASSERT_TRUE(List(request).ok());
  request.set_page_token(divisions_.next_page_token());
  request.set_region("5205");
  EXPECT_THAT(FieldsOf(List(request)), ElementsAre("page_token"));
}

TEST_F(CatalogueServiceTest, ListsSitesOfARegionWithOriginsAndHouseholds) {
  county_.Tell({.place = SitePlace("520502001", "520502001/S3"), .households = 31, .warnings = {}});
  Up();
  for (const char* region : {"", "52", "520502001"}) {
    v1::ListSitesRequest request;
    request.set_region(region);
    v1::ListSitesResponse response;
    grpc::ClientContext context;
    ASSERT_TRUE(Stub<v1::CatalogueService>()->ListSites(&context, request, &response).ok());
    ASSERT_EQ(response.sites_size(), 1) << region;
    EXPECT_EQ(response.sites(0).subject(), "520502001/S3");
    EXPECT_EQ(response.sites(0).name_zh(), "柏杨林");
    EXPECT_EQ(response.sites(0).households(), 31);
    EXPECT_THAT(response.sites(0).origins(), ElementsAre("520302001"));
  }
  v1::ListSitesRequest request;
  request.set_region("5203");
  v1::ListSitesResponse response;
  grpc::ClientContext context;
  ASSERT_TRUE(Stub<v1::CatalogueService>()->ListSites(&context, request, &response).ok());
  EXPECT_EQ(response.sites_size(), 0);
}

}  // namespace
}  // namespace shouwang::query
