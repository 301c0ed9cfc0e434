#include "daemon/risk/expression.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "daemon/risk/syntax.h"
#include "daemon/risk/tape.h"

namespace shouwang::risk {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

// A tape with one expression over x, y, an unknown u and a true t.
struct OneExpression {
  OneExpression(const std::string& text, double x, double y) {
    for (const char* name : {"x", "y", "u", "t", "notable"}) names[name] = tape.AddRegister();
    recorded = tape.Record(text, names);
    if (!recorded.ok()) return;
    tape.Lanes(names["x"])[0] = x;
    tape.Lanes(names["y"])[0] = y;
    tape.Lanes(names["t"])[0] = 1;
    tape.Lanes(names["notable"])[0] = 1;
    tape.Run(1);
  }
  double At(Register index) const { return tape.Lanes(index)[0]; }

  Tape tape;
  std::map<std::string, Register, std::less<>> names;
  absl::StatusOr<Recorded> recorded;
};

// "true", "false", "unknown" or the number.
std::string Decide(const std::string& text, double x = 0, double y = 0) {
  const OneExpression expression(text, x, y);
  if (!expression.recorded.ok()) return std::string(expression.recorded.status().message());
  const double value = expression.At(expression.recorded->result);
  if (std::isnan(value)) return "unknown";
  const bool truth =
      CheckExpression(text, {"x", "y", "u", "t", "notable"}, ExpressionType::kTruth).ok();
  if (truth) return value == 1 ? "true" : "false";
  return std::to_string(value);
}

std::string Check(const std::string& text, ExpressionType type = ExpressionType::kTruth) {
  const absl::Status status = CheckExpression(text, {"x", "y"}, type);
  return status.ok() ? "ok" : std::string(status.message());
}

const char kTrue[] = "(x == x)";
const char kFalse[] = "(x != x)";
const char kMaybe[] = "(u == u)";

TEST(ExpressionTest, AndFollowsKleene) {
  const auto both = [](const char* a, const char* b) {
    return Decide(std::string(a) + " and " + b);
  };
  EXPECT_EQ(both(kTrue, kTrue), "true");
  EXPECT_EQ(both(kTrue, kFalse), "false");
  EXPECT_EQ(both(kFalse, kTrue), "false");
  EXPECT_EQ(both(kFalse, kFalse), "false");
  EXPECT_EQ(both(kMaybe, kTrue), "unknown");
  EXPECT_EQ(both(kTrue, kMaybe), "unknown");
  EXPECT_EQ(both(kMaybe, kFalse), "false");
  EXPECT_EQ(both(kFalse, kMaybe), "false");
  EXPECT_EQ(both(kMaybe, kMaybe), "unknown");
}

TEST(ExpressionTest, OrFollowsKleene) {
  const auto either = [](const char* a, const char* b) {
    return Decide(std::string(a) + " or " + b);
  };
  EXPECT_EQ(either(kTrue, kTrue), "true");
  EXPECT_EQ(either(kTrue, kFalse), "true");
  EXPECT_EQ(either(kFalse, kTrue), "true");
  EXPECT_EQ(either(kFalse, kFalse), "false");
  EXPECT_EQ(either(kMaybe, kTrue), "true");
  EXPECT_EQ(either(kTrue, kMaybe), "true");
  EXPECT_EQ(either(kMaybe, kFalse), "unknown");
  EXPECT_EQ(either(kFalse, kMaybe), "unknown");
  EXPECT_EQ(either(kMaybe, kMaybe), "unknown");
}

TEST(ExpressionTest, NotFollowsKleene) {
  EXPECT_EQ(Decide("not (x == x)"), "false");
  EXPECT_EQ(Decide("not (x != x)"), "true");
  EXPECT_EQ(Decide("not (u == u)"), "unknown");
}

TEST(ExpressionTest, EveryComparisonWithUnknownIsUnknown) {
  for (const char* op : {"<", "<=", ">", ">=", "==", "!="}) {
    EXPECT_EQ(Decide(std::string("u ") + op + " 1"), "unknown") << op;
    EXPECT_EQ(Decide(std::string("1 ") + op + " u"), "unknown") << op;
  }
}

TEST(ExpressionTest, ComparesAtTheEdge) {
  EXPECT_EQ(Decide("x < 5", 5), "false");
  EXPECT_EQ(Decide("x <= 5", 5), "true");
  EXPECT_EQ(Decide("x > 5", 5), "false");
  EXPECT_EQ(Decide("x >= 5", 5), "true");
  EXPECT_EQ(Decide("x == 5", 5), "true");
  EXPECT_EQ(Decide("x != 5", 5), "false");
}

TEST(ExpressionTest, ArithmeticWithUnknownIsUnknown) {
  for (const char* text : {"u + 1", "1 - u", "u * 0", "1 / u", "-u", "abs(u)", "min(1, u)",
                           "max(u, 1, 2)", "if(u < 1, 1, 1)"}) {
    EXPECT_EQ(Decide(text), "unknown") << text;
  }
}

TEST(ExpressionTest, DivisionByZeroAndOverflowAreUnknown) {
  EXPECT_EQ(Decide("1 / x", 0), "unknown");
  EXPECT_EQ(Decide("0 / x", 0), "unknown");
  EXPECT_EQ(Decide("x * x", 1e200), "unknown");
}

TEST(ExpressionTest, KnownAndCoalesceSpeakAboutTheUnknown) {
  EXPECT_EQ(Decide("known(u)"), "false");
  EXPECT_EQ(Decide("known(x)"), "true");
  EXPECT_EQ(Decide("coalesce(u, 7)"), "7.000000");
  EXPECT_EQ(Decide("coalesce(x, 7)", 3), "3.000000");
  EXPECT_EQ(Decide("known(u) and u > 3"), "false");
}

TEST(ExpressionTest, BindsAsInArithmeticAndLogic) {
  EXPECT_EQ(Decide("2 + 3 * 4 - 6 / 3"), "12.000000");
  EXPECT_EQ(Decide("10 - 4 - 3"), "3.000000");
  EXPECT_EQ(Decide("-x * 2 + 1", 3), "-5.000000");
  EXPECT_EQ(Decide("2 - -x", 3), "5.000000");
  EXPECT_EQ(Decide("x == 1 or y == 1 and x == 2", 1, 0), "true");
  EXPECT_EQ(Decide("not x == 1 and y == 2", 0, 2), "true");
  EXPECT_EQ(Decide("not x == 1 or x == 1", 1), "true");
  EXPECT_EQ(Decide("x<-1", -2), "true");
  EXPECT_EQ(Decide("min(4, x, 2) + max(1, 3) + abs(-1)", 9), "6.000000");
  EXPECT_EQ(Decide("if(x > 1, 10, 20)", 2), "10.000000");
  EXPECT_EQ(Decide("notable == 1 and\n t == 1"), "true");
}

TEST(ExpressionTest, RefusesWhatItCannotReadAndSaysWhere) {
  EXPECT_EQ(Check("x < incme"), "at character 5: unknown name 'incme'");
  EXPECT_EQ(Check("x < 1 && y < 2"), "at character 7: unexpected '&& y < 2'");
  EXPECT_EQ(Check("x = 1"), "at character 3: unexpected '= 1'");
  EXPECT_EQ(Check("x < 1.5.2"), "at character 5: '1.5.2' is not a number of at most 20 characters");
  EXPECT_EQ(Check(""), "the expression is empty");
  EXPECT_THAT(Check("x <"), HasSubstr("at character"));
  EXPECT_THAT(Check("(x < 1"), HasSubstr("at character"));
  EXPECT_THAT(Check("x y < 1"), HasSubstr("at character"));
  EXPECT_THAT(Check("min() < 1"), HasSubstr("at character"));
  EXPECT_THAT(Check("abs(x, y) < 1"), HasSubstr("at character"));
  EXPECT_THAT(Check("sin(x) < 1"), HasSubstr("unknown name 'sin'"));
  EXPECT_THAT(Check("x < 1, y < 1"), testing::Ne("ok"));
  EXPECT_THAT(Check("x < \"a\""), HasSubstr("unexpected"));
  EXPECT_THAT(Check(std::string(2001, '1')), HasSubstr("2001 characters, 2000 at most"));
}

TEST(ExpressionTest, ChecksTypes) {
  EXPECT_EQ(Check("x < 1 and not y == 0"), "ok");
  EXPECT_EQ(Check("x"), "a condition is expected; this is a number");
  EXPECT_EQ(Check("1"), "a condition is expected; this is a number");
  EXPECT_EQ(Check("x < 1", ExpressionType::kNumber), "a number is expected; this is a truth value");
  EXPECT_THAT(Check("x < y < 2"), HasSubstr("a comparison takes numbers"));
  EXPECT_THAT(Check("x and y < 1"), HasSubstr("'and' and 'or' join truth values"));
  EXPECT_THAT(Check("not x"), HasSubstr("'not' takes a truth value"));
  EXPECT_THAT(Check("(x < 1) + 1 > 0"), HasSubstr("arithmetic takes numbers"));
  EXPECT_THAT(Check("if(x, 1, 2) < 1"), HasSubstr("first argument of if"));
  EXPECT_THAT(Check("coalesce(x, y < 1) > 0"), HasSubstr("coalesce takes"));
}

TEST(ExpressionTest, RemembersComparisonsInTheOrderOfTheirTexts) {
  const std::string text = "x + 1 < 2 or (u >= x and not if(x > 2, x, 0) == 4)";
  const OneExpression expression(text, 3, 0);
  ASSERT_TRUE(expression.recorded.ok()) << expression.recorded.status();
  EXPECT_TRUE(std::isnan(expression.At(expression.recorded->result)));
  std::vector<std::string> texts;
  for (const ComparisonText& comparison : ComparisonsIn(text)) texts.push_back(comparison.whole);
  EXPECT_THAT(texts, ElementsAre("x + 1 < 2", "u >= x", "x > 2", "if(x > 2, x, 0) == 4"));
  const auto& seen = expression.recorded->comparisons;
  ASSERT_EQ(seen.size(), 4U);
  EXPECT_EQ(expression.At(seen[0].left), 4);
  EXPECT_EQ(expression.At(seen[0].truth), 0);
  EXPECT_TRUE(std::isnan(expression.At(seen[1].left)));
  EXPECT_TRUE(std::isnan(expression.At(seen[1].truth)));
  EXPECT_EQ(expression.At(seen[2].truth), 1);
  EXPECT_EQ(expression.At(seen[3].left), 3);
  EXPECT_EQ(expression.At(seen[3].right), 4);
}

TEST(ExpressionTest, CutsAComparisonInsideTheRightOperandBeforeTheOuterOne) {
  const auto comparisons = ComparisonsIn("x < if(u > 1, 2, 3)");
  ASSERT_EQ(comparisons.size(), 2U);
  EXPECT_EQ(comparisons[0].whole, "u > 1");
  EXPECT_EQ(comparisons[1].left, "x");
  EXPECT_EQ(comparisons[1].op, "<");
  EXPECT_EQ(comparisons[1].right, "if(u > 1, 2, 3)");
}

TEST(ExpressionTest, NamesAreListedOnceAndWithoutFunctions) {
  EXPECT_THAT(NamesIn("max(b, a) > 1 and not b < c_2"), ElementsAre("b", "a", "c_2"));
}

}  // namespace
}  // namespace shouwang::risk
