// CaseService over its wire.
#include <shouwang/v1/case.grpc.pb.h>

#include "tests/daemon/cases/kept_cases.h"
#include "tests/daemon/query/query_server.h"

namespace shouwang::query {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

constexpr char kHousehold[] = "520502001001/1";

class CaseServiceTest : public QueryServer {
 protected:
  CaseServiceTest() {
    rulebook_.Set(cases::RulebookWithCases());
    desk_ = &the_desk_;
    Up();
  }
  ~CaseServiceTest() override { Down(); }

  // Known so many days before today, 2026-11-15.
  void Warn(std::string_view subject, int days_ago, RuleId rule = 101,
            Severity severity = Severity::kRed, RiskKind kind = RiskKind::kIncome) {
    county_.Open(subject, rule, severity, kind, "2026-09-30",
                 kNowMs - int64_t{days_ago} * 86'400'000);
  }
  v1::GetCaseResponse Get(const std::string& subject = kHousehold) {
    grpc::ClientContext context;
    v1::GetCaseRequest request;
    request.set_subject(subject);
    v1::GetCaseResponse response;
    last_ = Stub<v1::CaseService>()->GetCase(&context, request, &response);
    return response;
  }
  static v1::AdvanceCaseRequest To(v1::CaseState state, v1::Role role, const std::string& etag) {
    v1::AdvanceCaseRequest request;
    request.set_subject(kHousehold);
    request.set_etag(etag);
    request.set_to(state);
    request.set_role(role);
    request.set_actor("somebody-3");
    return request;
  }
  v1::Case Advance(const v1::AdvanceCaseRequest& request) {
    grpc::ClientContext context;
    v1::AdvanceCaseResponse response;
    last_ = Stub<v1::CaseService>()->AdvanceCase(&context, request, &response);
    return response.case_();
  }
  v1::Case AddMeasure(const std::string& measure, const std::string& etag) {
    grpc::ClientContext context;
    v1::AddMeasureRequest request;
    request.set_subject(kHousehold);
    request.set_etag(etag);
    request.set_measure(measure);
    request.set_role(v1::ROLE_VILLAGE);
    request.set_actor("v1");
    request.set_note("已申请");
    v1::AddMeasureResponse response;
    last_ = Stub<v1::CaseService>()->AddMeasure(&context, request, &response);
    return response.case_();
  }
  v1::ListCasesResponse List(const v1::ListCasesRequest& request) {
    grpc::ClientContext context;
    v1::ListCasesResponse response;
    last_ = Stub<v1::CaseService>()->ListCases(&context, request, &response);
    return response;
  }
  static std::vector<std::string> SubjectsOf(const v1::ListCasesResponse& response) {
    std::vector<std::string> subjects;
    for (const v1::Case& record : response.cases()) subjects.push_back(record.subject());
    return subjects;
  }

  MemoryCaseBook book_{&county_.store().audit()};
  cases::CaseDesk the_desk_{&county_.store(), &book_};
  grpc::Status last_;
};

TEST_F(CaseServiceTest, ShowsACaseWithItsDeadlinesAndWhatComesNext) {
  Warn(kHousehold, 5);
  Warn(kHousehold, 4, 102, Severity::kYellow, RiskKind::kIllness);
  const v1::Case record = Get().case_();
  EXPECT_EQ(record.subject(), kHousehold);
  EXPECT_EQ(record.division_path(), "贵州省 / 毕节市 / 七星关区 / 市西街道 / 一村");
  EXPECT_EQ(record.state(), v1::CASE_STATE_CLUE);
  EXPECT_EQ(record.etag(), "0");
  EXPECT_EQ(record.round(), 1u);
  EXPECT_EQ(record.opened_on(), Day("2026-11-10").days());
  EXPECT_EQ(record.step_by(), Day("2026-11-13").days());
  EXPECT_EQ(record.decide_by(), Day("2026-11-25").days());
  EXPECT_EQ(record.due_on(), Day("2026-11-13").days());
  EXPECT_EQ(record.days_over(), 2u);
  EXPECT_FALSE(record.has_not_before());
  ASSERT_EQ(record.warnings_size(), 2);
  EXPECT_EQ(record.warnings(0).rule(), "wage_low");
  EXPECT_EQ(record.warnings(0).rule_title_zh(), "工资低");
  EXPECT_THAT(record.risk_kinds(), ElementsAre("income", "illness"));
  ASSERT_EQ(record.next_size(), 2);
  EXPECT_EQ(record.next(0).to(), v1::CASE_STATE_VERIFYING);
  EXPECT_THAT(record.next(0).roles(), ElementsAre(v1::ROLE_VILLAGE, v1::ROLE_TOWNSHIP));
}

TEST_F(CaseServiceTest, TheTrailSaysWhoDidItFromWhere) {
  Warn(kHousehold, 5);
  Advance(To(v1::CASE_STATE_VERIFYING, v1::ROLE_VILLAGE, "0"));
  AddMeasure("relief", "2");
  ASSERT_TRUE(last_.ok()) << last_.error_message();
  EXPECT_THAT(RecordedOfCases("520502001"),
              ElementsAre("case  of nobody", "case somebody-3", "case v1"))
      << "warnings opened it";
}

TEST_F(CaseServiceTest, TakesACaseFromTheClueToTheDecisionAndKeepsWhatWasSaid) {
  Warn(kHousehold, 5);
  v1::AdvanceCaseRequest request = To(v1::CASE_STATE_VERIFYING, v1::ROLE_VILLAGE, "0");
  request.set_note("已入户");
  const v1::Case verifying = Advance(request);
  ASSERT_TRUE(last_.ok()) << last_.error_message();
  EXPECT_EQ(verifying.etag(), "2");
  EXPECT_EQ(verifying.days_over(), 0u);
  EXPECT_EQ(verifying.step_by(), Day("2026-11-20").days()) << "five working days";
  const v1::Case measured = AddMeasure("relief", "2");
  ASSERT_TRUE(last_.ok()) << last_.error_message();
  ASSERT_EQ(measured.measures_size(), 1);
  EXPECT_EQ(measured.measures(0).title_en(), "Relief");
  EXPECT_EQ(measured.measures(0).on(), Day("2026-11-15").days()) << "today in China";
  request = To(v1::CASE_STATE_DISMISSED, v1::ROLE_TOWNSHIP, "3");
  request.set_reason("自身可应对");
  const v1::Case dismissed = Advance(request);
  ASSERT_TRUE(last_.ok()) << last_.error_message();
  EXPECT_EQ(dismissed.reason(), "自身可应对");
  EXPECT_FALSE(dismissed.has_due_on());
  const v1::GetCaseResponse response = Get();
  ASSERT_EQ(response.events_size(), 4);
  EXPECT_EQ(response.events(0).role(), v1::ROLE_UNSPECIFIED);
  EXPECT_THAT(response.events(0).rules(), ElementsAre("wage_low"));
  EXPECT_EQ(response.events(1).note(), "已入户");
  EXPECT_EQ(response.events(1).at_ms(), kNowMs);
  EXPECT_EQ(response.events(2).measure().measure(), "relief");
  EXPECT_EQ(response.events(2).measure().note(), "已申请");
  EXPECT_EQ(response.events(3).state(), v1::CASE_STATE_DISMISSED);
  EXPECT_THAT(response.exit(), IsEmpty());
}

TEST_F(CaseServiceTest, AStaleEtagIsAborted) {
  Warn(kHousehold, 5);
  Advance(To(v1::CASE_STATE_VERIFYING, v1::ROLE_VILLAGE, "0"));
  Advance(To(v1::CASE_STATE_VERIFYING, v1::ROLE_TOWNSHIP, "0"));
  EXPECT_EQ(last_.error_code(), grpc::StatusCode::ABORTED);
  EXPECT_THAT(last_.error_message(),
              AllOf(HasSubstr("is in state verifying since 2026-11-15 (revision 2)"),
                    HasSubstr("look at it again")));
  AddMeasure("relief", "1");
  EXPECT_EQ(last_.error_code(), grpc::StatusCode::ABORTED);
}

TEST_F(CaseServiceTest, StepsOutOfOrderAndRolesThatMayNotAreToldApart) {
  Warn(kHousehold, 5);
  Advance(To(v1::CASE_STATE_REVIEWED, v1::ROLE_VILLAGE, "0"));
  EXPECT_EQ(last_.error_code(), grpc::StatusCode::FAILED_PRECONDITION);
  EXPECT_THAT(last_.error_message(), HasSubstr("from there it can go to verifying (by village or "
                                               "township), dismissed (by township), not to "
                                               "reviewed"));
  Advance(To(v1::CASE_STATE_VERIFYING, v1::ROLE_COUNTY, "0"));
  EXPECT_EQ(last_.error_code(), grpc::StatusCode::PERMISSION_DENIED);
  EXPECT_EQ(Get().case_().state(), v1::CASE_STATE_CLUE);
}

TEST_F(CaseServiceTest, NamesEveryFieldAtFault) {
  v1::AdvanceCaseRequest request;
  request.set_subject("5205");
  request.set_etag("-1");
  request.set_note("电话13812345678");
  request.set_category(v1::HOUSEHOLD_CATEGORY_MARGINAL);
  Advance(request);
  EXPECT_EQ(last_.error_code(), grpc::StatusCode::INVALID_ARGUMENT);
  EXPECT_THAT(FieldsOf(last_),
              ElementsAre("subject", "etag", "role", "actor", "note", "to", "category"));
  v1::ListCasesRequest list;
  list.set_region("99");
  list.add_states(v1::CASE_STATE_UNSPECIFIED);
  list.set_page_token("x");
  list.set_page_size(10'001);
  List(list);
  EXPECT_THAT(FieldsOf(last_), ElementsAre("region", "states[0]", "page_size", "page_token"));
  Get("520502001001/99");
  EXPECT_EQ(last_.error_code(), grpc::StatusCode::NOT_FOUND);
}

TEST_F(CaseServiceTest, ListsByStateOverdueAndPage) {
  Warn(kHousehold, 5);
  Warn("520502001001/2", 1);
  Warn("520502002001/1", 20);
  Warn("520302001001/1", 1);
  Advance(To(v1::CASE_STATE_VERIFYING, v1::ROLE_VILLAGE, "0"));
  v1::ListCasesRequest request;
  request.set_region("5205");
  EXPECT_THAT(SubjectsOf(List(request)),
              ElementsAre(kHousehold, "520502001001/2", "520502002001/1"));
  request.set_page_size(2);
  v1::ListCasesResponse page = List(request);
  EXPECT_THAT(SubjectsOf(page), ElementsAre(kHousehold, "520502001001/2"));
  request.set_page_token(page.next_page_token());
  page = List(request);
  EXPECT_THAT(SubjectsOf(page), ElementsAre("520502002001/1"));
  EXPECT_EQ(page.next_page_token(), "");
  v1::ListCasesRequest overdue;
  overdue.set_overdue_only(true);
  EXPECT_THAT(SubjectsOf(List(overdue)), ElementsAre("520502002001/1"));
  v1::ListCasesRequest verifying;
  verifying.add_states(v1::CASE_STATE_VERIFYING);
  EXPECT_THAT(SubjectsOf(List(verifying)), ElementsAre(kHousehold));
  verifying.set_states(0, v1::CASE_STATE_CLEARED);
  EXPECT_THAT(SubjectsOf(List(verifying)), IsEmpty());
  verifying.set_page_token(request.page_token());
  List(verifying);
  EXPECT_THAT(FieldsOf(last_), ElementsAre("page_token")) << "of another listing";
}

TEST_F(CaseServiceTest, ASupportedCaseTellsWhatHasToHoldAndIsNotClearedBefore) {
  std::vector<CaseEvent> events = {cases::OpenedOn("2026-03-01")};
  events[0].warnings = {{102, RiskKind::kIllness, Severity::kRed, Day("2026-02-28")}};
  for (const CaseState state : {CaseState::kVerifying, CaseState::kReviewed, CaseState::kNoticed,
                                CaseState::kRegistered, CaseState::kSupported}) {
    events.push_back(cases::MovedOn("2026-03-10", state));
  }
  ASSERT_TRUE(book_.AddToCase(Of(kHousehold), 0, events).ok());
  county_.Observe(kHousehold, kWage, "2026-10-31", 550'00);
  const v1::GetCaseResponse response = Get();
  EXPECT_THAT(response.case_().kinds_without_measure(), ElementsAre("illness"))
      << "因病 without a medical measure shows";
  ASSERT_EQ(response.exit_size(), 3);
  EXPECT_EQ(response.exit(0).name(), "wage_above_line");
  EXPECT_EQ(response.exit(0).truth(), v1::TRUTH_FALSE);
  EXPECT_EQ(response.exit(0).comparisons(0).left(), 550);
  EXPECT_EQ(response.exit(1).truth(), v1::TRUTH_UNKNOWN);
  EXPECT_EQ(response.exit(2).title_zh(), "有针对性措施");
  Advance(To(v1::CASE_STATE_CLEARED, v1::ROLE_COUNTY, "6"));
  EXPECT_EQ(last_.error_code(), grpc::StatusCode::FAILED_PRECONDITION);
  EXPECT_THAT(last_.error_message(),
              HasSubstr("wage_above_line (not met), medical_resolved (unknown), measure_taken (not "
                        "met)"));
  v1::ListCasesRequest lacking;
  lacking.set_without_measure_only(true);
  EXPECT_THAT(SubjectsOf(List(lacking)), ElementsAre(kHousehold));
  AddMeasure("medical_assistance", "6");
  ASSERT_TRUE(last_.ok()) << last_.error_message();
  EXPECT_THAT(SubjectsOf(List(lacking)), IsEmpty());
}

}  // namespace
}  // namespace shouwang::query
