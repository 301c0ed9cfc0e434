#include "storage/contract/recount.h"

#include "storage/contract/place_counts.h"
#include "tests/storage/contract/reporting_counts.h"
#include "tests/storage/contract/store_contract.h"

namespace shouwang {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

class RecountTest : public testing::Test {
 protected:
  // Faults in the order told.
  std::vector<std::string> Faults(const RecountScope& scope = {}) {
    std::vector<std::string> faults;
    const auto note = [&](const std::string& text) { faults.push_back(text); };
    RecountListener listener{note, note, note, note, [](const RecountTotals&) {}};
    const auto totals = Recount(store_, scope, listener);
    EXPECT_TRUE(totals.ok()) << totals.status();
    totals_ = totals.value_or(RecountTotals());
    return faults;
  }

  // One value of a household of 520502001 that came from a village of `origin`, and its counts.
  void AddRelocated(uint32_t number, const std::string& origin) {
    const std::string household = "520502001001/" + std::to_string(number);
    const RollupPlace from{RollupView::kOrigin, Div(origin), {}};
    const RollupPlace site{RollupView::kSite, Div("520502001"), Named("520502001/S3")};
    Transaction transaction;
    transaction.observations = {Observe(household, 1, "2026-01-31", number)};
    transaction.residences = {{Named(household), site.site, Div(origin + "001"), On("2020-06-01")}};
    for (const RollupPlace& place : {Settled("520502001"), from, site}) {
      transaction.rollups.push_back({place, 1, In("2026-01"), 1, number});
      transaction.rollups.push_back({place, kAnyIndicator, In("2026-01"), 1, 0});
      PlaceCounts counts;
      counts.cells[{1, In("2026-01")}].histogram.Add(BucketOf(number), 1);
      for (PlaceHistogram& histogram : HistogramsOf(place, counts)) {
        transaction.histograms.push_back(histogram);
      }
      Tally tally;
      tally.place = place;
      tally.households = 1;
      tally.observations = 1;
      tally.latest_observed_on = On("2026-01-31");
      transaction.tallies.push_back(tally);
    }
    CountReporting("520502001", {"2026-01"}, &transaction);
    CommitOk(store_, transaction);
  }
  void Miscount(const RollupPlace& place) {
    CommitOk(store_, {.rollups = {{place, 1, In("2026-01"), 0, 100}}});
  }

  MemoryStore store_;
  RecountTotals totals_;
};

TEST_F(RecountTest, AnEmptyStoreAddsUp) {
  EXPECT_THAT(Faults(), IsEmpty());
  EXPECT_EQ(totals_.subjects, 0u);
}

TEST_F(RecountTest, WithLittleRoomItReadsAgainAndFindsTheSame) {
  for (uint32_t number = 1; number <= 40; ++number) {
    AddRelocated(number, "5205" + std::to_string(10 + number) + "001");
  }
  EXPECT_THAT(Faults(), IsEmpty());
  const RecountTotals with_room = totals_;
  EXPECT_EQ(with_room.subjects, 40u);
  EXPECT_EQ(with_room.tallies, 42u);
  RecountScope narrow;
  narrow.max_counts = 8;
  EXPECT_THAT(Faults(narrow), IsEmpty());
  EXPECT_EQ(totals_.subjects, with_room.subjects);
  EXPECT_EQ(totals_.tallies, with_room.tallies);
  EXPECT_EQ(totals_.rollup_cells, with_room.rollup_cells);

  for (const char* origin : {"520511001", "520530001", "520550001"}) {
    Miscount({RollupView::kOrigin, Div(origin), {}});
  }
  const std::vector<std::string> faults = Faults();
  EXPECT_THAT(
      faults,
      ElementsAre("rollup of origin 520511001, indicator 1, 2026-01: count 1 and sum 101 are "
                  "stored, 1 and 1 are counted",
                  "rollup of origin 520530001, indicator 1, 2026-01: count 1 and sum 120 are "
                  "stored, 1 and 20 are counted",
                  "rollup of origin 520550001, indicator 1, 2026-01: count 1 and sum 140 are "
                  "stored, 1 and 40 are counted"));
  EXPECT_EQ(Faults(narrow), faults);
}

TEST_F(RecountTest, CountsOfReportingAreHeldAgainstHistoriesAndWhatWasSuperseded) {
  AddRelocated(1, "520511001");
  // Corrected since: it was first heard of ten days before what stands.
  const auto ten_days = std::chrono::milliseconds(10 * 86'400'000);
  Observation replaced = Observe("520502001001/1", 1, "2026-01-31", 7);
  Observation stands = replaced;
  stands.value = 1;
  stands.arrival.known_at += ten_days;
  CommitOk(store_, {.observations = {stands}, .superseded = {{replaced, stands.arrival.known_at}}});
  EXPECT_THAT(Faults(), IsEmpty());

  Transaction twice;
  CountReporting("520502001", {"2026-01"}, &twice);
  twice.rollups[1].month = In("2026-02");
  CommitOk(store_, twice);
  EXPECT_THAT(
      Faults(),
      ElementsAre("rollup of township 520502001, indicator 65534, 2026-01: count 2 and sum 0 are "
                  "stored, 1 and 0 are counted",
                  "rollup of township 520502001, indicator 65535, 2026-02: count 1 and sum 0 are "
                  "stored, 0 and 0 are counted",
                  "histogram of township 520502001, indicator 0, 2026-01: it differs from the "
                  "values (2 stored, 1 counted)",
                  "histogram of county 520502, indicator 0, 2026-01: it differs from the values "
                  "(2 stored, 1 counted)"));
  // Delays of closed months cannot be told from the values any more; who is there can.
  RecountScope closed;
  closed.retention.first_year = {{1, 2027}};
  EXPECT_EQ(Faults(closed).size(), 2u);
}

TEST_F(RecountTest, ClosedMonthsAreNotCompared) {
  AddRelocated(1, "520511001");
  Miscount(Settled("520502001"));
  EXPECT_EQ(Faults().size(), 1u);
  RecountScope closed;
  closed.retention.first_year = {{1, 2027}};
  EXPECT_THAT(Faults(closed), IsEmpty());
  closed.retention.first_year = {{2, 2027}};
  EXPECT_EQ(Faults(closed).size(), 1u);
}

}  // namespace
}  // namespace shouwang
