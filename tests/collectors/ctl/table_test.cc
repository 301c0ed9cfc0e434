#include "collectors/ctl/table.h"

#include <gtest/gtest.h>

#include <sstream>

namespace shouwang::ctl {
namespace {

TEST(TableTest, CountsChineseCharactersTwice) {
  EXPECT_EQ(DisplayWidth(""), 0u);
  EXPECT_EQ(DisplayWidth("red"), 3u);
  EXPECT_EQ(DisplayWidth("毕节市"), 6u);
  EXPECT_EQ(DisplayWidth("工资A（元）"), 11u);
  EXPECT_EQ(DisplayWidth("é"), 1u);
  EXPECT_EQ(DisplayWidth("e\xcc\x81"), 1u);  // with a combining accent
  EXPECT_EQ(DisplayWidth("𠀀"), 2u);
}

TEST(TableTest, CountsBytesThatAreNoUtf8) {
  EXPECT_EQ(DisplayWidth("\xff\xfe"), 2u);
  EXPECT_EQ(DisplayWidth("a\xe6\xaf"), 3u);
}

TEST(TableTest, AlignsWideAndNarrowCells) {
  Table table({{"NAME"}, {"N", Table::Align::kRight}, {"TITLE"}});
  table.Add({"七星关区", "12", "x"});
  table.Add({"Dafang", "1234", ""});
  std::ostringstream out;
  table.Print(out);
  EXPECT_EQ(out.str(),
            "NAME         N  TITLE\n"
            "--------  ----  -----\n"
            "七星关区    12  x\n"
            "Dafang    1234\n");
}

TEST(TableTest, ShowsControlCharactersAsBlanks) {
  Table table({{"A"}});
  table.Add({"x\n\x1b[31my"});
  std::ostringstream out;
  table.Print(out);
  EXPECT_EQ(out.str(), "A\n--------\nx  [31my\n");
}

}  // namespace
}  // namespace shouwang::ctl
