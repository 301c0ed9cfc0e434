#include "collectors/ctl/as_of.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <sstream>

#include "collectors/ctl/commands.h"
#include "tests/collectors/ctl/fake_daemon.h"

namespace shouwang::ctl {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::SizeIs;
using ::testing::StartsWith;

// 2026-03-01T15:59:59.999Z
constexpr int64_t kEndOfFirstOfMarch = 1'772'380'799'999;

class AsOfTest : public ::testing::Test {
 protected:
  template <typename Command>
  std::string Run(Output output, Command command, Language language = Language::kEnglish) {
    std::ostringstream out;
    command(Session({daemon_.address(), std::chrono::seconds(20), output, language}, out));
    return out.str();
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
  FakeDaemon daemon_;
};

TEST_F(AsOfTest, ADayIsItsEndInChinaAndAnInstantIsItself) {
  EXPECT_EQ(ParseAsOf("2026-03-01")->time_since_epoch().count(), kEndOfFirstOfMarch);
  EXPECT_EQ(ParseAsOf("2026-03-01T23:59:59.999+08:00")->time_since_epoch().count(),
            kEndOfFirstOfMarch);
  EXPECT_EQ(ParseAsOf("2026-03-01T15:59:59.999Z")->time_since_epoch().count(), kEndOfFirstOfMarch);
  EXPECT_EQ(ParseAsOf(""), std::nullopt);
}

TEST_F(AsOfTest, WhatIsNeitherIsRefusedBeforeAnythingIsAsked) {
  HistoryArguments history;
  history.subjects = {"520502001001/17"};
  WarningsArguments warnings;
  for (const char* text : {"yesterday", "2026-02-30", "2026-3-1", "2026-03-01 08:30",
                           "1772380799999", "2026-03-01T08:30:00"}) {
    history.as_of = text;
    warnings.as_of = text;
    EXPECT_THAT(FailureOf([&](const Session& session) { History(session, history); }),
                AllOf(StartsWith("--as-of"), HasSubstr(text), HasSubstr("2026-03-01T08:30:00Z")));
    EXPECT_THAT(FailureOf([&](const Session& session) { Warnings(session, warnings); }),
                HasSubstr(text));
    EXPECT_THAT(FailureOf([&](const Session& session) {
                  Explain(session, {"520502001001/17", "", "", text});
                }),
                HasSubstr(text));
  }
  EXPECT_THAT(daemon_.history_requests, SizeIs(0));
  EXPECT_THAT(daemon_.warnings_requests, SizeIs(0));
}

TEST_F(AsOfTest, AHistorySaysWhatItShows) {
  v1::SubjectHistory* subject = daemon_.history.add_histories();
  subject->set_subject("520502001001/17");
  HistoryArguments arguments;
  arguments.subjects = {"520502001001/17"};
  arguments.as_of = "2026-03-01";
  const auto command = [&](const Session& session) { History(session, arguments); };
  EXPECT_EQ(Run(Output::kTable, command),
            "as known at 2026-03-01T15:59:59.999Z\n"
            "520502001001/17\n"
            "nothing was known of that span then\n");
  EXPECT_THAT(
      Run(Output::kTable, command, Language::kChinese),
      AllOf(HasSubstr("截至 2026-03-01T15:59:59.999Z 已知的情况"), HasSubstr("当时没有已知数据")));
  EXPECT_EQ(daemon_.history_requests[0].as_of_ms(), kEndOfFirstOfMarch);
  EXPECT_EQ(Json::parse(Run(Output::kJson, command)),
            Json::parse(R"({"subject":"520502001001/17","as_of":"2026-03-01T15:59:59.999Z",
                            "series":[]})"));
  arguments.as_of.clear();
  EXPECT_THAT(Run(Output::kJson, command),
              AllOf(HasSubstr("\"residence\":null"), Not(HasSubstr("as_of"))));
  EXPECT_FALSE(daemon_.history_requests.back().has_as_of_ms());
}

TEST_F(AsOfTest, WarningsSayThatTodaysPoliciesJudge) {
  for (const char* subject : {"520502001001/1", "520502001001/2", "520502001001/3"}) {
    v1::Warning warning;
    warning.set_subject(subject);
    warning.set_rule("medical_burden");
    warning.set_opened_on(20'500);
    daemon_.warnings.push_back(warning);
  }
  WarningsArguments arguments;
  arguments.region = "5205";
  arguments.all = true;
  arguments.as_of = "2026-03-01";
  const auto command = [&](const Session& session) { Warnings(session, arguments); };
  EXPECT_THAT(Run(Output::kTable, command),
              StartsWith("as known at 2026-03-01T15:59:59.999Z; judged by the policies loaded now, "
                         "not by those of that time\nSEVERITY"));
  ASSERT_THAT(daemon_.warnings_requests, SizeIs(2));
  EXPECT_EQ(daemon_.warnings_requests[0].as_of_ms(), kEndOfFirstOfMarch);
  EXPECT_EQ(daemon_.warnings_requests[1].as_of_ms(), kEndOfFirstOfMarch);
  EXPECT_THAT(Run(Output::kTable, command, Language::kChinese),
              StartsWith("截至 2026-03-01T15:59:59.999Z "
                         "已知的情况；按现在装载的政策判定，不是当时的政策\n"));
  const Json json = Json::parse(Run(Output::kJson, command));
  ASSERT_THAT(json, SizeIs(3));
  EXPECT_EQ(json[2]["as_of"], "2026-03-01T15:59:59.999Z");
  EXPECT_TRUE(json[2]["known_at"].is_null());

  daemon_.warnings.clear();
  EXPECT_THAT(Run(Output::kTable, command), HasSubstr("no open warnings there then\n"));
  EXPECT_THAT(Run(Output::kTable, command, Language::kChinese),
              HasSubstr("当时那里没有未解除的预警\n"));
}

TEST_F(AsOfTest, NobodyWatchesThePast) {
  WarningsArguments arguments;
  arguments.watch = true;
  arguments.as_of = "2026-03-01";
  EXPECT_EQ(FailureOf([&](const Session& session) { Warnings(session, arguments); }),
            "--as-of looks back and --watch forward; give one of them");
}

TEST_F(AsOfTest, AnExplanationCarriesTheInstant) {
  daemon_.explanation.set_subject("520502001001/17");
  const auto command = [](const Session& session) {
    Explain(session, {"520502001001/17", "", "", "2026-03-01T08:30:00Z"});
  };
  EXPECT_THAT(
      Run(Output::kTable, command),
      StartsWith("as known at 2026-03-01T08:30:00.000Z; judged by the policies loaded now"));
  EXPECT_EQ(daemon_.explain_request.as_of_ms(), 1'772'353'800'000);
  EXPECT_EQ(Json::parse(Run(Output::kJson, command))["as_of"], "2026-03-01T08:30:00.000Z");
}

}  // namespace
}  // namespace shouwang::ctl
