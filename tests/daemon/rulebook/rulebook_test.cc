#include "daemon/rulebook/rulebook.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "storage/audit/audit_chain.h"
#include "tests/storage/register/files.h"

namespace shouwang {
namespace {

using testing::ElementsAre;
using testing::FieldsAre;
using testing::IsEmpty;
using testing::Not;

constexpr char kCatalogue[] = SHOUWANG_SOURCE_DIR "/deploy/catalogue.yaml";
constexpr char kPolicy[] = SHOUWANG_SOURCE_DIR "/deploy/policies/guizhou_2026.yaml";

class RulebookTest : public testing::Test {
 protected:
  // What each file was at `path` below the folder, by part and name.
  std::vector<RulebookFile> FilesOf(const std::string& divisions) {
    const RulebookPaths paths{kCatalogue, divisions, {}, "", {kPolicy}};
    Problems problems;
    const auto rulebook = LoadRulebook(paths, &problems);
    EXPECT_EQ(problems.empty(), divisions_are_sound_) << problems.ToStatus();
    return rulebook->files;
  }

  Files files_;
  bool divisions_are_sound_ = true;
};

TEST_F(RulebookTest, EveryFileIsThereWithItsHash) {
  const std::string text = "code,name\n52,贵州省\n5205,毕节市\n520502,七星关区\n";
  files_.Write("divisions.csv", text);
  const std::string path = files_.folder() + "/divisions.csv";
  const std::vector<RulebookFile> files = FilesOf(path);
  EXPECT_THAT(files, ElementsAre(FieldsAre("catalogue", kCatalogue, Not(Sha256(""))),
                                 FieldsAre("divisions", path, Sha256(text)),
                                 FieldsAre("policy", kPolicy, Not(Sha256("")))));
}

TEST_F(RulebookTest, AFolderOfDivisionsIsHashedListByListInOrder) {
  divisions_are_sound_ = false;  // lists are missing; their hashes are told all the same
  files_.Write("streets.csv", "streets");
  files_.Write("areas.csv", "areas");
  files_.Write("readme.md", "not a list");
  const std::string folder = files_.folder();
  EXPECT_THAT(FilesOf(folder),
              ElementsAre(FieldsAre("catalogue", kCatalogue, Not(Sha256(""))),
                          FieldsAre("divisions", folder + "/areas.csv", Sha256("areas")),
                          FieldsAre("divisions", folder + "/streets.csv", Sha256("streets")),
                          FieldsAre("policy", kPolicy, Not(Sha256("")))));
}

TEST_F(RulebookTest, AFolderWithManyListsIsReadUpToABound) {
  divisions_are_sound_ = false;
  for (int i = 10; i < 40; ++i) files_.Write("list_" + std::to_string(i) + ".csv", "list");
  const std::vector<RulebookFile> files = FilesOf(files_.folder());
  EXPECT_EQ(files.size(), 2u + 16u);
  EXPECT_EQ(files[16].path, files_.folder() + "/list_25.csv");
}

TEST_F(RulebookTest, AFileThatIsNotThereHasTheHashOfNothing) {
  divisions_are_sound_ = false;
  const std::string path = files_.folder() + "/absent.csv";
  EXPECT_THAT(FilesOf(path)[1], FieldsAre("divisions", path, Sha256("")));
}

}  // namespace
}  // namespace shouwang
