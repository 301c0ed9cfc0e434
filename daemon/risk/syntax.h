// The text of an expression: its tokens, the names it uses, where its comparisons stand. What the
// tokens mean is expression.h's business.
//
// Pure functions over the text; safe on any thread. Positions count characters from 1 in messages
// and from 0 in values.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"

namespace shouwang::risk {

inline constexpr size_t kMaxExpressionCharacters = 2000;

enum class TokenKind : uint8_t { kNumber, kName, kFunction, kOperator, kOpen, kClose, kComma };

struct Token {
  TokenKind kind = TokenKind::kNumber;
  size_t begin = 0;
  std::string_view text;
};

// The tokens of `text`, which they point into. `and`, `or` and `not` are operators; `known`,
// `coalesce`, `min`, `max`, `abs`, `ln`, `exp`, `sqrt`, `phi` and `if` are functions.
// InvalidArgument for a character or a number that has no place here, and for a text over
// kMaxExpressionCharacters or without tokens.
absl::StatusOr<std::vector<Token>> Tokenize(std::string_view text);

// Whether a constant or a feature may bear the name: a lower-case letter, then lower-case letters,
// digits and '_', and none of the words above.
bool IsPlainName(std::string_view name);

bool IsComparison(std::string_view op);

// One comparison as it stands in the text, both operands trimmed of blanks.
struct ComparisonText {
  std::string whole;  // "net_income_per_person < monitoring_line"
  std::string left;
  std::string op;
  std::string right;
};

// In the order in which an evaluation decides them: left to right, inner ones before outer ones.
// Empty for a text that Tokenize refuses.
std::vector<ComparisonText> ComparisonsIn(std::string_view text);

}  // namespace shouwang::risk
