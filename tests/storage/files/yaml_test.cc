#include "storage/files/yaml.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace shouwang {
namespace {

using ::testing::ElementsAre;

TEST(YamlTest, ReportsEveryFaultWithItsLine) {
  Problems problems;
  YamlFile file = YamlFile::Parse("p.yaml",
                                  "name: x\n"
                                  "window: 99\n"
                                  "surprise: 1\n"
                                  "rules:\n"
                                  "  - {id: a}\n"
                                  "name: y\n",
                                  &problems);
  YamlMap root = file.Root();
  root.Text("name");
  root.Text("title");
  root.Integer("window", 1, 60);
  for (YamlMap& rule : root.Maps("rules")) {
    rule.Integer("id", 1, 9);
    rule.Done();
  }
  root.Done();
  EXPECT_THAT(
      problems.messages(),
      ElementsAre("p.yaml:1: 'title' is missing", "p.yaml:2: 'window' is 99; it must be 1 to 60",
                  "p.yaml:5: 'id' is 'a'; a whole number is expected",
                  "p.yaml:3: unknown key 'surprise' (known here: name, rules, title, window)",
                  "p.yaml:6: 'name' is given twice"));
}

TEST(YamlTest, ReportsTextThatIsNoYaml) {
  Problems problems;
  YamlFile::Parse("p.yaml", "a: [1, 2\nb: 3\n", &problems);
  ASSERT_EQ(problems.size(), 1u);
  EXPECT_TRUE(problems.messages()[0].starts_with("p.yaml:"));
  YamlFile::Read("/nonexistent/p.yaml", &problems);
  EXPECT_EQ(problems.messages()[1],
            "/nonexistent/p.yaml: can't be opened; does it exist and may it be read?");
}

TEST(YamlTest, ReportsAListWhereEntriesAreExpected) {
  Problems problems;
  YamlFile file = YamlFile::Parse("p.yaml", "- 1\n- 2\n", &problems);
  YamlMap root = file.Root();
  EXPECT_EQ(root.OptionalText("a"), std::nullopt);
  EXPECT_EQ(problems.size(), 1u);
}

}  // namespace
}  // namespace shouwang
