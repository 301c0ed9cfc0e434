#include "daemon/query/warnings_answer.h"

#include <shouwang/v1/risk.grpc.pb.h>

#include "tests/daemon/query/query_server.h"

namespace shouwang::query {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

class WarningsAnswerTest : public QueryServer {
 protected:
  WarningsAnswerTest() {
    // Known from 2,000 on: two low wages and a school that is short of seats. Before that the first
    // wage was higher, and the second household's medical cost was high from 1,500 until then.
    county_.Observe("520502001/S3", kSeats, "2026-09-01", 20);
    county_.Observe("520502001001/1", kWage, "2026-09-05", 400'00);
    county_.Supersede("520502001001/1", kWage, "2026-09-05", 900'00, 1'500, 2'000);
    county_.Observe("520502001002/2", kWage, "2026-09-05", 500'00);
    county_.Observe("520502001002/2", kMedical, "2026-09-05", 10);
    county_.Supersede("520502001002/2", kMedical, "2026-09-05", 5'000, 1'500, 2'000);
  }
  static v1::ListWarningsRequest AsOf(int64_t ms) {
    v1::ListWarningsRequest request;
    request.set_as_of_ms(ms);
    return request;
  }
  grpc::Status List(const v1::ListWarningsRequest& request) {
    grpc::ClientContext context;
    return Stub<v1::RiskService>()->ListWarnings(&context, request, &warnings_);
  }
  // "subject rule since"
  std::vector<std::string> Rows() const {
    std::vector<std::string> rows;
    for (const v1::Warning& warning : warnings_.warnings()) {
      rows.push_back(warning.subject() + " " + warning.rule() + " " +
                     Date::OfDays(warning.opened_on()).ToString());
    }
    return rows;
  }

  v1::ListWarningsResponse warnings_;
};

TEST_F(WarningsAnswerTest, FollowFromWhatWasKnownAtTheInstant) {
  Up();
  ASSERT_TRUE(List(AsOf(1'499)).ok());
  EXPECT_THAT(Rows(), IsEmpty());
  ASSERT_TRUE(List(AsOf(1'999)).ok());
  EXPECT_THAT(Rows(), ElementsAre("520502001002/2 medical_high 2026-09-05"));
  ASSERT_TRUE(List(AsOf(2'000)).ok());
  EXPECT_THAT(Rows(), ElementsAre("520502001/S3 seats_short 2026-09-01",
                                  "520502001001/1 wage_low 2026-09-05",
                                  "520502001002/2 wage_low 2026-09-05"));
  const v1::Warning& warning = warnings_.warnings(1);
  EXPECT_EQ(warning.severity(), v1::SEVERITY_RED);
  EXPECT_EQ(warning.risk_kind(), "income");
  EXPECT_EQ(warning.policy_version(), 202601);
  EXPECT_EQ(warning.known_at_ms(), 0);
  EXPECT_EQ(warning.division_path(), "贵州省 / 毕节市 / 七星关区 / 市西街道 / 一村");
}

TEST_F(WarningsAnswerTest, AreCutByTheFilterAndPaged) {
  Up();
  v1::ListWarningsRequest request = AsOf(3'000);
  request.mutable_filter()->set_region("520502001001");
  ASSERT_TRUE(List(request).ok());
  EXPECT_THAT(Rows(), ElementsAre("520502001001/1 wage_low 2026-09-05"));

  request = AsOf(3'000);
  request.mutable_filter()->add_rules("wage_low");
  request.set_page_size(1);
  ASSERT_TRUE(List(request).ok());
  EXPECT_THAT(Rows(), ElementsAre("520502001001/1 wage_low 2026-09-05"));
  request.set_page_token(warnings_.next_page_token());
  ASSERT_TRUE(List(request).ok());
  EXPECT_THAT(Rows(), ElementsAre("520502001002/2 wage_low 2026-09-05"));
  EXPECT_EQ(warnings_.next_page_token(), "");
}

TEST_F(WarningsAnswerTest, ATokenGoesOnForItsOwnInstantOnly) {
  Up();
  v1::ListWarningsRequest request = AsOf(3'000);
  request.set_page_size(1);
  ASSERT_TRUE(List(request).ok());
  request.set_page_token(warnings_.next_page_token());
  request.set_as_of_ms(3'001);
  EXPECT_THAT(FieldsOf(List(request)), ElementsAre("page_token"));
  request.clear_as_of_ms();
  EXPECT_THAT(FieldsOf(List(request)), ElementsAre("page_token"));
}

// The page ends between the two warnings of one household.
TEST_F(WarningsAnswerTest, APageMayEndWithinASubject) {
  county_.Observe("520502001001/1", kMedical, "2026-10-05", 9'000);
  Up();
  v1::ListWarningsRequest request = AsOf(3'000);
  request.mutable_filter()->set_region("520502001001");
  request.set_page_size(1);
  ASSERT_TRUE(List(request).ok());
  EXPECT_THAT(Rows(), ElementsAre("520502001001/1 wage_low 2026-09-05"));
  request.set_page_token(warnings_.next_page_token());
  ASSERT_TRUE(List(request).ok());
  EXPECT_THAT(Rows(), ElementsAre("520502001001/1 medical_high 2026-10-05"));
  EXPECT_EQ(warnings_.next_page_token(), "");
}

TEST_F(WarningsAnswerTest, RefusesAnInstantThatIsYetToCome) {
  Up();
  ASSERT_TRUE(List(AsOf(EndOf(Day("2026-11-15")).time_since_epoch().count())).ok());
  EXPECT_THAT(Rows(), SizeIs(3));
  const grpc::Status tomorrow = List(AsOf(EndOf(Day("2026-11-16")).time_since_epoch().count()));
  EXPECT_EQ(tomorrow.error_code(), grpc::StatusCode::INVALID_ARGUMENT);
  EXPECT_THAT(FieldsOf(tomorrow), ElementsAre("as_of_ms"));
  EXPECT_THAT(tomorrow.error_message(), HasSubstr("is in the future"));
}

TEST_F(WarningsAnswerTest, RefusesAnInstantOfWhichWhatRulesLookBackOnIsNotKept) {
  auto closing = std::make_shared<Rulebook>(*rulebook_.Get());
  closing->retention.first_year = {{kWage, 2025}, {kMedical, 2024}};
  rulebook_.Set(closing);
  Up();
  // The rules look back on 12 months.
  const int64_t before = EndOf(Day("2025-12-31")).time_since_epoch().count();
  ASSERT_TRUE(List(AsOf(before + 1)).ok());
  const grpc::Status refused = List(AsOf(before));
  EXPECT_EQ(refused.error_code(), grpc::StatusCode::INVALID_ARGUMENT);
  EXPECT_THAT(FieldsOf(refused), ElementsAre("as_of_ms"));
  EXPECT_THAT(refused.error_message(),
              HasSubstr("past its retention; judged can be as of 2026-01-01 and later"));
  v1::ExplainSubjectRequest explain;
  explain.set_subject("520502001002/2");
  explain.set_as_of_ms(before);
  v1::ExplainSubjectResponse explained;
  grpc::ClientContext context;
  EXPECT_THAT(FieldsOf(Stub<v1::RiskService>()->ExplainSubject(&context, explain, &explained)),
              ElementsAre("as_of_ms"));
}

TEST_F(WarningsAnswerTest, APageEndsAfterAsManySubjectsAsMayBeJudgedForIt) {
  Transaction transaction;
  for (uint32_t number = 1; number <= kMaxSubjectsJudged + 1; ++number) {
    const bool last = number > kMaxSubjectsJudged;
    transaction.observations.push_back(
        {.subject = {520302001001, SubjectKind::kHousehold, number},
         .indicator = kWage,
         .date = Day("2026-09-05"),
         .value = last ? 100'00 : 900'00,
         .arrival = {.reported_at = At(1'000), .known_at = At(2'000), .batch = 7}});
  }
  ASSERT_TRUE(county_.store().Commit(transaction).ok());
  Up();
  v1::ListWarningsRequest request = AsOf(3'000);
  request.mutable_filter()->set_region("5203");
  ASSERT_TRUE(List(request).ok());
  EXPECT_THAT(Rows(), IsEmpty());
  request.set_page_token(warnings_.next_page_token());
  ASSERT_NE(request.page_token(), "");
  ASSERT_TRUE(List(request).ok());
  EXPECT_THAT(Rows(), ElementsAre("520302001001/20001 wage_low 2026-09-05"));
  EXPECT_EQ(warnings_.next_page_token(), "");
}

TEST_F(WarningsAnswerTest, NoSubjectIsJudgedForACallerWhoHasLeft) {
  v1::ListWarningsResponse response;
  const absl::Status status = AnswerWarnings(
      county_.store(), *rulebook_.Get(), At(kNowMs), AsOf(3'000), [] { return true; }, &response);
  EXPECT_EQ(status.code(), absl::StatusCode::kCancelled);
  EXPECT_EQ(response.warnings_size(), 0);
}

TEST_F(WarningsAnswerTest, AnExplanationTellsTheInputsOfThatInstant) {
  Up();
  v1::ExplainSubjectRequest request;
  request.set_subject("520502001002/2");
  request.set_rule("medical_high");
  v1::ExplainSubjectResponse explained;
  const auto explain = [&](int64_t as_of_ms) {
    request.set_as_of_ms(as_of_ms);
    grpc::ClientContext context;
    return Stub<v1::RiskService>()->ExplainSubject(&context, request, &explained);
  };
  ASSERT_TRUE(explain(1'999).ok());
  ASSERT_EQ(explained.rules_size(), 1);
  EXPECT_EQ(explained.rules(0).truth(), v1::TRUTH_TRUE);
  EXPECT_EQ(explained.rules(0).opened_on(), Day("2026-09-05").days());
  EXPECT_EQ(explained.rules(0).features(0).inputs(0).value(), "5000");
  ASSERT_TRUE(explain(2'000).ok());
  EXPECT_EQ(explained.rules(0).truth(), v1::TRUTH_FALSE);
  EXPECT_EQ(explained.rules(0).features(0).inputs(0).value(), "10");
  const grpc::Status before = explain(1'499);
  EXPECT_EQ(before.error_code(), grpc::StatusCode::NOT_FOUND);
  EXPECT_EQ(before.error_message(),
            "520502001002/2 had not reported, as known at 1970-01-01T00:00:01.499Z");
  EXPECT_THAT(FieldsOf(explain(kNowMs + 86'400'000)), ElementsAre("as_of_ms"));
}

}  // namespace
}  // namespace shouwang::query
