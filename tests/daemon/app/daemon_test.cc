// The real program, over its wire.
#include <gmock/gmock.h>
#include <grpcpp/grpcpp.h>
#include <gtest/gtest.h>
#include <sched.h>
#include <shouwang/v1/risk.grpc.pb.h>
#include <sys/resource.h>

#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>
#include <sstream>

#include <nlohmann/json.hpp>

#include "daemon/pace/prompt_thread.h"
#include "tests/daemon/app/bare_call.h"
#include "tests/daemon/app/daemon_process.h"
#include "tests/daemon/app/report_calls.h"
#include "tests/daemon/metrics/http_get.h"

namespace shouwang::app {
namespace {

using metrics::HttpGet;
using testing::AllOf;
using testing::HasSubstr;
using testing::StartsWith;

TEST(DaemonTest, ComesUpOnPortsOfTheKernelServingWithReflection) {
  const Home home;
  DaemonProcess daemon(home);
  ASSERT_EQ(daemon.NextNotice(), "READY=1");
  const auto channel = ChannelTo(daemon.GrpcPort());
  // HealthCheckRequest{}; HealthCheckResponse{status: SERVING}
  EXPECT_EQ(BareCall(channel, "/grpc.health.v1.Health/Check", ""), std::string("\x08\x01"));
  // ServerReflectionRequest{list_services: "*"}
  const std::string services =
      BareCall(channel, "/grpc.reflection.v1alpha.ServerReflection/ServerReflectionInfo",
               std::string("\x3a\x01*"));
  EXPECT_THAT(services,
              AllOf(HasSubstr("shouwang.v1.ReportService"), HasSubstr("shouwang.v1.SeriesService"),
                    HasSubstr("shouwang.v1.RiskService"), HasSubstr("shouwang.v1.AdminService"),
                    HasSubstr("shouwang.v1.CatalogueService"), HasSubstr("grpc.health.v1.Health")));
}

TEST(DaemonTest, TheReadyFileSaysWhereItIsAndGoesWhenItStops) {
  const Home home;
  DaemonProcess daemon(home);
  ASSERT_EQ(daemon.NextNotice(), "READY=1");
  const nlohmann::json facts = nlohmann::json::parse(home.Read(daemon.ReadyName()));
  EXPECT_EQ(facts.at("pid"), daemon.pid());
  EXPECT_EQ(facts.at("grpc"), "127.0.0.1:" + std::to_string(facts.at("grpc_port").get<int>()));
  EXPECT_EQ(facts.at("metrics"),
            "127.0.0.1:" + std::to_string(facts.at("metrics_port").get<int>()));
  daemon.Signal(SIGTERM);
  EXPECT_EQ(daemon.NextNotice(), "STOPPING=1");
  EXPECT_EQ(daemon.Wait().exit_code, 0);
  EXPECT_FALSE(std::ifstream(home.Path(daemon.ReadyName())).good());
}

TEST(DaemonTest, WhatWasReceiptedIsThereAfterAStop) {
  const Home home;
  {
    DaemonProcess daemon(home);
    ASSERT_EQ(daemon.NextNotice(), "READY=1");
    const v1::Receipt receipt = ReportOne(daemon.GrpcPort());
    EXPECT_EQ(receipt.accepted(), 1);
    EXPECT_EQ(receipt.warnings_opened(), 1);
    daemon.Signal(SIGINT);
    EXPECT_EQ(daemon.Wait().exit_code, 0);
  }
  DaemonProcess daemon(home);
  ASSERT_EQ(daemon.NextNotice(), "READY=1");
  const v1::GetStatusResponse status = StatusOf(daemon.GrpcPort());
  EXPECT_EQ(status.households(), 1);
  EXPECT_EQ(status.observations(), 1);
  EXPECT_EQ(status.warnings_open(), 1);
  EXPECT_EQ(status.policy_version(), 202001);
  EXPECT_EQ(ReportOne(daemon.GrpcPort()).repeated(), true);
}

TEST(DaemonTest, WhatWasReceiptedIsThereAfterAKill) {
  const Home home;
  {
    DaemonProcess daemon(home);
    ASSERT_EQ(daemon.NextNotice(), "READY=1");
    EXPECT_EQ(ReportOne(daemon.GrpcPort()).accepted(), 1);
    daemon.Signal(SIGKILL);
    EXPECT_EQ(daemon.Wait().exit_code, 128 + SIGKILL);
  }
  DaemonProcess daemon(home);
  ASSERT_EQ(daemon.NextNotice(), "READY=1");
  EXPECT_EQ(StatusOf(daemon.GrpcPort()).observations(), 1);
}

// Of each thread by its name: its scheduling and how nice it is.
std::multimap<std::string, std::pair<int, int>> ThreadsOf(pid_t pid) {
  std::multimap<std::string, std::pair<int, int>> threads;
  for (const auto& task : std::filesystem::directory_iterator(fmt::format("/proc/{}/task", pid))) {
    const pid_t id = std::stoi(task.path().filename());
    std::string name;
    std::getline(std::ifstream(task.path() / "comm"), name);
    threads.insert({name,
                    {sched_getscheduler(id) & ~SCHED_RESET_ON_FORK,
                     getpriority(PRIO_PROCESS, static_cast<id_t>(id))}});
  }
  return threads;
}

TEST(DaemonTest, ThreadsThatAnswerGoBeforeThoseThatTakeInReports) {
  const Home home;
  DaemonProcess daemon(home);
  ASSERT_EQ(daemon.NextNotice(), "READY=1");
  EXPECT_EQ(ReportOne(daemon.GrpcPort()).accepted(), 1);
  EXPECT_EQ(StatusOf(daemon.GrpcPort()).observations(), 1);
  int prompt = 0;
  int shards = 0;
  for (const auto& [name, how] : ThreadsOf(daemon.pid())) {
    if (how.first == SCHED_RR) ++prompt;
    if (!name.starts_with("shard-")) continue;
    ++shards;
    EXPECT_EQ(how, std::pair(SCHED_OTHER, getpriority(PRIO_PROCESS, 0) + 5)) << name;
  }
  EXPECT_GE(shards, 1);
  // One of gRPC's at least, which has taken in the report, and the two that answer questions.
  if (!MayBePrompt()) GTEST_SKIP() << "no thread of this process may be prompt";
  EXPECT_GE(prompt, 3);
}

TEST(DaemonTest, AStopDoesNotWaitForThoseWhoWatch) {
  const Home home;
  DaemonProcess daemon(home);
  ASSERT_EQ(daemon.NextNotice(), "READY=1");
  auto stub = v1::RiskService::NewStub(ChannelTo(daemon.GrpcPort()));
  grpc::ClientContext context;
  auto reader = stub->WatchWarnings(&context, {});
  reader->WaitForInitialMetadata();
  daemon.Signal(SIGTERM);
  v1::WatchWarningsResponse response;
  EXPECT_FALSE(reader->Read(&response));
  EXPECT_EQ(reader->Finish().error_code(), grpc::StatusCode::UNAVAILABLE);
  EXPECT_EQ(daemon.Wait().exit_code, 0);
}

TEST(DaemonTest, ARefusedReloadKeepsTheOldPolicyAndSaysWhy) {
  const Home home;
  DaemonProcess daemon(home);
  ASSERT_EQ(daemon.NextNotice(), "READY=1");
  EXPECT_THAT(HttpGet(daemon.MetricsPort(), "/metrics"),
              HasSubstr("shouwang_config_last_reload_successful 1"));
  std::string policy = Home::PolicyText(202501, 400);
  policy.replace(policy.find("wage_income"), 11, "shoe_size");
  home.Write("policy.yaml", policy + "colour: green\n");
  daemon.Signal(SIGHUP);
  EXPECT_THAT(daemon.NextNotice(), StartsWith("RELOADING=1\nMONOTONIC_USEC="));
  ASSERT_EQ(daemon.NextNotice(), "READY=1");
  const v1::GetStatusResponse status = StatusOf(daemon.GrpcPort());
  EXPECT_EQ(status.policy_version(), 202001);
  EXPECT_THAT(status.reload_error(), AllOf(HasSubstr("shoe_size"), HasSubstr("colour")));
  EXPECT_THAT(HttpGet(daemon.MetricsPort(), "/metrics"),
              HasSubstr("shouwang_config_last_reload_successful 0"));
}

TEST(DaemonTest, ACatalogueThatContradictsTheStoreIsRefusedAtReload) {
  const Home home;
  DaemonProcess daemon(home);
  ASSERT_EQ(daemon.NextNotice(), "READY=1");
  std::string catalogue = home.Read("catalogue.yaml");
  catalogue.replace(catalogue.find("decimals: 2"), 11, "decimals: 1");
  home.Write("catalogue.yaml", catalogue);
  daemon.Signal(SIGHUP);
  daemon.NextNotice();
  ASSERT_EQ(daemon.NextNotice(), "READY=1");
  EXPECT_THAT(StatusOf(daemon.GrpcPort()).reload_error(), HasSubstr("wage_income"));
}

TEST(DaemonTest, AReloadPutsTheNewPolicyInForceAndReevaluates) {
  const Home home;
  DaemonProcess daemon(home);
  ASSERT_EQ(daemon.NextNotice(), "READY=1");
  EXPECT_EQ(ReportOne(daemon.GrpcPort()).warnings_opened(), 1);
  auto stub = v1::RiskService::NewStub(ChannelTo(daemon.GrpcPort()));
  grpc::ClientContext context;
  auto reader = stub->WatchWarnings(&context, {});
  reader->WaitForInitialMetadata();

  home.Write("policy.yaml", Home::PolicyText(202501, 400));
  daemon.Signal(SIGHUP);
  daemon.NextNotice();
  ASSERT_EQ(daemon.NextNotice(), "READY=1");
  v1::WatchWarningsResponse change;
  ASSERT_TRUE(reader->Read(&change));
  EXPECT_EQ(change.warning().subject(), "520502001001/17");
  EXPECT_TRUE(change.warning().has_cleared_on());
  v1::GetStatusResponse status = StatusOf(daemon.GrpcPort());
  EXPECT_EQ(status.policy_version(), 202501);
  EXPECT_EQ(status.reload_error(), "");
  EXPECT_EQ(status.warnings_open(), 0);

  home.Write("policy.yaml", Home::PolicyText(202502, 700));
  daemon.Signal(SIGHUP);
  ASSERT_TRUE(reader->Read(&change));
  EXPECT_FALSE(change.warning().has_cleared_on());
  EXPECT_EQ(StatusOf(daemon.GrpcPort()).warnings_open(), 1);
}

TEST(DaemonTest, APolicyChangedWhileItWasDownIsFollowedAtStart) {
  const Home home;
  {
    DaemonProcess daemon(home);
    ASSERT_EQ(daemon.NextNotice(), "READY=1");
    EXPECT_EQ(ReportOne(daemon.GrpcPort()).warnings_opened(), 1);
    daemon.Signal(SIGTERM);
    ASSERT_EQ(daemon.Wait().exit_code, 0);
  }
  home.Write("policy.yaml", Home::PolicyText(202501, 400));
  DaemonProcess daemon(home);
  ASSERT_EQ(daemon.NextNotice(), "READY=1");
  v1::GetStatusResponse status = StatusOf(daemon.GrpcPort());
  while (status.reevaluating()) status = StatusOf(daemon.GrpcPort());
  EXPECT_EQ(status.warnings_open(), 0);
  EXPECT_DOUBLE_EQ(status.reevaluation_progress(), 1);
  EXPECT_THAT(HttpGet(daemon.MetricsPort(), "/metrics"),
              HasSubstr("shouwang_reevaluation_progress_ratio 1"));
}

TEST(DaemonTest, ATakenPortIsNamedWithWhatToDo) {
  const Home home;
  DaemonProcess first(home);
  ASSERT_EQ(first.NextNotice(), "READY=1");
  const std::string taken = "127.0.0.1:" + std::to_string(first.GrpcPort());
  const std::string scraped = "127.0.0.1:" + std::to_string(first.MetricsPort());
  const Ended grpc_taken = RunDaemon(home, {"--config", home.Path("shouwangd.yaml"), "--data-dir",
                                            home.Path("other"), "--listen", taken});
  EXPECT_EQ(grpc_taken.exit_code, 1);
  EXPECT_THAT(grpc_taken.err,
              HasSubstr("listen (--listen): " + taken + " is taken; stop what listens there"));
  const Ended metrics_taken =
      RunDaemon(home, {"--config", home.Path("shouwangd.yaml"), "--data-dir", home.Path("other"),
                       "--metrics-listen", scraped});
  EXPECT_EQ(metrics_taken.exit_code, 1);
  EXPECT_THAT(metrics_taken.err, HasSubstr("metrics_listen (--metrics-listen): " + scraped +
                                           " is taken; stop what listens there"));
}

TEST(DaemonTest, ASecondDaemonOnTheSameDataIsRefused) {
  const Home home;
  DaemonProcess first(home);
  ASSERT_EQ(first.NextNotice(), "READY=1");
  const Ended second = RunDaemon(home, {"--config", home.Path("shouwangd.yaml")});
  EXPECT_EQ(second.exit_code, 1);
  EXPECT_THAT(second.err, HasSubstr("data_dir (--data-dir): " + home.Path("data")));
  EXPECT_EQ(StatusOf(first.GrpcPort()).batches(), 0);
}

TEST(DaemonTest, EveryLineOfTheLogIsOneEvent) {
  const Home home;
  DaemonProcess daemon(home);
  ASSERT_EQ(daemon.NextNotice(), "READY=1");
  home.Write("policy.yaml", "nonsense: [\n");
  daemon.Signal(SIGHUP);
  daemon.NextNotice();
  ASSERT_EQ(daemon.NextNotice(), "READY=1");
  daemon.Signal(SIGTERM);
  std::istringstream lines(daemon.Wait().err);
  int count = 0;
  for (std::string line; std::getline(lines, line); ++count) {
    EXPECT_THAT(line,
                testing::ContainsRegex("^[0-9-]+T[0-9:.]+[+-][0-9:]+ level=[a-z]+ event=[a-z._]+"));
  }
  EXPECT_GE(count, 5);
}

TEST(DaemonTest, ItsWholeScrapeIsCleanToPromtool) {
  if (std::system("command -v promtool >/dev/null") != 0) GTEST_SKIP() << "promtool is missing";
  const Home home;
  DaemonProcess daemon(home);
  ASSERT_EQ(daemon.NextNotice(), "READY=1");
  EXPECT_EQ(ReportOne(daemon.GrpcPort()).accepted(), 1);
  const std::string scrape = HttpGet(daemon.MetricsPort(), "/metrics");
  for (const char* name :
       {"shouwang_build_info", "shouwang_households", "shouwang_ingest_batches_total",
        "shouwang_commit_duration_seconds", "shouwang_warning_transitions_total",
        "shouwang_rpc_requests_total", "shouwang_store_bytes", "process_resident_memory_bytes",
        "shouwang_config_last_reload_success_timestamp_seconds"}) {
    EXPECT_THAT(scrape, HasSubstr(std::string("# HELP ") + name + " "));
  }
  EXPECT_THAT(scrape, testing::Not(HasSubstr("520502001001/17")));
  home.Write("scrape.txt", scrape);
  const int exit = std::system(("promtool check metrics < " + home.Path("scrape.txt") + " > " +
                                home.Path("promtool.txt") + " 2>&1")
                                   .c_str());
  EXPECT_EQ(WEXITSTATUS(exit), 0);
  EXPECT_EQ(home.Read("promtool.txt"), "");
}

}  // namespace
}  // namespace shouwang::app
