// Runs the data files of this folder on the policies of deploy/ (README.md says how to write them).
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "daemon/risk/rule_case.h"
#include "storage/register/register.h"

namespace shouwang::risk {
namespace {

const std::string kSource = SHOUWANG_SOURCE_DIR;
const std::string kPolicies = kSource + "/deploy/policies/";

// What the files are run on, read once.
struct World {
  Problems problems;
  Catalogue catalogue = LoadCatalogue(kSource + "/deploy/catalogue.yaml", &problems);
  std::vector<RuleCaseFile> files;
  std::vector<PolicySet> policies;  // of each file
};

const World& TheWorld() {
  static const std::unique_ptr<const World> kWorld = [] {
    auto world = std::make_unique<World>();
    std::vector<std::string> paths;
    for (const auto& entry : std::filesystem::directory_iterator(kSource + "/tests/rules")) {
      if (entry.path().extension() == ".yaml") paths.push_back(entry.path().string());
    }
    std::ranges::sort(paths);
    for (const std::string& path : paths) {
      RuleCaseFile file = ReadRuleCases(path, world->catalogue, &world->problems);
      std::vector<std::string> policies;
      for (const std::string& policy : file.policies) {
        policies.push_back(kPolicies + policy);
      }
      world->policies.push_back(PolicySet::Load(policies, world->catalogue, &world->problems));
      world->files.push_back(std::move(file));
    }
    return world;
  }();
  return *kWorld;
}

struct Place {
  size_t file = 0;
  size_t index = 0;
  const RuleCase& rule_case() const { return TheWorld().files[file].cases[index]; }
};

std::vector<Place> AllCases() {
  std::vector<Place> places;
  const std::vector<RuleCaseFile>& files = TheWorld().files;
  for (size_t file = 0; file < files.size(); ++file) {
    for (size_t index = 0; index < files[file].cases.size(); ++index) {
      places.push_back({file, index});
    }
  }
  return places;
}

void PrintTo(const Place& place, std::ostream* out) {
  *out << TheWorld().files[place.file].path << ":" << place.rule_case().line;
}

class RulesTest : public testing::TestWithParam<Place> {};

TEST_P(RulesTest, WarnsAsTheFileSays) {
  const PolicySet& policies = TheWorld().policies[GetParam().file];
  Evaluator evaluator(policies, TheWorld().catalogue);
  for (const RuleDifference& difference : RunCase(GetParam().rule_case(), policies, &evaluator)) {
    ADD_FAILURE() << difference.rule << ": expected " << difference.expected << ", found "
                  << difference.found << "\n"
                  << difference.text_en;
  }
}

INSTANTIATE_TEST_SUITE_P(Files, RulesTest, testing::ValuesIn(AllCases()),
                         [](const testing::TestParamInfo<Place>& place) {
                           const std::string& path = TheWorld().files[place.param.file].path;
                           return std::filesystem::path(path).stem().string() + "_" +
                                  place.param.rule_case().name;
                         });

TEST(RuleFilesTest, AreReadWithoutAProblem) {
  EXPECT_TRUE(TheWorld().problems.empty()) << TheWorld().problems.ToStatus();
}

TEST(RuleFilesTest, SeeEveryRuleOpenQuietAndUnknown) {
  std::map<std::string, std::set<std::string>> seen;
  for (const Place& place : AllCases()) {
    for (const auto& [rule, standing] : place.rule_case().expect) {
      seen[rule].insert(standing.substr(0, standing.find(' ')));
    }
  }
  for (const Rule& rule : TheWorld().policies.front().All().front().rules) {
    EXPECT_TRUE(seen[rule.name].contains("open")) << rule.name;
    EXPECT_TRUE(seen[rule.name].contains("quiet")) << rule.name;
    const bool may_be_decided_always = rule.when.find("known(") != std::string::npos;
    EXPECT_TRUE(may_be_decided_always || seen[rule.name].contains("unknown")) << rule.name;
  }
}

}  // namespace
}  // namespace shouwang::risk
