#include "daemon/cases/missed.h"

#include "tests/daemon/cases/kept_cases.h"

namespace shouwang::cases {
namespace {

// A draw of `visited` households, the first `at_risk` of them at risk, and of one nobody visited.
Draw Visited(std::string_view township, std::string_view month, uint32_t unflagged, int visited,
             int at_risk) {
  Draw draw;
  draw.township = At(township);
  draw.month = MonthOf(month);
  draw.households = draw.unflagged = unflagged;
  for (int i = 0; i <= visited; ++i) {
    draw.drawn.push_back({draw.township.FirstVillageCode() + 1, SubjectKind::kHousehold,
                          static_cast<uint32_t>(i + 1)});
  }
  for (int i = 0; i < visited; ++i) {
    DrawVisit visit;
    visit.subject = draw.drawn[static_cast<size_t>(i)];
    visit.outcome = i < at_risk ? VisitOutcome::kAtRisk : VisitOutcome::kFine;
    draw.visits.push_back(visit);
  }
  return draw;
}

TEST(MissedCountTest, EachTownshipsShareStandsForItsOwnHouseholds) {
  MissedCount count;
  count.Add(Visited("520502001", "2026-11", 900, 10, 2), {});  // a fifth of 900
  count.Add(Visited("520502002", "2026-11", 100, 5, 0), {});
  count.Add(Visited("520502003", "2026-11", 5'000, 0, 0), {});  // nobody went
  for (int i = 0; i < 60; ++i) count.AddConfirmed(At("520502001"));
  count.AddConfirmed(At("520502003"));
  const std::optional<MissedEstimate> estimate = count.Estimate(0.95);
  ASSERT_TRUE(estimate.has_value());
  EXPECT_EQ(estimate->townships, 2);
  EXPECT_EQ(estimate->unflagged, 1'000);
  EXPECT_EQ(estimate->visited, 15);
  EXPECT_EQ(estimate->at_risk, 2);
  EXPECT_EQ(estimate->confirmed, 60) << "of townships that were visited";
  EXPECT_NEAR(estimate->share.share, 0.18, 1e-12) << "0.9 x 0.2 + 0.1 x 0";
  EXPECT_NEAR(estimate->missed(), 180, 1e-9);
  // 1 / (0.9^2 / 10 + 0.1^2 / 5) = 12.0482 visits.
  EXPECT_NEAR(estimate->share.low, 0.0532340, 1e-6);
  EXPECT_NEAR(estimate->share.high, 0.4614915, 1e-6);
  EXPECT_NEAR(estimate->Recall()->share, 60.0 / 240, 1e-12);
  EXPECT_NEAR(estimate->Recall()->low, 60 / (60 + estimate->missed_high()), 1e-12);
  EXPECT_NEAR(estimate->Recall()->high, 60 / (60 + estimate->missed_low()), 1e-12);
  EXPECT_EQ(count.drawn(), 18);
  EXPECT_EQ(count.visited(), 15);
  EXPECT_EQ(count.at_risk(), 2);
}

TEST(MissedCountTest, MonthsAddUpOverTheLatestNumberOfHouseholds) {
  MissedCount count;
  count.Add(Visited("520502001", "2026-11", 80, 5, 1), {});
  count.Add(Visited("520502001", "2026-10", 100, 5, 0), {});
  const std::optional<MissedEstimate> estimate = count.Estimate(0.95);
  EXPECT_EQ(estimate->unflagged, 80);
  EXPECT_NEAR(estimate->share.share, 0.1, 1e-12);
  EXPECT_NEAR(estimate->missed(), 8, 1e-9);
}

TEST(MissedCountTest, TheLastWordAboutAHouseholdCounts) {
  Draw draw = Visited("520502001", "2026-11", 80, 2, 1);
  draw.visits.insert(draw.visits.begin() + 1, draw.visits[0]);
  draw.visits[1].outcome = VisitOutcome::kFine;
  MissedCount count;
  count.Add(draw, {});
  EXPECT_EQ(count.visited(), 2);
  EXPECT_EQ(count.at_risk(), 0);
}

TEST(MissedCountTest, WhoseCaseWasDismissedIsNotMissed) {
  Draw draw = Visited("520502001", "2026-11", 80, 4, 2);
  for (DrawVisit& visit : draw.visits) visit.at = MorningOf("2026-11-10");
  DismissedRounds dismissed;
  dismissed.Add(
      Case{draw.drawn[0], {OpenedOn("2026-11-10"), MovedOn("2026-11-12", CaseState::kDismissed)}});
  // A round before the visit says nothing of what the visit found.
  dismissed.Add(Case{draw.drawn[1],
                     {OpenedOn("2026-10-01"), MovedOn("2026-10-05", CaseState::kDismissed),
                      OpenedOn("2026-11-10")}});
  MissedCount count;
  count.Add(draw, dismissed);
  EXPECT_EQ(count.at_risk(), 2) << "as the visitors said";
  EXPECT_EQ(count.Estimate(0.95)->at_risk, 1);
  EXPECT_NEAR(count.Estimate(0.95)->missed(), 20, 1e-9) << "a quarter of 80";
}

TEST(ConfirmedTest, IsAHouseholdThatIsRegisteredOnThatDayAfterAWarning) {
  const CaseWarning warning{101, RiskKind::kIncome, Severity::kRed, Day("2026-02-28")};
  std::vector<CaseEvent> events = {
      OpenedOn("2026-03-01", {warning}), MovedOn("2026-03-02", CaseState::kVerifying),
      MovedOn("2026-03-10", CaseState::kRegistered), MovedOn("2026-04-10", CaseState::kSupported),
      MovedOn("2026-11-01", CaseState::kCleared)};
  const auto on = [&](std::string_view day) {
    return IsConfirmed(Case{Of("520502001001/1"), events}, Day(day));
  };
  EXPECT_FALSE(on("2026-03-09"));
  EXPECT_TRUE(on("2026-03-10"));
  EXPECT_TRUE(on("2026-10-31"));
  EXPECT_FALSE(on("2026-11-01")) << "cleared";
  events[0].warnings.clear();
  EXPECT_FALSE(on("2026-10-31")) << "by hand: no rule had warned";
}

TEST(MissedCountTest, WhereNobodyWentNothingIsKnown) {
  MissedCount count;
  EXPECT_FALSE(count.Estimate(0.95).has_value());
  count.Add(Visited("520502001", "2026-11", 80, 0, 0), {});
  count.AddConfirmed(At("520502001"));
  EXPECT_FALSE(count.Estimate(0.95).has_value());
}

TEST(MissedCountTest, WhereNothingIsFoundAtAllThereIsNoRecall) {
  MissedCount count;
  count.Add(Visited("520502001", "2026-11", 80, 5, 0), {});
  EXPECT_FALSE(count.Estimate(0.95)->Recall().has_value());
  count.AddConfirmed(At("520502001"));
  EXPECT_EQ(count.Estimate(0.95)->Recall()->share, 1);
  EXPECT_LT(count.Estimate(0.95)->Recall()->low, 0.05) << "35 households may be missed";
}

TEST(MissedCountTest, ATownshipWithoutUnflaggedHouseholdsMissesNone) {
  MissedCount count;
  Draw draw = Visited("520502001", "2026-10", 2, 1, 1);
  count.Add(draw, {});
  Draw empty;
  empty.township = At("520502001");
  empty.month = MonthOf("2026-11");
  count.Add(empty, {});
  EXPECT_EQ(count.Estimate(0.95)->missed(), 0);
}

}  // namespace
}  // namespace shouwang::cases
