#include "daemon/query/evaluators.h"

#include <gtest/gtest.h>

namespace shouwang::query {
namespace {

TEST(EvaluatorsTest, TheNextCallGetsTheEvaluatorOfTheLast) {
  Evaluators evaluators;
  const auto rulebook = std::make_shared<const Rulebook>();
  const risk::Evaluator* first = nullptr;
  const risk::Evaluator* second = nullptr;
  const auto note = [](const risk::Evaluator** seen) {
    return [seen](risk::Evaluator& evaluator) {
      *seen = &evaluator;
      return absl::OkStatus();
    };
  };
  EXPECT_TRUE(evaluators.With(rulebook, note(&first)).ok());
  EXPECT_TRUE(evaluators.With(rulebook, note(&second)).ok());
  EXPECT_EQ(first, second);
}

TEST(EvaluatorsTest, ACallWithinACallHasOneOfItsOwn) {
  Evaluators evaluators;
  const auto rulebook = std::make_shared<const Rulebook>();
  const absl::Status status = evaluators.With(rulebook, [&](risk::Evaluator& outer) {
    return evaluators.With(rulebook, [&](risk::Evaluator& inner) {
      EXPECT_NE(&outer, &inner);
      return absl::UnavailableError("of the work");
    });
  });
  EXPECT_EQ(status, absl::UnavailableError("of the work"));
}

TEST(EvaluatorsTest, ANewRulebookLeavesNoneOfTheOld) {
  Evaluators evaluators;
  auto old = std::make_shared<const Rulebook>();
  const std::weak_ptr<const Rulebook> watched = old;
  const auto nothing = [](risk::Evaluator&) { return absl::OkStatus(); };
  EXPECT_TRUE(evaluators.With(old, nothing).ok());
  old.reset();
  EXPECT_FALSE(watched.expired());
  EXPECT_TRUE(evaluators.With(std::make_shared<const Rulebook>(), nothing).ok());
  EXPECT_TRUE(watched.expired());
}

}  // namespace
}  // namespace shouwang::query
