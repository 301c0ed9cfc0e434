#include "daemon/cases/transitions.h"

#include "tests/daemon/cases/kept_cases.h"

namespace shouwang::cases {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

constexpr char kHousehold[] = "520502001001/1";

class TransitionsTest : public testing::Test {
 protected:
  const risk::Policy& policy() const { return rulebook_->policies.All().front(); }
  CaseStanding Standing(const std::vector<CaseEvent>& events) const {
    return StandingOf(Case{Of(kHousehold), events}, {}, Clues());
  }
  absl::Status Check(const std::vector<CaseEvent>& events, CaseState to, Role role,
                     std::string_view today = "2026-11-20") const {
    Step step;
    step.to = to;
    step.role = role;
    step.actor = "a";
    const CaseStanding standing = Standing(events);
    return CheckStep(standing, step, policy(),
                     DeadlinesOf(standing, rulebook_->policies, WorkingDays(rulebook_->policies)),
                     Day(today));
  }
  std::shared_ptr<const Rulebook> rulebook_ = RulebookWithCases();
  const std::vector<CaseEvent> clue_ = {OpenedOn("2026-11-02")};
  const std::vector<CaseEvent> noticed_ = {
      OpenedOn("2026-11-02"), MovedOn("2026-11-03", CaseState::kVerifying),
      MovedOn("2026-11-04", CaseState::kReviewed), MovedOn("2026-11-05", CaseState::kNoticed)};
};

std::vector<std::string> FieldsOf(const std::vector<FieldFault>& faults) {
  std::vector<std::string> fields;
  fields.reserve(faults.size());
  for (const FieldFault& fault : faults) fields.push_back(fault.field);
  return fields;
}

TEST_F(TransitionsTest, AStepInOrderByARoleOfThePolicyIsTaken) {
  EXPECT_TRUE(Check(clue_, CaseState::kVerifying, Role::kVillage).ok());
  EXPECT_TRUE(Check(clue_, CaseState::kDismissed, Role::kTownship).ok());
  EXPECT_TRUE(Check({}, CaseState::kClue, Role::kVillage).ok()) << "by self-declaration";
}

TEST_F(TransitionsTest, AStepOutOfOrderNamesTheStateAndWhatIsPossible) {
  const absl::Status status = Check(clue_, CaseState::kRegistered, Role::kCounty, "2026-11-03");
  EXPECT_EQ(status.code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_EQ(std::string(status.message()),
            "the case of 520502001001/1 is in state clue since 2026-11-02 (revision 1); from there "
            "it can go to verifying (by village or township), dismissed (by township), not to "
            "registered");
}

TEST_F(TransitionsTest, ARoleThatMayNotIsToldWhoMay) {
  const absl::Status status = Check(clue_, CaseState::kDismissed, Role::kVillage, "2026-11-03");
  EXPECT_EQ(status.code(), absl::StatusCode::kPermissionDenied);
  EXPECT_THAT(std::string(status.message()),
              HasSubstr("by policy 202601 it is taken from there to dismissed by township, not by "
                        "village"));
  EXPECT_THAT(std::string(Check(noticed_, CaseState::kDismissed, Role::kCounty).message()),
              HasSubstr("by nobody, not by county"))
      << "the order allows it, this policy does not";
}

TEST_F(TransitionsTest, ANoticeIsNotCutShortButAnObjectionIsHeardAtOnce) {
  const absl::Status early = Check(noticed_, CaseState::kRegistered, Role::kCounty, "2026-11-09");
  EXPECT_EQ(early.code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_THAT(std::string(early.message()),
              HasSubstr("it has to stay until 2026-11-10; today is 2026-11-09"));
  EXPECT_TRUE(Check(noticed_, CaseState::kRegistered, Role::kCounty, "2026-11-10").ok());
  EXPECT_TRUE(Check(noticed_, CaseState::kVerifying, Role::kTownship, "2026-11-06").ok());
}

TEST_F(TransitionsTest, TellsWhoMayDoWhatNext) {
  std::vector<std::string> steps;
  for (const NextStep& next :
       NextSteps(CaseState::kNoticed, *policy().cases, Deadlines(), Day("2026-11-20"))) {
    steps.push_back(std::string(CaseStateName(next.to)) + " " +
                    std::string(RoleName(next.roles.front())));
  }
  EXPECT_THAT(steps, ElementsAre("registered county", "verifying township"));
}

TEST_F(TransitionsTest, ACaseThatWentUpIsTakenOnByThoseItWentUpToAsWell) {
  const std::vector<CaseEvent> verifying = {OpenedOn("2026-11-02"),
                                            MovedOn("2026-11-06", CaseState::kVerifying)};
  EXPECT_EQ(Check(verifying, CaseState::kReviewed, Role::kCounty, "2026-11-16").code(),
            absl::StatusCode::kPermissionDenied);
  EXPECT_TRUE(Check(verifying, CaseState::kReviewed, Role::kCounty, "2026-11-17").ok());
  EXPECT_TRUE(Check(verifying, CaseState::kReviewed, Role::kTownship, "2026-11-17").ok())
      << "and by the level in between";
  EXPECT_TRUE(Check(verifying, CaseState::kReviewed, Role::kVillage, "2026-11-17").ok())
      << "whose it was may still";
  EXPECT_THAT(
      std::string(
          Check(verifying, CaseState::kReviewed, Role::kPrefecture, "2026-11-17").message()),
      HasSubstr("by village or township or county, not by prefecture"));
}

TEST_F(TransitionsTest, NobodyTakesAHigherLevelsStepByGoingUp) {
  EXPECT_EQ(Check(clue_, CaseState::kDismissed, Role::kVillage, "2026-11-07").code(),
            absl::StatusCode::kPermissionDenied);
  EXPECT_TRUE(Check(clue_, CaseState::kDismissed, Role::kCounty, "2026-11-11").ok());
  EXPECT_EQ(Check(noticed_, CaseState::kVerifying, Role::kCounty, "2026-11-16").code(),
            absl::StatusCode::kPermissionDenied)
      << "a step of the township's; the case is the county's, but has not gone up";
}

TEST_F(TransitionsTest, OnlyADismissalHasACause) {
  Step step;
  step.actor = "t1";
  step.to = CaseState::kDismissed;
  step.reason = "自身可应对";
  step.cause = DismissalCause::kCoping;
  EXPECT_THAT(FaultsOf(step), IsEmpty());
  step.to = CaseState::kVerifying;
  EXPECT_THAT(FieldsOf(FaultsOf(step)), ElementsAre("reason", "cause"));
}

TEST_F(TransitionsTest, ARegistrationHasACategoryAndADismissalAReason) {
  Step step;
  step.actor = "county-1";
  step.to = CaseState::kRegistered;
  EXPECT_THAT(FieldsOf(FaultsOf(step)), ElementsAre("category"));
  step.category = HouseholdCategory::kMarginal;
  EXPECT_THAT(FaultsOf(step), IsEmpty());
  step.to = CaseState::kDismissed;
  EXPECT_THAT(FieldsOf(FaultsOf(step)), ElementsAre("reason", "category"));
  step.category.reset();
  step.reason = " ";
  EXPECT_THAT(FieldsOf(FaultsOf(step)), ElementsAre("reason"));
  step.reason = "自身可应对";
  EXPECT_THAT(FaultsOf(step), IsEmpty());
  step.to = CaseState::kVerifying;
  EXPECT_THAT(FieldsOf(FaultsOf(step)), ElementsAre("reason"));
  step.to = CaseState::kNone;
  EXPECT_THAT(FieldsOf(FaultsOf(step)), ElementsAre("to", "reason"));
}

TEST_F(TransitionsTest, EveryTextIsLookedThroughForPersonalNumbers) {
  Step step;
  step.to = CaseState::kDismissed;
  step.actor = "13812345678";
  step.note = "电话13812345678";
  step.reason = "身份证522401198001010012";
  EXPECT_THAT(FieldsOf(FaultsOf(step)), ElementsAre("actor", "note", "reason"));
  MeasureNote note;
  note.note = "138 1234 5678";
  EXPECT_THAT(FieldsOf(FaultsOf(note)), ElementsAre("actor", "note", "measure"));
}

TEST_F(TransitionsTest, AMeasureIsOneOfThePolicyWithinTheRound) {
  const CaseStanding verifying =
      Standing({OpenedOn("2026-11-02"), MovedOn("2026-11-03", CaseState::kVerifying)});
  MeasureNote note;
  note.measure = "relief";
  note.on = Day("2026-11-10");
  const Date today = Day("2026-11-20");
  EXPECT_TRUE(CheckMeasure(verifying, note, policy(), today).ok());
  EXPECT_EQ(CheckMeasure(Standing(clue_), note, policy(), today).code(),
            absl::StatusCode::kFailedPrecondition);
  note.on = Day("2026-11-21");
  EXPECT_THAT(std::string(CheckMeasure(verifying, note, policy(), today).message()),
              HasSubstr("2026-11-21 is no day of this round, which began on 2026-11-02; today is "
                        "2026-11-20"));
  note.on = Day("2026-11-01");
  EXPECT_EQ(CheckMeasure(verifying, note, policy(), today).code(),
            absl::StatusCode::kInvalidArgument);
  note.measure = "prayer";
  EXPECT_EQ(std::string(CheckMeasure(verifying, note, policy(), today).message()),
            "policy 202601 has no measure 'prayer' (relief, medical_assistance)");
}

}  // namespace
}  // namespace shouwang::cases
