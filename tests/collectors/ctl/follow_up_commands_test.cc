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
using ::testing::HasSubstr;

int32_t DayOf(const char* text) { return Date::Parse(text).value().days(); }
int32_t MonthOf(const char* text) { return Month::Parse(text).value().index(); }

class FollowUpCommandsTest : public ::testing::Test {
 protected:
  FollowUpCommandsTest() {
    v1::RulePrecision* rule = daemon_.precision.add_rules();
    rule->set_rule("wage_low");
    rule->set_title_zh("工资低");
    rule->set_title_en("Low wage");
    rule->set_rounds(30);
    rule->set_confirmed(10);
    rule->set_refuted(18);
    rule->set_refuted_data_error(7);
    rule->set_refuted_coping(8);
    rule->set_refuted_other(3);
    rule->set_pending(2);
    rule->mutable_precision()->set_value(0.357);
    rule->mutable_precision()->set_low(0.207);
    rule->mutable_precision()->set_high(0.542);
    rule->set_median_days(8.5);
    *daemon_.precision.mutable_any_rule() = *rule;
    daemon_.precision.mutable_any_rule()->clear_rule();
    daemon_.precision.set_confidence(0.95);
    daemon_.precision.set_confirmed_without_rule(4);
    v1::MissedEstimate* estimate = daemon_.precision.mutable_estimate();
    estimate->set_townships(3);
    estimate->set_unflagged(2000);
    estimate->set_visited(45);
    estimate->set_at_risk(2);
    estimate->set_confirmed(10);
    estimate->mutable_missed()->set_value(89);
    estimate->mutable_missed()->set_low(24);
    estimate->mutable_missed()->set_high(296);
    estimate->mutable_recall()->set_value(0.101);
    estimate->mutable_recall()->set_low(0.033);
    estimate->mutable_recall()->set_high(0.294);
    daemon_.draws = {DrawOf("520502001", "520502001001/17"), DrawOf("520502002", "520502002001/3")};
  }
  static v1::TownshipDraw DrawOf(const char* township, const char* subject) {
    v1::TownshipDraw draw;
    draw.set_township(township);
    draw.set_division_path("贵州省 / 毕节市");
    draw.set_month(MonthOf("2026-11"));
    draw.set_drawn_at_ms(1'794'715'200'000);
    draw.set_policy_version(202601);
    draw.set_households(40);
    draw.set_unflagged(30);
    v1::DrawnHousehold* household = draw.add_drawn();
    household->set_subject(subject);
    household->set_division_path("贵州省 / 毕节市 / 一村");
    return draw;
  }

  template <typename Command>
  std::string Run(Output output, Command command, Language language = Language::kEnglish) {
    std::ostringstream out;
    command(Session({daemon_.address(), std::chrono::seconds(20), output, language}, out));
    return out.str();
  }

  FakeDaemon daemon_;
};

TEST_F(FollowUpCommandsTest, TellsPrecisionRuleByRuleAndWhatIsMissed) {
  const PrecisionArguments arguments{"52", "2026-01-01", "2026-06-30"};
  const auto precision = [&](const Session& session) { Precision(session, arguments); };
  const std::string table = Run(Output::kTable, precision);
  EXPECT_THAT(table,
              AllOf(HasSubstr("wage_low"), HasSubstr("35.7 % (20.7 to 54.2)"), HasSubstr("8.5"),
                    HasSubstr("all rules together"), HasSubstr("registered without a warning: 4"),
                    HasSubstr("45 visited in 3 townships, 2 at risk; of 2000 without a clue about "
                              "89 are missed (24 to 296)"),
                    HasSubstr("recall of the rules, estimated: 10.1 % (3.3 to 29.4)")));
  EXPECT_EQ(daemon_.precision_request.region(), "52");
  EXPECT_EQ(daemon_.precision_request.from(), DayOf("2026-01-01"));
  EXPECT_EQ(daemon_.precision_request.to(), DayOf("2026-06-30"));
  EXPECT_THAT(Run(Output::kTable, precision, Language::kChinese),
              AllOf(HasSubstr("其中数据有误"), HasSubstr("全部规则"), HasSubstr("查准率（区间）"),
                    HasSubstr("抽查：3 个乡镇走访 45 户，有风险 2 户；无线索 2000 户中估计漏报 89 "
                              "户（24 至 296）")));
  daemon_.precision.clear_estimate();
  EXPECT_THAT(Run(Output::kTable, precision), HasSubstr("no drawn household was visited"));
}

TEST_F(FollowUpCommandsTest, JsonOfPrecisionHasEveryField) {
  const Json json =
      Json::parse(Run(Output::kJson, [](const Session& session) { Precision(session, {}); }));
  EXPECT_FALSE(daemon_.precision_request.has_from());
  EXPECT_EQ(json["confidence"], 0.95);
  EXPECT_EQ(json["rules"][0],
            Json::parse(R"({"rule": "wage_low", "title_zh": "工资低", "title_en": "Low wage",
                            "rounds": 30, "confirmed": 10, "refuted": 18, "refuted_data_error": 7,
                            "refuted_coping": 8, "refuted_other": 3, "pending": 2,
                            "precision": {"value": 0.357, "low": 0.207, "high": 0.542},
                            "median_days": 8.5})"));
  EXPECT_FALSE(json["any_rule"].contains("rule"));
  EXPECT_EQ(json["confirmed_without_rule"], 4);
  EXPECT_EQ(json["estimate"]["missed"]["high"], 296);
  EXPECT_EQ(json["estimate"]["recall"]["value"], 0.101);
}

TEST_F(FollowUpCommandsTest, ListsDrawsTownshipByTownshipWithWhatWasFound) {
  v1::DrawnVisit* visit = daemon_.draws[1].mutable_drawn(0)->add_visits();
  visit->set_outcome(v1::VISIT_OUTCOME_AT_RISK);
  visit->set_at_ms(1'794'715'200'000);
  visit->set_role(v1::ROLE_TOWNSHIP);
  visit->set_actor("t3");
  visit->set_note("欠债");
  DrawArguments arguments;
  arguments.region = "520502";
  arguments.month = "2026-11";
  const auto list = [&](const Session& session) { ListDraws(session, arguments); };
  EXPECT_THAT(Run(Output::kTable, list),
              AllOf(HasSubstr("1 drawn for 2026-11, of 30 without a clue among 40 households"),
                    HasSubstr("520502001001/17  not visited"), HasSubstr("520502002001/3  at_risk"),
                    HasSubstr("township t3  欠债")));
  ASSERT_EQ(daemon_.draws_requests.size(), 2u) << "page by page";
  EXPECT_EQ(daemon_.draws_requests[1].month(), MonthOf("2026-11"));
  EXPECT_THAT(Run(Output::kTable, list, Language::kChinese),
              AllOf(HasSubstr("抽取 1 户（无线索 30 户，共 40 户）"), HasSubstr("未走访"),
                    HasSubstr("有风险")));
  const Json json = Json::parse(Run(Output::kJson, list));
  ASSERT_EQ(json.size(), 2u);
  EXPECT_EQ(json[0]["month"], "2026-11");
  EXPECT_EQ(json[0]["drawn"][0]["outcome"], nullptr);
  EXPECT_EQ(json[1]["drawn"][0]["outcome"], "at_risk");
  EXPECT_EQ(json[1]["drawn"][0]["visits"][0]["actor"], "t3");
  daemon_.draws.clear();
  EXPECT_THAT(Run(Output::kTable, list), HasSubstr("no township there drew in that month"));
}

TEST_F(FollowUpCommandsTest, TheProgramListsAndRecordsInItsWords) {
  const std::string server = "--server " + daemon_.address();
  const Ended recorded =
      RunProgram("shouwangctl", server +
                                    " --lang en draw record 520502001001/17 --outcome at_risk "
                                    "--role village --actor v17 --note debts --month 2026-10");
  EXPECT_EQ(recorded.code, 0) << recorded.out;
  EXPECT_THAT(recorded.out, HasSubstr("its case is open: shouwangctl case show 520502001001/17"));
  EXPECT_EQ(daemon_.visit_request.subject(), "520502001001/17");
  EXPECT_EQ(daemon_.visit_request.month(), MonthOf("2026-10"));
  EXPECT_EQ(daemon_.visit_request.outcome(), v1::VISIT_OUTCOME_AT_RISK);
  EXPECT_EQ(daemon_.visit_request.role(), v1::ROLE_VILLAGE);
  EXPECT_EQ(daemon_.visit_request.note(), "debts");
  EXPECT_TRUE(daemon_.draws_requests.empty()) << "recording lists nothing";
  EXPECT_EQ(RunProgram("shouwangctl", server + " draw --division 520502 --json").code, 0);
  EXPECT_EQ(daemon_.draws_requests.at(0).region(), "520502");
  EXPECT_FALSE(daemon_.draws_requests.at(0).has_month());
  EXPECT_EQ(RunProgram("shouwangctl", server + " precision --division 52 --json").code, 0);
  EXPECT_EQ(daemon_.precision_request.region(), "52");
  const Ended wrong = RunProgram("shouwangctl", server +
                                                    " draw record 520502001001/17 --outcome well "
                                                    "--role village --actor v17");
  EXPECT_EQ(wrong.code, 1);
  EXPECT_THAT(wrong.out, HasSubstr("'well' is not an outcome of a visit (fine, at_risk)"));
  daemon_.failure = {grpc::StatusCode::NOT_FOUND, "520502001001/17 was not drawn"};
  EXPECT_EQ(RunProgram("shouwangctl", server + " draw record 520502001001/17 --outcome fine --role "
                                               "village --actor v17")
                .code,
            1);
}

}  // namespace
}  // namespace shouwang::ctl
