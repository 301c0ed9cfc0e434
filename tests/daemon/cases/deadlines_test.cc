#include "daemon/cases/deadlines.h"

#include <fmt/format.h>

#include "tests/daemon/cases/kept_cases.h"

namespace shouwang::cases {
namespace {

class DeadlinesTest : public testing::Test {
 protected:
  Deadlines Of(const std::vector<CaseEvent>& events) const {
    const Case record{county::Of("520502001001/1"), events};
    const CaseStanding standing = StandingOf(record, {}, Clues());
    return DeadlinesOf(standing, rulebook_->policies, WorkingDays(rulebook_->policies));
  }
  std::shared_ptr<const Rulebook> rulebook_ = RulebookWithCases();
};

TEST_F(DeadlinesTest, TheFirstDayDoesNotCount) {
  const Deadlines clue = Of({OpenedOn("2026-11-02")});
  EXPECT_EQ(clue.step_by, Day("2026-11-05")) << "three days";
  EXPECT_EQ(clue.decide_by, Day("2026-11-17")) << "fifteen days";
  EXPECT_EQ(clue.due(), Day("2026-11-05"));
  EXPECT_EQ(clue.not_before, std::nullopt);
  EXPECT_EQ(clue.DaysOver(Day("2026-11-05")), 0) << "the last day is still in time";
  EXPECT_EQ(clue.DaysOver(Day("2026-11-06")), 1);
}

TEST_F(DeadlinesTest, WorkingDaysPassOverHolidays) {
  const Deadlines verifying =
      Of({OpenedOn("2026-09-29"), MovedOn("2026-09-30", CaseState::kVerifying)});
  EXPECT_EQ(verifying.step_by, Day("2026-10-13"));
  EXPECT_EQ(verifying.decide_by, Day("2026-10-14"));
}

TEST_F(DeadlinesTest, TheDecisionRunsFromTheClueWhateverTheState) {
  const Deadlines late = Of({OpenedOn("2026-11-02"), MovedOn("2026-11-16", CaseState::kVerifying)});
  EXPECT_EQ(late.step_by, Day("2026-11-23"));
  EXPECT_EQ(late.decide_by, Day("2026-11-17"));
  EXPECT_EQ(late.due(), Day("2026-11-17")) << "the earlier of both";
  const Deadlines reviewed =
      Of({OpenedOn("2026-11-02"), MovedOn("2026-11-03", CaseState::kVerifying),
          MovedOn("2026-11-04", CaseState::kReviewed)});
  EXPECT_EQ(reviewed.step_by, std::nullopt) << "the policy has none for it";
  EXPECT_EQ(reviewed.due(), Day("2026-11-17"));
}

TEST_F(DeadlinesTest, ANoticeHangsForItsDays) {
  const std::vector<CaseEvent> events = {
      OpenedOn("2026-11-02"), MovedOn("2026-11-03", CaseState::kVerifying),
      MovedOn("2026-11-04", CaseState::kReviewed), MovedOn("2026-11-05", CaseState::kNoticed)};
  EXPECT_EQ(Of(events).not_before, Day("2026-11-10"));
  EXPECT_EQ(Of(events).step_by, Day("2026-11-12"));
}

TEST_F(DeadlinesTest, ClosedAndSupportedCasesHaveNone) {
  std::vector<CaseEvent> events = {
      OpenedOn("2026-11-02"), MovedOn("2026-11-03", CaseState::kVerifying),
      MovedOn("2026-11-04", CaseState::kReviewed), MovedOn("2026-11-05", CaseState::kNoticed),
      MovedOn("2026-11-10", CaseState::kRegistered)};
  EXPECT_EQ(Of(events).due(), Day("2026-11-20"));
  EXPECT_EQ(Of(events).decide_by, std::nullopt) << "it is decided";
  events.push_back(MovedOn("2026-11-12", CaseState::kSupported));
  EXPECT_EQ(Of(events).due(), std::nullopt);
  EXPECT_EQ(Of(events).DaysOver(Day("2099-01-01")), 0);
  EXPECT_EQ(Of({OpenedOn("2026-11-02"), MovedOn("2026-11-03", CaseState::kDismissed)}).due(),
            std::nullopt);
}

TEST_F(DeadlinesTest, ACaseOverdueForLongEnoughIsAHigherLevelsFromThatDayOn) {
  const Deadlines clue = Of({OpenedOn("2026-11-02")});  // due on the 5th
  EXPECT_EQ(clue.owner, Role::kVillage);
  EXPECT_EQ(clue.LevelOn(Day("2026-11-06")), Role::kVillage) << "overdue by one day";
  EXPECT_FALSE(clue.EscalatedOn(Day("2026-11-06")));
  EXPECT_EQ(clue.NextUpOn(Day("2026-11-06")), Day("2026-11-07"));
  EXPECT_EQ(clue.LevelOn(Day("2026-11-07")), Role::kTownship) << "by two";
  EXPECT_TRUE(clue.EscalatedOn(Day("2026-11-07")));
  EXPECT_EQ(clue.LevelOn(Day("2026-11-10")), Role::kTownship);
  EXPECT_EQ(clue.NextUpOn(Day("2026-11-10")), Day("2026-11-11"));
  EXPECT_EQ(clue.LevelOn(Day("2026-11-11")), Role::kCounty) << "by six";
  EXPECT_EQ(clue.NextUpOn(Day("2026-11-11")), std::nullopt);
  EXPECT_EQ(clue.LevelOn(Day("2099-01-01")), Role::kCounty) << "the policy goes no further";
  EXPECT_EQ(clue.LevelOn(Day("2026-11-06")), Role::kVillage) << "a clock that was set back";
}

TEST_F(DeadlinesTest, AStepTakesItBackToWhoseItIs) {
  const Deadlines verifying =
      Of({OpenedOn("2026-11-02"), MovedOn("2026-11-12", CaseState::kVerifying)});
  EXPECT_EQ(verifying.due(), Day("2026-11-17"));
  EXPECT_EQ(verifying.LevelOn(Day("2026-11-17")), Role::kVillage);
  EXPECT_EQ(verifying.LevelOn(Day("2026-11-18")), Role::kVillage);
  EXPECT_EQ(verifying.LevelOn(Day("2026-11-19")), Role::kCounty) << "two working days, no rest";
}

TEST_F(DeadlinesTest, WorkingDaysPastTheLastOnePassOverWeekends) {
  const Deadlines verifying =
      Of({OpenedOn("2026-11-02"), MovedOn("2026-11-06", CaseState::kVerifying)});
  EXPECT_EQ(verifying.due(), Day("2026-11-13")) << "a Friday";
  EXPECT_EQ(verifying.LevelOn(Day("2026-11-16")), Role::kVillage) << "the Monday is the first";
  EXPECT_EQ(verifying.LevelOn(Day("2026-11-17")), Role::kCounty);
}

TEST_F(DeadlinesTest, WhoseACaseIsInTimeIsWhoTheWayOnwardsIsGivenTo) {
  std::vector<CaseEvent> events = {
      OpenedOn("2026-11-02"), MovedOn("2026-11-03", CaseState::kVerifying),
      MovedOn("2026-11-04", CaseState::kReviewed), MovedOn("2026-11-05", CaseState::kNoticed)};
  EXPECT_EQ(Of(events).owner, Role::kCounty) << "though the township may hear an objection";
  EXPECT_FALSE(Of(events).EscalatedOn(Day("2026-11-16")));
  EXPECT_EQ(Of(events).LevelOn(Day("2026-11-17")), Role::kPrefecture);
  events.push_back(MovedOn("2026-11-18", CaseState::kRegistered));
  EXPECT_EQ(Of(events).owner, Role::kTownship);
  EXPECT_FALSE(Of(events).EscalatedOn(Day("2099-01-01"))) << "the policy has none for it";
  EXPECT_FALSE(Of({OpenedOn("2026-11-02"), MovedOn("2026-11-03", CaseState::kDismissed)})
                   .EscalatedOn(Day("2099-01-01")));
}

// A new year's policy allows another term; a clock that runs keeps its own.
class TwoPoliciesTest : public testing::Test {
 protected:
  static std::string Longer() { return SectionsWith("within_days: 3", "within_days: 9"); }
  static std::optional<Date> ClueDue(const Rulebook& rulebook, std::string_view opened) {
    const CaseStanding standing =
        StandingOf(Case{county::Of("520502001001/1"), {OpenedOn(opened)}}, {}, Clues());
    return DeadlinesOf(standing, rulebook.policies, WorkingDays(rulebook.policies)).step_by;
  }
};

TEST_F(TwoPoliciesTest, AClockRunsByThePolicyItStartedUnder) {
  const auto rulebook = RulebookOfTwoYears(kCaseSections, Longer());
  EXPECT_EQ(ClueDue(*rulebook, "2026-12-31"), Day("2027-01-03"));
  EXPECT_EQ(ClueDue(*rulebook, "2027-01-01"), Day("2027-01-10"));
  EXPECT_FALSE(WorkingDays(rulebook->policies).Has(Day("2026-10-01")))
      << "days of every policy count";
}

TEST_F(TwoPoliciesTest, WhereThatOneKeptNoCasesTheNextThatDoesCounts) {
  const auto rulebook = RulebookOfTwoYears("", Longer());
  EXPECT_EQ(ClueDue(*rulebook, "2026-12-31"), Day("2027-01-09"));
}

}  // namespace
}  // namespace shouwang::cases
