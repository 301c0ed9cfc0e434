#include "daemon/risk/exit_guard.h"

#include <gmock/gmock.h>

#include "tests/daemon/risk/fixture.h"

namespace shouwang::risk {
namespace {

class ExitGuardTest : public RiskFixture {
 protected:
  // A policy with one condition over net, the latest income of 3 months.
  void LoadCondition(const std::string& when, int hold_months = 0) {
    files_.Write("policy.yaml",
                 kHead + "features:\n  - {name: net, kind: last, of: [income], window_months: 3, " +
                     kTitles + "}\n  - {name: doubled, kind: formula, formula: net * 2, " +
                     kTitles + "}\nrules:\n  - {id: 101, name: rule_one, when: net < 5, " +
                     kRuleRest +
                     "}\ncases:\n  citation: placeholder\n  moves:\n"
                     "    - {from: clue, to: verifying, roles: village}\n"
                     "    - {from: verifying, to: reviewed, roles: village}\n"
                     "    - {from: reviewed, to: noticed, roles: village}\n"
                     "    - {from: noticed, to: registered, roles: county}\n"
                     "    - {from: registered, to: supported, roles: township}\n"
                     "    - {from: supported, to: cleared, roles: county}\n"
                     "exit:\n  - {name: only, when: '" +
                     when + "', hold_months: " + std::to_string(hold_months) + ", " + kTitles +
                     ", citation: placeholder}\n"
                     "measures:\n  - {name: relief, fits: [income], " +
                     kTitles + ", citation: placeholder}\n");
    Load();
  }
  ExitFinding Judge(const std::string& today, const CaseFigures& figures = {}) {
    const auto findings =
        JudgeExit(policies_.All().front(), catalogue_, history_, figures, Day(today));
    EXPECT_EQ(findings.size(), 1u);
    return findings.front();
  }
};

TEST_F(ExitGuardTest, AConditionHoldsByWhatIsKnownToday) {
  LoadCondition("net >= 5");
  PutMonthly("income", "2026-01", {"4", "5"});
  const ExitFinding held = Judge("2026-03-10");
  EXPECT_EQ(held.truth, Truth::kTrue);
  EXPECT_EQ(held.date, Day("2026-03-10"));
  EXPECT_EQ(held.condition->name, "only");
  const ExitFinding failed = Judge("2026-02-10");
  EXPECT_EQ(failed.truth, Truth::kFalse);
  ASSERT_EQ(failed.comparisons.size(), 1u);
  EXPECT_EQ(failed.comparisons[0].text, "net >= 5");
  EXPECT_EQ(failed.comparisons[0].left, 4);
  EXPECT_EQ(failed.comparisons[0].right, 5);
}

TEST_F(ExitGuardTest, AHouseholdThatFellSilentIsUnknown) {
  LoadCondition("doubled >= 10");
  PutMonthly("income", "2026-01", {"9"});
  EXPECT_EQ(Judge("2026-03-31").truth, Truth::kTrue);
  const ExitFinding silent = Judge("2026-04-01");
  EXPECT_EQ(silent.truth, Truth::kUnknown);
  EXPECT_EQ(silent.comparisons[0].left, std::nullopt);
}

TEST_F(ExitGuardTest, AHoldMustBeUnbrokenFromItsBeginningOn) {
  LoadCondition("net >= 5", 6);
  PutMonthly("income", "2026-01", {"4", "6", "6", "6", "6", "6", "6", "6", "6"});
  // Six months back of 2026-08-10 is 2026-02-10, when 4 was the latest.
  const ExitFinding too_early = Judge("2026-08-10");
  EXPECT_EQ(too_early.truth, Truth::kFalse);
  EXPECT_EQ(too_early.date, Day("2026-02-10"));
  EXPECT_EQ(Judge("2026-08-28").truth, Truth::kTrue);
  Put("income", "2026-06-30", "4.99");
  const ExitFinding broken = Judge("2026-09-30");
  EXPECT_EQ(broken.truth, Truth::kFalse);
  EXPECT_EQ(broken.date, Day("2026-06-30"));
  EXPECT_EQ(broken.comparisons[0].left, 4.99);
}

TEST_F(ExitGuardTest, AHoldWithoutReportsAtItsBeginningIsUnknown) {
  LoadCondition("net >= 5", 6);
  PutMonthly("income", "2026-06", {"6", "6", "6"});
  const ExitFinding finding = Judge("2026-09-10");
  EXPECT_EQ(finding.truth, Truth::kUnknown);
  EXPECT_EQ(finding.date, Day("2026-03-10"));
}

TEST_F(ExitGuardTest, HoldsOverMoreReportsThanAreJudgedAtOnce) {
  LoadCondition("net >= 5", 6);
  for (Date day = Day("2026-01-01"); day <= Day("2026-09-30"); day = day + 1) {
    Put("income", day.ToString(), day == Day("2026-04-02") ? "1" : "7");
  }
  const ExitFinding broken = Judge("2026-09-30");
  EXPECT_EQ(broken.truth, Truth::kFalse);
  EXPECT_EQ(broken.date, Day("2026-04-02"));
  EXPECT_EQ(Judge("2026-03-30").truth, Truth::kUnknown) << "nothing is known of 2025-09-30";
  Put("income", "2026-04-02", "7");
  EXPECT_EQ(Judge("2026-09-30").truth, Truth::kTrue);
}

TEST_F(ExitGuardTest, MayAskOfTheCaseItself) {
  LoadCondition(
      "case_targeted_measures >= 1 and case_measures >= 2 and case_months_supported >= 6 and "
      "case_open_warnings == 0");
  EXPECT_EQ(
      Judge("2026-09-30",
            {.measures = 2, .targeted_measures = 1, .months_supported = 6, .open_warnings = 0})
          .truth,
      Truth::kTrue);
  EXPECT_EQ(
      Judge("2026-09-30",
            {.measures = 2, .targeted_measures = 0, .months_supported = 6, .open_warnings = 0})
          .truth,
      Truth::kFalse);
  EXPECT_EQ(
      Judge("2026-09-30",
            {.measures = 2, .targeted_measures = 1, .months_supported = 6, .open_warnings = 1})
          .truth,
      Truth::kFalse);
}

}  // namespace
}  // namespace shouwang::risk
