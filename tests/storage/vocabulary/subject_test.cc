#include "storage/vocabulary/subject.h"

#include <gtest/gtest.h>

namespace shouwang {
namespace {

TEST(SubjectTest, IsWrittenAsItIsRead) {
  for (const char* text :
       {"520502001001/17", "520502001/S3", "520502001004/S3", "110101001001/4294967295"}) {
    EXPECT_EQ(Subject::Parse(text)->ToString(), text);
  }
}

TEST(SubjectTest, RefusesWhatNamesNobody) {
  for (const char* text :
       {"520502001001", "520502001001/0", "520502001/17", "5205/S1", "520502001001/4294967296",
        "520502001001/-1", "520502001001/", "520502001001/1x", "/1", ""}) {
    EXPECT_FALSE(Subject::Parse(text).ok()) << text;
  }
}

TEST(SubjectTest, NeighboursStandTogether) {
  EXPECT_LT(*Subject::Parse("520502001001/9"), *Subject::Parse("520502001001/10"));
  EXPECT_LT(*Subject::Parse("520502001001/10"), *Subject::Parse("520502001002/1"));
  EXPECT_LT(*Subject::Parse("520502001/S1"), *Subject::Parse("520502001001/1"));
}

}  // namespace
}  // namespace shouwang
