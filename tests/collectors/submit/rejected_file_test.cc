#include "collectors/submit/rejected_file.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <sstream>

#include "tests/temporary_directory.h"

namespace shouwang {
namespace {

std::string Content(const std::string& path) {
  std::ifstream stream(path);
  std::stringstream text;
  text << stream.rdbuf();
  return text.str();
}

TEST(RejectedFileTest, TellsFileRowColumnValueAndReason) {
  const TemporaryDirectory folder;
  const std::string path = folder.path() + "/r.csv";
  RejectedFile file(path);
  file.Add("a.csv", 17, "工资性收入", "1,000", "'1,000' is not a decimal number");
  file.Add("a.csv", 0, "", "say \"no\"", "two\nlines");
  file.Add("a.csv", 3, "note", "=1+1", "x");
  ASSERT_TRUE(file.Close().ok());
  EXPECT_EQ(Content(path),
            "file,row,column,value,reason\n"
            "a.csv,17,工资性收入,\"1,000\",\"'1,000' is not a decimal number\"\n"
            "a.csv,,,\"say \"\"no\"\"\",\"two\nlines\"\n"
            "a.csv,3,note,\"'=1+1\",x\n");
  EXPECT_EQ(file.count(), 3u);
}

TEST(RejectedFileTest, AnEarlierRunsFileIsGone) {
  const TemporaryDirectory folder;
  const std::string path = folder.path() + "/r.csv";
  std::ofstream(path) << "old";
  RejectedFile file(path);
  ASSERT_TRUE(file.Close().ok());
  EXPECT_FALSE(std::filesystem::exists(path));
}

TEST(RejectedFileTest, TellsThatItCannotBeWritten) {
  RejectedFile file("/nonexistent/r.csv");
  file.Add("a.csv", 1, "", "", "x");
  EXPECT_EQ(file.Close().code(), absl::StatusCode::kUnavailable);
}

}  // namespace
}  // namespace shouwang
