#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <sstream>

#include "collectors/ctl/commands.h"
#include "tests/collectors/ctl/fake_daemon.h"

namespace shouwang::ctl {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;

class WorklistCommandTest : public ::testing::Test {
 protected:
  std::string Run(Output output, const WorklistArguments& arguments,
                  Language language = Language::kEnglish) {
    std::ostringstream out;
    Worklist(Session({daemon_.address(), std::chrono::seconds(20), output, language}, out),
             arguments);
    return out.str();
  }
  v1::Visit* AddTownship(const std::string& code, const std::string& subject) {
    v1::TownshipWorklist& township = daemon_.townships.emplace_back();
    township.set_township(code);
    township.set_division_path("贵州省 / 毕节市");
    township.set_households(412);
    v1::Visit* visit = township.add_visits();
    visit->set_subject(subject);
    visit->set_rank(71.26);
    v1::RankTerm* term = visit->add_terms();
    term->set_name("severity");
    term->set_points(40);
    visit->set_months_open(7);
    visit->set_text_zh("红色预警，已持续7个月");
    visit->set_text_en("red, open for 7 months");
    return visit;
  }

  FakeDaemon daemon_;
};

TEST_F(WorklistCommandTest, ATableForEachTownshipPageByPage) {
  AddTownship("520502001", "520502001001/17");
  AddTownship("520502002", "520502002001/3");
  EXPECT_EQ(Run(Output::kTable, {.region = "520502", .visits = 5}),
            "to visit first, as of 2026-10-05, policy 202601 \n"
            "\n520502001  贵州省 / 毕节市: 1 of 412 households with open warnings\n"
            "RANK  HOUSEHOLD        WHY\n"
            "----  ---------------  ----------------------\n"
            "71.3  520502001001/17  red, open for 7 months\n"
            "\n520502002  贵州省 / 毕节市: 1 of 412 households with open warnings\n"
            "RANK  HOUSEHOLD       WHY\n"
            "----  --------------  ----------------------\n"
            "71.3  520502002001/3  red, open for 7 months\n");
  ASSERT_EQ(daemon_.worklist_requests.size(), 2U);
  EXPECT_EQ(daemon_.worklist_requests[0].region(), "520502");
  EXPECT_EQ(daemon_.worklist_requests[0].visits(), 5);
  EXPECT_EQ(daemon_.worklist_requests[1].page_token(), "1");
  EXPECT_THAT(Run(Output::kTable, {}, Language::kChinese),
              AllOf(HasSubstr("红色预警，已持续7个月"), HasSubstr("排序分"),
                    HasSubstr("贵州省 / 毕节市：412 户有未解除的预警，列出 1 户"),
                    HasSubstr("优先走访，截至 2026-10-05")));
}

TEST_F(WorklistCommandTest, JsonHasEveryTermAndNullWhereNothingIsKnown) {
  v1::Visit* visit = AddTownship("520502001", "520502001001/17");
  const Json unknown = Json::parse(Run(Output::kJson, {}));
  ASSERT_EQ(unknown.size(), 1U);
  EXPECT_EQ(unknown[0]["township"], "520502001");
  EXPECT_EQ(unknown[0]["date"], "2026-10-05");
  EXPECT_EQ(unknown[0]["households"], 412);
  EXPECT_EQ(unknown[0]["visits"][0]["rank"], 71.26);
  EXPECT_EQ(unknown[0]["visits"][0]["terms"]["severity"], 40);
  EXPECT_TRUE(unknown[0]["visits"][0]["trend"].is_null());
  EXPECT_TRUE(unknown[0]["visits"][0]["projection"].is_null());
  EXPECT_TRUE(unknown[0]["visits"][0]["vulnerability"].is_null());

  visit = daemon_.townships[0].mutable_visits(0);
  visit->set_trend(-0.5);
  visit->set_vulnerability(0.25);
  visit->mutable_projection()->set_probability(0.625);
  visit->mutable_projection()->set_probability_high(0.75);
  visit->add_warnings()->set_rule("wage_low");
  const Json json = Json::parse(Run(Output::kJson, {}));
  EXPECT_EQ(json[0]["visits"][0]["trend"], -0.5);
  EXPECT_EQ(json[0]["visits"][0]["vulnerability"], 0.25);
  EXPECT_EQ(json[0]["visits"][0]["projection"]["probability"], 0.625);
  EXPECT_EQ(json[0]["visits"][0]["projection"]["probability_high"], 0.75);
  EXPECT_EQ(json[0]["visits"][0]["warnings"][0]["rule"], "wage_low");
}

TEST_F(WorklistCommandTest, SaysWhereThereIsNobodyToVisit) {
  EXPECT_THAT(Run(Output::kTable, {}), HasSubstr("no household there has an open warning\n"));
  EXPECT_EQ(Run(Output::kJson, {}), "[]\n");
}

}  // namespace
}  // namespace shouwang::ctl
