#include "daemon/incidents/onsets.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string_view>

namespace shouwang::incidents {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

Date Day(std::string_view text) { return Date::Parse(text).value(); }

RuleState Open(RuleId rule, RiskKind kind, Severity severity, std::string_view on) {
  RuleState state;
  state.rule = rule;
  state.kind = kind;
  state.severity = severity;
  state.opened_on = Day(on);
  return state;
}

Episode Was(RuleId rule, RiskKind kind, std::string_view from, std::string_view to) {
  return {.rule = rule, .opened_on = Day(from), .cleared_on = Day(to), .kind = kind};
}

TEST(OnsetsTest, ASecondRuleOfTheKindIsNoOnset) {
  SubjectRisk risk;
  risk.states = {Open(2, RiskKind::kIllness, Severity::kRed, "2026-05-10"),
                 Open(1, RiskKind::kIllness, Severity::kYellow, "2026-03-10")};
  EXPECT_THAT(OnsetsOf(risk),
              ElementsAre(Onset{RiskKind::kIllness, Day("2026-03-10"), Severity::kYellow, 1}));
}

TEST(OnsetsTest, AfterAllHaveClearedThereIsAnother) {
  SubjectRisk risk;
  risk.episodes = {Was(1, RiskKind::kIllness, "2025-01-05", "2025-04-05"),
                   Was(2, RiskKind::kIllness, "2025-03-05", "2025-06-05")};
  risk.states = {Open(1, RiskKind::kIllness, Severity::kOrange, "2025-06-06")};
  EXPECT_THAT(OnsetsOf(risk),
              ElementsAre(Onset{RiskKind::kIllness, Day("2025-01-05"), Severity::kYellow, 1},
                          Onset{RiskKind::kIllness, Day("2025-06-06"), Severity::kOrange, 1}));
}

TEST(OnsetsTest, OneThatClearsOnTheDayAnotherOpensDoesNotPartThem) {
  SubjectRisk risk;
  risk.episodes = {Was(1, RiskKind::kIllness, "2025-01-05", "2025-04-05")};
  risk.states = {Open(2, RiskKind::kIllness, Severity::kOrange, "2025-04-05")};
  EXPECT_EQ(OnsetsOf(risk).size(), 1);
}

TEST(OnsetsTest, KindsAreApartAndTheWorstOfADayNamesIt) {
  SubjectRisk risk;
  risk.states = {Open(1, RiskKind::kDisaster, Severity::kYellow, "2026-07-10"),
                 Open(2, RiskKind::kDisaster, Severity::kRed, "2026-07-10"),
                 Open(3, RiskKind::kIncome, Severity::kOrange, "2026-07-10")};
  EXPECT_THAT(OnsetsOf(risk),
              ElementsAre(Onset{RiskKind::kIncome, Day("2026-07-10"), Severity::kOrange, 3},
                          Onset{RiskKind::kDisaster, Day("2026-07-10"), Severity::kRed, 2}));
}

TEST(OnsetsTest, WhatIsUnknownIsNone) {
  SubjectRisk risk;
  risk.states.emplace_back().unknown = true;
  EXPECT_THAT(OnsetsOf(risk), IsEmpty());
}

}  // namespace
}  // namespace shouwang::incidents
