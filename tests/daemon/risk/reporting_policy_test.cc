#include "daemon/risk/reporting_policy.h"

#include <gmock/gmock.h>

#include "tests/daemon/risk/fixture.h"

namespace shouwang::risk {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

Month In(const std::string& text) { return *Month::Parse(text); }

Expectation Monthly() {
  return {.cadence_months = 1,
          .due_day = 25,
          .grace_days = 5,
          .given_up_months = 6,
          .citation = "test"};
}

TEST(ExpectationTest, AMonthIsDueInTheNextAndMissedWhenTheGraceIsOver) {
  const Expectation expected = Monthly();
  EXPECT_EQ(expected.DueOn(In("2026-10")), Day("2026-11-25"));
  EXPECT_EQ(expected.DueOn(In("2026-12")), Day("2027-01-25"));
  EXPECT_EQ(expected.LastDue(Day("2026-11-25")), In("2026-09"));
  EXPECT_EQ(expected.LastDue(Day("2026-11-26")), In("2026-10"));
  EXPECT_EQ(expected.LastMissable(Day("2026-11-30")), In("2026-09"));
  EXPECT_EQ(expected.LastMissable(Day("2026-12-01")), In("2026-10"));
}

TEST(ExpectationTest, AHouseholdIsSilentWithoutAnObservationInItsCadence) {
  Expectation expected = Monthly();
  EXPECT_EQ(expected.SilentBefore(Day("2026-12-01")), In("2026-10"));
  EXPECT_EQ(expected.GivenUpBefore(Day("2026-12-01")), In("2026-04"));
  expected.cadence_months = 3;
  EXPECT_EQ(expected.SilentBefore(Day("2026-12-01")), In("2026-08"));
}

TEST(ExpectationTest, WhoSendsIsExpectedFromOneDueDayToTheNext) {
  Expectation expected = Monthly();
  EXPECT_EQ(expected.HeardBy(Day("2026-11-30")), Day("2026-09-25"));
  EXPECT_EQ(expected.HeardBy(Day("2026-12-01")), Day("2026-10-25"));
  EXPECT_EQ(expected.GivenUpBy(Day("2026-12-01")), Day("2026-05-25"));
  expected.cadence_months = 12;
  EXPECT_EQ(expected.HeardBy(Day("2026-12-01")), Day("2025-11-25"));
}

class ReportingPolicyTest : public RiskFixture {
 protected:
  std::vector<std::string> FaultsOf(const std::string& section) {
    files_.Write("policy.yaml", kHead + "features:\n  - {name: net, kind: last, of: [income], " +
                                    kTitles +
                                    "}\nrules:\n  - {id: 101, name: rule_one, when: net < 5, " +
                                    kRuleRest + "}\n" + section);
    policies_ = files_.Load(catalogue_);
    return files_.faults();
  }
};

TEST_F(ReportingPolicyTest, APolicyWithoutTheSectionExpectsNothing) {
  EXPECT_THAT(FaultsOf(""), IsEmpty());
  EXPECT_FALSE(policies_.All()[0].reporting.has_value());
}

TEST_F(ReportingPolicyTest, IsReadWhole) {
  ASSERT_THAT(
      FaultsOf("reporting:\n"
               "  households: {cadence_months: 1, due_day: 25, grace_days: 5,\n"
               "    given_up_months: 24, citation: here}\n"
               "  sources:\n"
               "    - {source: cadre_visit, cadence_months: 3, due_day: 20, grace_days: 0,\n"
               "       given_up_months: 6, expected_from: [\"5205\", \"520302001\"],\n"
               "       citation: there}\n"),
      IsEmpty());
  const ReportingPolicy& reporting = *policies_.All()[0].reporting;
  EXPECT_EQ(reporting.households.due_day, 25);
  EXPECT_EQ(reporting.households.given_up_months, 24);
  EXPECT_EQ(reporting.households.citation, "here");
  ASSERT_EQ(reporting.sources.size(), 1u);
  const SourceExpectation* visits = reporting.Find(Source::kCadreVisit);
  ASSERT_NE(visits, nullptr);
  EXPECT_EQ(visits->expectation.cadence_months, 3);
  EXPECT_THAT(visits->expected_from,
              ElementsAre(*Division::Parse("5205"), *Division::Parse("520302001")));
  EXPECT_EQ(reporting.Find(Source::kSelfDeclaration), nullptr);
}

TEST_F(ReportingPolicyTest, NamesWhatIsMissingOrPastALimit) {
  EXPECT_THAT(FaultsOf("reporting:\n"
                       "  households: {cadence_months: 13, due_day: 29, grace_days: 5,\n"
                       "    given_up_months: 24, citation: here}\n"),
              ElementsAre(HasSubstr("'cadence_months' is 13; it must be 1 to 12"),
                          HasSubstr("'due_day' is 29; it must be 1 to 28")));
  EXPECT_THAT(FaultsOf("reporting:\n"
                       "  households: {cadence_months: 3, due_day: 28, grace_days: 5,\n"
                       "    given_up_months: 3, citation: here}\n"),
              ElementsAre(HasSubstr("'given_up_months' is 3; it must be more than "
                                    "'cadence_months', 3")));
  EXPECT_THAT(FaultsOf("reporting:\n  sources: []\n"),
              ElementsAre(HasSubstr("'households' is missing")));
  EXPECT_THAT(
      FaultsOf("reporting:\n  households: {cadence_months: 1}\n"),
      ElementsAre(HasSubstr("'due_day' is missing"), HasSubstr("'grace_days' is missing"),
                  HasSubstr("'given_up_months' is missing"), HasSubstr("'citation' is missing")));
}

TEST_F(ReportingPolicyTest, NamesSourcesAndDivisionsThatCannotBe) {
  const std::string households =
      "reporting:\n"
      "  households: {cadence_months: 1, due_day: 25, grace_days: 5, given_up_months: 24,\n"
      "    citation: here}\n"
      "  sources:\n";
  const std::string rest =
      "cadence_months: 1, due_day: 25, grace_days: 5, given_up_months: 6, citation: here";
  EXPECT_THAT(FaultsOf(households + "    - {source: gossip, " + rest + "}\n"),
              ElementsAre(HasSubstr("'gossip' is not a source")));
  EXPECT_THAT(FaultsOf(households + "    - {source: cadre_visit, " + rest +
                       "}\n    - {source: cadre_visit, " + rest + "}\n"),
              ElementsAre(HasSubstr("source 'cadre_visit' is given twice")));
  EXPECT_THAT(FaultsOf(households + "    - {source: cadre_visit, expected_from: [\"520\"], " +
                       rest + "}\n"),
              ElementsAre(HasSubstr("'expected_from'")));
  EXPECT_THAT(
      FaultsOf(households + "    - {source: cadre_visit, expected_from: [\"520502001001\"], " +
               rest + "}\n"),
      ElementsAre(HasSubstr("520502001001 is a village; townships send")));
}

}  // namespace
}  // namespace shouwang::risk
