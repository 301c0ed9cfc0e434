// The program as it is run: arguments, exit codes, what is said.
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/wait.h>

#include <cstdio>

#include "tests/collectors/ctl/fake_daemon.h"

namespace shouwang::ctl {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

struct Ended {
  int code = -1;
  std::string out;  // and stderr
};

Ended RunProgram(const std::string& arguments) {
  const std::string command =
      fmt::format("{}/bin/shouwangctl {} 2>&1", SHOUWANG_BINARY_DIR, arguments);
  Ended ended;
  FILE* pipe = popen(command.c_str(), "r");
  char buffer[4096];
  while (fgets(buffer, sizeof buffer, pipe) != nullptr) ended.out += buffer;
  const int status = pclose(pipe);
  ended.code = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
  return ended;
}

TEST(ProgramTest, AnswersWithOptionsBeforeAndBehindTheCommand) {
  FakeDaemon daemon;
  daemon.status.set_version("0.1.0");
  const Ended before = RunProgram(fmt::format("--server {} --json status", daemon.address()));
  const Ended behind = RunProgram(fmt::format("status --json --server {}", daemon.address()));
  EXPECT_EQ(before.code, 0) << before.out;
  EXPECT_THAT(before.out, HasSubstr("\"version\":\"0.1.0\""));
  EXPECT_EQ(before.out, behind.out);
}

TEST(ProgramTest, TakesTheRegionByPlaceOrByName) {
  FakeDaemon daemon;
  for (const char* arguments : {"rollup 5205 wage_income", "rollup --indicator wage_income 5205",
                                "rollup --region 5205 --indicator wage_income"}) {
    daemon.rollups_request.Clear();
    const Ended ended = RunProgram(fmt::format("--server {} {}", daemon.address(), arguments));
    EXPECT_EQ(ended.code, 0) << ended.out;
    EXPECT_EQ(daemon.rollups_request.region(), "5205") << arguments;
    EXPECT_EQ(daemon.rollups_request.indicator(), "wage_income") << arguments;
  }
}

TEST(ProgramTest, AnIndicatorOptionTakesOneWordAndLeavesTheSubject) {
  FakeDaemon daemon;
  RunProgram(fmt::format("--server {} history --indicator a,b --indicator c 520502001001/17",
                         daemon.address()));
  ASSERT_EQ(daemon.history_requests.size(), 1u);
  EXPECT_THAT(daemon.history_requests[0].indicators(), ElementsAre("a", "b", "c"));
  EXPECT_THAT(daemon.history_requests[0].subjects(), ElementsAre("520502001001/17"));
}

TEST(ProgramTest, ExitsWith1WhereItIsNotAnswered) {
  FakeDaemon daemon;
  const std::string server = daemon.address();
  EXPECT_EQ(RunProgram("").code, 1);
  EXPECT_EQ(RunProgram("nosuch").code, 1);
  EXPECT_EQ(RunProgram("status --json --jsonl").code, 1);
  EXPECT_EQ(RunProgram("--server " + server + " warnings --severity purple").code, 1);
  daemon.Stop();
  const Ended ended = RunProgram("--server " + server + " status");
  EXPECT_EQ(ended.code, 1);
  EXPECT_THAT(ended.out, HasSubstr("Is shouwangd running there?"));
}

TEST(ProgramTest, HelpsWithExamples) {
  const Ended ended = RunProgram("--help");
  EXPECT_EQ(ended.code, 0);
  EXPECT_THAT(ended.out, AllOf(HasSubstr("Examples:"), HasSubstr("explain"), HasSubstr("--jsonl")));
}

}  // namespace
}  // namespace shouwang::ctl
