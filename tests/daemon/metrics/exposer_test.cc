#include "daemon/metrics/exposer.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <prometheus/registry.h>
#include <sys/wait.h>

#include <cstdlib>
#include <fstream>
#include <sstream>

#include "daemon/metrics/division_snapshot.h"
#include "daemon/metrics/listen_fault.h"
#include "daemon/metrics/process_metrics.h"
#include "tests/daemon/metrics/http_get.h"
#include "tests/daemon/watched_county.h"

namespace shouwang::metrics {
namespace {

using namespace county;
using testing::HasSubstr;
using testing::Not;

TEST(ExposerTest, TellsThePortThatTheKernelChoseAndServesThere) {
  auto exposer = Exposer::Open("127.0.0.1:0");
  ASSERT_TRUE(exposer.ok()) << std::string(exposer.status().message());
  EXPECT_GT((*exposer)->port(), 0);
  auto process = std::make_shared<ProcessMetrics>();
  (*exposer)->Register(process);
  EXPECT_THAT(HttpGet((*exposer)->port(), "/metrics"),
              HasSubstr("# TYPE process_resident_memory_bytes gauge"));
}

TEST(ExposerTest, ATakenPortIsNamedWithWhatToDo) {
  auto first = Exposer::Open("127.0.0.1:0");
  ASSERT_TRUE(first.ok());
  const std::string address = "127.0.0.1:" + std::to_string((*first)->port());
  const auto second = Exposer::Open(address);
  EXPECT_EQ(second.status().code(), absl::StatusCode::kUnavailable);
  EXPECT_EQ(std::string(second.status().message()),
            "metrics_listen (--metrics-listen): " + address +
                " is taken; stop what listens there (ss -ltnp shows it) or set another port");
}

TEST(ExposerTest, AnAddressThatIsNoneIsSaidToBeNone) {
  const auto exposer = Exposer::Open("nowhere");
  EXPECT_EQ(exposer.status().code(), absl::StatusCode::kInvalidArgument);
  EXPECT_THAT(std::string(exposer.status().message()),
              HasSubstr("'nowhere' is not an address and port"));
}

TEST(ListenFaultTest, SaysToTryAgainWhereTheAddressIsFreeNow) {
  EXPECT_EQ(std::string(ListenFault("listen", "127.0.0.1:0").message()),
            "listen: 127.0.0.1:0 could not be listened on; try again");
  EXPECT_EQ(ListenFault("listen", "127.0.0.1:http-alt").code(), absl::StatusCode::kInvalidArgument);
}

TEST(ProcessMetricsTest, ReadsThisProcess) {
  const auto families = ProcessMetrics().Collect();
  ASSERT_EQ(families.size(), 4);
  EXPECT_EQ(families[0].name, "process_cpu_seconds_total");
  EXPECT_EQ(families[0].type, prometheus::MetricType::Counter);
  EXPECT_GE(families[0].metric.at(0).counter.value, 0);
  EXPECT_EQ(families[1].name, "process_resident_memory_bytes");
  EXPECT_GT(families[1].metric.at(0).gauge.value, 1 << 20);
  EXPECT_EQ(families[2].name, "process_open_fds");
  EXPECT_GE(families[2].metric.at(0).gauge.value, 3);
  EXPECT_EQ(families[3].name, "process_start_time_seconds");
  const double now =
      std::chrono::duration<double>(std::chrono::system_clock::now().time_since_epoch()).count();
  EXPECT_LE(families[3].metric.at(0).gauge.value, now + 1);
  EXPECT_GT(families[3].metric.at(0).gauge.value, now - 3600);
}

TEST(ScrapeTest, PromtoolFindsNothingToSayAndNoHouseholdIsInIt) {
  if (std::system("command -v promtool >/dev/null") != 0) GTEST_SKIP() << "promtool is missing";
  WatchedCounty county;
  county.Tell({.place = Settlement("520502001"),
               .households = 40,
               .sites = 1,
               .observations = 900,
               .latest_observed_on = Day("2026-10-05"),
               .latest_known_at = At(1'794'000'000'500),
               .warnings = {{101, Severity::kRed, 3}}});
  county.Tell(
      {.place = Origin("520302001"), .households = 7, .warnings = {{101, Severity::kRed, 1}}});
  county.Tell({.place = SitePlace("520502001", "520502001/S3"),
               .households = 31,
               .warnings = {{101, Severity::kRed, 2}}});
  county.Count(Settlement("520502001"), kAnyIndicator, "2026-10", 20, 0);
  county.Count(Settlement("520502001"), kWage, "2026-10", 20, 600'00);
  county.Observe("520502001001/17", kWage, "2026-10-05", 1);
  county.Observe("520502001/S3", kSeats, "2026-09-01", 90);
  county.Open("520502001001/17", 101, Severity::kRed, RiskKind::kIncome, "2026-10-05");
  const CurrentRulebook rulebook(SmallRulebook());
  auto snapshot =
      DivisionSnapshot::Of({}, &county.store(), &rulebook, [] { return At(kNowMs); }).value();
  ASSERT_TRUE(snapshot->Refresh().ok());
  auto process = std::make_shared<ProcessMetrics>();
  auto exposer = Exposer::Open("127.0.0.1:0");
  ASSERT_TRUE(exposer.ok());
  (*exposer)->Register(snapshot);
  (*exposer)->Register(process);

  const std::string scrape = HttpGet((*exposer)->port(), "/metrics");
  EXPECT_THAT(scrape, HasSubstr("shouwang_site_indicator{site=\"520502001/S3\""));
  EXPECT_THAT(scrape, HasSubstr("shouwang_indicator_mean{division=\"520502\""));
  EXPECT_THAT(scrape, Not(HasSubstr("520502001001")));
  const std::string stem = testing::TempDir() + "/scrape_" + std::to_string(getpid());
  std::ofstream(stem + ".txt") << scrape;
  const int exit =
      std::system(("promtool check metrics < " + stem + ".txt > " + stem + ".out 2>&1").c_str());
  std::ostringstream said;
  said << std::ifstream(stem + ".out").rdbuf();
  EXPECT_EQ(WEXITSTATUS(exit), 0);
  EXPECT_EQ(said.str(), "");
}

}  // namespace
}  // namespace shouwang::metrics
