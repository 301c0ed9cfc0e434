#include <shouwang/v1/admin.grpc.pb.h>
#include <shouwang/v1/risk.grpc.pb.h>

#include "tests/daemon/query/query_server.h"

namespace shouwang::query {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

class RiskServiceTest : public QueryServer {
 protected:
  void OpenFive() {
    county_.Open("520302001001/1", 101, Severity::kRed, RiskKind::kIncome, "2026-08-05");
    county_.Open("520502001/S3", 201, Severity::kOrange, RiskKind::kServices, "2026-09-01");
    county_.Open("520502001001/1", 101, Severity::kRed, RiskKind::kIncome, "2026-09-05");
    county_.Open("520502001001/1", 102, Severity::kYellow, RiskKind::kIllness, "2026-10-05");
    county_.Open("520502002001/8", 102, Severity::kYellow, RiskKind::kIllness, "2026-07-05");
  }
  grpc::Status List(const v1::ListWarningsRequest& request) {
    grpc::ClientContext context;
    return Stub<v1::RiskService>()->ListWarnings(&context, request, &warnings_);
  }
  // "subject rule"
  std::vector<std::string> Rows() const {
    std::vector<std::string> rows;
    for (const v1::Warning& warning : warnings_.warnings()) {
      rows.push_back(warning.subject() + " " + warning.rule());
    }
    return rows;
  }
  grpc::Status Explain(const v1::ExplainSubjectRequest& request) {
    grpc::ClientContext context;
    return Stub<v1::RiskService>()->ExplainSubject(&context, request, &explained_);
  }

  v1::ListWarningsResponse warnings_;
  v1::ExplainSubjectResponse explained_;
};

TEST_F(RiskServiceTest, ListsOpenWarningsInOrderWithNamesAndPath) {
  OpenFive();
  Up();
  ASSERT_TRUE(List({}).ok());
  EXPECT_THAT(Rows(), ElementsAre("520302001001/1 wage_low", "520502001/S3 seats_short",
                                  "520502001001/1 wage_low", "520502001001/1 medical_high",
                                  "520502002001/8 medical_high"));
  const v1::Warning& warning = warnings_.warnings(3);
  EXPECT_EQ(warning.severity(), v1::SEVERITY_YELLOW);
  EXPECT_EQ(warning.risk_kind(), "illness");
  EXPECT_EQ(warning.opened_on(), Day("2026-10-05").days());
  EXPECT_FALSE(warning.has_cleared_on());
  EXPECT_EQ(warning.policy_version(), 202601);
  EXPECT_EQ(warning.known_at_ms(), 3'000);
  EXPECT_EQ(warning.rule_title_zh(), "医疗高");
  EXPECT_EQ(warning.division_path(), "贵州省 / 毕节市 / 七星关区 / 市西街道 / 一村");
  EXPECT_EQ(warnings_.warnings(1).division_path(), "贵州省 / 毕节市 / 七星关区 / 市西街道");
}

TEST_F(RiskServiceTest, EveryFilterCuts) {
  OpenFive();
  Up();
  v1::ListWarningsRequest region;
  region.mutable_filter()->set_region("520502002");
  ASSERT_TRUE(List(region).ok());
  EXPECT_THAT(Rows(), ElementsAre("520502002001/8 medical_high"));

  v1::ListWarningsRequest rules;
  rules.mutable_filter()->add_rules("wage_low");
  ASSERT_TRUE(List(rules).ok());
  EXPECT_THAT(Rows(), ElementsAre("520302001001/1 wage_low", "520502001001/1 wage_low"));

  v1::ListWarningsRequest severities;
  severities.mutable_filter()->add_severities(v1::SEVERITY_ORANGE);
  ASSERT_TRUE(List(severities).ok());
  EXPECT_THAT(Rows(), ElementsAre("520502001/S3 seats_short"));

  v1::ListWarningsRequest kinds;
  kinds.mutable_filter()->add_risk_kinds("illness");
  kinds.mutable_filter()->set_opened_from(Day("2026-10-05").days());
  ASSERT_TRUE(List(kinds).ok());
  EXPECT_THAT(Rows(), ElementsAre("520502001001/1 medical_high"));

  v1::ListWarningsRequest sites;
  sites.mutable_filter()->set_kind(v1::SUBJECT_KIND_SITE);
  ASSERT_TRUE(List(sites).ok());
  EXPECT_THAT(Rows(), ElementsAre("520502001/S3 seats_short"));
}

TEST_F(RiskServiceTest, PagesWithoutGapOrRepeatUnderAFilter) {
  OpenFive();
  Up();
  v1::ListWarningsRequest request;
  request.mutable_filter()->add_risk_kinds("illness");
  request.set_page_size(1);
  ASSERT_TRUE(List(request).ok());
  EXPECT_THAT(Rows(), ElementsAre("520502001001/1 medical_high"));
  request.set_page_token(warnings_.next_page_token());
  ASSERT_TRUE(List(request).ok());
  EXPECT_THAT(Rows(), ElementsAre("520502002001/8 medical_high"));
  EXPECT_EQ(warnings_.next_page_token(), "");
}

TEST_F(RiskServiceTest, RefusesATokenUnderAnotherFilter) {
  OpenFive();
  Up();
  v1::ListWarningsRequest request;
  request.set_page_size(1);
  ASSERT_TRUE(List(request).ok());
  request.set_page_token(warnings_.next_page_token());
  request.mutable_filter()->set_region("52");
  EXPECT_THAT(FieldsOf(List(request)), ElementsAre("page_token"));
}

TEST_F(RiskServiceTest, NamesEveryFieldOfAFilterAtFault) {
  Up();
  v1::ListWarningsRequest request;
  v1::WarningFilter* filter = request.mutable_filter();
  filter->set_region("520");
  filter->add_rules("wage_low");
  filter->add_rules("no_such_rule");
  filter->add_severities(static_cast<v1::Severity>(9));
  filter->add_risk_kinds("bad luck");
  filter->set_kind(static_cast<v1::SubjectKind>(5));
  filter->set_opened_from(2'000'000'000);
  request.set_page_size(10'001);
  const grpc::Status status = List(request);
  EXPECT_EQ(status.error_code(), grpc::StatusCode::INVALID_ARGUMENT);
  EXPECT_THAT(FieldsOf(status), ElementsAre("filter.region", "filter.rules[1]",
                                            "filter.severities[0]", "filter.risk_kinds[0]",
                                            "filter.kind", "filter.opened_from", "page_size"));
}

TEST_F(RiskServiceTest, BoundsTheListsOfAFilter) {
  Up();
  v1::ListWarningsRequest request;
  for (int i = 0; i < 1'001; ++i) request.mutable_filter()->add_rules("wage_low");
  EXPECT_THAT(FieldsOf(List(request)), ElementsAre("filter.rules"));
}

TEST_F(RiskServiceTest, ExplainsEveryInputOfAnOpenRule) {
  county_.Observe("520502001001/1", kWage, "2026-08-05", 900'00);
  county_.Observe("520502001001/1", kWage, "2026-09-05", 400'00);
  county_.Observe("520502001001/1", kWage, "2026-10-05", 450'50);
  Up();
  v1::ExplainSubjectRequest request;
  request.set_subject("520502001001/1");
  const grpc::Status status = Explain(request);
  ASSERT_TRUE(status.ok()) << status.error_message();
  EXPECT_EQ(explained_.date(), Day("2026-10-05").days());
  EXPECT_EQ(explained_.policy_version(), 202601);
  EXPECT_EQ(explained_.policy_title(), "测试政策");
  // medical_high is unknown for want of any report, so it is told as well; seats_short is not a
  // household's.
  ASSERT_EQ(explained_.rules_size(), 2);
  const v1::RuleExplanation& rule = explained_.rules(0);
  EXPECT_EQ(rule.rule().name(), "wage_low");
  EXPECT_EQ(rule.truth(), v1::TRUTH_TRUE);
  EXPECT_EQ(rule.opened_on(), Day("2026-09-05").days());
  ASSERT_EQ(rule.comparisons_size(), 1);
  EXPECT_DOUBLE_EQ(rule.comparisons(0).left(), 450.5);
  EXPECT_DOUBLE_EQ(rule.comparisons(0).right(), 600);
  EXPECT_DOUBLE_EQ(rule.comparisons(0).distance(), 149.5);
  ASSERT_EQ(rule.features_size(), 1);
  ASSERT_EQ(rule.features(0).inputs_size(), 1);
  const v1::Input& input = rule.features(0).inputs(0);
  EXPECT_EQ(input.indicator(), "wage_income");
  EXPECT_EQ(input.value(), "450.50");
  EXPECT_EQ(input.unit(), "yuan");
  EXPECT_EQ(input.batch(), 7);
  EXPECT_EQ(input.known_at_ms(), 2'000);
  // Open below 600: the feature, and the report behind it, would have to be 149.50 higher.
  EXPECT_EQ(rule.clears(), v1::TRUTH_FALSE);
  ASSERT_EQ(rule.clearing_changes_size(), 2);
  EXPECT_EQ(rule.clearing_changes(0).feature(), "wage");
  EXPECT_EQ(rule.clearing_changes(0).indicator(), "");
  EXPECT_EQ(rule.clearing_changes(0).unit(), "yuan");
  EXPECT_EQ(rule.clearing_changes(0).from(), 450.5);
  EXPECT_EQ(rule.clearing_changes(0).to(), 600);
  EXPECT_TRUE(rule.clearing_changes(0).beyond());
  EXPECT_DOUBLE_EQ(rule.clearing_changes(0).relative(), 149.5 / 600);
  EXPECT_EQ(rule.clearing_changes(1).indicator(), "wage_income");
  EXPECT_EQ(rule.clearing_changes(1).date(), Day("2026-10-05").days());
  EXPECT_THAT(rule.text_zh(), HasSubstr("若工资增加149.5元（至600元以上），即可解除。"));
  EXPECT_EQ(explained_.rules(1).rule().name(), "medical_high");
  EXPECT_EQ(explained_.rules(1).truth(), v1::TRUTH_UNKNOWN);
  EXPECT_EQ(explained_.rules(1).clearing_changes_size(), 0);
  EXPECT_THAT(explained_.rules(1).features(0).missing(), ElementsAre("medical_cost"));
  EXPECT_FALSE(explained_.rules(1).has_opened_on());
}

TEST_F(RiskServiceTest, ExplainsAsOfAnEarlierDateAndTellsThePast) {
  county_.Observe("520502001001/1", kWage, "2026-08-05", 500'00);
  county_.Observe("520502001001/1", kWage, "2026-09-05", 900'00);
  county_.Observe("520502001001/1", kWage, "2026-10-05", 450'00);
  Up();
  v1::ExplainSubjectRequest request;
  request.set_subject("520502001001/1");
  request.set_rule("wage_low");
  request.set_date(Day("2026-09-20").days());
  ASSERT_TRUE(Explain(request).ok());
  EXPECT_EQ(explained_.date(), Day("2026-09-05").days());
  ASSERT_EQ(explained_.rules_size(), 1);
  EXPECT_EQ(explained_.rules(0).truth(), v1::TRUTH_FALSE);
  EXPECT_FALSE(explained_.rules(0).has_opened_on());
  ASSERT_EQ(explained_.past_size(), 1);
  EXPECT_EQ(explained_.past(0).rule(), "wage_low");
  EXPECT_EQ(explained_.past(0).opened_on(), Day("2026-08-05").days());
  EXPECT_EQ(explained_.past(0).cleared_on(), Day("2026-09-05").days());
}

TEST_F(RiskServiceTest, TellsWhatItCannotExplain) {
  county_.Observe("520502001001/1", kWage, "2026-08-05", 500'00);
  Up();
  v1::ExplainSubjectRequest request;
  request.set_subject("520502001001/2");
  grpc::Status status = Explain(request);
  EXPECT_EQ(status.error_code(), grpc::StatusCode::NOT_FOUND);
  EXPECT_EQ(status.error_message(), "520502001001/2 has never reported");

  request.set_subject("520502001001/1");
  request.set_date(Day("2026-08-04").days());
  status = Explain(request);
  EXPECT_EQ(status.error_code(), grpc::StatusCode::NOT_FOUND);
  EXPECT_EQ(status.error_message(), "520502001001/1 had not reported by 2026-08-04");

  request.set_date(0);
  request.set_rule("no_such_rule");
  status = Explain(request);
  EXPECT_EQ(status.error_code(), grpc::StatusCode::NOT_FOUND);
  EXPECT_THAT(status.error_message(), HasSubstr("has no rule 'no_such_rule'"));

  request.set_subject("Wang");
  request.set_date(2'000'000'000);
  EXPECT_THAT(FieldsOf(Explain(request)), ElementsAre("subject", "date"));
}

TEST_F(RiskServiceTest, ListsTheRulesInForce) {
  Up();
  grpc::ClientContext context;
  v1::ListRulesResponse response;
  ASSERT_TRUE(Stub<v1::RiskService>()->ListRules(&context, {}, &response).ok());
  EXPECT_EQ(response.policy_version(), 202601);
  EXPECT_EQ(response.effective_from(), Day("2026-01-01").days());
  ASSERT_EQ(response.rules_size(), 3);
  EXPECT_EQ(response.rules(0).name(), "wage_low");
  EXPECT_EQ(response.rules(0).when(), "wage < line");
  EXPECT_EQ(response.rules(2).applies_to(), v1::SUBJECT_KIND_SITE);
}

TEST_F(RiskServiceTest, StatusAddsUpWhatIsStored) {
  county_.Tell({.place = Settlement("520502001"),
                .households = 40,
                .observations = 900,
                .warnings = {{101, Severity::kRed, 3}, {102, Severity::kYellow, 2}}});
  county_.Tell(
      {.place = Settlement("520302001"), .households = 2, .observations = 10, .warnings = {}});
  county_.Tell({.place = Origin("520302001"), .households = 2, .observations = 10, .warnings = {}});
  state_.version = "9.9.9";
  state_.started_at = At(5'000);
  state_.reload_error = "policy.yaml:3: what is this";
  state_.reevaluating = true;
  state_.reevaluation_progress = 0.25;
  Up();
  grpc::ClientContext context;
  v1::GetStatusResponse status;
  ASSERT_TRUE(Stub<v1::AdminService>()->GetStatus(&context, {}, &status).ok());
  EXPECT_EQ(status.version(), "9.9.9");
  EXPECT_EQ(status.started_at_ms(), 5'000);
  EXPECT_EQ(status.divisions(), 12);
  EXPECT_EQ(status.sites(), 1);
  EXPECT_EQ(status.indicators(), 3);
  EXPECT_EQ(status.households(), 42);
  EXPECT_EQ(status.observations(), 910);
  EXPECT_EQ(status.warnings_open(), 5);
  EXPECT_EQ(status.policy_version(), 202601);
  EXPECT_EQ(status.reload_error(), "policy.yaml:3: what is this");
  EXPECT_TRUE(status.reevaluating());
  EXPECT_DOUBLE_EQ(status.reevaluation_progress(), 0.25);
  EXPECT_TRUE(status.writable());
}

}  // namespace
}  // namespace shouwang::query
