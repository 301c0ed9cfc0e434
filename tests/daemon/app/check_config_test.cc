#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>

#include "tests/daemon/app/daemon_process.h"

namespace shouwang::app {
namespace {

using testing::AllOf;
using testing::HasSubstr;

TEST(CheckConfigTest, TellsWhatWasLoadedAndEndsWithZero) {
  const Home home;
  const Ended ended = RunDaemon(home, {"--check-config", "--config", home.Path("shouwangd.yaml")});
  EXPECT_EQ(ended.exit_code, 0);
  EXPECT_EQ(ended.err, "");
  EXPECT_THAT(ended.out, AllOf(HasSubstr("indicators  2 (1 of households, 1 of sites)"),
                               HasSubstr("divisions   5 (1 counties, 1 townships, 1 villages)"),
                               HasSubstr("sites       1\n"),
                               HasSubstr("policy      202001 from 2020-01-01: 1 rules"),
                               HasSubstr("101 wage_low (household, income, red)")));
  EXPECT_FALSE(std::ifstream(home.Path("data/CURRENT")).good());
}

TEST(CheckConfigTest, TellsTheProblemsOfAllFilesTogetherWithTheirLines) {
  const Home home;
  home.Write("shouwangd.yaml", Home::ConfigText() + "colour: green\nlog_level: loud\n");
  std::string policy = Home::PolicyText(202001, 600);
  policy.replace(policy.find("wage_income"), 11, "shoe_size");
  home.Write("policy.yaml", policy);
  home.Write("sites.yaml",
             "sites:\n  - {settlement: \"529999001\", number: 1, name_zh: 甲, name_en: A,\n"
             "     origins: [\"520502001001\"]}\n");
  const Ended ended = RunDaemon(home, {"--check-config", "--config", home.Path("shouwangd.yaml")});
  EXPECT_EQ(ended.exit_code, 1);
  EXPECT_EQ(ended.out, "");
  EXPECT_THAT(ended.err, AllOf(HasSubstr("colour"), HasSubstr("'log_level' is 'loud'"),
                               HasSubstr("shoe_size"), HasSubstr("529999001")));
  EXPECT_THAT(ended.err, HasSubstr(home.Path("policy.yaml") + ":"));
  EXPECT_THAT(ended.err, HasSubstr(home.Path("sites.yaml") + ":2"));
  EXPECT_THAT(ended.err, testing::ContainsRegex("[0-9]+ problems\n$"));
}

TEST(CheckConfigTest, AMissingFileIsOneProblem) {
  const Home home;
  const Ended ended = RunDaemon(home, {"--check-config", "--config", home.Path("nowhere.yaml")});
  EXPECT_EQ(ended.exit_code, 1);
  EXPECT_THAT(ended.err, AllOf(HasSubstr("nowhere.yaml"), HasSubstr("1 problem\n")));
}

TEST(OptionsTest, TellsItsVersionAndRefusesUnknownFlags) {
  const Home home;
  const Ended version = RunDaemon(home, {"--version"});
  EXPECT_EQ(version.exit_code, 0);
  EXPECT_THAT(version.out, testing::ContainsRegex("^shouwangd [0-9]+\\.[0-9]+\\.[0-9]+\n$"));
  EXPECT_NE(RunDaemon(home, {"--no-such-flag"}).exit_code, 0);
  EXPECT_NE(RunDaemon(home, {}).exit_code, 0);
}

}  // namespace
}  // namespace shouwang::app
