#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <sstream>

#include "collectors/ctl/commands.h"
#include "storage/vocabulary/date.h"
#include "tests/collectors/ctl/fake_daemon.h"
#include "tests/collectors/run_program.h"

namespace shouwang::ctl {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

int32_t DayOf(const char* text) { return Date::Parse(text).value().days(); }

class CaseCommandsTest : public ::testing::Test {
 protected:
  CaseCommandsTest() {
    v1::Case record;
    record.set_subject("520502001001/17");
    record.set_division_path("贵州省 / 毕节市");
    record.set_state(v1::CASE_STATE_VERIFYING);
    record.set_etag("2");
    record.set_round(1);
    record.set_opened_on(DayOf("2026-11-01"));
    record.set_entered_on(DayOf("2026-11-03"));
    record.set_step_by(DayOf("2026-11-10"));
    record.set_decide_by(DayOf("2026-11-16"));
    record.set_due_on(DayOf("2026-11-10"));
    record.set_days_over(5);
    record.set_owner(v1::ROLE_VILLAGE);
    record.set_level(v1::ROLE_TOWNSHIP);
    record.set_up_on(DayOf("2026-11-18"));
    record.add_risk_kinds("illness");
    v1::Warning* warning = record.add_warnings();
    warning->set_rule("medical_burden");
    warning->set_severity(v1::SEVERITY_RED);
    warning->set_risk_kind("illness");
    warning->set_rule_title_zh("医疗负担过重");
    warning->set_rule_title_en("Medical burden");
    warning->set_opened_on(DayOf("2026-10-31"));
    v1::NextStep* next = record.add_next();
    next->set_to(v1::CASE_STATE_REVIEWED);
    next->add_roles(v1::ROLE_VILLAGE);
    next->add_roles(v1::ROLE_TOWNSHIP);
    daemon_.cases.push_back(record);
  }

  template <typename Command>
  std::string Run(Output output, Command command, Language language = Language::kEnglish) {
    std::ostringstream out;
    command(Session({daemon_.address(), std::chrono::seconds(20), output, language}, out));
    return out.str();
  }
  // A supported case with its past.
  void Support() {
    v1::Case& record = daemon_.cases.front();
    record.set_state(v1::CASE_STATE_SUPPORTED);
    record.set_category(v1::HOUSEHOLD_CATEGORY_MARGINAL);
    record.add_kinds_without_measure("illness");
    v1::CaseEvent opened;
    opened.set_state(v1::CASE_STATE_CLUE);
    opened.set_at_ms(1'794'715'200'000);
    opened.add_rules("medical_burden");
    v1::CaseEvent measure;
    measure.set_state(v1::CASE_STATE_SUPPORTED);
    measure.set_at_ms(1'794'715'200'000);
    measure.set_role(v1::ROLE_TOWNSHIP);
    measure.set_actor("t3");
    measure.mutable_measure()->set_measure("relief");
    measure.mutable_measure()->set_title_zh("救助");
    measure.mutable_measure()->set_title_en("Relief");
    measure.mutable_measure()->set_on(DayOf("2026-11-14"));
    daemon_.case_events = {opened, measure};
    v1::ExitCondition condition;
    condition.set_name("income_above_line");
    condition.set_title_zh("收入高于线");
    condition.set_title_en("Income above the line");
    condition.set_when("net >= line");
    condition.set_hold_months(6);
    condition.set_truth(v1::TRUTH_UNKNOWN);
    condition.set_date(DayOf("2026-11-15"));
    v1::Comparison* comparison = condition.add_comparisons();
    comparison->set_text("net >= line");
    comparison->set_op(">=");
    comparison->set_right(8800);
    daemon_.case_exit = {condition};
  }

  FakeDaemon daemon_;
};

TEST_F(CaseCommandsTest, ListsCasesWithDeadlineRiskAndNextStep) {
  daemon_.cases.push_back(daemon_.cases.front());
  CasesArguments arguments;
  arguments.region = "520502";
  arguments.states = {"verifying", "clue"};
  arguments.overdue = true;
  arguments.escalated = true;
  arguments.level = "township";
  const std::string table =
      Run(Output::kTable, [&](const Session& session) { Cases(session, arguments); });
  EXPECT_THAT(table, AllOf(HasSubstr("STATE      HOUSEHOLD"),
                           HasSubstr("verifying  520502001001/17  2026-11-03  2026-11-10"),
                           HasSubstr("5  township, up from village  illness"),
                           HasSubstr("reviewed (village, township)")));
  ASSERT_EQ(daemon_.cases_requests.size(), 2u) << "page by page";
  EXPECT_EQ(daemon_.cases_requests[0].region(), "520502");
  EXPECT_TRUE(daemon_.cases_requests[0].overdue_only());
  EXPECT_TRUE(daemon_.cases_requests[0].escalated_only());
  EXPECT_EQ(daemon_.cases_requests[0].level(), v1::ROLE_TOWNSHIP);
  EXPECT_THAT(daemon_.cases_requests[0].states(),
              ElementsAre(v1::CASE_STATE_VERIFYING, v1::CASE_STATE_CLUE));
  const std::string chinese = Run(
      Output::kTable, [&](const Session& session) { Cases(session, arguments); },
      Language::kChinese);
  EXPECT_THAT(chinese, AllOf(HasSubstr("超期天数"), HasSubstr("入户核实"), HasSubstr("因病"),
                             HasSubstr("乡镇（由村升级）"), HasSubstr("民主评议 (村, 乡镇)")));
}

TEST_F(CaseCommandsTest, JsonHasEveryField) {
  Support();
  const Json json = Json::parse(
      Run(Output::kJson, [](const Session& session) { ShowCase(session, "520502001001/17"); }));
  EXPECT_EQ(json["state"], "supported");
  EXPECT_EQ(json["etag"], "2");
  EXPECT_EQ(json["category"], "marginal");
  EXPECT_EQ(json["owner"], "village");
  EXPECT_EQ(json["level"], "township");
  EXPECT_EQ(json["escalated"], true);
  EXPECT_EQ(json["up_on"], "2026-11-18");
  EXPECT_EQ(json["cause"], nullptr);
  EXPECT_EQ(json["due_on"], "2026-11-10");
  EXPECT_EQ(json["days_over"], 5);
  EXPECT_EQ(json["not_before"], nullptr);
  EXPECT_EQ(json["kinds_without_measure"], Json::array({"illness"}));
  EXPECT_EQ(json["next"][0]["roles"], Json::array({"village", "township"}));
  EXPECT_EQ(json["exit"][0]["truth"], "unknown");
  EXPECT_EQ(json["exit"][0]["comparisons"][0], "net >= line: ? >= 8800");
  EXPECT_EQ(json["events"][0]["role"], nullptr);
  EXPECT_EQ(json["events"][0]["measure"], nullptr);
  EXPECT_EQ(json["events"][1]["measure"]["on"], "2026-11-14");
  EXPECT_EQ(json["events"][1]["actor"], "t3");
}

TEST_F(CaseCommandsTest, ShowsOneCaseInBothLanguages) {
  Support();
  const auto show = [](const Session& session) { ShowCase(session, "520502001001/17"); };
  EXPECT_THAT(
      Run(Output::kTable, show),
      AllOf(HasSubstr("state             supported since 2026-11-03"),
            HasSubstr("OVERDUE           5 days"),
            HasSubstr("level             township, up from village"),
            HasSubstr("goes up on        2026-11-18"), HasSubstr("NO MEASURE FOR    illness"),
            HasSubstr("warning           red medical_burden Medical burden since "
                      "2026-10-31"),
            HasSubstr("Income above the line  unknown  2026-11-15  net >= line: ? >= 8800"),
            HasSubstr("township t3  Relief (2026-11-14)"),
            HasSubstr("warnings     medical_burden")));
  EXPECT_THAT(Run(Output::kTable, show, Language::kChinese),
              AllOf(HasSubstr("状态              落实帮扶 自 2026-11-03"),
                    HasSubstr("已超期            5 天"), HasSubstr("边缘易致贫户"),
                    HasSubstr("缺对应措施        因病"), HasSubstr("风险消除条件"),
                    HasSubstr("收入高于线"), HasSubstr("乡镇 t3")));
}

TEST_F(CaseCommandsTest, AChangeSaysWhoWhatAndWhichVersion) {
  CaseArguments change;
  change.subject = "520502001001/17";
  change.etag = "2";
  change.state = "registered";
  change.role = "county";
  change.actor = "c1";
  change.note = "备注";
  change.category = "marginal";
  EXPECT_THAT(Run(Output::kTable, [&](const Session& session) { AdvanceCase(session, change); }),
              HasSubstr("verifying since"));
  EXPECT_EQ(daemon_.advance_request.to(), v1::CASE_STATE_REGISTERED);
  EXPECT_EQ(daemon_.advance_request.role(), v1::ROLE_COUNTY);
  EXPECT_EQ(daemon_.advance_request.etag(), "2");
  EXPECT_EQ(daemon_.advance_request.actor(), "c1");
  EXPECT_EQ(daemon_.advance_request.note(), "备注");
  EXPECT_EQ(daemon_.advance_request.category(), v1::HOUSEHOLD_CATEGORY_MARGINAL);
  change.measure = "relief";
  change.on = "2026-11-12";
  EXPECT_THAT(Run(Output::kJson, [&](const Session& session) { AddCaseMeasure(session, change); }),
              HasSubstr("\"etag\":\"2\""));
  EXPECT_EQ(daemon_.measure_request.measure(), "relief");
  EXPECT_EQ(daemon_.measure_request.on(), DayOf("2026-11-12"));
}

TEST_F(CaseCommandsTest, TheProgramTakesItsWordsAndExitsWith1WhereTheDaemonRefuses) {
  const std::string server = "--server " + daemon_.address();
  const Ended advanced = RunProgram(
      "shouwangctl", server +
                         " case advance 520502001001/17 dismissed --etag 2 --role township "
                         "--actor t3 --reason enough --cause coping");
  EXPECT_EQ(advanced.code, 0) << advanced.out;
  EXPECT_EQ(daemon_.advance_request.to(), v1::CASE_STATE_DISMISSED);
  EXPECT_EQ(daemon_.advance_request.reason(), "enough");
  EXPECT_EQ(daemon_.advance_request.cause(), v1::DISMISSAL_CAUSE_COPING);
  EXPECT_EQ(RunProgram("shouwangctl", server + " cases 520502 --state clue,verifying --json").code,
            0);
  daemon_.failure = {grpc::StatusCode::ABORTED, "somebody else was faster"};
  const Ended late = RunProgram("shouwangctl", server +
                                                   " case measure 520502001001/17 relief "
                                                   "--etag 1 --role village --actor v1");
  EXPECT_EQ(late.code, 1);
  EXPECT_THAT(late.out, HasSubstr("somebody else was faster"));
  EXPECT_EQ(RunProgram("shouwangctl", server + " case advance 520502001001/17 open --etag 2 "
                                               "--role township --actor t3")
                .code,
            1);
  const Ended without = RunProgram("shouwangctl", server +
                                                      " case advance 520502001001/17 "
                                                      "verifying --role village --actor v");
  EXPECT_EQ(without.code, 1);
  EXPECT_THAT(without.out, HasSubstr("--etag"));
}

}  // namespace
}  // namespace shouwang::ctl
