#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <sstream>
#include <vector>

#include "collectors/ctl/commands.h"
#include "storage/vocabulary/date.h"
#include "tests/collectors/ctl/fake_daemon.h"
#include "tests/collectors/run_program.h"

namespace shouwang::ctl {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

int32_t DayOf(const char* text) { return Date::Parse(text).value().days(); }
int32_t MonthOf(const char* text) { return Month::Parse(text).value().index(); }

class ReportingCommandsTest : public ::testing::Test {
 protected:
  template <typename Command>
  std::string Run(Output output, Command command, Language language = Language::kEnglish) {
    std::ostringstream out;
    command(Session({daemon_.address(), std::chrono::seconds(20), output, language}, out));
    return out.str();
  }
  void Report() {
    v1::DivisionReporting* row = daemon_.reporting.add_rows();
    row->set_division("520502");
    row->set_name("七星关区");
    row->set_month(MonthOf("2026-09"));
    row->set_due_on(DayOf("2026-10-25"));
    row->set_expected(400);
    row->set_reported(300);
    row->set_heard(300);
    row->set_on_time(240);
    row->set_median_delay_days(-2);
    row->set_p90_delay_days(31);
    v1::DivisionReporting* closed = daemon_.reporting.add_rows();
    closed->set_division("520503");
    closed->set_month(MonthOf("2020-09"));
    closed->set_reported(7);
  }
  static v1::SilentHousehold Household(const char* subject) {
    v1::SilentHousehold household;
    household.set_subject(subject);
    household.set_division_path("贵州省 / 毕节市");
    household.set_last_observed_on(DayOf("2026-08-31"));
    household.set_days(76);
    household.set_last_source(v1::SOURCE_CADRE_VISIT);
    household.set_last_known_at_ms(0);
    return household;
  }

  FakeDaemon daemon_;
};

TEST_F(ReportingCommandsTest, ReportingIsATableOfRatesAndDelays) {
  Report();
  ReportingArguments arguments{"5205", "", "2026-01", "2026-10"};
  const auto command = [&](const Session& session) { Reporting(session, arguments); };
  EXPECT_THAT(Run(Output::kTable, command),
              AllOf(HasSubstr("DIVISION  MONTH    DUE         EXPECTED  REPORTED  COMPLETE %  "
                              "ON TIME %  DELAY P50  DELAY P90  NAME"),
                    HasSubstr("520502    2026-09  2026-10-25       400       300        75.0  "
                              "     80.0         -2         31  七星关区"),
                    HasSubstr("520503    2020-09                     ?         7"),
                    HasSubstr("?: not all of the month is kept, or the policy expects less")));
  EXPECT_THAT(
      Run(Output::kTable, command, Language::kChinese),
      AllOf(HasSubstr("上报率%"), HasSubstr("及时率%"), HasSubstr("?：该月数据未全部保留")));
  EXPECT_EQ(daemon_.reporting_request.region(), "5205");
  EXPECT_EQ(daemon_.reporting_request.group_digits(), 6u);
  EXPECT_EQ(daemon_.reporting_request.from_month(), MonthOf("2026-01"));
  EXPECT_EQ(daemon_.reporting_request.to_month(), MonthOf("2026-10"));
  arguments.by = "township";
  Run(Output::kTable, command);
  EXPECT_EQ(daemon_.reporting_request.group_digits(), 9u);
}

TEST_F(ReportingCommandsTest, ReportingInJsonHasNullsForWhatIsNotKnown) {
  Report();
  const Json rows = Json::parse(Run(Output::kJson, [](const Session& session) {
    Reporting(session, {"52", "", "", ""});
  }));
  ASSERT_EQ(rows.size(), 2u);
  EXPECT_EQ(rows[0]["division"], "520502");
  EXPECT_EQ(rows[0]["month"], "2026-09");
  EXPECT_EQ(rows[0]["due_on"], "2026-10-25");
  EXPECT_EQ(rows[0]["completeness"], 0.75);
  EXPECT_EQ(rows[0]["timeliness"], 0.8);
  EXPECT_EQ(rows[0]["median_delay_days"], -2);
  for (const char* key : {"due_on", "expected", "completeness", "on_time", "timeliness",
                          "median_delay_days", "p90_delay_days"}) {
    EXPECT_TRUE(rows[1][key].is_null()) << key;
  }
  EXPECT_EQ(rows[1]["reported"], 7);
}

TEST_F(ReportingCommandsTest, SilentHouseholdsArePagedWithTheirWorstWarning) {
  daemon_.silent = {Household("520502001001/1"), Household("520502001001/2"),
                    Household("520502001001/3")};
  for (const v1::Severity severity : {v1::SEVERITY_YELLOW, v1::SEVERITY_RED}) {
    v1::Warning* warning = daemon_.silent[0].add_warnings();
    warning->set_severity(severity);
    warning->set_rule_title_en(severity == v1::SEVERITY_RED ? "No income" : "Watch");
    warning->set_rule_title_zh("无收入");
  }
  SilentArguments arguments{"520502", "2026-11-15", true, 2, false};
  const auto command = [&](const Session& session) { Silent(session, arguments); };
  EXPECT_THAT(
      Run(Output::kTable, command),
      AllOf(HasSubstr("520502001001/1  2026-08-31       76  cadre visit  red No income (+1)"),
            HasSubstr("520502001001/2"), Not(HasSubstr("520502001001/3")),
            HasSubstr("the first 2; there are more: --limit N or --all")));
  EXPECT_EQ(daemon_.silent_requests[0].on(), DayOf("2026-11-15"));
  EXPECT_TRUE(daemon_.silent_requests[0].with_warning_only());
  EXPECT_EQ(daemon_.silent_requests[1].page_token(), "1");
  EXPECT_THAT(Run(Output::kTable, command, Language::kChinese),
              AllOf(HasSubstr("走访"), HasSubstr("红 无收入"), HasSubstr("以上为前 2 条")));
  arguments.all = true;
  const Json all = Json::parse(Run(Output::kJson, command));
  ASSERT_EQ(all.size(), 3u);
  EXPECT_EQ(all[0]["last_source"], "cadre_visit");
  EXPECT_EQ(all[0]["warnings"].size(), 2u);
  EXPECT_EQ(all[2]["subject"], "520502001001/3");
  daemon_.silent.clear();
  EXPECT_THAT(Run(Output::kTable, command, Language::kChinese), HasSubstr("没有静默的农户"));
}

TEST_F(ReportingCommandsTest, AllPagesOfTheSilentAreOfTheFirstOnesDay) {
  daemon_.silent = {Household("520502001001/1"), Household("520502001001/2")};
  Run(Output::kTable, [](const Session& session) {
    Silent(session, {"520502", "", false, 1, true});
  });
  ASSERT_EQ(daemon_.silent_requests.size(), 2u);
  EXPECT_FALSE(daemon_.silent_requests[0].has_on());
  EXPECT_EQ(daemon_.silent_requests[1].on(), 20'772) << "also where midnight lies between them";
}

TEST_F(ReportingCommandsTest, ReportersShowTheSilentAndTheMissing) {
  v1::Reporter silent;
  silent.set_township("520502001");
  silent.set_source(v1::SOURCE_CADRE_VISIT);
  silent.set_collector("pc-1");
  silent.set_state(v1::REPORTER_STATE_SILENT);
  silent.set_last_heard_ms(0);
  silent.set_batch(3);
  silent.set_due_on(DayOf("2026-10-25"));
  v1::Reporter missing;
  missing.set_township("520502002");
  missing.set_source(v1::SOURCE_CADRE_VISIT);
  missing.set_state(v1::REPORTER_STATE_NEVER_HEARD);
  daemon_.reporters = {silent, missing};
  const auto command = [&](const Session& session) {
    Reporters(session, {"5205", "", true, 1'000, false});
  };
  EXPECT_THAT(Run(Output::kTable, command),
              AllOf(HasSubstr("520502001  cadre visit  pc-1       silent       "
                              "1970-01-01T00:00:00.000Z  2026-10-25"),
                    HasSubstr("520502002  cadre visit             never heard")));
  EXPECT_TRUE(daemon_.reporters_requests[0].silent_only());
  daemon_.reporters[1].set_state(v1::REPORTER_STATE_GIVEN_UP);
  EXPECT_THAT(Run(Output::kTable, command, Language::kChinese),
              AllOf(HasSubstr("走访"), HasSubstr("不再等待"), Not(HasSubstr("cadre"))));
  daemon_.reporters[1].set_state(v1::REPORTER_STATE_NEVER_HEARD);
  const Json json = Json::parse(Run(Output::kJson, command));
  EXPECT_EQ(json[0]["state"], "silent");
  EXPECT_EQ(json[0]["batch"], 3);
  EXPECT_EQ(json[1]["state"], "never_heard");
  EXPECT_TRUE(json[1]["collector"].is_null());
  EXPECT_TRUE(json[1]["last_heard"].is_null());
}

TEST_F(ReportingCommandsTest, ADayOrMonthThatIsNoneIsRefusedBeforeACall) {
  for (const auto& command : std::vector<std::function<void(const Session&)>>{
           [](const Session& s) {
             Silent(s, {"520502", "yesterday", false, 1, false});
           },
           [](const Session& s) {
             Reporting(s, {"52", "", "2026", ""});
           },
           [](const Session& s) {
             Reporting(s, {"52", "house", "", ""});
           }}) {
    EXPECT_THROW(Run(Output::kTable, command), Failure);
  }
  EXPECT_TRUE(daemon_.silent_requests.empty());
}

}  // namespace
}  // namespace shouwang::ctl
