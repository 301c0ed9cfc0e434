#include "collectors/ctl/words.h"

#include <gtest/gtest.h>

#include <limits>

namespace shouwang::ctl {
namespace {

TEST(WordsTest, AreThoseOfTheVocabulary) {
  EXPECT_EQ(Word(v1::SEVERITY_RED), "red");
  EXPECT_EQ(Word(v1::SUBJECT_KIND_SITE), "site");
  EXPECT_EQ(Word(v1::SOURCE_CADRE_VISIT), "cadre_visit");
  EXPECT_EQ(Word(v1::CADENCE_ON_CHANGE), "on_change");
  EXPECT_EQ(Word(v1::DIVISION_LEVEL_COUNTY), "county");
  EXPECT_EQ(Word(v1::TRUTH_UNKNOWN), "unknown");
  EXPECT_EQ(Word(v1::SEVERITY_UNSPECIFIED), "");
  EXPECT_EQ(Word(static_cast<v1::Source>(77)), "");
}

TEST(WordsTest, AreChineseWhereAskedFor) {
  EXPECT_EQ(Shown(v1::SEVERITY_ORANGE, Language::kChinese), "橙");
  EXPECT_EQ(Shown(v1::SEVERITY_ORANGE, Language::kEnglish), "orange");
  EXPECT_EQ(Shown(v1::TRUTH_UNKNOWN, Language::kChinese), "未知");
  EXPECT_EQ(Shown(v1::SOURCE_CADRE_VISIT, Language::kChinese), "走访");
  EXPECT_EQ(Shown(v1::SOURCE_SELF_DECLARATION, Language::kEnglish), "self declaration");
  EXPECT_EQ(ShownRiskKind("illness", Language::kChinese), "因病");
  EXPECT_EQ(ShownRiskKind("nosuch", Language::kChinese), "nosuch");
}

TEST(WordsTest, WriteDatesMonthsAndInstants) {
  EXPECT_EQ(DateText(0), "1970-01-01");
  EXPECT_EQ(DateText(20'731), "2026-10-05");
  EXPECT_EQ(DateText(std::numeric_limits<int32_t>::max()), "");
  EXPECT_EQ(MonthText(681), "2026-10");
  EXPECT_EQ(MonthText(std::numeric_limits<int32_t>::min()), "");
  EXPECT_EQ(InstantText(1'791'189'000'000), "2026-10-05T08:30:00.000Z");
}

TEST(WordsTest, WriteDecimalsExactlyAndFeaturesShort) {
  EXPECT_EQ(DecimalText(450359962737, 2), "4503599627.37");
  EXPECT_EQ(DecimalText(-5, 2), "-0.05");
  EXPECT_EQ(DecimalText(1, 99), "0.000001");
  EXPECT_EQ(NumberText(8800), "8800");
  EXPECT_EQ(NumberText(-0.25), "-0.25");
  EXPECT_EQ(NumberText(1.0 / 3), "0.333333");
  EXPECT_EQ(NumberText(-1e-9), "0");
  EXPECT_EQ(NumberText(std::numeric_limits<double>::quiet_NaN()), "");
}

TEST(WordsTest, KnowLevels) {
  EXPECT_EQ(*LevelFromWord("township"), v1::DIVISION_LEVEL_TOWNSHIP);
  EXPECT_FALSE(LevelFromWord("nation").ok());
  EXPECT_FALSE(LevelFromWord("street").ok());
}

}  // namespace
}  // namespace shouwang::ctl
