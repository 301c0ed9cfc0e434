#include "collectors/ctl/commands.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <sstream>

#include "storage/vocabulary/date.h"
#include "tests/collectors/ctl/fake_daemon.h"
#include "tests/temporary_directory.h"

namespace shouwang::ctl {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::SizeIs;

class CommandsTest : public ::testing::Test {
 protected:
  template <typename Command>
  std::string Run(Output output, Command command, Language language = Language::kEnglish) {
    std::ostringstream out;
    command(Session({daemon_.address(), std::chrono::seconds(20), output, language}, out));
    return out.str();
  }
  template <typename Command>
  Json RunJson(Command command) {
    const std::string text = Run(Output::kJson, command);
    Json json = Json::parse(text, nullptr, false);
    EXPECT_FALSE(json.is_discarded()) << text;
    return json;
  }
  template <typename Command>
  std::string FailureOf(Command command) {
    try {
      Run(Output::kTable, command);
    } catch (const Failure& failure) {
      return failure.text;
    }
    return "";
  }
  void AddDivision(const std::string& code, const std::string& name, uint64_t households) {
    v1::Division division;
    division.set_code(code);
    division.set_name(name);
    division.set_level(v1::DIVISION_LEVEL_COUNTY);
    division.set_households(households);
    daemon_.divisions.push_back(division);
  }
  v1::Warning AddWarning(const std::string& subject) {
    v1::Warning warning;
    warning.set_subject(subject);
    warning.set_rule("medical_burden");
    warning.set_severity(v1::SEVERITY_RED);
    warning.set_risk_kind("illness");
    warning.set_opened_on(20'731);
    warning.set_policy_version(202601);
    warning.set_known_at_ms(1'791'189'000'000);
    warning.set_rule_title_zh("医疗负担过重");
    warning.set_rule_title_en("medical burden");
    warning.set_division_path("贵州省 / 毕节市");
    daemon_.warnings.push_back(warning);
    return warning;
  }
  void SetHistory() {
    v1::SubjectHistory* subject = daemon_.history.add_histories();
    subject->set_subject("520502001001/17");
    v1::Series* series = subject->add_series();
    series->set_indicator("wage_income");
    series->set_unit("yuan");
    series->set_decimals(2);
    v1::Point* point = series->add_points();
    point->set_date(20'731);
    point->set_value(330'050);
    point->set_source(v1::SOURCE_CADRE_VISIT);
    point->set_batch(7);
    point->set_known_at_ms(1'791'189'000'000);
    point->set_reported_at_ms(1'791'189'000'000);
  }
  FakeDaemon daemon_;
};

TEST_F(CommandsTest, DivisionsFollowThePages) {
  AddDivision("520502", "七星关区", 12);
  AddDivision("520521", "大方县", 3);
  const auto command = [](const Session& session) { Divisions(session, {"5205", "county"}); };
  EXPECT_EQ(Run(Output::kTable, command),
            "CODE    LEVEL   HOUSEHOLDS  NAME\n"
            "------  ------  ----------  --------\n"
            "520502  county          12  七星关区\n"
            "520521  county           3  大方县\n");
  ASSERT_THAT(daemon_.divisions_requests, SizeIs(2));
  EXPECT_EQ(daemon_.divisions_requests[0].region(), "5205");
  EXPECT_EQ(daemon_.divisions_requests[0].level(), v1::DIVISION_LEVEL_COUNTY);
  EXPECT_EQ(daemon_.divisions_requests[1].page_token(), "1");
  EXPECT_EQ(RunJson(command),
            Json::parse(R"([{"code":"520502","name":"七星关区","level":"county","households":12},
                            {"code":"520521","name":"大方县","level":"county","households":3}])"));
}

TEST_F(CommandsTest, AnEmptyListingIsAnEmptyArray) {
  const auto command = [](const Session& session) { Divisions(session, {}); };
  EXPECT_EQ(Run(Output::kJson, command), "[]\n");
  EXPECT_EQ(Run(Output::kJsonLines, command), "");
  EXPECT_EQ(Run(Output::kTable, command), "no divisions there\n");
}

TEST_F(CommandsTest, WarningsCarryTheFilterAndStopAtTheLimit) {
  for (const char* subject : {"520502001001/1", "520502001001/2", "520502001001/3"}) {
    AddWarning(subject);
  }
  WarningsArguments arguments;
  arguments.region = "5205";
  arguments.rules = {"medical_burden"};
  arguments.severities = {"red", "orange"};
  arguments.risk_kinds = {"illness"};
  arguments.kind = "household";
  arguments.opened_from = "2026-10-05";
  arguments.limit = 1;
  const auto command = [&](const Session& session) { Warnings(session, arguments); };
  EXPECT_EQ(Run(Output::kTable, command),
            "SEVERITY  SUBJECT         SINCE       RISK     RULE            TITLE           WHERE\n"
            "--------  --------------  ----------  -------  --------------  --------------  "
            "---------------\n"
            "red       520502001001/1  2026-10-05  illness  medical_burden  medical burden  "
            "贵州省 / 毕节市\n"
            "the first 1; there are more: --limit N or --all\n");
  EXPECT_THAT(Run(Output::kTable, command, Language::kChinese),
              AllOf(HasSubstr("等级"), HasSubstr("起始日"), Not(HasSubstr("SEVERITY"))));
  const v1::WarningFilter& filter = daemon_.warnings_requests[0].filter();
  EXPECT_EQ(filter.region(), "5205");
  EXPECT_THAT(filter.rules(), ElementsAre("medical_burden"));
  EXPECT_THAT(filter.severities(), ElementsAre(v1::SEVERITY_RED, v1::SEVERITY_ORANGE));
  EXPECT_THAT(filter.risk_kinds(), ElementsAre("illness"));
  EXPECT_EQ(filter.kind(), v1::SUBJECT_KIND_HOUSEHOLD);
  EXPECT_EQ(filter.opened_from(), 20'731);
  EXPECT_THAT(Run(Output::kTable, command, Language::kChinese),
              AllOf(HasSubstr("红"), HasSubstr("因病"), HasSubstr("医疗负担过重"),
                    HasSubstr("以上为前 1 条")));
}

TEST_F(CommandsTest, AllWarningsComePageByPage) {
  for (int i = 1; i <= 5; ++i) AddWarning("520502001001/" + std::to_string(i));
  WarningsArguments arguments;
  arguments.all = true;
  const auto command = [&](const Session& session) { Warnings(session, arguments); };
  const Json json = RunJson(command);
  ASSERT_THAT(json, SizeIs(5));
  EXPECT_EQ(json[4],
            Json::parse(R"({"subject":"520502001001/5","rule":"medical_burden","severity":"red",
      "risk_kind":"illness","opened_on":"2026-10-05","cleared_on":null,"policy_version":202601,
      "known_at":"2026-10-05T08:30:00.000Z","rule_title_zh":"医疗负担过重",
      "rule_title_en":"medical burden","division_path":"贵州省 / 毕节市"})"));
  EXPECT_THAT(daemon_.warnings_requests, SizeIs(3));
  std::istringstream lines(Run(Output::kJsonLines, command));
  std::string line;
  int count = 0;
  while (std::getline(lines, line)) {
    ++count;
    EXPECT_TRUE(Json::parse(line, nullptr, false).is_object()) << line;
  }
  EXPECT_EQ(count, 5);
}

TEST_F(CommandsTest, WatchedWarningsComeAsLinesUntilTheStreamEnds) {
  AddWarning("520502001001/1");
  AddWarning("520502001001/2");
  daemon_.warnings[1].set_cleared_on(20'732);
  WarningsArguments arguments;
  arguments.watch = true;
  std::ostringstream out;
  const Session session({daemon_.address()}, out);
  std::string told;
  try {
    Warnings(session, arguments);
  } catch (const Failure& failure) {
    told = failure.text;
  }
  EXPECT_THAT(told, HasSubstr("10000 changes behind; list again"));
  EXPECT_EQ(out.str(),
            "opened   2026-10-05  red  520502001001/1  medical_burden  medical burden\n"
            "cleared  2026-10-06  red  520502001001/2  medical_burden  medical burden\n");
}

TEST_F(CommandsTest, WarningsRefuseWordsThatAreNone) {
  WarningsArguments arguments;
  arguments.severities = {"purple"};
  const auto command = [&](const Session& session) { Warnings(session, arguments); };
  EXPECT_THAT(FailureOf(command), HasSubstr("purple"));
  arguments.severities.clear();
  arguments.opened_from = "yesterday";
  EXPECT_THAT(FailureOf(command), HasSubstr("--opened-from"));
  EXPECT_THAT(daemon_.warnings_requests, SizeIs(0));
}

TEST_F(CommandsTest, TheHistoryOfOneSubjectIsAnObject) {
  SetHistory();
  HistoryArguments arguments;
  arguments.subjects = {"520502001001/17"};
  arguments.indicators = {"wage_income"};
  arguments.from = "2026-01-01";
  const auto command = [&](const Session& session) { History(session, arguments); };
  EXPECT_EQ(RunJson(command),
            Json::parse(R"({"subject":"520502001001/17","residence":null,"series":[
      {"indicator":"wage_income","unit":"yuan","points":[{"date":"2026-10-05","value":"3300.50",
       "source":"cadre_visit","batch":7,"reported_at":"2026-10-05T08:30:00.000Z",
       "known_at":"2026-10-05T08:30:00.000Z"}]}]})"));
  EXPECT_THAT(Run(Output::kTable, command),
              AllOf(HasSubstr("520502001001/17\n"), HasSubstr("wage_income  3300.50  yuan")));
  EXPECT_THAT(Run(Output::kTable, command, Language::kChinese),
              AllOf(HasSubstr("获知时间"), HasSubstr("走访"), Not(HasSubstr("SOURCE"))));
  EXPECT_THAT(daemon_.history_requests[0].indicators(), ElementsAre("wage_income"));
  EXPECT_EQ(daemon_.history_requests[0].from(), 20'454);
  EXPECT_EQ(daemon_.history_requests[0].to(), Date::Max().days());
}

TEST_F(CommandsTest, SubjectsOfAFileAreAskedForAThousandAtATime) {
  SetHistory();
  const TemporaryDirectory folder;
  HistoryArguments arguments;
  arguments.subjects_file = folder.path() + "/s.txt";
  {
    std::ofstream file(arguments.subjects_file);
    for (int i = 1; i <= 1001; ++i) file << "520502001001/" << i << "\r\n";
    file << "\n";
  }
  const Json json = RunJson([&](const Session& session) { History(session, arguments); });
  ASSERT_THAT(daemon_.history_requests, SizeIs(2));
  EXPECT_EQ(daemon_.history_requests[0].subjects_size(), 1000);
  EXPECT_THAT(daemon_.history_requests[1].subjects(), ElementsAre("520502001001/1001"));
  EXPECT_TRUE(json.is_array());
  EXPECT_THAT(json, SizeIs(2));
}

TEST_F(CommandsTest, AFailedCallIsToldInWords) {
  daemon_.failure = grpc::Status(grpc::StatusCode::NOT_FOUND, "520502001001/9 never reported");
  HistoryArguments arguments;
  const auto command = [&](const Session& session) { History(session, arguments); };
  EXPECT_THAT(FailureOf(command), HasSubstr("name a SUBJECT"));
  arguments.subjects = {"520502001001/9"};
  EXPECT_THAT(FailureOf(command),
              AllOf(HasSubstr(daemon_.address()), HasSubstr("520502001001/9 never reported")));
  daemon_.Stop();
  EXPECT_THAT(FailureOf(command), HasSubstr("Is shouwangd running there? Start it with"));
}

TEST_F(CommandsTest, RollupsAreExactInJsonAndHaveAMeanForTheEye) {
  daemon_.rollups.set_unit("yuan");
  daemon_.rollups.set_decimals(2);
  v1::Rollup* rollup = daemon_.rollups.add_rollups();
  rollup->set_place("520502");
  rollup->set_name("七星关区");
  rollup->set_month(681);
  rollup->set_count(3);
  rollup->set_sum(1'000'000'000'001);
  RollupArguments arguments{.region = "5205",
                            .indicator = "wage_income",
                            .by = "county",
                            .view = "origin",
                            .from = "2026-01",
                            .to = "2026-10",
                            .below = {}};
  const auto command = [&](const Session& session) { Rollup(session, arguments); };
  EXPECT_EQ(RunJson(command),
            Json::parse(R"([{"place":"520502","name":"七星关区","month":"2026-10","count":3,
                             "sum":"10000000000.01","unit":"yuan"}])"));
  EXPECT_EQ(daemon_.rollups_request.region(), "5205");
  EXPECT_EQ(daemon_.rollups_request.indicator(), "wage_income");
  EXPECT_EQ(daemon_.rollups_request.group_digits(), 6u);
  EXPECT_EQ(daemon_.rollups_request.view(), v1::ROLLUP_VIEW_ORIGIN);
  EXPECT_EQ(daemon_.rollups_request.from_month(), 672);
  EXPECT_EQ(daemon_.rollups_request.to_month(), 681);
  EXPECT_THAT(Run(Output::kTable, command), HasSubstr("3333333333.34"));
  arguments.from.clear();
  Run(Output::kTable, command);
  EXPECT_EQ(daemon_.rollups_request.from_month(), 681 - 35);
  arguments.by = "street";
  EXPECT_THAT(FailureOf(command), HasSubstr("street"));
}

TEST_F(CommandsTest, ASpreadIsToldByBoundsWhereItIsNotExact) {
  daemon_.rollups.set_unit("yuan");
  daemon_.rollups.set_decimals(2);
  v1::Rollup* rollup = daemon_.rollups.add_rollups();
  rollup->set_place("520502");
  rollup->set_month(681);
  rollup->set_count(10);
  rollup->mutable_spread()->set_below_at_least(3);
  rollup->mutable_spread()->set_below_at_most(5);
  rollup->mutable_spread()->mutable_p50()->set_least(1200);
  rollup->mutable_spread()->mutable_p50()->set_greatest(1250);
  const RollupArguments arguments{.region = "5205",
                                  .indicator = "wage_income",
                                  .by = {},
                                  .from = {},
                                  .to = {},
                                  .below = "12.5"};
  const auto command = [&](const Session& session) { Rollup(session, arguments); };
  EXPECT_THAT(Run(Output::kTable, command),
              AllOf(HasSubstr("BELOW 12.5"), HasSubstr("3 to 5 (30.0 to 50.0 %)"),
                    HasSubstr("12.00 to 12.50")));
  EXPECT_TRUE(daemon_.rollups_request.with_spread());
  EXPECT_EQ(daemon_.rollups_request.below(), "12.5");
  const Json answer = RunJson(command);
  EXPECT_EQ(answer[0]["below"], Json::parse(R"({"at_least":3,"at_most":5})"));
  EXPECT_EQ(answer[0]["p50"], Json::parse(R"({"least":"12.00","greatest":"12.50"})"));
}

TEST_F(CommandsTest, AnExplanationNamesTheComparisonAndEveryInput) {
  v1::ExplainSubjectResponse& e = daemon_.explanation;
  e.set_subject("520502001001/17");
  e.set_date(20'731);
  e.set_policy_version(202601);
  v1::RuleExplanation* explained = e.add_rules();
  explained->mutable_rule()->set_name("income_below_line");
  explained->mutable_rule()->set_severity(v1::SEVERITY_ORANGE);
  explained->mutable_rule()->set_when("net_income_per_person < monitoring_line");
  explained->set_truth(v1::TRUTH_TRUE);
  explained->set_opened_on(20'700);
  explained->set_text_zh("人均纯收入低于监测线");
  explained->set_text_en("net income is below the line");
  v1::Comparison* comparison = explained->add_comparisons();
  comparison->set_text("net_income_per_person < monitoring_line");
  comparison->set_left(8000.5);
  comparison->set_op("<");
  comparison->set_right(8800);
  comparison->set_truth(v1::TRUTH_TRUE);
  comparison->set_distance(799.5);
  v1::FeatureValue* feature = explained->add_features();
  feature->set_feature("net_income_per_person");
  feature->set_unknown_because("3 of 12 months");
  v1::Input* input = feature->add_inputs();
  input->set_indicator("wage_income");
  input->set_date(20'731);
  input->set_value("3300.50");
  explained->set_clears(v1::TRUTH_FALSE);
  v1::ClearingChange* change = explained->add_clearing_changes();
  change->set_indicator("wage_income");
  change->set_title_en("wages");
  change->set_unit("yuan");
  change->set_date(20'731);
  change->set_from(3300.5);
  change->set_to(4100);
  v1::RuleExplanation* unknown = e.add_rules();
  unknown->set_truth(v1::TRUTH_UNKNOWN);
  unknown->mutable_rule()->set_title_en("House is not safe");
  unknown->add_features()->add_missing("housing_safe");
  ExplainArguments arguments{"520502001001/17", "income_below_line", "2026-10-05", ""};
  const auto command = [&](const Session& session) { Explain(session, arguments); };
  EXPECT_THAT(
      Run(Output::kTable, command),
      AllOf(HasSubstr("income_below_line"), HasSubstr("open since 2026-09-04"),
            HasSubstr("net income is below the line"), HasSubstr("8000.5"), HasSubstr("799.5"),
            HasSubstr("unknown: 3 of 12 months"), HasSubstr("2026-10-05  wage_income  3300.50"),
            HasSubstr("wages                 3300.5  4100  yuan  2026-10-05"),
            HasSubstr("House is not safe  housing_safe")));
  EXPECT_THAT(
      Run(Output::kTable, command, Language::kChinese),
      AllOf(HasSubstr("人均纯收入低于监测线"), HasSubstr("未知"), HasSubstr("截至 2026-10-05"),
            HasSubstr("距转变"), HasSubstr("获知时间"), HasSubstr("单独即可解除的变化"),
            HasSubstr("缺少"), Not(HasSubstr("KNOWN AT")), Not(HasSubstr("as of"))));
  EXPECT_EQ(daemon_.explain_request.rule(), "income_below_line");
  EXPECT_EQ(daemon_.explain_request.date(), 20'731);
  const Json json = RunJson(command);
  EXPECT_EQ(json["rules"][0]["rule"]["name"], "income_below_line");
  EXPECT_EQ(json["rules"][0]["opened_on"], "2026-09-04");
  EXPECT_EQ(json["rules"][0]["comparisons"][0]["distance"], 799.5);
  EXPECT_TRUE(json["rules"][0]["features"][0]["value"].is_null());
  EXPECT_EQ(json["rules"][0]["features"][0]["inputs"][0]["value"], "3300.50");
  EXPECT_EQ(json["rules"][0]["clears"], "false");
  const Json& told = json["rules"][0]["clearing_changes"][0];
  EXPECT_TRUE(told["feature"].is_null());
  EXPECT_EQ(told["indicator"], "wage_income");
  EXPECT_EQ(told["to"], 4100);
  EXPECT_EQ(told["date"], "2026-10-05");
  EXPECT_EQ(json["rules"][1]["features"][0]["missing"][0], "housing_safe");
}

TEST_F(CommandsTest, ExplainSaysHowMuchOfAWindowIsThere) {
  v1::RuleExplanation* explained = daemon_.explanation.add_rules();
  for (const uint32_t months : {1u, 3u, 12u}) {
    v1::WindowPresence* presence = explained->add_features()->mutable_presence();
    presence->set_period_months(months);
    presence->set_periods(12 / months);
    presence->set_present(1);
  }
  explained->add_features();
  ExplainArguments arguments{"520502001001/17", "", "", ""};
  const auto command = [&](const Session& session) { Explain(session, arguments); };
  EXPECT_THAT(Run(Output::kTable, command), AllOf(HasSubstr("  1 of 12 months present\n"),
                                                  HasSubstr("  1 of 4 quarters present\n"),
                                                  HasSubstr("  1 of 1 years present\n")));
  EXPECT_THAT(Run(Output::kTable, command, Language::kChinese),
              AllOf(HasSubstr("12个月中有1个月有数据"), HasSubstr("4个季度中有1个季度有数据"),
                    HasSubstr("1年中有1年有数据")));
  const Json json = RunJson(command);
  EXPECT_EQ(json["rules"][0]["features"][1]["presence"],
            (Json{{"period_months", 3}, {"periods", 4}, {"present", 1}}));
  EXPECT_TRUE(json["rules"][0]["features"][3]["presence"].is_null());
}

TEST_F(CommandsTest, StatusIsOneObjectOrALineForEach) {
  daemon_.status.set_version("0.1.0");
  daemon_.status.set_observations(123);
  daemon_.status.set_writable(true);
  EXPECT_THAT(Run(Output::kTable, Status), AllOf(HasSubstr("version                0.1.0\n"),
                                                 HasSubstr("observations           123\n"),
                                                 HasSubstr("writable               true\n")));
  const Json json = RunJson(Status);
  EXPECT_EQ(json["observations"], 123);
  EXPECT_EQ(json["writable"], true);
  EXPECT_EQ(json["reload_error"], "");
  EXPECT_TRUE(json["figures_damage"].is_null());
  daemon_.status.set_figures_damage("tallies record 00 is damaged");
  daemon_.status.set_failed_compactions(3);
  EXPECT_THAT(Run(Output::kTable, Status),
              AllOf(HasSubstr("figures_damage         tallies record 00 is damaged\n"),
                    HasSubstr("failed_compactions     3\n")));
}

}  // namespace
}  // namespace shouwang::ctl
