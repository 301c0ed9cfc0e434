// The program as it is run: arguments, exit codes, what is said.
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <string>

#include "tests/collectors/ctl/fake_daemon.h"
#include "tests/collectors/run_program.h"

namespace shouwang::ctl {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

Ended RunCtl(const std::string& arguments) { return RunProgram("shouwangctl", arguments); }

TEST(ProgramTest, AnswersWithOptionsBeforeAndBehindTheCommand) {
  FakeDaemon daemon;
  daemon.status.set_version("0.1.0");
  const Ended before = RunCtl(fmt::format("--server {} --json status", daemon.address()));
  const Ended behind = RunCtl(fmt::format("status --json --server {}", daemon.address()));
  EXPECT_EQ(before.code, 0) << before.out;
  EXPECT_THAT(before.out, HasSubstr("\"version\":\"0.1.0\""));
  EXPECT_EQ(before.out, behind.out);
}

TEST(ProgramTest, TakesTheRegionByPlaceOrByName) {
  FakeDaemon daemon;
  for (const char* arguments : {"rollup 5205 wage_income", "rollup --indicator wage_income 5205",
                                "rollup --region 5205 --indicator wage_income"}) {
    daemon.rollups_request.Clear();
    const Ended ended = RunCtl(fmt::format("--server {} {}", daemon.address(), arguments));
    EXPECT_EQ(ended.code, 0) << ended.out;
    EXPECT_EQ(daemon.rollups_request.region(), "5205") << arguments;
    EXPECT_EQ(daemon.rollups_request.indicator(), "wage_income") << arguments;
  }
}

TEST(ProgramTest, AnIndicatorOptionTakesOneWordAndLeavesTheSubject) {
  FakeDaemon daemon;
  RunCtl(fmt::format("--server {} history --indicator a,b --indicator c 520502001001/17",
                     daemon.address()));
  ASSERT_EQ(daemon.history_requests.size(), 1u);
  EXPECT_THAT(daemon.history_requests[0].indicators(), ElementsAre("a", "b", "c"));
  EXPECT_THAT(daemon.history_requests[0].subjects(), ElementsAre("520502001001/17"));
}

TEST(ProgramTest, ExitsWith1WhereItIsNotAnswered) {
  FakeDaemon daemon;
  const std::string server = daemon.address();
  EXPECT_EQ(RunCtl("").code, 1);
  EXPECT_EQ(RunCtl("nosuch").code, 1);
  EXPECT_EQ(RunCtl("status --json --jsonl").code, 1);
  EXPECT_EQ(RunCtl("--server " + server + " warnings --severity purple").code, 1);
  daemon.Stop();
  const Ended ended = RunCtl("--server " + server + " status");
  EXPECT_EQ(ended.code, 1);
  EXPECT_THAT(ended.out, HasSubstr("Is shouwangd running there?"));
}

const std::string kSource = SHOUWANG_SOURCE_DIR;

TEST(ProgramTest, TestsThePolicyOfTheDeploymentWithoutADaemon) {
  const Ended ended =
      RunCtl(fmt::format("policy test {0}/tests/rules/households.yaml {0}/tests/rules/sites.yaml "
                         "--catalogue {0}/deploy/catalogue.yaml --policies {0}/deploy/policies",
                         kSource));
  EXPECT_EQ(ended.code, 0) << ended.out;
  EXPECT_THAT(ended.out, HasSubstr(" passed, 0 failed"));
}

TEST(ProgramTest, APolicyTestThatFailsTellsWhatWasFoundAndWhy) {
  const std::string path = testing::TempDir() + "wrong_cases.yaml";
  std::ofstream(path) << "policies: [guizhou_2026.yaml]\n"
                         "first_month: 2026-01\n"
                         "tests:\n"
                         "  - {name: dropout, series: {dropouts: 0 1}, "
                         "expect: {school_dropout: quiet}}\n";
  const std::string arguments = fmt::format(
      "policy test {0} --catalogue {1}/deploy/catalogue.yaml --policies "
      "{1}/deploy/policies",
      path, kSource);
  const Ended table = RunCtl(arguments + " --lang zh");
  EXPECT_EQ(table.code, 1);
  EXPECT_THAT(table.out,
              AllOf(HasSubstr("wrong_cases.yaml:4 dropout\n  school_dropout\n"
                              "    expected  quiet\n    found     open 2026-02-28\n    【红色"),
                    HasSubstr("0 passed, 1 failed")));
  const Ended json = RunCtl(arguments + " --json");
  EXPECT_EQ(json.code, 1);
  EXPECT_THAT(json.out, AllOf(HasSubstr("\"test\":\"dropout\",\"passed\":false"),
                              HasSubstr("\"found\":\"open 2026-02-28\"")));
}

TEST(ProgramTest, APolicyTestTellsEveryFaultOfItsFiles) {
  const std::string path = testing::TempDir() + "faulty_cases.yaml";
  std::ofstream(path) << "policies: [nosuch.yaml]\nfirst_month: 2026-01\ntests:\n"
                         "  - {name: a, series: {wage: 1}, expect: {}}\n"
                         "  - {name: b, series: {dropouts: x}, expect: {}}\n";
  const Ended ended =
      RunCtl(fmt::format("policy test {} --catalogue {}/deploy/catalogue.yaml", path, kSource));
  EXPECT_EQ(ended.code, 1);
  EXPECT_THAT(ended.out, AllOf(HasSubstr("faulty_cases.yaml:4: test 'a': unknown indicator 'wage'"),
                               HasSubstr("faulty_cases.yaml:5: test 'b': dropouts: 'x'")));
}

TEST(ProgramTest, HelpsWithExamples) {
  const Ended ended = RunCtl("--help");
  EXPECT_EQ(ended.code, 0);
  EXPECT_THAT(ended.out, AllOf(HasSubstr("Examples:"), HasSubstr("explain"), HasSubstr("--jsonl")));
}

}  // namespace
}  // namespace shouwang::ctl
