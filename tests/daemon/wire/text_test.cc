#include "daemon/wire/text.h"

#include <gtest/gtest.h>

namespace shouwang::wire {
namespace {

TEST(CleanTextTest, LeavesValidTextAlone) {
  EXPECT_EQ(CleanText("households 农户 \U0001F33E"), "households 农户 \U0001F33E");
  EXPECT_EQ(CleanText(""), "");
}

TEST(CleanTextTest, ReplacesEachByteThatIsNoCharacter) {
  EXPECT_EQ(CleanText("a\xFF\xC3(b"), "a?\?(b");
  EXPECT_EQ(CleanText("\xE5\x86"), "??");            // the first two bytes of 农
  EXPECT_EQ(CleanText("\xC0\xAF"), "??");            // overlong
  EXPECT_EQ(CleanText("\xED\xA0\x80"), "???");       // a surrogate
  EXPECT_EQ(CleanText("\xF4\x90\x80\x80"), "????");  // past U+10FFFF
  EXPECT_EQ(CleanText("\xE0\x80\xAF\x80"), "????");  // overlong, three bytes
  EXPECT_EQ(CleanText("\xF0\x80\x80\x80"), "????");  // overlong, four bytes
  EXPECT_EQ(CleanText("\x80"), "?");
}

TEST(CleanTextTest, CutsBetweenCharacters) {
  EXPECT_EQ(CleanText("农户", 6), "农户");
  EXPECT_EQ(CleanText("农户", 5), "农");
  EXPECT_EQ(CleanText("农户", 2), "");
}

}  // namespace
}  // namespace shouwang::wire
