#include "daemon/risk/case_policy.h"

#include <gmock/gmock.h>

#include "tests/daemon/risk/fixture.h"

namespace shouwang::risk {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

const std::string kFeatures =
    "features:\n"
    "  - {name: net, kind: last, of: [income], " +
    kTitles +
    "}\n"
    "  - {name: jobs, kind: last, of: [site_jobs], " +
    kTitles +
    "}\n"
    "rules:\n  - {id: 101, name: rule_one, when: net < 5, " +
    kRuleRest + "}\n";
const std::string kMoves =
    "  moves:\n"
    "    - {from: none, to: clue, roles: [village]}\n"
    "    - {from: clue, to: verifying, roles: [village, township]}\n"
    "    - {from: verifying, to: reviewed, roles: village}\n"
    "    - {from: reviewed, to: noticed, roles: [village]}\n"
    "    - {from: noticed, to: registered, roles: [county]}\n"
    "    - {from: registered, to: supported, roles: [township]}\n"
    "    - {from: supported, to: cleared, roles: [county]}\n";
const std::string kExit = "exit:\n  - {name: income_enough, when: net >= 5, hold_months: 6, " +
                          kTitles + ", citation: placeholder}\n";
const std::string kMeasures = "measures:\n  - {name: relief, fits: [income, illness], " + kTitles +
                              ", citation: placeholder}\n";

class CasePolicyTest : public RiskFixture {
 protected:
  // The faults of a policy with these sections behind features and a rule.
  std::vector<std::string> FaultsOf(const std::string& sections) {
    files_.Write("policy.yaml", kHead + kFeatures + sections);
    policies_ = files_.Load(catalogue_);
    return files_.faults();
  }
  static std::string Cases(const std::string& states = "") {
    return "cases:\n  decide_within_days: 15\n  citation: placeholder\n" + states + kMoves;
  }
};

TEST_F(CasePolicyTest, IsReadWhole) {
  ASSERT_THAT(
      FaultsOf(Cases("  from_severity: orange\n"
                     "  states:\n"
                     "    - {state: clue, within_days: 3, citation: placeholder}\n"
                     "    - {state: verifying, within_working_days: 5, citation: placeholder}\n"
                     "    - {state: noticed, at_least_days: 5, citation: placeholder}\n") +
               kExit + kMeasures +
               "calendar:\n"
               "  - {kind: holiday, from: 2026-10-01, to: 2026-10-03, " +
               kTitles +
               ", citation: placeholder}\n"
               "  - {kind: working_day, from: 2026-10-10, " +
               kTitles + ", citation: placeholder}\n"),
      IsEmpty());
  const Policy& policy = policies_.All().front();
  ASSERT_TRUE(policy.cases.has_value());
  const CasePolicy& cases = *policy.cases;
  EXPECT_EQ(cases.from_severity, Severity::kOrange);
  EXPECT_EQ(cases.decide_within, (Term{15, false}));
  EXPECT_EQ(cases.TermsOf(CaseState::kClue)->within, (Term{3, false}));
  EXPECT_EQ(cases.TermsOf(CaseState::kVerifying)->within, (Term{5, true}));
  EXPECT_EQ(cases.TermsOf(CaseState::kNoticed)->within, std::nullopt);
  EXPECT_EQ(cases.TermsOf(CaseState::kNoticed)->at_least_days, 5);
  EXPECT_EQ(cases.TermsOf(CaseState::kReviewed), nullptr);
  const auto roles = cases.RolesOf(CaseState::kClue, CaseState::kVerifying);
  EXPECT_THAT(std::vector<Role>(roles.begin(), roles.end()),
              ElementsAre(Role::kVillage, Role::kTownship));
  EXPECT_TRUE(cases.RolesOf(CaseState::kClue, CaseState::kDismissed).empty());
  EXPECT_EQ(cases.exit.front().hold_months, 6);
  EXPECT_TRUE(cases.FindMeasure("relief")->Fits(RiskKind::kIllness));
  EXPECT_FALSE(cases.FindMeasure("relief")->Fits(RiskKind::kHousing));
  ASSERT_EQ(policy.calendar.size(), 4u);
  EXPECT_EQ(policy.calendar[2].date, Day("2026-10-03"));
  EXPECT_FALSE(policy.calendar[2].working);
  EXPECT_TRUE(policy.calendar[3].working);
}

TEST_F(CasePolicyTest, APolicyWithoutItKeepsNoCasesButMayHaveACalendar) {
  EXPECT_THAT(FaultsOf(""), IsEmpty());
  EXPECT_FALSE(policies_.All().front().cases.has_value());
  EXPECT_THAT(FaultsOf("calendar:\n  - {kind: holiday, from: 2026-10-01, " + kTitles +
                       ", citation: placeholder}\n"),
              IsEmpty());
  EXPECT_THAT(FaultsOf(kExit + kMeasures),
              ElementsAre("policy.yaml:10: 'exit' means nothing without 'cases'",
                          "policy.yaml:12: 'measures' means nothing without 'cases'"));
}

TEST_F(CasePolicyTest, EveryFaultIsToldAtOnceWithItsLine) {
  EXPECT_THAT(
      FaultsOf(Cases("  states:\n"
                     "    - {state: cleared, within_days: 3, citation: placeholder}\n"
                     "    - {state: clue, within_days: 3, within_working_days: 4, citation: p}\n"
                     "    - {state: clue, citation: placeholder}\n"
                     "    - {state: noticed, at_least_days: 9, within_days: 7, citation: p}\n") +
               "    - {from: clue, to: registered, roles: [mayor]}\n"
               "    - {from: none, to: clue, roles: [county]}\n" +
               kExit + kMeasures),
      ElementsAre(
          "policy.yaml:14: nothing runs in state cleared: no deadline can",
          "policy.yaml:15: 'within_days' and 'within_working_days' are both given; one of them "
          "must go",
          "policy.yaml:16: state clue is given twice",
          "policy.yaml:16: says nothing: 'within_days', 'within_working_days' or 'at_least_days' "
          "is expected",
          "policy.yaml:17: a case must stay for 9 days and be gone within 7",
          "policy.yaml:26: a case cannot go from clue to registered; from clue it can go to "
          "verifying, dismissed",
          "policy.yaml:26: 'roles': 'mayor' is not a role (village, township, county, prefecture)",
          "policy.yaml:27: the move from none to clue is given twice"));
}

TEST_F(CasePolicyTest, AStateThatNobodyMayLeaveIsAFault) {
  std::string moves = Cases();
  moves.erase(moves.find("    - {from: noticed"),
              moves.find("    - {from: registered") - moves.find("    - {from: noticed"));
  EXPECT_THAT(FaultsOf(moves + kExit + kMeasures),
              ElementsAre("policy.yaml:13: nobody may take a case on from state noticed: 'moves' "
                          "needs one from it (to registered, verifying, dismissed)"));
}

TEST_F(CasePolicyTest, ConditionsAreCheckedAsRulesAre) {
  const auto with = [&](const std::string& when) {
    const auto faults = FaultsOf(Cases() + "exit:\n  - {name: one, when: '" + when + "', " +
                                 kTitles + ", citation: placeholder}\n" + kMeasures);
    return faults.empty() ? "" : faults.front();
  };
  EXPECT_EQ(with("net > 1 and case_targeted_measures >= 1 and case_months_supported >= 6"), "");
  EXPECT_THAT(with("nett > 1"), HasSubstr("'when' of condition 'one'"));
  EXPECT_THAT(with("nett > 1"), HasSubstr("unknown name 'nett'"));
  EXPECT_THAT(with("net + 1"), HasSubstr("'when' of condition 'one'"));
  EXPECT_THAT(with("jobs > 1"), HasSubstr("feature 'jobs' is of a site; cases are of households"));
  EXPECT_THAT(with("1 < 2"), HasSubstr("uses no feature and no figure of the case"));
}

TEST_F(CasePolicyTest, NeedsConditionsAndAMeasureForEveryRisk) {
  const auto faults = FaultsOf(Cases() + "measures:\n  - {name: relief, fits: [illness], " +
                               kTitles + ", citation: placeholder}\n");
  EXPECT_THAT(faults,
              ElementsAre(HasSubstr("'cases' needs conditions under 'exit'"),
                          HasSubstr("no measure under 'measures' fits risk kind income, which rule "
                                    "'rule_one' has")));
}

TEST_F(CasePolicyTest, ADayOfTheCalendarIsWhatItsWeekdayIsNot) {
  const auto with = [&](const std::string& entry) {
    return FaultsOf("calendar:\n  - {" + entry + ", " + kTitles + ", citation: placeholder}\n");
  };
  EXPECT_THAT(with("kind: working_day, from: 2026-10-12"),
              ElementsAre(HasSubstr("2026-10-12 is no day of a weekend: it is worked anyway")));
  EXPECT_THAT(with("kind: holiday, from: 2026-10-03, to: 2026-10-01"),
              ElementsAre(HasSubstr("is -1 days; 1 to 31 are allowed")));
  EXPECT_THAT(with("kind: feast, from: 2026-10-03"),
              ElementsAre(HasSubstr("'kind' is 'feast'; holiday or working_day is expected")));
  EXPECT_THAT(with("kind: holiday, from: 2026-13-03"), ElementsAre(HasSubstr("'from':")));
}

// Behind features and a rule: states in lines 13 to 15, moves in 16 to 23, so that what follows
// stands from line 24 on.
const std::string kStates =
    "  states:\n"
    "    - {state: clue, within_days: 3, citation: placeholder}\n"
    "    - {state: registered, within_days: 10, citation: placeholder}\n";

TEST_F(CasePolicyTest, WhatFollowsUpIsReadWhole) {
  ASSERT_THAT(FaultsOf(Cases(kStates) +
                       "  escalation:\n"
                       "    - {state: clue, to: county, overdue_working_days: 2, citation: p}\n"
                       "    - {state: clue, to: township, overdue_days: 2, citation: p}\n"
                       "    - {state: reviewed, to: prefecture, overdue_days: 1, citation: p}\n"
                       "  draw: {per_township: 4, estimate_months: 6, citation: p}\n"
                       "  confidence: 0.9\n" +
                       kExit + kMeasures),
              IsEmpty());
  const CasePolicy& cases = *policies_.All().front().cases;
  ASSERT_EQ(cases.escalation.size(), 3u);
  EXPECT_EQ(cases.escalation[0].to, Role::kTownship) << "by state and level";
  EXPECT_EQ(cases.escalation[0].overdue, (Term{2, false}));
  EXPECT_EQ(cases.escalation[1].to, Role::kCounty);
  EXPECT_EQ(cases.escalation[1].overdue, (Term{2, true}));
  EXPECT_EQ(cases.escalation[2].state, CaseState::kReviewed);
  EXPECT_EQ(cases.draw->per_township, 4);
  EXPECT_EQ(cases.draw->estimate_months, 6);
  EXPECT_EQ(cases.confidence, 0.9);
  EXPECT_EQ(cases.OwnerOf(CaseState::kClue), Role::kVillage);
  EXPECT_EQ(cases.OwnerOf(CaseState::kNoticed), Role::kCounty);
}

TEST_F(CasePolicyTest, APolicyWithoutItNeitherGoesUpNorDraws) {
  ASSERT_THAT(FaultsOf(Cases() + kExit + kMeasures), IsEmpty());
  const CasePolicy& cases = *policies_.All().front().cases;
  EXPECT_THAT(cases.escalation, IsEmpty());
  EXPECT_FALSE(cases.draw.has_value());
  EXPECT_EQ(cases.confidence, 0.95);
}

TEST_F(CasePolicyTest, FaultsOfWhatFollowsUpAreToldWithTheirLines) {
  EXPECT_THAT(
      FaultsOf(Cases(kStates) +
               "  escalation:\n"
               "    - {state: cleared, to: county, overdue_days: 2, citation: p}\n"
               "    - {state: supported, to: prefecture, overdue_days: 2, citation: p}\n"
               "    - {state: registered, to: township, overdue_days: 2, citation: p}\n"
               "    - {state: clue, to: county, overdue_days: 2, citation: p}\n"
               "    - {state: clue, to: township, overdue_days: 2, citation: p}\n"
               "    - {state: clue, to: county, overdue_days: 3, citation: p}\n"
               "    - {state: clue, to: mayor, citation: p}\n"
               "  draw: {per_township: 0, estimate_months: 61, citation: p}\n"
               "  confidence: 1\n" +
               kExit + kMeasures),
      ElementsAre(
          "policy.yaml:25: nothing runs in state cleared: it cannot be overdue",
          "policy.yaml:26: state supported has no deadline under 'states': it cannot be overdue",
          "policy.yaml:27: a case in state registered is the township's already: it cannot go up "
          "to the township",
          "policy.yaml:29: state clue goes up to the township after 2 days and to the county after "
          "2: the higher level must come later",
          "policy.yaml:30: state clue goes up to the county twice",
          HasSubstr("policy.yaml:31: 'to': 'mayor' is not a role"),
          "policy.yaml:31: 'overdue_days' or 'overdue_working_days' is expected",
          HasSubstr("policy.yaml:32: 'per_township'"), HasSubstr("policy.yaml:32: 'estimate_mont"),
          "policy.yaml:33: 'confidence' is 1; 0.5 to 0.999 is expected"));
}

TEST_F(CasePolicyTest, TooManyEscalationsAreRefused) {
  std::string many = "  escalation:\n";
  for (int i = 0; i <= 24; ++i) {
    many += "    - {state: clue, to: township, overdue_days: 2, citation: p}\n";
  }
  EXPECT_THAT(FaultsOf(Cases(kStates) + many + kExit + kMeasures),
              testing::Contains(HasSubstr("25 entries of escalation; 24 at most")));
}

TEST_F(CasePolicyTest, AMeasureOfTooLongANameIsRefused) {
  const std::string name(65, 'a');
  EXPECT_THAT(FaultsOf(Cases() + kExit + kMeasures + "  - {name: " + name + ", fits: [income], " +
                       kTitles + ", citation: placeholder}\n"),
              ElementsAre(HasSubstr("must be at most 64 lower-case letters")));
}

}  // namespace
}  // namespace shouwang::risk
