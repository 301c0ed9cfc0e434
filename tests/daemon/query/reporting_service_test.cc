// ReportingService over its wire. Today is 2026-11-15: September was due on 2026-10-25 and is
// missed since the 31st, October is due on 2026-11-25.
#include <shouwang/v1/reporting.grpc.pb.h>

#include "storage/vocabulary/reporting.h"
#include "tests/daemon/query/query_server.h"

namespace shouwang::query {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

constexpr std::string_view kReporting = R"(
reporting:
  households: {cadence_months: 1, due_day: 25, grace_days: 5, given_up_months: 12, citation: test}
  sources:
    - {source: cadre_visit, cadence_months: 1, due_day: 25, grace_days: 5, given_up_months: 6,
       expected_from: ["520502"], citation: test}
)";

class ReportingServiceTest : public QueryServer {
 protected:
  ReportingServiceTest() {
    rulebook_.Set(SmallRulebook(kReporting));
    Up();
  }
  ~ReportingServiceTest() override { Down(); }

  static RollupPlace Home(std::string_view township) {
    return {RollupView::kSettlement, At(township), {}};
  }
  void Keep(std::string_view subject, std::string_view last, std::string_view open_since = "") {
    Transaction transaction;
    transaction.observations.push_back({.subject = Of(subject),
                                        .indicator = kWage,
                                        .date = Day(last),
                                        .value = 1,
                                        .arrival = {.reported_at = At(1'000),
                                                    .known_at = At(2'000),
                                                    .batch = 7,
                                                    .source = Source::kCadreVisit}});
    SubjectRisk risk;
    risk.subject = Of(subject);
    risk.evaluated_through = Day(last);
    if (!open_since.empty()) {
      RuleState& state = risk.states.emplace_back();
      state.rule = 101;
      state.opened_on = Day(open_since);
      state.severity = Severity::kRed;
    }
    transaction.risks.push_back(risk);
    ASSERT_TRUE(county_.store().Commit(transaction).ok());
  }
  void Send(std::string_view township, const char* collector, std::string_view day) {
    Transaction transaction;
    BatchRecord& batch = transaction.batches.emplace_back();
    batch.number = ++batches_;
    batch.township = At(township);
    batch.collector = collector;
    batch.known_at = EndOf(Day(day));
    ASSERT_TRUE(county_.store().Commit(transaction).ok());
  }

  v1::ListReportingResponse List(const v1::ListReportingRequest& request) {
    grpc::ClientContext context;
    v1::ListReportingResponse response;
    last_ = Stub<v1::ReportingService>()->ListReporting(&context, request, &response);
    return response;
  }
  v1::ListSilentHouseholdsResponse Silent(const v1::ListSilentHouseholdsRequest& request) {
    grpc::ClientContext context;
    v1::ListSilentHouseholdsResponse response;
    last_ = Stub<v1::ReportingService>()->ListSilentHouseholds(&context, request, &response);
    return response;
  }
  v1::ListReportersResponse Reporters(const v1::ListReportersRequest& request) {
    grpc::ClientContext context;
    v1::ListReportersResponse response;
    last_ = Stub<v1::ReportingService>()->ListReporters(&context, request, &response);
    return response;
  }
  static v1::ListReportingRequest Months(std::string_view region, uint32_t digits,
                                         std::string_view from, std::string_view to) {
    v1::ListReportingRequest request;
    request.set_region(std::string(region));
    request.set_group_digits(digits);
    request.set_from_month(MonthOf(from).index());
    request.set_to_month(MonthOf(to).index());
    return request;
  }

  grpc::Status last_;
  uint64_t batches_ = 0;
};

TEST_F(ReportingServiceTest, TellsCompletenessAndTimelinessByDivisionAndMonth) {
  county_.Count(Home("520502001"), kFirstReport, "2026-09", 4, 0);
  county_.Count(Home("520502001"), kLastReport, "2026-09", 4, 0);
  county_.Count(Home("520502001"), kAnyIndicator, "2026-09", 3, 0);
  for (const char* division : {"520502001", "520502"}) {
    county_.Spread(At(division), kAnyIndicator, "2026-09", {-2, 24, 25});
  }
  const auto response = List(Months("520502", 6, "2026-09", "2026-10"));
  ASSERT_TRUE(last_.ok()) << last_.error_message();
  ASSERT_EQ(response.rows_size(), 2);
  const v1::DivisionReporting& row = response.rows(0);
  EXPECT_EQ(row.division(), "520502");
  EXPECT_EQ(row.name(), "七星关区");
  EXPECT_EQ(row.month(), MonthOf("2026-09").index());
  EXPECT_EQ(row.due_on(), Day("2026-10-25").days());
  EXPECT_EQ(row.expected(), 4u);
  EXPECT_EQ(row.reported(), 3u);
  EXPECT_EQ(row.heard(), 3u);
  EXPECT_EQ(row.on_time(), 2u);
  EXPECT_EQ(row.median_delay_days(), 24);
  EXPECT_EQ(row.p90_delay_days(), 25);
  EXPECT_EQ(response.rows(1).reported(), 0u);
  EXPECT_FALSE(response.rows(1).has_median_delay_days());
  // Of everything, by province.
  EXPECT_EQ(List(Months("", 0, "2026-09", "2026-09")).rows(0).division(), "52");
}

TEST_F(ReportingServiceTest, NamesEveryFieldThatIsWrong) {
  List(Months("520502001001", 5, "2026-09", "2026-08"));
  EXPECT_THAT(FieldsOf(last_), ElementsAre("region", "group_digits", "to_month"));
  List(Months("520502", 6, "2026-09", "2026-08"));
  EXPECT_THAT(last_.error_message(), HasSubstr("2026-08 is before from_month, 2026-09"));
  v1::ListReportingRequest request = Months("520502", 6, "2026-09", "2026-09");
  request.set_to_month(99'999);
  List(request);
  EXPECT_THAT(last_.error_message(),
              HasSubstr("99999 months since January 1970 is outside 1900-01 to 2199-11"));
  List(Months("520502", 4, "2010-01", "2026-08"));
  EXPECT_THAT(FieldsOf(last_), ElementsAre("group_digits", "to_month"));
  EXPECT_THAT(last_.error_message(), HasSubstr("4 digits name more than region 520502"));
}

TEST_F(ReportingServiceTest, SilentHouseholdsSayWhoToldLastAndWhatIsOpen) {
  Keep("520502001001/1", "2026-08-31");
  Keep("520502001001/2", "2026-08-31", "2026-08-31");
  Keep("520502001001/3", "2026-09-01");
  v1::ListSilentHouseholdsRequest request;
  request.set_region("520502");
  request.set_page_size(1);
  auto page = Silent(request);
  ASSERT_TRUE(last_.ok()) << last_.error_message();
  EXPECT_EQ(page.on(), Day("2026-11-15").days());
  EXPECT_EQ(page.silent_before_month(), MonthOf("2026-09").index());
  ASSERT_EQ(page.households_size(), 1);
  EXPECT_EQ(page.households(0).subject(), "520502001001/2");
  EXPECT_EQ(page.households(0).division_path(), "贵州省 / 毕节市 / 七星关区 / 市西街道 / 一村");
  EXPECT_EQ(page.households(0).last_observed_on(), Day("2026-08-31").days());
  EXPECT_EQ(page.households(0).days(), 76u);
  EXPECT_EQ(page.households(0).last_source(), v1::SOURCE_CADRE_VISIT);
  EXPECT_EQ(page.households(0).last_known_at_ms(), 2'000);
  ASSERT_EQ(page.households(0).warnings_size(), 1);
  EXPECT_EQ(page.households(0).warnings(0).rule(), "wage_low");
  request.set_page_token(page.next_page_token());
  page = Silent(request);
  ASSERT_EQ(page.households_size(), 1);
  EXPECT_EQ(page.households(0).subject(), "520502001001/1");
  EXPECT_EQ(page.next_page_token(), "");
}

TEST_F(ReportingServiceTest, ADayToComeTellsWhoWillBeSilent) {
  Keep("520502001001/3", "2026-09-01");
  v1::ListSilentHouseholdsRequest request;
  request.set_region("520502001");
  EXPECT_THAT(Silent(request).households(), IsEmpty());
  request.set_on(Day("2026-11-30").days());
  EXPECT_THAT(Silent(request).households(), IsEmpty());
  request.set_on(Day("2026-12-01").days());
  EXPECT_EQ(Silent(request).households_size(), 1);
}

TEST_F(ReportingServiceTest, SilentHouseholdsAreOfACountyOrATownship) {
  v1::ListSilentHouseholdsRequest request;
  for (const char* region : {"", "52", "5205", "520502001001"}) {
    request.set_region(region);
    Silent(request);
    EXPECT_THAT(FieldsOf(last_), ElementsAre("region"));
  }
  request.set_region("520502");
  request.set_page_token("elsewhere");
  request.set_page_size(10'001);
  Silent(request);
  EXPECT_THAT(FieldsOf(last_), ElementsAre("page_size", "page_token"));
}

TEST_F(ReportingServiceTest, ReportersAreToldByTownshipWithTheMissingOnes) {
  Send("520302001", "pc-9", "2026-11-01");
  Send("520502001", "pc-1", "2026-09-25");
  Send("520502001", "pc-2", "2026-09-26");
  const auto all = Reporters({});
  ASSERT_TRUE(last_.ok()) << last_.error_message();
  ASSERT_EQ(all.reporters_size(), 4);
  EXPECT_EQ(all.reporters(0).township(), "520302001");
  EXPECT_EQ(all.reporters(0).state(), v1::REPORTER_STATE_REPORTING);
  const v1::Reporter& silent = all.reporters(1);
  EXPECT_EQ(silent.collector(), "pc-1");
  EXPECT_EQ(silent.name(), "市西街道");
  EXPECT_EQ(silent.source(), v1::SOURCE_CADRE_VISIT);
  EXPECT_EQ(silent.state(), v1::REPORTER_STATE_SILENT);
  EXPECT_EQ(silent.due_on(), Day("2026-10-25").days());
  EXPECT_EQ(silent.last_heard_ms(), EndOf(Day("2026-09-25")).time_since_epoch().count());
  EXPECT_EQ(silent.batch(), 2u);
  EXPECT_EQ(all.reporters(2).state(), v1::REPORTER_STATE_REPORTING);
  EXPECT_EQ(all.reporters(3).township(), "520502002");
  EXPECT_EQ(all.reporters(3).state(), v1::REPORTER_STATE_NEVER_HEARD);
  EXPECT_FALSE(all.reporters(3).has_last_heard_ms());

  v1::ListReportersRequest request;
  request.set_silent_only(true);
  request.set_page_size(1);
  auto page = Reporters(request);
  ASSERT_EQ(page.reporters_size(), 1);
  EXPECT_EQ(page.reporters(0).collector(), "pc-1");
  request.set_page_token(page.next_page_token());
  page = Reporters(request);
  ASSERT_EQ(page.reporters_size(), 1);
  EXPECT_EQ(page.reporters(0).township(), "520502002");
  EXPECT_EQ(page.next_page_token(), "");
}

TEST_F(ReportingServiceTest, ReportersOfAVillageAreItsTownships) {
  v1::ListReportersRequest request;
  request.set_region("520502001001");
  Reporters(request);
  EXPECT_THAT(FieldsOf(last_), ElementsAre("region"));
  EXPECT_THAT(last_.error_message(), HasSubstr("520502001001 is a village; reporting is counted"));
}

TEST_F(ReportingServiceTest, APastDayIsRefusedWhereReportsThatTellOfItAreNotKept) {
  auto closing = std::make_shared<Rulebook>(*rulebook_.Get());
  closing->retention.first_year = {{kWage, 2025}};
  rulebook_.Set(closing);
  v1::ListSilentHouseholdsRequest request;
  request.set_region("520502");
  // November was the last month missed by then; who is silent may have been so since 2024-11.
  request.set_on(Day("2026-01-30").days());
  Silent(request);
  EXPECT_THAT(FieldsOf(last_), ElementsAre("on"));
  EXPECT_THAT(last_.error_message(),
              HasSubstr("2026-01-30: who was silent then is past its retention; reports of 2024-11 "
                        "and later tell it, and all are kept from 2025-01-01 on"));
  request.set_on(Day("2026-03-15").days());
  Silent(request);
  EXPECT_TRUE(last_.ok()) << "reports of 2025-01 and later: " << last_.error_message();
  closing = std::make_shared<Rulebook>(*closing);
  closing->retention.first_year = {{kWage, 2026}};
  rulebook_.Set(closing);
  request.clear_on();
  Silent(request);
  EXPECT_TRUE(last_.ok()) << "of today the judgements tell it";
}

TEST_F(ReportingServiceTest, ReportersAreNotKnownOfADayThatHasPassed) {
  v1::ListReportersRequest request;
  request.set_on(Day("2026-11-14").days());
  Reporters(request);
  EXPECT_THAT(FieldsOf(last_), ElementsAre("on"));
}

TEST_F(ReportingServiceTest, APolicyThatExpectsNothingIsToldSo) {
  rulebook_.Set(SmallRulebook());
  Reporters({});
  EXPECT_EQ(last_.error_code(), grpc::StatusCode::FAILED_PRECONDITION);
  EXPECT_THAT(last_.error_message(), HasSubstr("has no section 'reporting'"));
  v1::ListSilentHouseholdsRequest request;
  request.set_region("520502");
  Silent(request);
  EXPECT_EQ(last_.error_code(), grpc::StatusCode::FAILED_PRECONDITION);
}

}  // namespace
}  // namespace shouwang::query
