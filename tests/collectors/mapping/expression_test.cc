#include "collectors/mapping/expression.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

namespace shouwang {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

double Value(const std::string& text, std::vector<double> values = {}) {
  absl::StatusOr<Expression> expression = Expression::Compile(text);
  EXPECT_TRUE(expression.ok()) << expression.status();
  return expression.ok() ? expression->Evaluate(values) : -1e300;
}

TEST(ExpressionTest, NamesWhatItUsesEachOnceAndSorted) {
  const absl::StatusOr<Expression> expression = Expression::Compile("b * (a + b) / 人口");
  ASSERT_TRUE(expression.ok()) << expression.status();
  EXPECT_THAT(expression->names(), ElementsAre("a", "b", "人口"));
}

TEST(ExpressionTest, KnowsRoundingRemainderAndChoice) {
  EXPECT_EQ(Value("floor(dwelling / 1000) % 1000", {12345678.0}), 345.0);
  EXPECT_EQ(Value("ceil(2.1) + round(2.5) + floor(-0.5)"), 5.0);
  EXPECT_EQ(Value("2 + 7 % 4 * 10"), 32.0);
  EXPECT_EQ(Value("a > 3 ? 1 : 0", {4.0}), 1.0);
  EXPECT_EQ(Value("max(a, b, 2)", {1.0, 5.0}), 5.0);
}

TEST(ExpressionTest, CanBeEvaluatedAgainAfterItWasMoved) {
  absl::StatusOr<Expression> expression = Expression::Compile("a - b");
  ASSERT_TRUE(expression.ok());
  Expression moved = *std::move(expression);
  EXPECT_EQ(moved.Evaluate(std::vector<double>{5, 3}), 2.0);
  EXPECT_EQ(moved.Evaluate(std::vector<double>{3, 5}), -2.0);
}

TEST(ExpressionTest, DivisionByZeroIsNotFinite) {
  EXPECT_FALSE(std::isfinite(Value("a / b", {1.0, 0.0})));
}

TEST(ExpressionTest, RefusesTextThatIsNoExpression) {
  for (const char* text : {"", "a +", "(a", "nosuch(a)", "1, 2", "a b", "\"x\"", "a = 3 +"}) {
    const absl::StatusOr<Expression> expression = Expression::Compile(text);
    EXPECT_EQ(expression.status().code(), absl::StatusCode::kInvalidArgument) << text;
    EXPECT_THAT(std::string(expression.status().message()), HasSubstr(text));
  }
}

}  // namespace
}  // namespace shouwang
