// Runs the data files of this folder: observations in, warnings out (README.md says how to write
// them).
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <map>
#include <set>
#include <sstream>
#include <string>
#include <vector>

#include "daemon/risk/evaluator.h"
#include "storage/register/register.h"
#include "storage/vocabulary/decimal.h"

namespace shouwang::risk {
namespace {

struct Case {
  std::string file;
  std::string name;
  int line = 0;
  std::vector<std::string> policies;
  SubjectKind kind = SubjectKind::kHousehold;
  Month first_month;
  std::map<std::string, std::string> series;  // by indicator: "4000x12 _ 500"
  std::map<std::string, std::string> expect;  // by rule
};

const std::string kSource = SHOUWANG_SOURCE_DIR;

std::vector<Case> ReadFile(const std::string& path, Problems* problems) {
  std::vector<Case> cases;
  YamlFile file = YamlFile::Read(path, problems);
  YamlMap root = file.Root();
  Case common;
  common.file = std::filesystem::path(path).stem().string();
  common.policies = root.Texts("policies");
  for (std::string& policy : common.policies) policy.insert(0, kSource + "/deploy/policies/");
  common.kind = root.Text("subject") == "site" ? SubjectKind::kSite : SubjectKind::kHousehold;
  const auto month = Month::Parse(root.Text("first_month"));
  if (month.ok()) {
    common.first_month = *month;
  } else {
    root.Fault(std::string(month.status().message()), "first_month");
  }
  if (auto base = root.Map("base")) {
    for (const auto& entry : base->Entries()) common.series[entry.key] = entry.value;
  }
  for (YamlMap& test : root.Maps("tests")) {
    Case one = common;
    one.name = test.Text("name");
    one.line = test.line();
    if (auto series = test.Map("series")) {
      for (const auto& entry : series->Entries()) one.series[entry.key] = entry.value;
    }
    if (auto expect = test.Map("expect")) {
      for (const auto& entry : expect->Entries()) one.expect[entry.key] = entry.value;
    }
    test.Done();
    cases.push_back(std::move(one));
  }
  root.Done();
  return cases;
}

std::vector<Case> ReadAll(Problems* problems) {
  std::vector<std::string> paths;
  for (const auto& entry : std::filesystem::directory_iterator(kSource + "/tests/rules")) {
    if (entry.path().extension() == ".yaml") paths.push_back(entry.path().string());
  }
  std::ranges::sort(paths);
  std::vector<Case> cases;
  for (const std::string& path : paths) {
    std::ranges::move(ReadFile(path, problems), std::back_inserter(cases));
  }
  return cases;
}

// One report of all that has a value, at the end of each month.
void PutSeries(const Indicator& indicator, const std::string& text, Month month, History* history) {
  std::istringstream words(text);
  for (std::string word; words >> word;) {
    const size_t times_at = word.find('x');
    const int times = times_at == std::string::npos ? 1 : std::stoi(word.substr(times_at + 1));
    const std::string value = word.substr(0, times_at);
    for (int i = 0; i < times; ++i, month = month + 1) {
      if (value == "_") continue;
      const auto scaled = ParseDecimal(value, indicator.decimals);
      ASSERT_TRUE(scaled.ok()) << indicator.name << ": " << scaled.status();
      ASSERT_TRUE(indicator.min <= *scaled && *scaled <= indicator.max)
          << indicator.name << ": " << value << " is out of its range";
      history->Put(indicator.id, Date::LastOf(month), *scaled, Arrival{});
    }
  }
}

// How a rule stands, in the words of the data files.
std::string StandingOf(const SubjectRisk& risk, RuleId rule) {
  std::string text;
  for (const Episode& episode : risk.episodes) {
    if (episode.rule != rule) continue;
    text += fmt::format("{}cleared {} {}", text.empty() ? "" : ", ", episode.opened_on.ToString(),
                        episode.cleared_on.ToString());
  }
  for (const RuleState& state : risk.states) {
    if (state.rule != rule) continue;
    const std::string now =
        state.opened_on ? "open " + state.opened_on->ToString() : std::string("unknown");
    text += (text.empty() ? "" : ", ") + now;
  }
  return text.empty() ? "quiet" : text;
}

class RulesTest : public testing::TestWithParam<Case> {};

TEST_P(RulesTest, WarnsAsTheFileSays) {
  const Case& c = GetParam();
  Problems problems;
  const Catalogue catalogue = LoadCatalogue(kSource + "/deploy/catalogue.yaml", &problems);
  const PolicySet policies = PolicySet::Load(c.policies, catalogue, &problems);
  ASSERT_TRUE(problems.empty()) << problems.ToStatus();
  const Division village = *Division::Parse("520502001001");
  History history(c.kind == SubjectKind::kSite ? *Subject::Site(village, 1)
                                               : *Subject::Household(village, 1));
  for (const auto& [name, text] : c.series) {
    const Indicator* indicator = catalogue.Find(name);
    ASSERT_NE(indicator, nullptr) << "unknown indicator " << name;
    PutSeries(*indicator, text, c.first_month, &history);
  }
  const SubjectRisk risk = Evaluator(policies, catalogue).Replay(history);
  const Policy& policy = policies.InForce(risk.evaluated_through);
  for (const auto& [rule, expected] : c.expect) {
    ASSERT_NE(policy.FindRule(rule), nullptr) << "unknown rule " << rule;
    EXPECT_EQ(StandingOf(risk, policy.FindRule(rule)->id), expected) << rule;
  }
  for (const Rule& rule : policy.rules) {
    if (c.expect.contains(rule.name)) continue;
    const std::string standing = StandingOf(risk, rule.id);
    EXPECT_TRUE(standing == "quiet" || standing == "unknown") << rule.name << " is " << standing;
  }
}

std::vector<Case> Cases() {
  Problems problems;
  return ReadAll(&problems);
}

INSTANTIATE_TEST_SUITE_P(Files, RulesTest, testing::ValuesIn(Cases()),
                         [](const testing::TestParamInfo<Case>& param) {
                           return param.param.file + "_" + param.param.name;
                         });

void PrintTo(const Case& c, std::ostream* out) {
  *out << "tests/rules/" << c.file << ".yaml:" << c.line;
}

TEST(RuleFilesTest, AreReadWithoutAProblem) {
  Problems problems;
  ReadAll(&problems);
  EXPECT_TRUE(problems.empty()) << problems.ToStatus();
}

TEST(RuleFilesTest, SeeEveryRuleOpenQuietAndUnknown) {
  Problems problems;
  const Catalogue catalogue = LoadCatalogue(kSource + "/deploy/catalogue.yaml", &problems);
  const PolicySet policies =
      PolicySet::Load({kSource + "/deploy/policies/guizhou_2026.yaml"}, catalogue, &problems);
  ASSERT_TRUE(problems.empty()) << problems.ToStatus();
  std::map<std::string, std::set<std::string>> seen;
  for (const Case& c : Cases()) {
    for (const auto& [rule, expected] : c.expect) {
      seen[rule].insert(expected.substr(0, expected.find(' ')));
    }
  }
  for (const Rule& rule : policies.All().front().rules) {
    EXPECT_TRUE(seen[rule.name].contains("open")) << rule.name;
    EXPECT_TRUE(seen[rule.name].contains("quiet")) << rule.name;
    const bool may_be_decided_always = rule.when.find("known(") != std::string::npos;
    EXPECT_TRUE(may_be_decided_always || seen[rule.name].contains("unknown")) << rule.name;
  }
}

}  // namespace
}  // namespace shouwang::risk
