#include "daemon/cases/verification.h"

#include "tests/daemon/cases/kept_cases.h"

namespace shouwang::cases {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

const CaseWarning kLowWage{101, RiskKind::kIncome, Severity::kRed, Day("2026-09-30")};
const CaseWarning kHighCost{102, RiskKind::kIllness, Severity::kYellow, Day("2026-09-30")};

CaseEvent DismissedOn(std::string_view day, std::optional<DismissalCause> cause) {
  CaseEvent event = MovedOn(day, CaseState::kDismissed);
  event.reason = "reason";
  event.cause = cause;
  return event;
}

std::vector<RoundFinding> Findings(const std::vector<CaseEvent>& events,
                                   std::vector<Warning> open = {}) {
  const Case record{Of("520502001001/1"), events};
  Clues clues;
  clues.since.fill(Instant::min());
  return FindingsOf(record, StandingOf(record, open, clues));
}

std::vector<CaseEvent> Registered(std::string_view clue, std::string_view decision,
                                  std::vector<CaseWarning> warnings) {
  return {OpenedOn(clue, std::move(warnings)), MovedOn(clue, CaseState::kVerifying),
          MovedOn(clue, CaseState::kReviewed), MovedOn(clue, CaseState::kNoticed),
          MovedOn(decision, CaseState::kRegistered)};
}

TEST(FindingsTest, ARoundThatEndsRegisteredConfirmsTheRulesOfItsClue) {
  auto events = Registered("2026-11-02", "2026-11-12", {kLowWage, kHighCost});
  const auto rounds = Findings(events);
  ASSERT_THAT(rounds, SizeIs(1));
  EXPECT_EQ(rounds[0].outcome, RoundOutcome::kConfirmed);
  EXPECT_THAT(rounds[0].rules, ElementsAre(101, 102));
  EXPECT_EQ(rounds[0].clue_on, Day("2026-11-02"));
  EXPECT_EQ(rounds[0].days, 10);
  events.push_back(MovedOn("2026-11-15", CaseState::kSupported));
  events.push_back(MovedOn("2027-06-15", CaseState::kCleared));
  EXPECT_EQ(Findings(events)[0].outcome, RoundOutcome::kConfirmed) << "also once it is cleared";
  EXPECT_EQ(Findings(events)[0].days, 10);
}

TEST(FindingsTest, ARoundThatEndsDismissedRefutesThemForItsCause) {
  const auto rounds = Findings(
      {OpenedOn("2026-11-02", {kLowWage}), DismissedOn("2026-11-05", DismissalCause::kDataError)});
  ASSERT_THAT(rounds, SizeIs(1));
  EXPECT_EQ(rounds[0].outcome, RoundOutcome::kRefuted);
  EXPECT_EQ(rounds[0].cause, DismissalCause::kDataError);
  EXPECT_EQ(rounds[0].days, 3);
}

TEST(FindingsTest, EachRoundCountsByItselfAndAnImpliedClueIsOne) {
  const auto rounds = Findings(
      {OpenedOn("2026-11-02", {kLowWage}), DismissedOn("2026-11-05", std::nullopt)},
      {WarningSince("520502001001/1", 102, Severity::kYellow, RiskKind::kIllness, "2026-11-09")});
  ASSERT_THAT(rounds, SizeIs(2));
  EXPECT_EQ(rounds[1].outcome, RoundOutcome::kPending);
  EXPECT_THAT(rounds[1].rules, ElementsAre(102));
  EXPECT_EQ(rounds[1].clue_on, Day("2026-11-09"));
}

TEST(FindingsTest, AWarningThatOpensLaterIsNoneOfTheClues) {
  std::vector<CaseEvent> events = {OpenedOn("2026-11-02", {kLowWage}),
                                   MovedOn("2026-11-03", CaseState::kVerifying)};
  events[1].warnings = {kLowWage, kHighCost};
  EXPECT_THAT(Findings(events)[0].rules, ElementsAre(101));
}

TEST(FindingsTest, NorIsOneThatBecameKnownBehindAClueThatNobodyTookOn) {
  const auto rounds = Findings(
      {}, {WarningSince("520502001001/1", 101, Severity::kRed, RiskKind::kIncome, "2026-11-02"),
           WarningSince("520502001001/1", 102, Severity::kRed, RiskKind::kIllness, "2026-11-09")});
  ASSERT_THAT(rounds, SizeIs(1));
  EXPECT_THAT(rounds[0].rules, ElementsAre(101));
}

TEST(FindingsTest, AClockThatWasSetBackMakesNoNegativeDays) {
  EXPECT_EQ(Findings({OpenedOn("2026-11-02", {kLowWage}), DismissedOn("2026-11-01", {})})[0].days,
            0);
  EXPECT_THAT(Findings({}), IsEmpty());
}

RoundFinding Round(RoundOutcome outcome, std::vector<RuleId> rules, int days = 0,
                   std::optional<DismissalCause> cause = std::nullopt) {
  return {Day("2026-11-02"), std::move(rules), outcome, cause, days};
}

TEST(VerificationTest, CountsEachRoundForEachOfItsRulesAndOnceForAll) {
  Verification verification;
  verification.Add(Round(RoundOutcome::kConfirmed, {101, 102}, 4));
  verification.Add(Round(RoundOutcome::kRefuted, {101}, 8, DismissalCause::kCoping));
  verification.Add(Round(RoundOutcome::kRefuted, {101}, 9, DismissalCause::kDataError));
  verification.Add(Round(RoundOutcome::kRefuted, {101}, 1));
  verification.Add(Round(RoundOutcome::kPending, {102}));
  verification.Add(Round(RoundOutcome::kConfirmed, {}, 2));
  const VerificationCount& wage = verification.rules.at(101);
  EXPECT_EQ(wage.rounds(), 4);
  EXPECT_EQ(wage.confirmed, 1);
  EXPECT_EQ(wage.refuted(), 3);
  EXPECT_EQ(wage.refuted_for(DismissalCause::kDataError), 1);
  EXPECT_EQ(wage.refuted_for(DismissalCause::kCoping), 1);
  EXPECT_EQ(wage.refuted_for(DismissalCause::kOther), 1) << "nobody said why";
  EXPECT_EQ(wage.pending, 0);
  EXPECT_EQ(wage.Precision(0.95)->share, 0.25);
  EXPECT_EQ(wage.MedianDays(), 6) << "of 1, 4, 8 and 9";
  EXPECT_EQ(verification.rules.at(102).pending, 1);
  EXPECT_EQ(verification.rules.at(102).MedianDays(), 4);
  EXPECT_EQ(verification.any_rule.rounds(), 5);
  EXPECT_EQ(verification.confirmed_without_rule, 1);
}

TEST(VerificationTest, OfNothingDecidedNothingIsTold) {
  VerificationCount count;
  count.Add(Round(RoundOutcome::kPending, {101}));
  EXPECT_EQ(count.Precision(0.95), std::nullopt);
  EXPECT_EQ(count.MedianDays(), std::nullopt);
}

}  // namespace
}  // namespace shouwang::cases
