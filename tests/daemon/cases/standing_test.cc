#include "daemon/cases/standing.h"

#include "tests/daemon/cases/kept_cases.h"

namespace shouwang::cases {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

constexpr char kHousehold[] = "520502001001/1";

class CaseStandingTest : public testing::Test {
 protected:
  CaseStanding Standing(const std::vector<CaseEvent>& events, const std::vector<Warning>& open) {
    return StandingOf(Case{Of(kHousehold), events}, open, clues());
  }
  Clues clues() { return CluesOn(rulebook_->policies, Day("2026-11-15")); }
  static Warning Red(std::string_view known_on) {
    return WarningSince(kHousehold, 101, Severity::kRed, RiskKind::kIncome, known_on);
  }
  static Warning Yellow(std::string_view known_on) {
    return WarningSince(kHousehold, 102, Severity::kYellow, RiskKind::kIllness, known_on);
  }
  static CaseEvent MeasureOn(std::string_view day, const char* measure, CaseState state) {
    CaseEvent event = MovedOn(day, state);
    event.kind = CaseEventKind::kMeasure;
    event.measure = measure;
    event.measured_on = Day(day);
    return event;
  }
  // Up to supported on 2026-04-10, with warnings of income and illness.
  static std::vector<CaseEvent> Supported() {
    return {OpenedOn("2026-03-01", {{101, RiskKind::kIncome, Severity::kRed, Day("2026-02-28")}}),
            MovedOn("2026-03-02", CaseState::kVerifying),
            MovedOn("2026-03-03", CaseState::kReviewed),
            MovedOn("2026-03-04", CaseState::kNoticed),
            MovedOn("2026-03-10", CaseState::kRegistered),
            MovedOn("2026-04-10", CaseState::kSupported)};
  }

  std::shared_ptr<const Rulebook> rulebook_ = RulebookWithCases();
};

TEST_F(CaseStandingTest, AWarningImpliesAClueSinceItBecameKnown) {
  const CaseStanding standing = Standing({}, {Red("2026-10-05"), Yellow("2026-09-01")});
  EXPECT_EQ(standing.state, CaseState::kClue);
  EXPECT_TRUE(standing.implied);
  EXPECT_EQ(standing.revision, 0u);
  EXPECT_EQ(standing.round, 1u);
  EXPECT_EQ(standing.opened_on(), Day("2026-10-05")) << "yellow is no clue by this policy";
  EXPECT_EQ(standing.entered_on(), Day("2026-10-05"));
  EXPECT_THAT(standing.kinds, ElementsAre(RiskKind::kIncome, RiskKind::kIllness))
      << "all open warnings are one case";
  EXPECT_EQ(standing.warnings.size(), 2u);
}

TEST_F(CaseStandingTest, NothingIsImpliedWithoutAWarningThatIsOneOrAPolicyThatKeepsCases) {
  EXPECT_EQ(Standing({}, {}).state, CaseState::kNone);
  EXPECT_EQ(Standing({}, {Yellow("2026-09-01")}).state, CaseState::kNone);
  const std::vector<Warning> open = {Red("2026-10-05")};
  EXPECT_EQ(StandingOf(Case{Of(kHousehold), {}}, open, Clues()).state, CaseState::kNone);
  EXPECT_EQ(StandingOf(Case{Of("520502001/S3"), {}}, open, clues()).state, CaseState::kNone)
      << "cases are of households";
}

TEST_F(CaseStandingTest, WarningsOfACaseUnderWayJoinIt) {
  const CaseStanding standing =
      Standing({OpenedOn("2026-10-05"), MovedOn("2026-10-06", CaseState::kVerifying)},
               {Red("2026-10-05"), Yellow("2026-10-20")});
  EXPECT_EQ(standing.state, CaseState::kVerifying);
  EXPECT_FALSE(standing.implied);
  EXPECT_EQ(standing.revision, 2u);
  EXPECT_EQ(standing.round, 1u);
  EXPECT_EQ(standing.opened_on(), Day("2026-10-05"));
  EXPECT_EQ(standing.entered_on(), Day("2026-10-06"));
  EXPECT_THAT(standing.kinds, ElementsAre(RiskKind::kIncome, RiskKind::kIllness));
}

TEST_F(CaseStandingTest, AClosedRoundHasSeenTheWarningsKnownByThen) {
  CaseEvent dismissal = MovedOn("2026-10-10", CaseState::kDismissed);
  dismissal.reason = "自身可应对";
  const std::vector<CaseEvent> events = {OpenedOn("2026-10-05"), dismissal};
  const CaseStanding closed = Standing(events, {Red("2026-10-05")});
  EXPECT_EQ(closed.state, CaseState::kDismissed);
  EXPECT_EQ(closed.reason, "自身可应对");
  const CaseStanding again = Standing(events, {Red("2026-10-12")});
  EXPECT_EQ(again.state, CaseState::kClue);
  EXPECT_TRUE(again.implied);
  EXPECT_EQ(again.round, 2u);
  EXPECT_EQ(again.revision, 2u) << "nothing is written yet";
  EXPECT_EQ(again.opened_on(), Day("2026-10-12"));
  EXPECT_EQ(again.reason, "");
}

TEST_F(CaseStandingTest, ARoundThatIsOpenedAgainBeginsAnewAndKeepsItsPast) {
  std::vector<CaseEvent> events = Supported();
  events[4].category = HouseholdCategory::kMarginal;
  events.push_back(MeasureOn("2026-04-11", "relief", CaseState::kSupported));
  events.push_back(MovedOn("2026-11-01", CaseState::kCleared));
  EXPECT_EQ(Standing(events, {}).category, HouseholdCategory::kMarginal);
  EXPECT_EQ(Standing(events, {}).measures.size(), 1u);
  events.push_back(OpenedOn("2026-12-01"));
  const CaseStanding standing = Standing(events, {});
  EXPECT_EQ(standing.state, CaseState::kClue);
  EXPECT_EQ(standing.round, 2u);
  EXPECT_EQ(standing.revision, 9u);
  EXPECT_EQ(standing.category, std::nullopt);
  EXPECT_THAT(standing.measures, IsEmpty());
  EXPECT_THAT(standing.kinds, IsEmpty());
}

TEST_F(CaseStandingTest, TellsTheRiskThatNoMeasureFits) {
  std::vector<CaseEvent> events = Supported();
  const std::vector<Warning> open = {Yellow("2026-09-01")};
  const auto lacking = [&] {
    return KindsWithoutMeasure(Standing(events, open), rulebook_->policies);
  };
  EXPECT_THAT(lacking(), ElementsAre(RiskKind::kIncome, RiskKind::kIllness));
  events.push_back(MeasureOn("2026-04-11", "relief", CaseState::kSupported));
  EXPECT_THAT(lacking(), ElementsAre(RiskKind::kIllness)) << "因病 without a medical measure shows";
  events.push_back(MeasureOn("2026-04-12", "medical_assistance", CaseState::kSupported));
  EXPECT_THAT(lacking(), IsEmpty());
  events.resize(2);
  EXPECT_THAT(lacking(), IsEmpty()) << "nobody expects one before the household is registered";
}

TEST_F(CaseStandingTest, CountsWhatConditionsMayAsk) {
  std::vector<CaseEvent> events = Supported();
  events.push_back(MeasureOn("2026-04-11", "relief", CaseState::kSupported));
  events.push_back(MeasureOn("2026-04-11", "medical_assistance", CaseState::kSupported));
  events.push_back(MeasureOn("2026-04-12", "of_an_older_policy", CaseState::kSupported));
  const auto figures = [&](std::string_view today) {
    return FiguresOf(Standing(events, {Red("2026-03-01")}), rulebook_->policies, Day(today));
  };
  EXPECT_EQ(figures("2026-10-09").measures, 3);
  EXPECT_EQ(figures("2026-10-09").targeted_measures, 1) << "nobody is ill";
  EXPECT_EQ(figures("2026-10-09").open_warnings, 1);
  EXPECT_EQ(figures("2026-10-09").months_supported, 5);
  EXPECT_EQ(figures("2026-10-10").months_supported, 6);
}

}  // namespace
}  // namespace shouwang::cases
