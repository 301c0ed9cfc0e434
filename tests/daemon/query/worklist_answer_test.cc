#include "daemon/query/worklist_answer.h"

#include <shouwang/v1/risk.grpc.pb.h>

#include "tests/daemon/query/query_server.h"

namespace shouwang::query {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

constexpr IndicatorId kPersons = 3;

constexpr std::string_view kWorklist = R"(
worklist:
  points: {yellow: 10, orange: 25, red: 40, dimension: 8, month_open: 1, trend: 20, below_line: 30}
  months_at_most: 12
  trend_feature: wage_change
  unknown_share: 0.5
  projection: {of: wage_income, per: persons, line: line, years: 2, half_life_months: 12,
    at_least: 3, floor: 10, confidence: 0.8}
)";

class WorklistAnswerTest : public QueryServer {
 protected:
  WorklistAnswerTest() {
    std::string policy(kPolicy);
    policy.replace(policy.find("rules:"), 6,
                   "  - {name: wage_change, kind: change, of: [wage_income], window_months: 2, "
                   "at_least: 1, unit: ratio, title_zh: 工资变化, title_en: Wage change}\nrules:");
    Use(policy + std::string(kWorklist));
  }
  void Use(const std::string& policy) {
    auto rulebook = std::make_shared<Rulebook>(*rulebook_.Get());
    std::vector<Indicator> indicators(rulebook->reg.catalogue.All().begin(),
                                      rulebook->reg.catalogue.All().end());
    if (rulebook->reg.catalogue.Get(kPersons) == nullptr) {
      indicators.push_back({.id = kPersons,
                            .name = "persons",
                            .title_zh = "人口",
                            .title_en = "Persons",
                            .unit = "persons",
                            .decimals = 0,
                            .min = 1,
                            .max = 30});
    }
    rulebook->reg.catalogue = Catalogue::Of(std::move(indicators)).value();
    EXPECT_TRUE(county_.store().BindCatalogue(rulebook->reg.catalogue).ok());
    const std::string path = testing::TempDir() + "/worklist_policy_" +
                             testing::UnitTest::GetInstance()->current_test_info()->name();
    std::ofstream(path) << policy;
    Problems problems;
    rulebook->policies = risk::PolicySet::Load({path}, rulebook->reg.catalogue, &problems);
    EXPECT_THAT(problems.messages(), IsEmpty());
    rulebook_.Set(rulebook);
  }
  void Open(std::string_view subject, Severity severity, std::string_view since = "2026-11-01") {
    county_.Open(subject, 101, severity, RiskKind::kIncome, since);
  }
  grpc::Status List(const v1::ListWorklistRequest& request) {
    grpc::ClientContext context;
    worklist_.Clear();
    return Stub<v1::RiskService>()->ListWorklist(&context, request, &worklist_);
  }
  // "520502001 of 3: 520502001001/1 520502001001/2"
  std::vector<std::string> Townships() const {
    std::vector<std::string> lines;
    for (const v1::TownshipWorklist& township : worklist_.townships()) {
      std::string line = township.township() + " of " + std::to_string(township.households()) + ":";
      for (const v1::Visit& visit : township.visits()) line += " " + visit.subject();
      lines.push_back(line);
    }
    return lines;
  }

  v1::ListWorklistResponse worklist_;
};

TEST_F(WorklistAnswerTest, GivesEachTownshipTheVisitsThatMatterMost) {
  Open("520302001001/1", Severity::kYellow);
  Open("520502001001/1", Severity::kYellow);
  Open("520502001001/2", Severity::kRed);
  Open("520502001002/3", Severity::kOrange);
  Open("520502002001/8", Severity::kOrange);
  county_.Open("520502001/S3", 201, Severity::kRed, RiskKind::kServices, "2026-09-01");
  Up();
  v1::ListWorklistRequest request;
  request.set_visits(2);
  ASSERT_TRUE(List(request).ok());
  EXPECT_THAT(Townships(), ElementsAre("520302001 of 1: 520302001001/1",
                                       "520502001 of 3: 520502001001/2 520502001002/3",
                                       "520502002 of 1: 520502002001/8"));
  EXPECT_EQ(worklist_.policy_version(), 202601);
  EXPECT_EQ(worklist_.date(), Day("2026-11-15").days());
  EXPECT_EQ(worklist_.townships(1).division_path(), "贵州省 / 毕节市 / 七星关区 / 市西街道");
  EXPECT_EQ(worklist_.next_page_token(), "");
  request.set_region("520502001001");
  ASSERT_TRUE(List(request).ok());
  EXPECT_THAT(Townships(), ElementsAre("520502001 of 2: 520502001001/2 520502001001/1"));
}

TEST_F(WorklistAnswerTest, TellsWhyWithEveryTermOfTheRank) {
  // A wage of 700 in each month of two years, and of 350 from September on.
  Month month = MonthOf("2024-11");
  for (int i = 0; i < 24; ++i) {
    const std::string day = Date::LastOf(month).ToString();
    county_.Observe("520502001001/1", kWage, day, i < 22 ? 700'00 : 350'00);
    county_.Observe("520502001001/1", kPersons, day, 1);
    month = month + 1;
  }
  Open("520502001001/1", Severity::kRed, "2026-09-05");
  county_.Open("520502001001/1", 102, Severity::kYellow, RiskKind::kIllness, "2026-10-05");
  Up();
  ASSERT_TRUE(List({}).ok());
  ASSERT_THAT(worklist_.townships(), SizeIs(1));
  const v1::Visit& visit = worklist_.townships(0).visits(0);
  EXPECT_EQ(visit.division_path(), "贵州省 / 毕节市 / 七星关区 / 市西街道 / 一村");
  ASSERT_EQ(visit.warnings_size(), 2);
  EXPECT_EQ(visit.warnings(0).rule_title_en(), "Low wage");
  EXPECT_EQ(visit.months_open(), 2);
  EXPECT_EQ(visit.trend(), -0.5);
  EXPECT_FALSE(visit.has_vulnerability());
  // 8 x 700 and 2 x 350 are reported; the line is 600 a year.
  ASSERT_TRUE(visit.has_projection());
  EXPECT_EQ(visit.projection().reported(), 6300);
  EXPECT_EQ(visit.projection().months_to_come(), 2);
  EXPECT_EQ(visit.projection().line(), 600);
  EXPECT_EQ(visit.projection().probability(), 0);
  std::vector<std::string> terms;
  double sum = 0;
  for (const v1::RankTerm& term : visit.terms()) {
    terms.push_back(term.name());
    sum += term.points();
  }
  EXPECT_THAT(terms, ElementsAre("severity", "dimensions", "persistence", "trend", "below_line"));
  EXPECT_EQ(sum, 40 + 8 + 2 + 10);
  EXPECT_EQ(visit.rank(), sum);
  EXPECT_EQ(visit.text_en(),
            "red, 2 kinds of risk (income, illness), open for 2 months, wage change -50%, 0% "
            "likely below the line by the end of the year (0% to 0%)");
  EXPECT_THAT(visit.text_zh(), HasSubstr("工资变化-50%，年底低于线的概率0%"));
}

TEST_F(WorklistAnswerTest, AmongEqualsTheSubjectDecidesAndTheDefaultIsThirty) {
  for (int number = 35; number >= 1; --number) {
    Open("520502001001/" + std::to_string(number), Severity::kOrange);
  }
  Up();
  ASSERT_TRUE(List({}).ok());
  const v1::TownshipWorklist& township = worklist_.townships(0);
  EXPECT_EQ(township.households(), 35);
  ASSERT_EQ(township.visits_size(), 30);
  EXPECT_EQ(township.visits(0).subject(), "520502001001/1");
  EXPECT_EQ(township.visits(29).subject(), "520502001001/30");
}

TEST_F(WorklistAnswerTest, APageEndsWithATownshipAndTheNextGoesOn) {
  Transaction transaction;
  const auto open = [&](uint64_t place, uint32_t number) {
    transaction.opened.push_back({.subject = {place, SubjectKind::kHousehold, number},
                                  .rule = 101,
                                  .severity = Severity::kOrange,
                                  .kind = RiskKind::kIncome,
                                  .opened_on = Day("2026-11-01"),
                                  .cleared_on = {},
                                  .policy_version = 202601,
                                  .known_at = At(3'000)});
  };
  for (uint32_t number = 1; number <= kMaxHouseholdsRanked + 1; ++number) {
    open(520302001001, number);
  }
  open(520502001001, 4);
  open(520502002001, 5);
  ASSERT_TRUE(county_.store().Commit(transaction).ok());
  Up();
  v1::ListWorklistRequest request;
  request.set_visits(1);
  ASSERT_TRUE(List(request).ok());
  EXPECT_THAT(Townships(), ElementsAre("520302001 of 20001: 520302001001/1"));
  request.set_page_token(worklist_.next_page_token());
  ASSERT_NE(request.page_token(), "");
  ASSERT_TRUE(List(request).ok());
  EXPECT_THAT(Townships(),
              ElementsAre("520502001 of 1: 520502001001/4", "520502002 of 1: 520502002001/5"));
  EXPECT_EQ(worklist_.next_page_token(), "");
}

TEST_F(WorklistAnswerTest, NamesEveryFieldAtFault) {
  Up();
  v1::ListWorklistRequest request;
  request.set_region("99");
  request.set_visits(1'001);
  request.set_page_token("x");
  EXPECT_THAT(FieldsOf(List(request)), ElementsAre("region", "visits", "page_token"));
}

TEST_F(WorklistAnswerTest, APolicyWithoutAWorklistRanksNothing) {
  Use(std::string(kPolicy));
  Up();
  const grpc::Status status = List({});
  EXPECT_EQ(status.error_code(), grpc::StatusCode::FAILED_PRECONDITION);
  EXPECT_EQ(status.error_message(),
            "policy 202601, in force on 2026-11-15, has no 'worklist:' to rank households by");
}

TEST_F(WorklistAnswerTest, NoHouseholdIsRankedForACallerWhoHasLeft) {
  Open("520302001001/1", Severity::kYellow);
  v1::ListWorklistResponse response;
  const absl::Status status = AnswerWorklist(
      county_.store(), *rulebook_.Get(), At(kNowMs), {}, [] { return true; }, &response);
  EXPECT_EQ(status.code(), absl::StatusCode::kCancelled);
  EXPECT_EQ(response.townships_size(), 0);
}

}  // namespace
}  // namespace shouwang::query
