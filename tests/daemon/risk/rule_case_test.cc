#include "daemon/risk/rule_case.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/daemon/risk/fixture.h"

namespace shouwang::risk {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

class RuleCaseTest : public RiskFixture {
 protected:
  void SetUp() override {
    LoadOne({"name: f, kind: last, of: income, window_months: 1"},
            "when: f < 100, clear_when: f >= 200");
  }
  // Of a file with this head and these tests; faults without the folder.
  RuleCaseFile Read(const std::string& tests, const std::string& head = kCaseHead) {
    PolicyFiles folder;
    const std::string path = folder.Write("cases.yaml", head + "tests:\n" + tests);
    Problems problems;
    RuleCaseFile file = ReadRuleCases(path, catalogue_, &problems);
    faults_.clear();
    for (const std::string& message : problems.messages()) {
      faults_.push_back(message.substr(message.find("cases.yaml")));
    }
    return file;
  }
  // Of the only test in a file without fault.
  std::vector<RuleDifference> RunOne(const std::string& test) {
    const RuleCaseFile file = Read(test);
    EXPECT_THAT(faults_, IsEmpty());
    if (file.cases.size() != 1) {
      ADD_FAILURE() << file.cases.size() << " cases";
      return {};
    }
    Evaluator evaluator(policies_, catalogue_);
    return RunCase(file.cases.front(), policies_, &evaluator);
  }

  static constexpr char kCaseHead[] =
      "policies: [policy.yaml]\nfirst_month: 2025-01\nbase: {income: 300x4}\n";
  std::vector<std::string> faults_;
};

TEST_F(RuleCaseTest, AWarningThatStandsAsExpectedIsNoDifference) {
  EXPECT_THAT(RunOne("- {name: a, series: {}, expect: {rule_one: quiet}}"), IsEmpty());
  EXPECT_THAT(RunOne("- {name: a, series: {income: 300 50 300 50}, "
                     "expect: {rule_one: 'cleared 2025-02-28 2025-03-31, open 2025-04-30'}}"),
              IsEmpty());
  EXPECT_THAT(RunOne("- {name: a, series: {income: _x4, size: 2x4}, expect: {rule_one: unknown}}"),
              IsEmpty());
}

TEST_F(RuleCaseTest, ADifferenceTellsWhatWasFoundAndWhy) {
  const auto differences =
      RunOne("- {name: a, series: {income: 300 99.50}, expect: {rule_one: quiet}}");
  ASSERT_EQ(differences.size(), 1U);
  EXPECT_EQ(differences[0].rule, "rule_one");
  EXPECT_EQ(differences[0].expected, "quiet");
  EXPECT_EQ(differences[0].found, "open 2025-02-28");
  EXPECT_THAT(differences[0].text_en, HasSubstr("99.5"));
  EXPECT_THAT(differences[0].text_zh, HasSubstr("自2025-02-28起预警"));
}

TEST_F(RuleCaseTest, ARuleThatIsNotNamedMustNotHaveOpened) {
  const auto differences = RunOne("- {name: a, series: {income: 50 300}, expect: {}}");
  ASSERT_EQ(differences.size(), 1U);
  EXPECT_EQ(differences[0].expected, "quiet or unknown");
  EXPECT_EQ(differences[0].found, "cleared 2025-01-31 2025-02-28");
}

TEST_F(RuleCaseTest, ARuleThatThePolicyHasNotIsADifference) {
  const auto differences = RunOne("- {name: a, series: {}, expect: {rule_two: quiet}}");
  ASSERT_EQ(differences.size(), 1U);
  EXPECT_EQ(differences[0].found, "policy 1 has no such rule");
}

TEST_F(RuleCaseTest, FaultsOfTheFileAreToldTogetherWithTheirLines) {
  Read(
      "- {name: a, series: {income: 5xq}, expect: {rule_one: quiet}}\n"
      "- {name: a, series: {wage: 5}, expect: {rule_one: sometimes}}\n"
      "- {name: b, series: {income: 1.234, site_jobs: 1}, expect: {rule_one: open 2025-13-01}}\n"
      "- {name: c, series: {income: 1x601}, other: 1}\n");
  EXPECT_THAT(
      faults_,
      ElementsAre(
          "cases.yaml:5: test 'a': income: '5xq': after x a number of months is expected, 1 to 600",
          "cases.yaml:6: test 'a' is given twice",
          "cases.yaml:6: test 'a': unknown indicator 'wage'",
          "cases.yaml:6: test 'a': 'rule_one: sometimes' is no standing (quiet, unknown, open "
          "DATE, cleared OPENED CLEARED; joined by ', ')",
          HasSubstr("cases.yaml:7: test 'b': income: '1.234'"),
          "cases.yaml:7: test 'b': 'site_jobs' is of a site",
          HasSubstr("cases.yaml:7: test 'b': 'rule_one: open 2025-13-01' is no standing"),
          HasSubstr("cases.yaml:8: test 'c': income: '1x601': after x a number of months"),
          "cases.yaml:8: test 'c': 'expect' is missing", HasSubstr("other")));
}

TEST_F(RuleCaseTest, AHeadThatLacksSomethingIsAFault) {
  Read("- {name: a, expect: {rule_one: quiet}}", "subject: village\nfirst_month: 2025-13\n");
  EXPECT_THAT(faults_,
              ElementsAre(HasSubstr("'policies' is missing"),
                          "cases.yaml:1: 'subject' is 'village'; household or site is expected",
                          HasSubstr("cases.yaml:2: ")));
}

}  // namespace
}  // namespace shouwang::risk
