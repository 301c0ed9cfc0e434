#include "daemon/metrics/division_snapshot.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <prometheus/text_serializer.h>

#include <atomic>
#include <sstream>

#include "absl/synchronization/notification.h"
#include "storage/memory/memory_reporters.h"
#include "storage/vocabulary/reporting.h"
#include "tests/daemon/damaged_reporters.h"
#include "tests/daemon/watched_county.h"

namespace shouwang::metrics {
namespace {

using namespace county;
using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

class DivisionSnapshotTest : public testing::Test {
 protected:
  DivisionSnapshotTest() : rulebook_(SmallRulebook()) {}

  void HearOfOneReporter() {
    Transaction transaction;
    BatchRecord& batch = transaction.batches.emplace_back();
    batch.number = 1;
    batch.township = At("520502001");
    batch.collector = "pc-1";
    batch.known_at = EndOf(Day("2026-10-25"));
    ASSERT_TRUE(county_.store().Commit(transaction).ok());
  }

  // The scrape after one reading.
  std::string Scrape(const FigureSettings& settings = {}, Instant now = At(kNowMs)) {
    auto snapshot = DivisionSnapshot::Of(
        settings, &county_.store(), &rulebook_, [now] { return now; }, &reporters_);
    EXPECT_TRUE(snapshot.ok());
    const absl::Status read = (*snapshot)->Refresh();
    EXPECT_TRUE(read.ok()) << std::string(read.message());
    return prometheus::TextSerializer().Serialize((*snapshot)->Collect());
  }

  static std::vector<std::string> SeriesOf(const std::string& scrape, const std::string& name) {
    std::vector<std::string> series;
    std::istringstream lines(scrape);
    for (std::string line; std::getline(lines, line);) {
      if (line.rfind(name + "{", 0) == 0 || line.rfind(name + " ", 0) == 0) {
        series.push_back(line.substr(name.size()));
      }
    }
    return series;
  }

  void FillTwoCounties() {
    county_.Tell({.place = Settlement("520502001"),
                  .households = 40,
                  .sites = 1,
                  .observations = 900,
                  .latest_observed_on = Day("2026-10-05"),
                  .latest_known_at = At(1'794'000'000'500),
                  .warnings = {{101, Severity::kRed, 3}}});
    county_.Tell({.place = Settlement("520502002"),
                  .households = 10,
                  .observations = 100,
                  .latest_known_at = At(1'793'000'000'000),
                  .warnings = {{101, Severity::kRed, 1}, {102, Severity::kYellow, 2}}});
    county_.Tell({.place = Settlement("520302001"),
                  .households = 4,
                  .observations = 77,
                  .latest_known_at = At(1'792'000'000'000),
                  .warnings = {{101, Severity::kRed, 4}}});
  }

  // All of a township's households began and ended with these months.
  void Watch(std::string_view township, int64_t households, std::string_view first,
             std::string_view last) {
    county_.Count(Settlement(township), kFirstReport, first, households, 0);
    county_.Count(Settlement(township), kLastReport, last, households, 0);
  }

  WatchedCounty county_;
  MemoryReporters reporters_{&county_.store()};
  CurrentRulebook rulebook_;
};

TEST_F(DivisionSnapshotTest, EveryFamilyIsThereBeforeAnythingIsStored) {
  const std::string scrape = Scrape();
  for (const char* name : {"shouwang_division_info",
                           "shouwang_households",
                           "shouwang_observations",
                           "shouwang_warnings_open",
                           "shouwang_origin_households",
                           "shouwang_origin_warnings_open",
                           "shouwang_site_info",
                           "shouwang_site_households",
                           "shouwang_site_warnings_open",
                           "shouwang_site_indicator",
                           "shouwang_indicator_mean",
                           "shouwang_reporting_completeness_ratio",
                           "shouwang_reporting_timeliness_ratio",
                           "shouwang_households_silent",
                           "shouwang_reporters_silent",
                           "shouwang_last_report_timestamp_seconds",
                           "shouwang_rule_info",
                           "shouwang_metrics_refresh_timestamp_seconds",
                           "shouwang_metrics_refresh_duration_seconds",
                           "shouwang_store_bytes",
                           "shouwang_store_memory_bytes",
                           "shouwang_store_pending_compaction_bytes",
                           "shouwang_store_running_compactions",
                           "shouwang_store_running_flushes",
                           "shouwang_store_unsorted_files",
                           "shouwang_store_write_stalled",
                           "shouwang_store_writable",
                           "shouwang_store_delayed_write_bytes_per_second",
                           "shouwang_store_cache_bytes",
                           "shouwang_store_cache_limit_bytes",
                           "shouwang_store_write_buffer_bytes"}) {
    EXPECT_THAT(scrape, HasSubstr(std::string("# HELP ") + name + " "));
    EXPECT_THAT(scrape, HasSubstr(std::string("# TYPE ") + name + " gauge"));
  }
  for (const char* name :
       {"shouwang_store_write_stalled_seconds_total", "shouwang_store_damage_total",
        "shouwang_store_failed_compactions_total"}) {
    EXPECT_THAT(scrape, HasSubstr(std::string("# HELP ") + name + " "));
    EXPECT_THAT(scrape, HasSubstr(std::string("# TYPE ") + name + " counter"));
    EXPECT_THAT(SeriesOf(scrape, name), ElementsAre(" 0"));
  }
  EXPECT_THAT(SeriesOf(scrape, "shouwang_households"),
              ElementsAre("{division=\"52\"} 0", "{division=\"5203\"} 0", "{division=\"5205\"} 0",
                          "{division=\"520302\"} 0", "{division=\"520502\"} 0"));
  EXPECT_THAT(SeriesOf(scrape, "shouwang_last_report_timestamp_seconds"), IsEmpty());
}

TEST_F(DivisionSnapshotTest, NamesDivisionsAndRules) {
  const std::string scrape = Scrape();
  EXPECT_THAT(
      SeriesOf(scrape, "shouwang_division_info"),
      Contains("{division=\"520502\",name=\"七星关区\",level=\"county\",parent=\"5205\"} 1"));
  EXPECT_THAT(SeriesOf(scrape, "shouwang_rule_info"),
              ElementsAre("{rule=\"wage_low\",title_zh=\"工资低\",title_en=\"Low wage\","
                          "severity=\"red\",risk_kind=\"income\"} 1",
                          "{rule=\"medical_high\",title_zh=\"医疗高\","
                          "title_en=\"High medical cost\",severity=\"yellow\","
                          "risk_kind=\"illness\"} 1",
                          "{rule=\"seats_short\",title_zh=\"学位缺\",title_en=\"Seats short\","
                          "severity=\"orange\",risk_kind=\"services\"} 1"));
}

TEST_F(DivisionSnapshotTest, AddsTownshipsUpToEveryLevelOfTheDepth) {
  FillTwoCounties();
  const std::string scrape = Scrape();
  EXPECT_THAT(
      SeriesOf(scrape, "shouwang_households"),
      ElementsAre("{division=\"52\"} 54", "{division=\"5205\"} 50", "{division=\"520502\"} 50"));
  EXPECT_THAT(SeriesOf(scrape, "shouwang_observations"),
              ElementsAre("{division=\"52\"} 1077", "{division=\"5205\"} 1000",
                          "{division=\"520502\"} 1000"));
  EXPECT_THAT(SeriesOf(scrape, "shouwang_last_report_timestamp_seconds"),
              Contains("{division=\"520502\"} 1794000000.5"));
}

TEST_F(DivisionSnapshotTest, OpenWarningsHaveZerosForRulesThatCouldHold) {
  FillTwoCounties();
  const std::string scrape = Scrape({.depth = DivisionLevel::kTownship, .min_cell = 5});
  const std::vector<std::string> open = SeriesOf(scrape, "shouwang_warnings_open");
  EXPECT_THAT(open, Contains("{division=\"520502\",rule=\"wage_low\",severity=\"red\"} 4"));
  EXPECT_THAT(open, Contains("{division=\"520502\",rule=\"medical_high\",severity=\"yellow\"} 2"));
  EXPECT_THAT(open, Contains("{division=\"520502\",rule=\"seats_short\",severity=\"orange\"} 0"));
  EXPECT_THAT(open,
              Contains("{division=\"520502001\",rule=\"medical_high\",severity=\"yellow\"} 0"));
  // No site there, so no rule of sites.
  EXPECT_THAT(open, Not(Contains(HasSubstr("division=\"520502002\",rule=\"seats_short\""))));
}

TEST_F(DivisionSnapshotTest, ADivisionOfTooFewHouseholdsTellsNothingButItsName) {
  FillTwoCounties();
  county_.Count(Settlement("520302001"), kAnyIndicator, "2026-10", 4, 0);
  Watch("520302001", 4, "2026-10", "2026-10");
  county_.Count(Settlement("520302001"), kWage, "2026-10", 4, 4'00);
  std::string scrape = Scrape();
  EXPECT_THAT(scrape, HasSubstr("shouwang_division_info{division=\"520302\""));
  for (const std::string& line : {std::string("shouwang_households{division=\"520302\""),
                                  std::string("shouwang_observations{division=\"520302\""),
                                  std::string("shouwang_warnings_open{division=\"520302\""),
                                  std::string("shouwang_indicator_mean{division=\"520302\""),
                                  std::string("completeness_ratio{division=\"520302\""),
                                  std::string("timestamp_seconds{division=\"520302\"")}) {
    EXPECT_THAT(scrape, Not(HasSubstr(line)));
  }
  scrape = Scrape({.depth = DivisionLevel::kCounty, .min_cell = 4});
  EXPECT_THAT(scrape, HasSubstr("shouwang_households{division=\"520302\"} 4"));
  EXPECT_THAT(scrape, HasSubstr("completeness_ratio{division=\"520302\"} 1\n"));
}

TEST_F(DivisionSnapshotTest, MeansAndCompletenessAreOfTheLastFullMonth) {
  FillTwoCounties();
  Watch("520502001", 40, "2025-01", "2026-11");
  Watch("520502002", 10, "2025-01", "2026-10");
  Watch("520302001", 4, "2025-01", "2025-01");
  county_.Count(Settlement("520502001"), kAnyIndicator, "2026-10", 20, 0);
  county_.Count(Settlement("520502002"), kAnyIndicator, "2026-10", 5, 0);
  county_.Count(Settlement("520502001"), kAnyIndicator, "2026-11", 40, 0);
  county_.Count(Settlement("520502001"), kWage, "2026-10", 6, 600'00);
  county_.Count(Settlement("520502002"), kWage, "2026-10", 2, 1'000'00);
  county_.Count(Settlement("520502002"), kWage, "2026-11", 9, 9'00);
  county_.Count(Settlement("520502002"), kMedical, "2026-10", 4, 4'000);
  const std::string scrape = Scrape({.depth = DivisionLevel::kTownship, .min_cell = 5});
  EXPECT_THAT(SeriesOf(scrape, "shouwang_reporting_completeness_ratio"),
              ElementsAre("{division=\"52\"} 0.462962962962963", "{division=\"5205\"} 0.5",
                          "{division=\"520502\"} 0.5", "{division=\"520502001\"} 0.5",
                          "{division=\"520502002\"} 0.5"));
  // Two households' mean would tell about each of them, and so would that of four.
  EXPECT_THAT(SeriesOf(scrape, "shouwang_indicator_mean"),
              ElementsAre("{division=\"52\",indicator=\"wage_income\"} 200",
                          "{division=\"5205\",indicator=\"wage_income\"} 200",
                          "{division=\"520502\",indicator=\"wage_income\"} 200",
                          "{division=\"520502001\",indicator=\"wage_income\"} 100"));
}

constexpr std::string_view kReporting = R"(
reporting:
  households: {cadence_months: 1, due_day: 25, grace_days: 5, given_up_months: 24, citation: test}
  sources:
    - {source: cadre_visit, cadence_months: 1, due_day: 25, grace_days: 5, given_up_months: 6,
       expected_from: ["520502"], citation: test}
)";

TEST_F(DivisionSnapshotTest, TimeAloneMakesSilenceVisible) {
  rulebook_.Set(SmallRulebook(kReporting));
  Watch("520502001", 30, "2026-01", "2026-09");
  Watch("520502002", 10, "2026-01", "2026-08");
  Watch("520302001", 4, "2026-01", "2026-01");
  const auto silent = [&](std::string_view day) {
    return SeriesOf(Scrape({}, EndOf(Day(day))), "shouwang_households_silent");
  };
  // September was due on 2026-10-25; October is, on 2026-11-25. A county of four is left out.
  EXPECT_THAT(silent("2026-10-30"), ElementsAre("{division=\"52\"} 4", "{division=\"5205\"} 0",
                                                "{division=\"520502\"} 0"));
  EXPECT_THAT(silent("2026-10-31"), ElementsAre("{division=\"52\"} 14", "{division=\"5205\"} 10",
                                                "{division=\"520502\"} 10"));
  EXPECT_THAT(silent("2026-11-30"), Contains("{division=\"520502\"} 10"));
  EXPECT_THAT(silent("2026-12-01"), Contains("{division=\"520502\"} 40"));
}

TEST_F(DivisionSnapshotTest, ReportersFallSilentByTimeAloneAndMissingOnesCount) {
  rulebook_.Set(SmallRulebook(kReporting));
  HearOfOneReporter();
  const auto silent = [&](std::string_view day) {
    return SeriesOf(Scrape({}, EndOf(Day(day))), "shouwang_reporters_silent");
  };
  EXPECT_THAT(silent("2026-11-30"), Contains("{division=\"520502\",source=\"cadre_visit\"} 1"));
  EXPECT_THAT(silent("2026-12-01"), Contains("{division=\"520502\",source=\"cadre_visit\"} 2"));
}

TEST_F(DivisionSnapshotTest, ACadenceLongerThanAMonthHasNoCompleteness) {
  rulebook_.Set(SmallRulebook(R"(
reporting:
  households: {cadence_months: 3, due_day: 25, grace_days: 5, given_up_months: 12, citation: test}
)"));
  Watch("520502001", 30, "2026-01", "2026-10");
  county_.Count(Settlement("520502001"), kAnyIndicator, "2026-10", 10, 0);
  EXPECT_THAT(SeriesOf(Scrape(), "shouwang_reporting_completeness_ratio"), IsEmpty())
      << "a third reported, and nobody is late";
}

TEST_F(DivisionSnapshotTest, ADamagedReporterStopsNoOtherFigure) {
  rulebook_.Set(SmallRulebook(kReporting));
  FillTwoCounties();
  HearOfOneReporter();
  const DamagedReporters damaged(&county_.store());
  const Instant now = EndOf(Day("2026-12-01"));
  const auto snapshot = DivisionSnapshot::Of(
      {}, &county_.store(), &rulebook_, [now] { return now; }, &damaged);
  ASSERT_TRUE(snapshot.ok());
  EXPECT_EQ((*snapshot)->Refresh().code(), absl::StatusCode::kDataLoss) << "it is told";
  const std::string scrape = prometheus::TextSerializer().Serialize((*snapshot)->Collect());
  EXPECT_THAT(SeriesOf(scrape, "shouwang_households"), Contains("{division=\"520502\"} 50"));
  EXPECT_THAT(SeriesOf(scrape, "shouwang_reporters_silent"),
              Contains("{division=\"520502\",source=\"cadre_visit\"} 2"));
  EXPECT_THAT(SeriesOf(scrape, "shouwang_rule_info"), Not(IsEmpty()));
}

TEST_F(DivisionSnapshotTest, TimelinessIsOfTheLastMonthThatWasDue) {
  rulebook_.Set(SmallRulebook(kReporting));
  Watch("520502001", 30, "2026-01", "2026-10");
  county_.Spread(At("520502001"), kAnyIndicator, "2026-09", {0, 24, 24, 25, 40});
  county_.Spread(At("520502001"), kAnyIndicator, "2026-10", {0, 1, 2, 3, 4, 5, 6, 24, 25, 26});
  county_.Count(Settlement("520502001"), kAnyIndicator, "2026-09", 5, 0);
  county_.Count(Settlement("520502001"), kAnyIndicator, "2026-10", 10, 0);
  const auto timely = [&](std::string_view day, int min_cell = 5) {
    return SeriesOf(
        Scrape({.depth = DivisionLevel::kCounty, .min_cell = min_cell}, EndOf(Day(day))),
        "shouwang_reporting_timeliness_ratio");
  };
  EXPECT_THAT(timely("2026-11-25"), Contains("{division=\"520502\"} 0.6"));
  EXPECT_THAT(timely("2026-11-26"), Contains("{division=\"520502\"} 0.8"));
  EXPECT_THAT(timely("2026-11-25", 6), IsEmpty());
}

TEST_F(DivisionSnapshotTest, WithoutAnExpectationNobodyIsSilent) {
  Watch("520502001", 30, "2020-01", "2020-01");
  const std::string scrape = Scrape();
  EXPECT_THAT(SeriesOf(scrape, "shouwang_households_silent"), IsEmpty());
  EXPECT_THAT(SeriesOf(scrape, "shouwang_reporters_silent"), IsEmpty());
  EXPECT_THAT(SeriesOf(scrape, "shouwang_reporting_timeliness_ratio"), IsEmpty());
}

TEST_F(DivisionSnapshotTest, OriginsAreCountedApart) {
  county_.Tell(
      {.place = Origin("520302001"), .households = 6, .warnings = {{102, Severity::kYellow, 2}}});
  const std::string scrape = Scrape();
  EXPECT_THAT(
      SeriesOf(scrape, "shouwang_origin_households"),
      ElementsAre("{division=\"52\"} 6", "{division=\"5203\"} 6", "{division=\"520302\"} 6"));
  EXPECT_THAT(SeriesOf(scrape, "shouwang_origin_warnings_open"),
              Contains("{division=\"520302\",rule=\"medical_high\",severity=\"yellow\"} 2"));
  EXPECT_THAT(SeriesOf(scrape, "shouwang_households"), Contains("{division=\"520302\"} 0"));
}

TEST_F(DivisionSnapshotTest, SitesShowTheirHouseholdsWarningsAndLatestIndicators) {
  county_.Tell({.place = SitePlace("520502001", "520502001/S3"),
                .households = 31,
                .sites = 1,
                .warnings = {{101, Severity::kRed, 5}, {201, Severity::kOrange, 1}}});
  county_.Observe("520502001/S3", kSeats, "2024-09-01", 50);
  county_.Observe("520502001/S3", kSeats, "2025-09-01", 80);
  county_.Observe("520502001/S3", kSeats, "2026-09-01", 90);
  const std::string scrape = Scrape();
  EXPECT_THAT(SeriesOf(scrape, "shouwang_site_info"),
              ElementsAre("{site=\"520502001/S3\",division=\"520502\",name=\"柏杨林\"} 1"));
  EXPECT_THAT(SeriesOf(scrape, "shouwang_site_households"),
              ElementsAre("{site=\"520502001/S3\"} 31"));
  EXPECT_THAT(SeriesOf(scrape, "shouwang_site_warnings_open"),
              ElementsAre("{site=\"520502001/S3\",rule=\"wage_low\",severity=\"red\"} 5",
                          "{site=\"520502001/S3\",rule=\"medical_high\",severity=\"yellow\"} 0",
                          "{site=\"520502001/S3\",rule=\"seats_short\",severity=\"orange\"} 1"));
  EXPECT_THAT(SeriesOf(scrape, "shouwang_site_indicator"),
              ElementsAre("{site=\"520502001/S3\",indicator=\"school_seats\"} 90"));
}

TEST_F(DivisionSnapshotTest, ASiteOfTooFewHouseholdsKeepsItsOwnIndicators) {
  county_.Tell({.place = SitePlace("520502001", "520502001/S3"),
                .households = 3,
                .warnings = {{101, Severity::kRed, 3}}});
  county_.Observe("520502001/S3", kSeats, "2026-09-01", 90);
  const std::string scrape = Scrape();
  EXPECT_THAT(SeriesOf(scrape, "shouwang_site_households"), IsEmpty());
  EXPECT_THAT(SeriesOf(scrape, "shouwang_site_warnings_open"), IsEmpty());
  EXPECT_THAT(SeriesOf(scrape, "shouwang_site_indicator").size(), 1);
}

TEST_F(DivisionSnapshotTest, AnIndicatorOlderThanTwoYearsIsNotShownAsTheLatest) {
  county_.Observe("520502001/S3", kSeats, "2024-11-15", 50);
  EXPECT_THAT(SeriesOf(Scrape(), "shouwang_site_indicator").size(), 1);
  WatchedCounty before;
  before.Observe("520502001/S3", kSeats, "2024-11-14", 50);
  auto snapshot =
      DivisionSnapshot::Of({}, &before.store(), &rulebook_, [] { return At(kNowMs); }).value();
  ASSERT_TRUE(snapshot->Refresh().ok());
  EXPECT_THAT(SeriesOf(prometheus::TextSerializer().Serialize(snapshot->Collect()),
                       "shouwang_site_indicator"),
              IsEmpty());
}

TEST_F(DivisionSnapshotTest, ARuleThatNoPolicyHasAnyMoreIsShownByItsNumber) {
  county_.Tell({.place = Settlement("520502001"),
                .households = 40,
                .warnings = {{999, Severity::kYellow, 7}}});
  EXPECT_THAT(SeriesOf(Scrape(), "shouwang_warnings_open"),
              Contains("{division=\"520502\",rule=\"rule_999\",severity=\"yellow\"} 7"));
}

TEST_F(DivisionSnapshotTest, RefusesADepthBelowTownship) {
  const auto snapshot = DivisionSnapshot::Of({.depth = DivisionLevel::kVillage, .min_cell = 5},
                                             &county_.store(), &rulebook_, [] { return At(0); });
  EXPECT_EQ(snapshot.status().code(), absl::StatusCode::kInvalidArgument);
  EXPECT_THAT(std::string(snapshot.status().message()),
              HasSubstr("metrics.depth: village is not allowed"));
}

class FailingStore : public MemoryStore {
 public:
  absl::Status ScanTallies(RollupView view, const Division& region,
                           absl::FunctionRef<void(const Tally&)> visit) const override {
    if (failing) return absl::UnavailableError("disk gone");
    return MemoryStore::ScanTallies(view, region, visit);
  }
  StoreStatistics Statistics() const override {
    StoreStatistics statistics = MemoryStore::Statistics();
    if (failing) statistics.read_only_reason = "disk gone";
    return statistics;
  }
  std::atomic<bool> failing = false;
};

TEST_F(DivisionSnapshotTest, AFailedReadingKeepsTheOneBeforeButForTheStoresOwnAndIsTold) {
  FailingStore store;
  auto snapshot = DivisionSnapshot::Of({}, &store, &rulebook_, [] { return At(kNowMs); }).value();
  ASSERT_TRUE(snapshot->Refresh().ok());
  const std::string before = prometheus::TextSerializer().Serialize(snapshot->Collect());
  store.failing = true;
  absl::Notification told;
  absl::Status fault;
  snapshot->Start(std::chrono::milliseconds(1), [&](const absl::Status& status) {
    if (told.HasBeenNotified()) return;
    fault = status;
    told.Notify();
  });
  told.WaitForNotification();
  snapshot->Stop();
  EXPECT_EQ(fault.code(), absl::StatusCode::kUnavailable);
  const std::string after = prometheus::TextSerializer().Serialize(snapshot->Collect());
  EXPECT_EQ(SeriesOf(after, "shouwang_households"), SeriesOf(before, "shouwang_households"));
  EXPECT_EQ(SeriesOf(after, "shouwang_metrics_refresh_timestamp_seconds"),
            SeriesOf(before, "shouwang_metrics_refresh_timestamp_seconds"));
  EXPECT_THAT(SeriesOf(before, "shouwang_store_writable"), ElementsAre(" 1"));
  EXPECT_THAT(SeriesOf(after, "shouwang_store_writable"), ElementsAre(" 0"));
}

}  // namespace
}  // namespace shouwang::metrics
