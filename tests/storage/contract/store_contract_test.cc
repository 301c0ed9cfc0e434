// What every store promises. See store_contract.h for the stores.
#include "tests/storage/contract/store_contract.h"

namespace shouwang {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

TYPED_TEST_SUITE(StoreContractTest, Stores);

constexpr DateRange kAlways;

TYPED_TEST(StoreContractTest, LoadsHistoriesInTheOrderAsked) {
  CommitOk(this->store(), {.observations = {Observe("520502001001/17", 1, "2026-01-31", 10),
                                            Observe("520502001001/300", 1, "2026-01-31", 20),
                                            Observe("520502001001/300", 2, "2025-12-31", -7)}});
  this->Reopen();
  const std::vector<Subject> asked = {Named("520502001001/300"), Named("520502001001/5"),
                                      Named("520502001001/17"), Named("520502001001/300"),
                                      Named("520502001001/S17")};
  const auto histories = this->store().LoadHistories(asked, kAlways);
  ASSERT_TRUE(histories.ok()) << histories.status();
  ASSERT_EQ(histories->size(), 5u);
  for (size_t i = 0; i < asked.size(); ++i) EXPECT_EQ((*histories)[i].subject(), asked[i]);
  EXPECT_THAT(RowsOf((*histories)[0]),
              ElementsAre(Row{"520502001001/300", 1, "2026-01-31", 20, ArrivedAt(1'000)},
                          Row{"520502001001/300", 2, "2025-12-31", -7, ArrivedAt(1'000)}));
  EXPECT_EQ(RowsOf((*histories)[3]), RowsOf((*histories)[0]));
  EXPECT_TRUE((*histories)[1].empty());
  EXPECT_THAT(RowsOf((*histories)[2]),
              ElementsAre(Row{"520502001001/17", 1, "2026-01-31", 10, ArrivedAt(1'000)}));
  EXPECT_TRUE((*histories)[4].empty());
  EXPECT_TRUE(this->store().LoadHistories({}, kAlways)->empty());
}

TYPED_TEST(StoreContractTest, FillingForgetsWhatTheElementsHeld) {
  SubjectRisk risk;
  risk.subject = Named("520502001001/1");
  CommitOk(this->store(), {.observations = {Observe("520502001001/1", 1, "2026-01-31", 10),
                                            Observe("520502001001/1", 2, "2026-02-28", 11),
                                            Observe("520502001001/2", 3, "2026-01-31", 12)},
                           .risks = {risk}});
  std::vector<History> histories;
  std::vector<SubjectState> states;
  const auto fill = [&](const std::vector<Subject>& asked) {
    EXPECT_TRUE(this->store().FillHistories(asked, kAlways, &histories).ok());
    EXPECT_TRUE(this->store().FillStates(asked, &states).ok());
    ASSERT_GE(histories.size(), asked.size());
    ASSERT_GE(states.size(), asked.size());
  };
  fill({Named("520502001001/1"), Named("520502001001/2")});
  EXPECT_EQ(RowsOf(histories[0]).size(), 2u);
  EXPECT_EQ(states[0].risk, risk);
  fill({Named("520502001001/2"), Named("530502001001/1"), Named("520502001001/1")});
  EXPECT_THAT(RowsOf(histories[0]),
              ElementsAre(Row{"520502001001/2", 3, "2026-01-31", 12, ArrivedAt(1'000)}));
  EXPECT_EQ(states[0].risk, std::nullopt);
  EXPECT_TRUE(histories[1].empty());
  EXPECT_EQ(RowsOf(histories[2]).size(), 2u);
  EXPECT_EQ(states[2].risk, risk);
  fill({});
}

TYPED_TEST(StoreContractTest, AWindowOfAGroupHasALaneForEachSubjectThatReported) {
  CommitOk(this->store(), {.observations = {Observe("520502001001/17", 1, "2026-01-31", 10),
                                            Observe("520502001001/17", 3, "2026-02-28", 11),
                                            Observe("520502001001/20", 2, "2025-12-31", -7),
                                            Observe("520502001001/300", 1, "2026-01-31", 20)}});
  this->Reopen();
  const SubjectGroup group = SubjectGroup::Of(Named("520502001001/17"));
  GroupWindow window(group);
  const std::vector<IndicatorId> wanted = {1, 2};
  const auto fits =
      this->store().ReadWindows()->Fill({On("2025-06-01"), Date::Max()}, wanted, &window);
  ASSERT_TRUE(fits.ok()) << fits.status();
  EXPECT_TRUE(*fits);
  EXPECT_THAT(window.dates(), ElementsAre(On("2025-12-31"), On("2026-01-31"), On("2026-02-28")));
  ASSERT_TRUE(window.LaneOf(17).has_value());
  ASSERT_TRUE(window.LaneOf(20).has_value());
  EXPECT_EQ(window.LaneOf(44), std::nullopt) << "300 is of the next group";
  EXPECT_EQ(window.Cells(1, *window.ColumnOf(1))[*window.LaneOf(17)], 10);
  EXPECT_TRUE(window.ReportedOn(2).test(*window.LaneOf(17))) << "on a date that is not wanted";
}

TYPED_TEST(StoreContractTest, OneReaderGivesTheWindowsOfGroupsInAnyOrder) {
  const std::vector<std::string> subjects = {"520502001001/17", "520502001001/300",
                                             "520502001002/5", "520502001002/S5"};
  Transaction transaction;
  for (size_t i = 0; i < subjects.size(); ++i) {
    for (int year = 2024; year <= 2026; ++year) {
      transaction.observations.push_back(Observe(subjects[i], 1, std::to_string(year) + "-06-30",
                                                 year * 10 + static_cast<int>(i)));
    }
  }
  CommitOk(this->store(), transaction);
  this->Reopen();
  const std::unique_ptr<WindowReader> reader = this->store().ReadWindows();
  for (const size_t i : {1u, 1u, 3u, 0u, 2u, 3u}) {
    const Subject subject = Named(subjects[i]);
    GroupWindow window(SubjectGroup::Of(subject));
    const auto fits = reader->Fill({On("2025-01-01"), Date::Max()}, {}, &window);
    ASSERT_TRUE(fits.ok() && *fits) << fits.status();
    EXPECT_THAT(window.dates(), ElementsAre(On("2025-06-30"), On("2026-06-30"))) << i;
    EXPECT_EQ(window.held(), 1U);
    const size_t lane = *window.LaneOf(SubjectGroup::LowOf(subject));
    EXPECT_EQ(window.Cells(1, *window.ColumnOf(1))[lane], 20'260 + static_cast<int32_t>(i));
  }
  GroupWindow nobody(SubjectGroup::Of(Named("520502001001/600")));
  EXPECT_TRUE(reader->Fill(kAlways, {}, &nobody).ok());
  EXPECT_EQ(nobody.held(), 0U);
}

TYPED_TEST(StoreContractTest, WhatDoesNotFitAWindowIsSaid) {
  Transaction transaction;
  transaction.observations.push_back(Observe("520502001001/1", 1, "2026-01-31", int64_t{1} << 31));
  for (int32_t day = 0; day <= static_cast<int32_t>(GroupWindow::kMostRows); ++day) {
    transaction.observations.push_back(
        Observe("520502001002/1", 1, (On("2026-01-01") + day).ToString(), day));
  }
  CommitOk(this->store(), transaction);
  const std::unique_ptr<WindowReader> reader = this->store().ReadWindows();
  for (const char* subject : {"520502001001/1", "520502001002/1"}) {
    const SubjectGroup group = SubjectGroup::Of(Named(subject));
    GroupWindow window(group);
    const auto fits = reader->Fill(kAlways, {}, &window);
    ASSERT_TRUE(fits.ok()) << fits.status();
    EXPECT_FALSE(*fits) << subject;
  }
}

TYPED_TEST(StoreContractTest, ARangeGivesAtLeastItsPointsAcrossYears) {
  Transaction transaction;
  for (int year = 2000; year <= 2026; ++year) {
    transaction.observations.push_back(
        Observe("520502001001/1", 1, std::to_string(year) + "-06-30", year));
  }
  CommitOk(this->store(), transaction);
  const std::vector<Subject> asked = {Named("520502001001/1")};
  for (const auto& [from, to, first, last] :
       std::vector<std::tuple<std::string, std::string, int, int>>{
           {"2024-07-01", "2026-12-31", 2025, 2026},
           {"2024-06-30", "2026-06-30", 2024, 2026},
           {"2001-01-01", "2025-01-01", 2001, 2024},
           {"2000-01-01", "2000-12-31", 2000, 2000}}) {
    const DateRange range{On(from), On(to)};
    const auto histories = this->store().LoadHistories(asked, range);
    ASSERT_TRUE(histories.ok()) << histories.status();
    const auto points = (*histories)[0].Of(1, range);
    ASSERT_EQ(points.size(), static_cast<size_t>(last - first + 1)) << from;
    EXPECT_EQ(points.front().value, first);
    EXPECT_EQ(points.back().value, last);
  }
  EXPECT_TRUE(
      (*this->store().LoadHistories(asked, {On("2026-02-01"), On("2026-01-01")}))[0].empty());
}

TYPED_TEST(StoreContractTest, ALaterCommitReplacesACellAndKeepsTheRest) {
  CommitOk(this->store(), {.observations = {Observe("520502001001/1", 1, "2026-01-31", 10),
                                            Observe("520502001001/1", 2, "2026-01-31", 20),
                                            Observe("520502001001/1", 1, "2026-02-28", 11)}});
  this->Reopen();
  CommitOk(this->store(),
           {.observations = {Observe("520502001001/1", 1, "2026-01-31", 15, ArrivedAt(9'000, 2))}});
  this->Reopen();
  EXPECT_THAT(Scanned(this->store(), Div("")),
              ElementsAre(Row{"520502001001/1", 1, "2026-01-31", 15, ArrivedAt(9'000, 2)},
                          Row{"520502001001/1", 1, "2026-02-28", 11, ArrivedAt(1'000)},
                          Row{"520502001001/1", 2, "2026-01-31", 20, ArrivedAt(1'000)}));
}

TYPED_TEST(StoreContractTest, OfOneCellTwiceInATransactionTheLastStands) {
  CommitOk(this->store(), {.observations = {Observe("520502001001/2", 1, "2026-01-31", 1),
                                            Observe("520502001001/1", 1, "2026-01-31", 2),
                                            Observe("520502001001/1", 1, "2026-01-31", 3)}});
  EXPECT_THAT(Scanned(this->store(), Div("")),
              ElementsAre(Row{"520502001001/1", 1, "2026-01-31", 3, ArrivedAt(1'000)},
                          Row{"520502001001/2", 1, "2026-01-31", 1, ArrivedAt(1'000)}));
}

TYPED_TEST(StoreContractTest, KeepsTheLargestValuesAndTheFirstAndLastDates) {
  const Arrival early{At(-1), At(-5'000'000'000'000), 1, Source::kSelfDeclaration};
  const Arrival late{At(9'000'000'000'000), At(0), 18'000'000'000'000'000'000u,
                     Source::kDepartmentScreening};
  CommitOk(this->store(),
           {.observations = {
                Observe("000000000000/1", 65535, "1900-01-01", -900'000'000'000, early),
                Observe("999999999999/4294967295", 1, "2199-12-31", 900'000'000'000, late)}});
  this->Reopen();
  EXPECT_THAT(Scanned(this->store(), Div("")),
              ElementsAre(Row{"000000000000/1", 65535, "1900-01-01", -900'000'000'000, early},
                          Row{"999999999999/4294967295", 1, "2199-12-31", 900'000'000'000, late}));
}

TYPED_TEST(StoreContractTest, ScansARegionAndNothingBesideIt) {
  Transaction transaction;
  for (const std::string_view subject :
       {"520502001999/1", "520502002001/1", "520502001001/300", "520502001001/S2", "520502001/S1",
        "520503001001/1", "530102001001/1", "520502001001/2", "520502001001/1"}) {
    transaction.observations.push_back(Observe(subject, 1, "2026-01-31", 1));
  }
  transaction.observations.push_back(Observe("520502001001/9", 1, "2024-01-31", 1));
  CommitOk(this->store(), transaction);
  this->Reopen();
  const DateRange recent{On("2025-01-01"), On("2026-12-31")};
  EXPECT_THAT(
      ScannedSubjects(this->store(), "520502001001", recent),
      ElementsAre("520502001001/1", "520502001001/2", "520502001001/300", "520502001001/S2"));
  EXPECT_THAT(ScannedSubjects(this->store(), "520502001", recent),
              ElementsAre("520502001/S1", "520502001001/1", "520502001001/2", "520502001001/300",
                          "520502001001/S2", "520502001999/1"));
  EXPECT_EQ(ScannedSubjects(this->store(), "5205", recent).size(), 8u);
  EXPECT_EQ(ScannedSubjects(this->store(), "52", recent).size(), 8u);
  EXPECT_EQ(ScannedSubjects(this->store(), "", recent).size(), 9u);
  EXPECT_EQ(ScannedSubjects(this->store(), "").size(), 10u);
  EXPECT_THAT(ScannedSubjects(this->store(), "53", recent), ElementsAre("530102001001/1"));
  EXPECT_THAT(ScannedSubjects(this->store(), "54", recent), IsEmpty());
  EXPECT_THAT(ScannedSubjects(this->store(), "52", {On("2026-02-01"), On("2026-12-31")}),
              IsEmpty());
}

TYPED_TEST(StoreContractTest, AScanStopsWhenToldTo) {
  Transaction transaction;
  for (const std::string_view subject : {"520502001001/1", "520502001001/2", "520502001002/1"}) {
    transaction.observations.push_back(Observe(subject, 1, "2026-01-31", 1));
    transaction.risks.push_back({.subject = Named(subject), .states = {}, .episodes = {}});
    transaction.opened.push_back(WarningOf(subject, 1, "2026-01-31"));
  }
  CommitOk(this->store(), transaction);
  int visits = 0;
  const auto once = [&](const auto&...) { return ++visits % 2 == 0; };
  EXPECT_TRUE(this->store().ScanHistories(Div(""), {}, once).ok());
  EXPECT_EQ(visits, 1);
  visits = 2;
  EXPECT_TRUE(this->store().ScanStates(Div(""), once).ok());
  EXPECT_EQ(visits, 3);
  visits = 4;
  EXPECT_TRUE(this->store().ScanWarnings(Div(""), {}, 0, once).ok());
  EXPECT_EQ(visits, 5);
}

TYPED_TEST(StoreContractTest, AScanSeesNothingThatIsCommittedMeanwhile) {
  Transaction transaction;
  for (int village = 1; village <= 3; ++village) {
    transaction.observations.push_back(
        Observe("52050200100" + std::to_string(village) + "/1", 1, "2026-01-31", village));
  }
  CommitOk(this->store(), transaction);
  int64_t sum = 0;
  const absl::Status status = this->store().ScanHistories(Div("52"), {}, [&](const History& h) {
    Transaction more;
    for (int village = 1; village <= 4; ++village) {
      more.observations.push_back(
          Observe("52050200100" + std::to_string(village) + "/1", 1, "2026-01-31", 1'000'000));
    }
    CommitOk(this->store(), more);
    sum += h.Of(1)[0].value;
    return true;
  });
  EXPECT_TRUE(status.ok()) << status;
  EXPECT_EQ(sum, 6);
  EXPECT_EQ(ScannedSubjects(this->store(), "52").size(), 4u);
}

SubjectRisk RiskOf(std::string_view subject, uint64_t fingerprint) {
  SubjectRisk risk;
  risk.subject = Named(subject);
  risk.policy_fingerprint = fingerprint;
  risk.evaluated_through = On("2026-09-30");
  risk.states = {
      {101, On("2026-03-31"), On("2026-08-31"), true, Severity::kRed, RiskKind::kCare, 202601},
      {102, std::nullopt, std::nullopt, true, Severity::kYellow, RiskKind::kIncome, 0}};
  risk.episodes = {
      {103, On("2020-01-31"), On("2026-12-31"), Severity::kOrange, RiskKind::kWater, 202001}};
  return risk;
}

TYPED_TEST(StoreContractTest, StatesComeBackWholeAndEachPartIsReplacedAlone) {
  const Residence residence{Named("520502001001/17"), Named("520502001/S3"), Div("520522"),
                            On("2019-05-01")};
  SubjectRisk plain;
  plain.subject = Named("520502001001/18");
  CommitOk(this->store(), {.residences = {residence},
                           .risks = {RiskOf("520502001001/17", 0xFFFF'FFFF'FFFF'FFFF), plain,
                                     RiskOf("520502001/S3", 1)}});
  this->Reopen();
  const std::vector<Subject> asked = {Named("520502001001/18"), Named("520502001001/17"),
                                      Named("520502001001/19"), Named("520502001/S3")};
  auto states = this->store().LoadStates(asked);
  ASSERT_TRUE(states.ok()) << states.status();
  ASSERT_EQ(states->size(), 4u);
  EXPECT_EQ((*states)[0].risk, plain);
  EXPECT_EQ((*states)[0].residence, std::nullopt);
  EXPECT_EQ((*states)[1].risk, RiskOf("520502001001/17", 0xFFFF'FFFF'FFFF'FFFF));
  EXPECT_EQ((*states)[1].residence, residence);
  EXPECT_EQ((*states)[2].risk, std::nullopt);
  EXPECT_EQ((*states)[3].risk, RiskOf("520502001/S3", 1));

  SubjectRisk cleared = plain;
  cleared.subject = Named("520502001001/17");
  Residence moved = residence;
  moved.origin = Div("520522100001");
  CommitOk(this->store(), {.risks = {cleared}});
  CommitOk(this->store(), {.residences = {moved}});
  this->Reopen();
  states = this->store().LoadStates(asked);
  ASSERT_TRUE(states.ok()) << states.status();
  EXPECT_EQ((*states)[1].risk, cleared);
  EXPECT_EQ((*states)[1].residence, moved);
  EXPECT_EQ((*states)[0].risk, plain);

  std::vector<std::string> scanned;
  ASSERT_TRUE(this->store()
                  .ScanStates(Div("520502001001"),
                              [&](const Subject& subject, const SubjectState& state) {
                                scanned.push_back(subject.ToString() +
                                                  (state.residence ? " resides" : ""));
                                return true;
                              })
                  .ok());
  EXPECT_THAT(scanned, ElementsAre("520502001001/17 resides", "520502001001/18"));
}

TYPED_TEST(StoreContractTest, SupersededValuesComeByIndicatorDateAndUntil) {
  const SupersededValue first{Observe("520502001001/1", 2, "2026-01-31", -5), At(2'000)};
  const SupersededValue second{Observe("520502001001/1", 2, "2026-01-31", 7), At(3'000)};
  const SupersededValue twin{Observe("520502001001/1", 2, "2026-01-31", 8), At(3'000)};
  const SupersededValue highest{Observe("520502001001/1", 65535, "1900-01-01", 1), At(-9)};
  const SupersededValue other{Observe("520502001001/2", 1, "2026-01-31", 1), At(1'000)};
  CommitOk(this->store(), {.superseded = {highest, second, other}});
  CommitOk(this->store(), {.superseded = {twin, first, second}});
  this->Reopen();
  const auto loaded = this->store().LoadSuperseded(Named("520502001001/1"));
  ASSERT_TRUE(loaded.ok()) << loaded.status();
  EXPECT_THAT(*loaded, ElementsAre(first, second, twin, highest));
  EXPECT_THAT(*this->store().LoadSuperseded(Named("520502001001/3")), IsEmpty());
}

TYPED_TEST(StoreContractTest, RollupsAddUpAndEmptyCellsVanish) {
  const RollupPlace here = Settled("520502001");
  CommitOk(this->store(), {.rollups = {{here, 1, In("2025-12"), 2, 300},
                                       {here, 1, In("2026-01"), 3, -50},
                                       {here, 1, In("2026-01"), 1, 10},
                                       {here, 1, In("2026-02"), 1, 5},
                                       {here, kAnyIndicator, In("2026-01"), 4, 0},
                                       {Settled("520502002"), 1, In("2026-01"), 9, 90},
                                       {Settled("530102001"), 1, In("2026-01"), 9, 90}}});
  this->Reopen();
  CommitOk(this->store(),
           {.rollups = {{here, 1, In("2026-01"), 0, 7}, {here, 1, In("2026-02"), -1, -5}}});
  this->Reopen();
  RollupQuery query;
  query.region = Div("5205");
  query.indicator = 1;
  query.from = In("2025-12");
  query.to = In("2026-12");
  EXPECT_THAT(*this->store().ReadRollups(query),
              ElementsAre(RollupCell{here, 1, In("2025-12"), 2, 300},
                          RollupCell{here, 1, In("2026-01"), 4, -33},
                          RollupCell{Settled("520502002"), 1, In("2026-01"), 9, 90}));
  query.region = Div("520502001");
  query.from = In("2026-01");
  EXPECT_THAT(*this->store().ReadRollups(query),
              ElementsAre(RollupCell{here, 1, In("2026-01"), 4, -33}));
  query.indicator = kAnyIndicator;
  EXPECT_THAT(*this->store().ReadRollups(query),
              ElementsAre(RollupCell{here, kAnyIndicator, In("2026-01"), 4, 0}));
  query.view = RollupView::kOrigin;
  EXPECT_THAT(*this->store().ReadRollups(query), IsEmpty());
  query.view = RollupView::kSettlement;
  query.region = Div("");
  query.indicator = 1;
  EXPECT_EQ(this->store().ReadRollups(query)->size(), 3u);
  query.region = Div("520502001000");
  EXPECT_THAT(*this->store().ReadRollups(query), IsEmpty());
}

TYPED_TEST(StoreContractTest, AScanOfRollupsStopsWhenItIsTold) {
  const RollupPlace here = Settled("520502001");
  CommitOk(this->store(),
           {.rollups = {{here, 1, In("2025-12"), 2, 300}, {here, 1, In("2026-01"), 3, 50}}});
  const RollupQuery query{here.view, Div(""), std::nullopt, 1, In("2025-01"), In("2026-12")};
  std::vector<int64_t> counts;
  const auto take_one = [&](std::span<const RollupCell> year) {
    for (const RollupCell& cell : year) counts.push_back(cell.count);
    return false;
  };
  EXPECT_TRUE(this->store().ScanRollups(query, take_one).ok());
  EXPECT_THAT(counts, ElementsAre(2));  // the next cell is of another year
}

TYPED_TEST(StoreContractTest, SitesHaveRollupsAndTalliesOfTheirOwn) {
  const RollupPlace one{RollupView::kSite, Div("520502001"), Named("520502001/S1")};
  const RollupPlace two{RollupView::kSite, Div("520502001"), Named("520502001003/S1")};
  CommitOk(this->store(),
           {.rollups = {{two, 1, In("2026-01"), 2, 20}, {one, 1, In("2026-01"), 1, 10}},
            .tallies = {{.place = two, .households = 2, .warnings = {}}}});
  RollupQuery query{RollupView::kSite, Div("52"), std::nullopt, 1, In("2026-01"), In("2026-01")};
  EXPECT_THAT(*this->store().ReadRollups(query),
              ElementsAre(RollupCell{one, 1, In("2026-01"), 1, 10},
                          RollupCell{two, 1, In("2026-01"), 2, 20}));
  query.site = two.site;
  EXPECT_THAT(*this->store().ReadRollups(query),
              ElementsAre(RollupCell{two, 1, In("2026-01"), 2, 20}));
  query.region = Div("53");
  EXPECT_THAT(*this->store().ReadRollups(query), IsEmpty());
  const auto tallies = this->store().ReadTallies(RollupView::kSite, Div("520502"));
  ASSERT_TRUE(tallies.ok()) << tallies.status();
  ASSERT_EQ(tallies->size(), 1u);
  EXPECT_EQ(tallies->front().place, two);
  EXPECT_EQ(tallies->front().households, 2);
}

TYPED_TEST(StoreContractTest, TalliesAddUpWithTheLatestOfEachDate) {
  Tally first;
  first.place = Settled("520502001");
  first.households = 10;
  first.observations = 200;
  first.latest_observed_on = On("2026-03-31");
  first.latest_known_at = At(5'000);
  first.warnings = {{7, Severity::kRed, 2}, {3, Severity::kYellow, 1}, {7, Severity::kRed, 1}};
  Tally second;
  second.place = first.place;
  second.households = -1;
  second.sites = 1;
  second.observations = -5;
  second.latest_observed_on = On("2026-02-28");
  second.latest_known_at = At(6'000);
  second.warnings = {{3, Severity::kYellow, -1}, {3, Severity::kOrange, 1}};
  Tally elsewhere;
  elsewhere.place = Settled("520502002");
  CommitOk(this->store(), {.tallies = {first, elsewhere}});
  this->Reopen();
  CommitOk(this->store(), {.tallies = {second}});
  this->Reopen();
  Tally expected;
  expected.place = first.place;
  expected.households = 9;
  expected.sites = 1;
  expected.observations = 195;
  expected.latest_observed_on = On("2026-03-31");
  expected.latest_known_at = At(6'000);
  expected.warnings = {{3, Severity::kOrange, 1}, {7, Severity::kRed, 3}};
  EXPECT_THAT(*this->store().ReadTallies(RollupView::kSettlement, Div("5205")),
              ElementsAre(expected, elsewhere));
  EXPECT_THAT(*this->store().ReadTallies(RollupView::kSettlement, Div("520502001")),
              ElementsAre(expected));
  EXPECT_THAT(*this->store().ReadTallies(RollupView::kOrigin, Div("")), IsEmpty());
}

TYPED_TEST(StoreContractTest, ReceiptsAreFoundByRequestAndBatchesByNumber) {
  const uint64_t number = this->store().ReserveBatchNumbers(1);
  const BatchRecord batch{number,
                          "collector-7/0001",
                          Div("520502001"),
                          "毕节 collector",
                          Source::kDepartmentScreening,
                          At(-3),
                          At(9'000),
                          std::string("receipt \0 bytes", 15)};
  CommitOk(this->store(), {.batches = {batch}});
  this->Reopen();
  EXPECT_EQ(*this->store().FindReceipt("collector-7/0001"), std::string("receipt \0 bytes", 15));
  EXPECT_EQ(*this->store().FindReceipt("collector-7/0002"), std::nullopt);
  EXPECT_EQ(*this->store().FindReceipt(""), std::nullopt);
  const auto found = this->store().FindBatch(number);
  ASSERT_TRUE(found.ok() && found->has_value()) << found.status();
  EXPECT_EQ((*found)->number, number);
  EXPECT_EQ((*found)->request_id, batch.request_id);
  EXPECT_EQ((*found)->township, batch.township);
  EXPECT_EQ((*found)->collector, batch.collector);
  EXPECT_EQ((*found)->source, batch.source);
  EXPECT_EQ((*found)->reported_at, batch.reported_at);
  EXPECT_EQ((*found)->known_at, batch.known_at);
  EXPECT_EQ((*found)->receipt, batch.receipt);
  EXPECT_EQ(*this->store().FindBatch(number + 1), std::nullopt);
  EXPECT_EQ(this->store().Statistics().batches, number);
}

TYPED_TEST(StoreContractTest, BatchNumbersAreNeverGivenTwice) {
  uint64_t above = 0;
  for (int round = 0; round < 3; ++round) {
    for (const uint64_t count : {1, 10, 5000, 1}) {
      const uint64_t first = this->store().ReserveBatchNumbers(count);
      EXPECT_GT(first, above);
      above = first + count - 1;
    }
    this->Reopen();
  }
  BatchRecord unreserved;
  unreserved.number = above + 1'000'000;
  unreserved.request_id = "r";
  CommitOk(this->store(), {.batches = {unreserved}});
  this->Reopen();
  EXPECT_GT(this->store().ReserveBatchNumbers(1), above + 1'000'000);
}

}  // namespace
}  // namespace shouwang
