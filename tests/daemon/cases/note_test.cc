#include "daemon/cases/note.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

namespace shouwang::cases {
namespace {

using testing::HasSubstr;

bool IsPersonal(std::string_view text) {
  const absl::Status status = CheckNote(text);
  if (status.ok()) return false;
  EXPECT_THAT(std::string(status.message()), HasSubstr("looks like the number")) << text;
  return true;
}

TEST(NoteTest, TakesWordsDatesAndAmounts) {
  for (const char* text : {"", "入户核实：收入下降，2026-10-05 至 2026-11-05 无务工收入",
                           "paid 12,345.67 yuan on 3 visits", "2026 10 05", "line one\nline two",
                           "第3次走访，家中4人，劳动力1人", "1000 2000 3000", "1234567890"}) {
    EXPECT_TRUE(CheckNote(text).ok()) << text;
  }
}

TEST(NoteTest, RefusesNumbersOfCardsTelephonesAndAccounts) {
  EXPECT_TRUE(IsPersonal("522401198001010012"));
  EXPECT_TRUE(IsPersonal("身份证52240119800101001X。"));
  EXPECT_TRUE(IsPersonal("522401-19800101-0012"));
  EXPECT_TRUE(IsPersonal("522401 19800101 001X"));
  EXPECT_TRUE(IsPersonal("522401800101001")) << "of 15 digits";
  EXPECT_TRUE(IsPersonal("电话13812345678"));
  EXPECT_TRUE(IsPersonal("+8613812345678"));
  EXPECT_TRUE(IsPersonal("138-1234-5678"));
  EXPECT_TRUE(IsPersonal("138 1234 5678"));
  EXPECT_TRUE(IsPersonal("１３８１２３４５６７８")) << "wide digits";
  EXPECT_TRUE(IsPersonal("0857-8222222"));
  EXPECT_TRUE(IsPersonal("6217 0012 3456 7890"));
  EXPECT_TRUE(IsPersonal("6217001234567890123"));
}

TEST(NoteTest, RefusesThemWithWhateverSeparatorsAKeyboardHas) {
  EXPECT_TRUE(IsPersonal("138－1234－5678")) << "wide hyphens";
  EXPECT_TRUE(IsPersonal("０８５７－８２２２２２２"));
  EXPECT_TRUE(IsPersonal("138\u30001234\u30005678")) << "ideographic blanks";
  EXPECT_TRUE(IsPersonal("138  1234  5678")) << "doubled blanks";
  EXPECT_TRUE(IsPersonal("138 - 1234 - 5678"));
  EXPECT_TRUE(IsPersonal("0857—8222222")) << "a dash";
  EXPECT_TRUE(IsPersonal("0857——8222222"));
  EXPECT_TRUE(IsPersonal("138‐1234–5678"));
  EXPECT_TRUE(CheckNote("138，1234，5678").ok()) << "three numbers";
  EXPECT_TRUE(CheckNote("2026－10－05　至　2026—11—05").ok());
  EXPECT_TRUE(CheckNote("收入 138\n1234 5678").ok()) << "two lines";
}

TEST(NoteTest, RefusesWhatIsNoTextOrTooMuch) {
  EXPECT_EQ(std::string(CheckNote("\xff").message()), "is no UTF-8 text");
  EXPECT_EQ(std::string(CheckNote("\xe5\xae").message()), "is no UTF-8 text");
  EXPECT_EQ(std::string(CheckNote("\xc0\x80").message()), "is no UTF-8 text") << "an overlong zero";
  EXPECT_EQ(std::string(CheckNote("a\tb").message()), "has a control character");
  std::string long_note;
  for (int i = 0; i < 500; ++i) long_note += "贫";
  EXPECT_TRUE(CheckNote(long_note).ok());
  EXPECT_EQ(std::string(CheckNote(long_note + "困").message()), "has 501 characters; 500 at most");
}

TEST(NoteTest, AnActorIsAnAccount) {
  EXPECT_TRUE(CheckActor("county-3.verify@qxg").ok());
  for (const char* account : {"", "张三", "a b", "a/b", "13812345678"}) {
    EXPECT_FALSE(CheckActor(account).ok()) << account;
  }
  EXPECT_TRUE(CheckActor(std::string(64, 'a')).ok());
  EXPECT_THAT(std::string(CheckActor(std::string(65, 'a')).message()), HasSubstr("1 to 64"));
}

}  // namespace
}  // namespace shouwang::cases
