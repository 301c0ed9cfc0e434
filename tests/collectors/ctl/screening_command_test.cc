// The screening command as it is run.
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <string>

#include <nlohmann/json.hpp>

#include "collectors/ctl/screening_words.h"
#include "tests/collectors/ctl/fake_daemon.h"
#include "tests/collectors/run_program.h"

namespace shouwang::ctl {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

class ScreeningCommandTest : public ::testing::Test {
 protected:
  ScreeningCommandTest() {
    v1::ScreenResponse progress;
    progress.mutable_progress()->set_subjects_done(3);
    progress.mutable_progress()->set_subjects_total(9);
    v1::ScreenResponse first;
    v1::ScreenedReporter* reporter = first.add_reporters();
    reporter->set_township("520502001");
    reporter->set_name("贵州省 / 毕节市 / 七星关区 / 市西街道");
    reporter->set_collector("office");
    reporter->set_source(v1::SOURCE_CADRE_VISIT);
    reporter->set_households(500);
    reporter->set_reports(2'980);
    AddCopied(reporter);
    AddDigits(reporter);
    v1::ScreenOutcome* line = reporter->add_outcomes();
    line->set_screen(v1::SCREEN_ABOVE_LINE);
    line->set_state(v1::SCREEN_STATE_TOO_FEW_VALUES);
    line->set_hits(3);
    line->set_values(7);
    v1::ScreenResponse last;
    v1::ScreenedReporter* other = last.add_reporters();
    other->set_township("520502002");
    other->set_collector("branch");
    v1::ScreenOutcome* nothing = other->add_outcomes();
    nothing->set_screen(v1::SCREEN_ROUND_AMOUNTS);
    nothing->set_state(v1::SCREEN_STATE_UNREMARKABLE);
    nothing->set_p(0.3);
    nothing->set_q(0.8);
    v1::ScreeningSummary* summary = last.mutable_summary();
    summary->set_from_month(672);
    summary->set_to_month(677);
    summary->set_policy_version(202601);
    summary->set_false_discovery_rate(0.05);
    summary->set_subjects(12'000);
    summary->set_reporters(24);
    summary->set_tests(140);
    summary->set_findings(2);
    summary->set_values_of_unknown_batches(11);
    summary->set_took_ms(312);
    daemon_.screening = {progress, first, last};
  }

  static void AddCopied(v1::ScreenedReporter* reporter) {
    v1::ScreenOutcome* copied = reporter->add_outcomes();
    copied->set_screen(v1::SCREEN_COPIED_VALUES);
    copied->set_state(v1::SCREEN_STATE_FINDING);
    copied->set_hits(345);
    copied->set_values(1'000);
    copied->set_share(0.345);
    copied->set_peers_median(0.041);
    copied->set_peers(23);
    copied->set_p(0.000001);
    copied->set_q(0.00014);
    v1::ScreenExample* example = copied->add_examples();
    example->set_subject("520502001001/17");
    example->set_indicator("wage_income");
    example->set_date(20'499);  // 2026-02-15
    example->set_date_before(20'468);
    example->set_value(3'217.5);
  }
  static void AddDigits(v1::ScreenedReporter* reporter) {
    v1::ScreenOutcome* digits = reporter->add_outcomes();
    digits->set_screen(v1::SCREEN_LAST_DIGITS);
    digits->set_state(v1::SCREEN_STATE_FINDING);
    digits->set_values(900);
    digits->set_share(0.2);
    digits->set_p(0.00001);
    digits->set_q(0.0007);
    for (int i = 1; i <= 9; ++i) {
      digits->add_digits(i == 7 ? 380 : 65);
      digits->add_digits_expected(100);
    }
  }

  Ended Ask(const std::string& arguments) {
    return RunProgram("shouwangctl",
                      fmt::format("--server {} screening {}", daemon_.address(), arguments));
  }

  FakeDaemon daemon_;
};

TEST_F(ScreeningCommandTest, TellsFindingsAndThatTheyProveNothing) {
  const Ended ended = Ask("--division 520502 --from 2026-01 --to 2026-06 --lang en");
  EXPECT_EQ(ended.code, 0) << ended.out;
  EXPECT_THAT(
      ended.out,
      AllOf(
          HasSubstr("2026-01 to 2026-06: 24 reporters and 12000 subjects compared in 140 tests, 2 "
                    "findings (false discovery rate 5 %, policy 202601)\n"),
          HasSubstr("It proves nothing and accuses nobody."),
          HasSubstr("11 values of batches that are not known any more count to nobody"),
          HasSubstr("520502001  office     cadre visit  copied values   345  1000  34.5%"),
          HasSubstr("4.1%  0.0001  finding"), HasSubstr("last digits"), Not(HasSubstr("branch")),
          Not(HasSubstr("520502001001/17")), Not(HasSubstr("above line"))));
  EXPECT_EQ(daemon_.screen_request.region(), "520502");
  EXPECT_EQ(daemon_.screen_request.from_month(), 672);
  EXPECT_EQ(daemon_.screen_request.to_month(), 677);
  EXPECT_EQ(daemon_.screen_request.collector(), "");
}

TEST_F(ScreeningCommandTest, InChineseItNamesTheFalseDiscoveryRateAndTheSource) {
  EXPECT_THAT(Ask("--division 520502 --from 2026-01 --to 2026-06 --lang zh").out,
              AllOf(HasSubstr("错误发现率控制在 5%"), HasSubstr("走访")));
}

TEST_F(ScreeningCommandTest, WhereNothingCouldBeComparedItSaysWhy) {
  EXPECT_THAT(Ask("--lang en").out, Not(HasSubstr("Nothing could be compared")));
  daemon_.screening.back().mutable_summary()->set_tests(0);
  EXPECT_THAT(Ask("--lang en").out, HasSubstr("Nothing could be compared: a reporter's peers are"));
  EXPECT_THAT(Ask("--lang zh").out, HasSubstr("没有可比对象"));
}

TEST_F(ScreeningCommandTest, AllTellsWhatWasFoundUnremarkableToo) {
  EXPECT_THAT(Ask("--all --lang en").out,
              AllOf(HasSubstr("branch"), HasSubstr("unremarkable"), HasSubstr("too few values")));
  EXPECT_FALSE(daemon_.screen_request.has_from_month());
  EXPECT_FALSE(daemon_.screen_request.has_to_month());
}

TEST_F(ScreeningCommandTest, AReportersEvidenceIsShown) {
  const Ended ended = Ask("--township 520502001 --reporter office --lang en");
  EXPECT_THAT(ended.out,
              AllOf(HasSubstr("Amounts equal to the month before"),
                    HasSubstr("520502001001/17  wage_income  2026-02-15  2026-01-15  3217.5"),
                    HasSubstr("DIGIT  AMOUNTS  AS PEERS"), HasSubstr("7          380     100.0")));
  EXPECT_EQ(daemon_.screen_request.region(), "520502001");
  EXPECT_EQ(daemon_.screen_request.collector(), "office");
}

TEST_F(ScreeningCommandTest, SpeaksChinese) {
  const Ended ended = Ask("--township 520502001 --reporter office --lang zh");
  EXPECT_THAT(
      ended.out,
      AllOf(HasSubstr("2026-01 至 2026-06：24 个上报方"), HasSubstr("不针对任何人"),
            HasSubstr("数值沿用"), HasSubstr("尾数异常"), HasSubstr("走访"), HasSubstr("提示"),
            HasSubstr("数据不足"), HasSubstr("本月金额与上月完全相同"), HasSubstr("金额（元）")));
}

TEST_F(ScreeningCommandTest, JsonHasEverything) {
  const auto json = nlohmann::json::parse(Ask("--division 520502 --json").out);
  EXPECT_EQ(json.at("from"), "2026-01");
  EXPECT_EQ(json.at("to"), "2026-06");
  EXPECT_EQ(json.at("findings"), 2);
  EXPECT_EQ(json.at("reporters_compared"), 24);
  EXPECT_EQ(json.at("tests"), 140);
  EXPECT_EQ(json.at("values_of_unknown_batches"), 11);
  ASSERT_EQ(json.at("reporters").size(), 2u);
  const auto& reporter = json.at("reporters")[0];
  EXPECT_EQ(reporter.at("collector"), "office");
  EXPECT_EQ(reporter.at("source"), "cadre_visit");
  EXPECT_EQ(reporter.at("reports"), 2'980);
  const auto& copied = reporter.at("outcomes")[0];
  EXPECT_EQ(copied.at("screen"), "copied_values");
  EXPECT_EQ(copied.at("state"), "finding");
  EXPECT_EQ(copied.at("hits"), 345);
  EXPECT_EQ(copied.at("peers_median"), 0.041);
  EXPECT_EQ(copied.at("q"), 0.00014);
  EXPECT_EQ(copied.at("examples")[0].at("subject"), "520502001001/17");
  EXPECT_EQ(copied.at("examples")[0].at("date_before"), "2026-01-15");
  EXPECT_EQ(reporter.at("outcomes")[1].at("digits")[6], 380);
  EXPECT_TRUE(reporter.at("outcomes")[2].at("q").is_null());
  const std::string lines = Ask("--division 520502 --jsonl").out;
  EXPECT_EQ(std::count(lines.begin(), lines.end(), '\n'), 3);
}

TEST_F(ScreeningCommandTest, NoFindingsAndNoReportersAreToldApart) {
  daemon_.screening[1].clear_reporters();
  EXPECT_THAT(Ask("--lang en").out, HasSubstr("no findings"));
  daemon_.screening[2].clear_reporters();
  EXPECT_THAT(Ask("--lang en").out, HasSubstr("no such reporter in these months"));
}

TEST_F(ScreeningCommandTest, FaultsAreToldAndExitWith1) {
  const Ended both = Ask("--division 52 --township 520502001");
  EXPECT_EQ(both.code, 1);
  EXPECT_THAT(both.out, HasSubstr("--township and --division both name a region"));
  EXPECT_THAT(Ask("--from spring").out, HasSubstr("--from: "));
  EXPECT_THAT(Ask("--to 2026-13").out, HasSubstr("--to: "));
  daemon_.failure = {grpc::StatusCode::FAILED_PRECONDITION, "Screen: policy 7 has no section"};
  const Ended refused = Ask("");
  EXPECT_EQ(refused.code, 1);
  EXPECT_THAT(refused.out, HasSubstr("policy 7 has no section"));
}

TEST(ScreeningWordsTest, EveryScreenAndStateHasWordsInBothLanguages) {
  for (int i = v1::Screen_MIN + 1; i <= v1::Screen_MAX; ++i) {
    const auto screen = static_cast<v1::Screen>(i);
    EXPECT_NE(Word(screen), "");
    EXPECT_NE(Shown(screen, Language::kChinese), "");
    EXPECT_NE(Meaning(screen, Language::kChinese), "");
    EXPECT_NE(Meaning(screen, Language::kEnglish), "");
  }
  for (int i = v1::ScreenState_MIN + 1; i <= v1::ScreenState_MAX; ++i) {
    EXPECT_NE(Word(static_cast<v1::ScreenState>(i)), "");
    EXPECT_NE(Shown(static_cast<v1::ScreenState>(i), Language::kChinese), "");
  }
  EXPECT_EQ(PerCentText(0.3456), "34.6%");
  EXPECT_EQ(ProbabilityText(0.00001), "<0.0001");
  EXPECT_EQ(ProbabilityText(0.05), "0.0500");
}

}  // namespace
}  // namespace shouwang::ctl
