// Silence over the wire of the real program, and across its death.
#include <gmock/gmock.h>
#include <shouwang/v1/reporting.grpc.pb.h>

#include <csignal>

#include "tests/daemon/app/bare_call.h"
#include "tests/daemon/app/daemon_process.h"
#include "tests/daemon/app/report_calls.h"
#include "tests/daemon/metrics/http_get.h"

namespace shouwang::app {
namespace {

using testing::HasSubstr;

constexpr char kSection[] = R"(
reporting:
  households: {cadence_months: 1, due_day: 25, grace_days: 5, given_up_months: 120, citation: test}
  sources:
    - {source: cadre_visit, cadence_months: 1, due_day: 25, grace_days: 5, given_up_months: 120,
       citation: test}
)";

class SilenceOfTheProgramTest : public testing::Test {
 protected:
  SilenceOfTheProgramTest() {
    home_.Write("policy.yaml", Home::PolicyText(202001, 600) + kSection);
  }

  // The household that ReportOne reports was observed on 2024-05-05, and never since.
  static void ExpectSilence(const DaemonProcess& daemon) {
    const auto stub = v1::ReportingService::NewStub(ChannelTo(daemon.GrpcPort()));
    grpc::ClientContext context;
    v1::ListSilentHouseholdsRequest request;
    request.set_region("520502");
    v1::ListSilentHouseholdsResponse response;
    const grpc::Status status = stub->ListSilentHouseholds(&context, request, &response);
    ASSERT_TRUE(status.ok()) << status.error_message();
    ASSERT_EQ(response.households_size(), 1);
    EXPECT_EQ(response.households(0).subject(), "520502001001/17");
    EXPECT_EQ(response.households(0).last_observed_on(), Date::Parse("2024-05-05").value().days());
    EXPECT_EQ(response.households(0).last_source(), v1::SOURCE_CADRE_VISIT);
    EXPECT_EQ(response.households(0).warnings_size(), 1);
  }

  // Who sent it was heard of just now, and will be silent if nothing more comes in three months.
  static v1::ReporterState StateIn(const DaemonProcess& daemon, int days) {
    const auto stub = v1::ReportingService::NewStub(ChannelTo(daemon.GrpcPort()));
    grpc::ClientContext context;
    v1::ListReportersRequest request;
    const auto now =
        std::chrono::time_point_cast<std::chrono::milliseconds>(std::chrono::system_clock::now());
    request.set_on((DateOf(now) + days).days());
    v1::ListReportersResponse response;
    const grpc::Status status = stub->ListReporters(&context, request, &response);
    EXPECT_TRUE(status.ok()) << status.error_message();
    if (response.reporters_size() != 1) return v1::REPORTER_STATE_UNSPECIFIED;
    EXPECT_EQ(response.reporters(0).collector(), "test");
    return response.reporters(0).state();
  }

  const Home home_;
};

TEST_F(SilenceOfTheProgramTest, IsSeenWithoutAReportAndAcrossAKill) {
  {
    DaemonProcess daemon(home_);
    ASSERT_EQ(daemon.NextNotice(), "READY=1");
    ASSERT_FALSE(ReportOne(daemon.GrpcPort()).has_error());
    ExpectSilence(daemon);
    EXPECT_EQ(StateIn(daemon, 1), v1::REPORTER_STATE_REPORTING);
    daemon.Signal(SIGKILL);
    EXPECT_EQ(daemon.Wait().exit_code, 128 + SIGKILL);
  }
  DaemonProcess daemon(home_);
  ASSERT_EQ(daemon.NextNotice(), "READY=1");
  ExpectSilence(daemon);
  EXPECT_EQ(StateIn(daemon, 1), v1::REPORTER_STATE_REPORTING);
  EXPECT_EQ(StateIn(daemon, 95), v1::REPORTER_STATE_SILENT);
  const std::string scrape = metrics::HttpGet(daemon.MetricsPort(), "/metrics");
  EXPECT_THAT(scrape, HasSubstr("shouwang_reporters_silent{division=\"520502\","
                                "source=\"cadre_visit\"} 0"));
  EXPECT_THAT(scrape, HasSubstr("# HELP shouwang_households_silent "));
}

}  // namespace
}  // namespace shouwang::app
