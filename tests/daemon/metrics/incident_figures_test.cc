#include "daemon/metrics/incident_figures.h"

#include <prometheus/text_serializer.h>

#include "tests/daemon/flooded_county.h"

namespace shouwang::metrics {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

class IncidentFiguresTest : public testing::Test {
 protected:
  void Look(FloodedCounty* county) {
    Tally tally;
    tally.place = county::Settlement("520502001");
    tally.households = 60;
    Transaction transaction;
    transaction.tallies.push_back(tally);
    tally.place = county::Settlement("520302001");
    tally.households = 3;
    transaction.tallies.push_back(tally);
    ASSERT_TRUE(county->store().Commit(transaction).ok());
    watch_ = std::make_unique<incidents::IncidentWatch>(&county->store(), &county->current(),
                                                        [] { return FloodedCounty::Now(); });
    ASSERT_TRUE(watch_->Refresh().ok());
  }
  std::string Scrape(const FloodedCounty& county, const FigureSettings& settings = {}) {
    const IncidentFigures figures(settings, watch_.get(), &county.current());
    return prometheus::TextSerializer().Serialize(figures.Collect());
  }
  std::unique_ptr<incidents::IncidentWatch> watch_;
};

TEST_F(IncidentFiguresTest, CountsOpenIncidentsInEveryDivisionAboveTheirPlace) {
  FloodedCounty county;
  Look(&county);
  EXPECT_THAT(
      Scrape(county, {.depth = DivisionLevel::kTownship}),
      AllOf(HasSubstr("shouwang_incidents_open{division=\"52\",risk_kind=\"income\"} 1\n"),
            HasSubstr("shouwang_incidents_open{division=\"520502\",risk_kind=\"income\"} 1\n"),
            HasSubstr("shouwang_incidents_open{division=\"520502001\",risk_kind=\"income\"} 1\n"),
            HasSubstr("shouwang_incidents_open{division=\"520502002\",risk_kind=\"income\"} 0\n"),
            HasSubstr("shouwang_incidents_open{division=\"520502\",risk_kind=\"illness\"} 0\n"),
            Not(HasSubstr("services"))));
}

TEST_F(IncidentFiguresTest, TellsTheMembersOfEachAndNoHousehold) {
  FloodedCounty county;
  Look(&county);
  EXPECT_THAT(Scrape(county),
              AllOf(HasSubstr("shouwang_incident_members{incident=\"520502001001:income:2026-10\","
                              "place=\"520502001001\",level=\"village\",division=\"520502001\","
                              "risk_kind=\"income\"} 20\n"),
                    HasSubstr("shouwang_incidents_left_out 0\n"),
                    HasSubstr("shouwang_incidents_past_limit 0\n"),
                    HasSubstr("shouwang_incident_places{state=\"judged\"} 6\n"),
                    HasSubstr("shouwang_incident_places{state=\"unjudged\"} 0\n"),
                    HasSubstr("shouwang_incidents_refresh_timestamp_seconds 1794715200\n"),
                    Not(HasSubstr("520502001001/"))));
}

TEST_F(IncidentFiguresTest, SmallDivisionsAndSmallIncidentsAreLeftOut) {
  FloodedCounty county;
  Look(&county);
  EXPECT_THAT(Scrape(county), Not(HasSubstr("division=\"520302\"")));
  EXPECT_THAT(Scrape(county, {.min_cell = 3}), HasSubstr("division=\"520302\""));
  EXPECT_THAT(Scrape(county, {.min_cell = 21}),
              AllOf(Not(HasSubstr("shouwang_incident_members{")),
                    HasSubstr("shouwang_incidents_left_out 1\n")));
}

TEST_F(IncidentFiguresTest, WhereNothingIsLookedForThereAreNamesOnly) {
  FloodedCounty county(/*with_policy=*/false);
  Look(&county);
  EXPECT_THAT(Scrape(county), AllOf(HasSubstr("# TYPE shouwang_incidents_open gauge"),
                                    Not(HasSubstr("shouwang_incidents_open{")),
                                    Not(HasSubstr("shouwang_incidents_left_out 0"))));
}

TEST_F(IncidentFiguresTest, BeforeTheFirstLookToo) {
  FloodedCounty county;
  watch_ = std::make_unique<incidents::IncidentWatch>(&county.store(), &county.current(),
                                                      [] { return FloodedCounty::Now(); });
  EXPECT_THAT(Scrape(county), AllOf(HasSubstr("# HELP shouwang_incident_members"),
                                    Not(HasSubstr("timestamp_seconds 1"))));
}

}  // namespace
}  // namespace shouwang::metrics
