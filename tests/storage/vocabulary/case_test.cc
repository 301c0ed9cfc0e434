#include "storage/vocabulary/case.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

namespace shouwang {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

TEST(CaseStateTest, FollowEachOtherAsTheFieldDoes) {
  const auto after = [](CaseState state) {
    const auto states = StatesAfter(state);
    return std::vector<CaseState>(states.begin(), states.end());
  };
  using enum CaseState;
  EXPECT_THAT(after(kNone), ElementsAre(kClue));
  EXPECT_THAT(after(kClue), ElementsAre(kVerifying, kDismissed));
  EXPECT_THAT(after(kVerifying), ElementsAre(kReviewed, kDismissed));
  EXPECT_THAT(after(kReviewed), ElementsAre(kNoticed, kVerifying, kDismissed));
  EXPECT_THAT(after(kNoticed), ElementsAre(kRegistered, kVerifying, kDismissed));
  EXPECT_THAT(after(kRegistered), ElementsAre(kSupported));
  EXPECT_THAT(after(kSupported), ElementsAre(kCleared));
  EXPECT_THAT(after(kCleared), ElementsAre(kClue));
  EXPECT_THAT(after(kDismissed), ElementsAre(kClue));
  EXPECT_FALSE(MayFollow(kClue, kRegistered));
  EXPECT_FALSE(MayFollow(kSupported, kDismissed));
}

TEST(CaseStateTest, HasOneNameEach) {
  for (const CaseState state : AllCaseStates()) {
    EXPECT_EQ(*ParseCaseState(CaseStateName(state)), state);
    EXPECT_NE(CaseStateTitleZh(state), "未知");
  }
  EXPECT_EQ(CaseStateName(CaseState::kNoticed), "noticed");
  EXPECT_EQ(CaseStateTitleZh(CaseState::kNoticed), "公示");
  EXPECT_EQ(*ParseCaseState("none"), CaseState::kNone);
  EXPECT_THAT(std::string(ParseCaseState("open").status().message()),
              HasSubstr("'open' is not a state of a case (none, clue, verifying"));
  EXPECT_EQ(CaseStateName(static_cast<CaseState>(9)), "unknown");
}

TEST(CaseStateTest, AreUnderWayUntilClearedOrDismissedAndUndecidedUntilRegistered) {
  EXPECT_FALSE(IsUnderWay(CaseState::kNone));
  EXPECT_TRUE(IsUnderWay(CaseState::kClue));
  EXPECT_TRUE(IsUnderWay(CaseState::kSupported));
  EXPECT_FALSE(IsUnderWay(CaseState::kCleared));
  EXPECT_FALSE(IsUnderWay(CaseState::kDismissed));
  EXPECT_TRUE(IsUndecided(CaseState::kNoticed));
  EXPECT_FALSE(IsUndecided(CaseState::kRegistered));
}

TEST(RoleTest, HasAName) {
  EXPECT_EQ(*ParseRole("township"), Role::kTownship);
  EXPECT_EQ(RoleName(Role::kCounty), "county");
  EXPECT_EQ(std::string(ParseRole("province").status().message()),
            "'province' is not a role (village, township, county, prefecture)");
  EXPECT_EQ(*ParseRole("prefecture"), Role::kPrefecture);
  EXPECT_EQ(RoleTitleZh(Role::kPrefecture), "市州");
  EXPECT_LT(Role::kCounty, Role::kPrefecture) << "levels are compared";
}

TEST(DismissalCauseTest, HasOneNameEach) {
  for (const DismissalCause cause : AllDismissalCauses()) {
    EXPECT_EQ(*ParseCause(CauseName(cause)), cause);
    EXPECT_NE(CauseTitleZh(cause), "未知");
  }
  EXPECT_EQ(CauseName(DismissalCause::kDataError), "data_error");
  EXPECT_EQ(CauseTitleZh(DismissalCause::kCoping), "自身可应对");
  EXPECT_EQ(std::string(ParseCause("mood").status().message()),
            "'mood' is not a cause of a dismissal (data_error, coping, other)");
  EXPECT_EQ(CauseName(static_cast<DismissalCause>(9)), "unknown");
}

TEST(HouseholdCategoryTest, HasANameInBothLanguages) {
  EXPECT_EQ(*ParseCategory("sudden_hardship"), HouseholdCategory::kSuddenHardship);
  EXPECT_EQ(CategoryTitleZh(HouseholdCategory::kUnstable), "脱贫不稳定户");
  EXPECT_EQ(CategoryTitleZh(HouseholdCategory::kMarginal), "边缘易致贫户");
  EXPECT_EQ(CategoryTitleZh(HouseholdCategory::kSuddenHardship), "突发严重困难户");
  EXPECT_FALSE(ParseCategory("poor").ok());
}

TEST(CaseEventTest, StandsOnlyWhereItMay) {
  CaseEvent opened;
  EXPECT_TRUE(MayStandBehind(CaseState::kNone, opened));
  EXPECT_TRUE(MayStandBehind(CaseState::kDismissed, opened));
  EXPECT_FALSE(MayStandBehind(CaseState::kVerifying, opened));
  CaseEvent moved;
  moved.kind = CaseEventKind::kMoved;
  moved.state = CaseState::kReviewed;
  EXPECT_TRUE(MayStandBehind(CaseState::kVerifying, moved));
  EXPECT_FALSE(MayStandBehind(CaseState::kClue, moved));
  moved.state = CaseState::kClue;
  EXPECT_FALSE(MayStandBehind(CaseState::kDismissed, moved)) << "only an opening leads to a clue";
  CaseEvent measure;
  measure.kind = CaseEventKind::kMeasure;
  measure.state = CaseState::kSupported;
  EXPECT_TRUE(MayStandBehind(CaseState::kSupported, measure));
  EXPECT_FALSE(MayStandBehind(CaseState::kRegistered, measure));
}

}  // namespace
}  // namespace shouwang
