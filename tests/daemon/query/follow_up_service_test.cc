// FollowUpService over its wire, and what goes up in CaseService.
#include <shouwang/v1/case.grpc.pb.h>
#include <shouwang/v1/follow_up.grpc.pb.h>

#include "storage/memory/memory_draw_book.h"
#include "tests/daemon/cases/kept_cases.h"
#include "tests/daemon/query/query_server.h"

namespace shouwang::query {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::UnorderedElementsAre;

class FollowUpServiceTest : public QueryServer {
 protected:
  FollowUpServiceTest() {
    rulebook_.Set(cases::RulebookWithCases());
    desk_ = &the_desk_;
    draw_desk_ = &the_draw_desk_;
    Up();
    for (const char* village : {"520502001001", "520502002001", "520302001001"}) {
      for (int number = 1; number <= 3; ++number) {
        county_.Observe(std::string(village) + "/" + std::to_string(number), kWage, "2026-10-31",
                        700'00);
      }
    }
  }
  ~FollowUpServiceTest() override { Down(); }

  // Known so many days before today, 2026-11-15.
  void Warn(std::string_view subject, int days_ago) {
    county_.Open(subject, 101, Severity::kRed, RiskKind::kIncome, "2026-09-30",
                 kNowMs - int64_t{days_ago} * 86'400'000);
  }
  v1::ListDrawsResponse Draws(const std::string& region, const char* month = nullptr,
                              const std::string& token = "") {
    grpc::ClientContext context;
    v1::ListDrawsRequest request;
    request.set_region(region);
    if (month != nullptr) request.set_month(MonthOf(month).index());
    request.set_page_token(token);
    v1::ListDrawsResponse response;
    last_ = Stub<v1::FollowUpService>()->ListDraws(&context, request, &response);
    return response;
  }
  v1::RecordVisitRequest Visit(const std::string& subject, v1::VisitOutcome outcome) {
    v1::RecordVisitRequest request;
    request.set_subject(subject);
    request.set_outcome(outcome);
    request.set_role(v1::ROLE_VILLAGE);
    request.set_actor("v1");
    request.set_note("已入户");
    return request;
  }
  v1::DrawnHousehold Record(const v1::RecordVisitRequest& request) {
    grpc::ClientContext context;
    v1::RecordVisitResponse response;
    last_ = Stub<v1::FollowUpService>()->RecordVisit(&context, request, &response);
    return response.household();
  }
  v1::GetPrecisionResponse Precision(const std::string& region, const char* from = nullptr,
                                     const char* to = nullptr) {
    grpc::ClientContext context;
    v1::GetPrecisionRequest request;
    request.set_region(region);
    if (from != nullptr) request.set_from(Day(from).days());
    if (to != nullptr) request.set_to(Day(to).days());
    v1::GetPrecisionResponse response;
    last_ = Stub<v1::FollowUpService>()->GetPrecision(&context, request, &response);
    return response;
  }
  // The round of a clue with rule 101.
  void Decide(std::string_view subject, std::string_view clue, std::string_view decision,
              CaseState state, std::optional<DismissalCause> cause = std::nullopt) {
    std::vector<CaseEvent> events = {cases::OpenedOn(clue)};
    events[0].warnings = {{101, RiskKind::kIncome, Severity::kRed, Day("2026-09-30")}};
    std::vector<CaseState> states = {CaseState::kVerifying};
    if (state == CaseState::kRegistered) {
      states.insert(states.end(), {CaseState::kReviewed, CaseState::kNoticed});
    }
    states.push_back(state);
    for (const CaseState next : states) events.push_back(cases::MovedOn(decision, next));
    events.back().cause = cause;
    ASSERT_TRUE(book_.AddToCase(Of(subject), 0, events).ok());
  }
  std::vector<std::string> Listed(v1::Role level, bool escalated_only) {
    grpc::ClientContext context;
    v1::ListCasesRequest request;
    request.set_level(level);
    request.set_escalated_only(escalated_only);
    v1::ListCasesResponse response;
    last_ = Stub<v1::CaseService>()->ListCases(&context, request, &response);
    std::vector<std::string> subjects;
    for (const v1::Case& record : response.cases()) subjects.push_back(record.subject());
    return subjects;
  }

  MemoryCaseBook book_{&county_.store().audit()};
  MemoryDrawBook draws_{&county_.store().audit()};
  cases::CaseDesk the_desk_{&county_.store(), &book_};
  cases::DrawDesk the_draw_desk_{&county_.store(), &book_, &the_desk_, &draws_};
  grpc::Status last_;
};

TEST_F(FollowUpServiceTest, DrawsEachTownshipOfARegionForThisMonth) {
  const v1::ListDrawsResponse response = Draws("5205");
  ASSERT_TRUE(last_.ok()) << last_.error_message();
  ASSERT_EQ(response.draws_size(), 2);
  const v1::TownshipDraw& draw = response.draws(0);
  EXPECT_EQ(draw.township(), "520502001");
  EXPECT_EQ(draw.division_path(), "贵州省 / 毕节市 / 七星关区 / 市西街道");
  EXPECT_EQ(draw.month(), MonthOf("2026-11").index());
  EXPECT_EQ(draw.drawn_at_ms(), kNowMs);
  EXPECT_EQ(draw.policy_version(), 202601u);
  EXPECT_EQ(draw.households(), 3u);
  EXPECT_EQ(draw.unflagged(), 3u);
  ASSERT_EQ(draw.drawn_size(), 2);
  EXPECT_EQ(draw.drawn(0).subject(), "520502001001/1") << "of 1, 3, 2 the lowest lots";
  EXPECT_EQ(draw.drawn(1).subject(), "520502001001/3");
  EXPECT_THAT(draw.drawn(0).visits(), IsEmpty());
  EXPECT_EQ(Draws("520502001001").draws(0).township(), "520502001")
      << "a village is its township's";
}

TEST_F(FollowUpServiceTest, TheTrailSaysWhoDrewAndWhoVisitedFromWhere) {
  {
    grpc::ClientContext context;
    context.AddMetadata("shouwang-actor", "town-3");
    v1::ListDrawsRequest request;
    request.set_region("520502001");
    v1::ListDrawsResponse response;
    ASSERT_TRUE(Stub<v1::FollowUpService>()->ListDraws(&context, request, &response).ok());
  }
  Draws("520502001");
  Record(Visit("520502001001/1", v1::VISIT_OUTCOME_AT_RISK));
  ASSERT_TRUE(last_.ok()) << last_.error_message();
  EXPECT_THAT(RecordedOfCases("520502001"), ElementsAre("draw town-3", "case v1", "visit v1"))
      << "a draw that is looked at again is not made again";
}

TEST_F(FollowUpServiceTest, OfAMonthThatIsOverOnlyWhatWasDrawn) {
  Draw draw;
  draw.township = At("520502002");
  draw.month = MonthOf("2026-10");
  ASSERT_TRUE(draws_.AddDraw(draw).ok());
  const v1::ListDrawsResponse response = Draws("52", "2026-10");
  ASSERT_TRUE(last_.ok()) << last_.error_message();
  ASSERT_EQ(response.draws_size(), 1);
  EXPECT_EQ(response.draws(0).township(), "520502002");
  Draws("520502001", "2026-10");
  EXPECT_EQ(last_.error_code(), grpc::StatusCode::NOT_FOUND);
  Draws("520502001", "2026-12");
  EXPECT_EQ(last_.error_code(), grpc::StatusCode::OUT_OF_RANGE);
}

TEST_F(FollowUpServiceTest, APageTokenIsOfItsMonthAndRegion) {
  Draws("52", "2026-11", "junk");
  EXPECT_THAT(FieldsOf(last_), ElementsAre("page_token"));
  v1::ListDrawsRequest request;
  request.set_month(99'999);
  grpc::ClientContext context;
  v1::ListDrawsResponse response;
  EXPECT_THAT(FieldsOf(Stub<v1::FollowUpService>()->ListDraws(&context, request, &response)),
              ElementsAre("month"));
}

TEST_F(FollowUpServiceTest, AVisitIsWrittenDownAndOneAtRiskHasACase) {
  Draws("520502001");
  const v1::DrawnHousehold fine = Record(Visit("520502001001/1", v1::VISIT_OUTCOME_FINE));
  ASSERT_TRUE(last_.ok()) << last_.error_message();
  ASSERT_EQ(fine.visits_size(), 1);
  EXPECT_EQ(fine.visits(0).outcome(), v1::VISIT_OUTCOME_FINE);
  EXPECT_EQ(fine.visits(0).at_ms(), kNowMs);
  EXPECT_EQ(fine.visits(0).actor(), "v1");
  Record(Visit("520502001001/3", v1::VISIT_OUTCOME_AT_RISK));
  ASSERT_TRUE(last_.ok()) << last_.error_message();
  EXPECT_EQ(book_.LoadCase(Of("520502001001/3"))->state(), CaseState::kClue);
  EXPECT_EQ(Draws("520502001").draws(0).drawn(1).visits_size(), 1);
  Record(Visit("520502001001/2", v1::VISIT_OUTCOME_FINE));
  EXPECT_EQ(last_.error_code(), grpc::StatusCode::NOT_FOUND) << "not drawn";
}

TEST_F(FollowUpServiceTest, NamesTheFieldsAtFaultOfAVisit) {
  v1::RecordVisitRequest request = Visit("520502001001", v1::VISIT_OUTCOME_UNSPECIFIED);
  request.clear_role();
  request.set_actor("13812345678");
  request.set_note("138 1234 5678");
  Record(request);
  EXPECT_THAT(FieldsOf(last_), UnorderedElementsAre("subject", "outcome", "role", "actor", "note"));
}

TEST_F(FollowUpServiceTest, TellsWhatVerificationFoundOfEachRule) {
  Decide("520502001001/1", "2026-11-02", "2026-11-10", CaseState::kRegistered);
  Decide("520502001001/2", "2026-11-02", "2026-11-04", CaseState::kDismissed,
         DismissalCause::kDataError);
  Decide("520502001001/3", "2026-11-03", "2026-11-04", CaseState::kDismissed);
  Decide("520302001001/1", "2026-11-03", "2026-11-04", CaseState::kDismissed,
         DismissalCause::kCoping);
  Warn("520502002001/1", 1);
  const v1::GetPrecisionResponse response = Precision("5205");
  ASSERT_TRUE(last_.ok()) << last_.error_message();
  EXPECT_EQ(response.confidence(), 0.95);
  ASSERT_EQ(response.rules_size(), 1);
  const v1::RulePrecision& rule = response.rules(0);
  EXPECT_EQ(rule.rule(), "wage_low");
  EXPECT_EQ(rule.title_zh(), "工资低");
  EXPECT_EQ(rule.rounds(), 4u);
  EXPECT_EQ(rule.confirmed(), 1u);
  EXPECT_EQ(rule.refuted(), 2u);
  EXPECT_EQ(rule.refuted_data_error(), 1u);
  EXPECT_EQ(rule.refuted_coping(), 0u);
  EXPECT_EQ(rule.refuted_other(), 1u);
  EXPECT_EQ(rule.pending(), 1u);
  EXPECT_NEAR(rule.precision().value(), 1.0 / 3, 1e-12);
  EXPECT_NEAR(rule.precision().low(), 0.0614919, 1e-6);
  EXPECT_NEAR(rule.precision().high(), 0.7923404, 1e-6);
  EXPECT_EQ(rule.median_days(), 2) << "of 1, 2 and 8";
  EXPECT_EQ(response.any_rule().rounds(), 4u);
  EXPECT_FALSE(response.has_estimate()) << "nobody was visited";
  EXPECT_EQ(Precision("").rules(0).refuted_coping(), 1u);
}

TEST_F(FollowUpServiceTest, CountsCluesOfTheDaysAskedFor) {
  Decide("520502001001/1", "2026-11-02", "2026-11-10", CaseState::kRegistered);
  Decide("520502001001/2", "2026-11-03", "2026-11-10", CaseState::kRegistered);
  EXPECT_EQ(Precision("", "2026-11-03").rules(0).confirmed(), 1u);
  EXPECT_EQ(Precision("", nullptr, "2026-11-02").rules(0).confirmed(), 1u);
  EXPECT_THAT(Precision("", "2026-11-04").rules(), IsEmpty());
  Precision("", "2026-11-04", "2026-11-03");
  EXPECT_THAT(FieldsOf(last_), ElementsAre("to"));
  EXPECT_THAT(last_.error_message(), HasSubstr("2026-11-03 is before 2026-11-04"));
}

TEST_F(FollowUpServiceTest, EstimatesWhatTheRulesMissFromTheVisits) {
  Draws("52");
  Record(Visit("520502001001/1", v1::VISIT_OUTCOME_FINE));
  Record(Visit("520502001001/3", v1::VISIT_OUTCOME_AT_RISK));
  Decide("520502001001/2", "2026-11-02", "2026-11-10", CaseState::kRegistered);
  const v1::GetPrecisionResponse response = Precision("52");
  ASSERT_TRUE(response.has_estimate());
  const v1::MissedEstimate& estimate = response.estimate();
  EXPECT_EQ(estimate.townships(), 1u);
  EXPECT_EQ(estimate.unflagged(), 3u);
  EXPECT_EQ(estimate.visited(), 2u);
  EXPECT_EQ(estimate.at_risk(), 1u);
  EXPECT_EQ(estimate.confirmed(), 1u);
  EXPECT_NEAR(estimate.missed().value(), 1.5, 1e-12) << "half of three";
  EXPECT_NEAR(estimate.recall().value(), 0.4, 1e-12) << "1 of 2.5";
  EXPECT_EQ(Precision("52", nullptr, "2026-11-09").estimate().confirmed(), 0u) << "not by then";
  EXPECT_FALSE(Precision("52", "2026-12-01").has_estimate()) << "no draw of that time";
  EXPECT_FALSE(Precision("5203").has_estimate());
}

TEST_F(FollowUpServiceTest, CasesAreListedByTheLevelTheyAreAtAndShowWhenTheyGoUp) {
  Warn("520502001001/1", 1);   // the village's
  Warn("520502001001/2", 5);   // went up to the township
  Warn("520502001001/3", 20);  // to the county
  EXPECT_THAT(Listed(v1::ROLE_VILLAGE, false), ElementsAre("520502001001/1"));
  EXPECT_THAT(Listed(v1::ROLE_COUNTY, false), ElementsAre("520502001001/3"));
  EXPECT_THAT(Listed(v1::ROLE_UNSPECIFIED, true), ElementsAre("520502001001/2", "520502001001/3"));
  EXPECT_THAT(Listed(v1::ROLE_VILLAGE, true), IsEmpty());
  Listed(static_cast<v1::Role>(9), false);
  EXPECT_THAT(FieldsOf(last_), ElementsAre("level"));
  grpc::ClientContext context;
  v1::GetCaseRequest request;
  request.set_subject("520502001001/2");
  v1::GetCaseResponse response;
  ASSERT_TRUE(Stub<v1::CaseService>()->GetCase(&context, request, &response).ok());
  EXPECT_EQ(response.case_().owner(), v1::ROLE_VILLAGE);
  EXPECT_EQ(response.case_().level(), v1::ROLE_TOWNSHIP);
  EXPECT_EQ(response.case_().up_on(), Day("2026-11-19").days()) << "six days past the 13th";
  EXPECT_THAT(response.case_().next(1).roles(), ElementsAre(v1::ROLE_TOWNSHIP));
}

TEST_F(FollowUpServiceTest, ADismissalMaySayItsCause) {
  Warn("520502001001/1", 1);
  grpc::ClientContext context;
  v1::AdvanceCaseRequest request;
  request.set_subject("520502001001/1");
  request.set_etag("0");
  request.set_to(v1::CASE_STATE_DISMISSED);
  request.set_role(v1::ROLE_TOWNSHIP);
  request.set_actor("t1");
  request.set_reason("录入错误");
  request.set_cause(v1::DISMISSAL_CAUSE_DATA_ERROR);
  v1::AdvanceCaseResponse response;
  const grpc::Status status = Stub<v1::CaseService>()->AdvanceCase(&context, request, &response);
  ASSERT_TRUE(status.ok()) << status.error_message();
  EXPECT_EQ(response.case_().cause(), v1::DISMISSAL_CAUSE_DATA_ERROR);
  request.set_cause(static_cast<v1::DismissalCause>(9));
  grpc::ClientContext again;
  EXPECT_THAT(FieldsOf(Stub<v1::CaseService>()->AdvanceCase(&again, request, &response)),
              ElementsAre("cause"));
}

}  // namespace
}  // namespace shouwang::query
