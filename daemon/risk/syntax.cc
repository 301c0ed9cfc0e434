#include "daemon/risk/syntax.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace shouwang::risk {
namespace {

constexpr std::array<std::string_view, 3> kWordOperators = {"and", "or", "not"};
constexpr std::array<std::string_view, 10> kFunctions = {"known", "coalesce", "min", "max",  "abs",
                                                         "if",    "ln",       "exp", "sqrt", "phi"};
// Two-character ones first, so that "<=" is never read as "<".
constexpr std::array<std::string_view, 10> kSignOperators = {"<=", ">=", "==", "!=", "<",
                                                             ">",  "+",  "-",  "*",  "/"};

constexpr size_t kMaxNumberCharacters = 20;

bool IsDigit(char c) { return c >= '0' && c <= '9'; }
bool IsLetter(char c) { return (c >= 'a' && c <= 'z') || c == '_'; }

template <size_t N>
bool OneOf(const std::array<std::string_view, N>& words, std::string_view word) {
  return std::ranges::find(words, word) != words.end();
}

absl::Status FaultAt(size_t begin, std::string_view what) {
  return absl::InvalidArgumentError(fmt::format("at character {}: {}", begin + 1, what));
}

// digits[.digits]
size_t NumberLength(std::string_view text) {
  size_t n = 0;
  while (n < text.size() && IsDigit(text[n])) ++n;
  if (n + 1 < text.size() && text[n] == '.' && IsDigit(text[n + 1])) {
    ++n;
    while (n < text.size() && IsDigit(text[n])) ++n;
  }
  return n;
}

size_t NameLength(std::string_view text) {
  size_t n = 0;
  while (n < text.size() && (IsLetter(text[n]) || IsDigit(text[n]))) ++n;
  return n;
}

TokenKind KindOfWord(std::string_view word) {
  if (OneOf(kWordOperators, word)) return TokenKind::kOperator;
  return OneOf(kFunctions, word) ? TokenKind::kFunction : TokenKind::kName;
}

// The token at the start of `rest`; an empty text where there is none.
Token TokenAt(std::string_view rest, size_t begin) {
  const char c = rest[0];
  if (c == '(') return {TokenKind::kOpen, begin, rest.substr(0, 1)};
  if (c == ')') return {TokenKind::kClose, begin, rest.substr(0, 1)};
  if (c == ',') return {TokenKind::kComma, begin, rest.substr(0, 1)};
  if (IsDigit(c)) return {TokenKind::kNumber, begin, rest.substr(0, NumberLength(rest))};
  if (IsLetter(c)) {
    const std::string_view word = rest.substr(0, NameLength(rest));
    return {KindOfWord(word), begin, word};
  }
  for (std::string_view sign : kSignOperators) {
    if (rest.starts_with(sign)) return {TokenKind::kOperator, begin, sign};
  }
  return {TokenKind::kOperator, begin, ""};
}

bool EndsOperand(const Token& token) {
  return token.kind == TokenKind::kComma ||
         (token.kind == TokenKind::kOperator &&
          (IsComparison(token.text) || OneOf(kWordOperators, token.text)));
}

// The index one past the operand that begins at `from`.
size_t OperandEnd(const std::vector<Token>& tokens, size_t from) {
  int depth = 0;
  for (size_t i = from; i < tokens.size(); ++i) {
    if (tokens[i].kind == TokenKind::kOpen) ++depth;
    if (tokens[i].kind == TokenKind::kClose && --depth < 0) return i;
    if (depth == 0 && EndsOperand(tokens[i])) return i;
  }
  return tokens.size();
}

// The index of the first token of the operand that ends before `end`.
size_t OperandBegin(const std::vector<Token>& tokens, size_t end) {
  int depth = 0;
  for (size_t i = end; i > 0; --i) {
    if (tokens[i - 1].kind == TokenKind::kClose) ++depth;
    if (tokens[i - 1].kind == TokenKind::kOpen && --depth < 0) return i;
    if (depth == 0 && EndsOperand(tokens[i - 1])) return i;
  }
  return 0;
}

std::string Cut(std::string_view text, const std::vector<Token>& tokens, size_t from, size_t end) {
  if (from >= end) return "";
  const size_t begin = tokens[from].begin;
  return std::string(
      text.substr(begin, tokens[end - 1].begin + tokens[end - 1].text.size() - begin));
}

}  // namespace

bool IsComparison(std::string_view op) {
  return op == "<" || op == "<=" || op == ">" || op == ">=" || op == "==" || op == "!=";
}

bool IsPlainName(std::string_view name) {
  return !name.empty() && name[0] >= 'a' && name[0] <= 'z' && NameLength(name) == name.size() &&
         KindOfWord(name) == TokenKind::kName;
}

absl::StatusOr<std::vector<Token>> Tokenize(std::string_view text) {
  if (text.size() > kMaxExpressionCharacters) {
    return absl::InvalidArgumentError(fmt::format("the expression has {} characters, {} at most",
                                                  text.size(), kMaxExpressionCharacters));
  }
  std::vector<Token> tokens;
  for (size_t i = 0; i < text.size();) {
    if (text[i] == ' ' || text[i] == '\t' || text[i] == '\n') {
      ++i;
      continue;
    }
    const Token token = TokenAt(text.substr(i), i);
    if (token.text.empty()) {
      return FaultAt(i, fmt::format("unexpected '{}'", text.substr(i, 12)));
    }
    i += token.text.size();
    // "12abc" and "1.2.3" are no numbers, and not two tokens either.
    if (token.kind == TokenKind::kNumber &&
        (token.text.size() > kMaxNumberCharacters ||
         (i < text.size() && (IsLetter(text[i]) || text[i] == '.')))) {
      return FaultAt(token.begin, fmt::format("'{}' is not a number of at most {} characters",
                                              text.substr(token.begin, 12), kMaxNumberCharacters));
    }
    tokens.push_back(token);
  }
  if (tokens.empty()) return absl::InvalidArgumentError("the expression is empty");
  return tokens;
}

std::vector<ComparisonText> ComparisonsIn(std::string_view text) {
  const auto tokens = Tokenize(text);
  if (!tokens.ok()) return {};
  struct Span {
    size_t begin, op, end;
  };
  std::vector<Span> spans;
  for (size_t i = 0; i < tokens->size(); ++i) {
    if ((*tokens)[i].kind != TokenKind::kOperator || !IsComparison((*tokens)[i].text)) continue;
    spans.push_back({OperandBegin(*tokens, i), i, OperandEnd(*tokens, i + 1)});
  }
  // An inner comparison stands inside brackets of an outer operand, so it ends earlier.
  std::ranges::sort(spans, {}, &Span::end);
  std::vector<ComparisonText> comparisons;
  comparisons.reserve(spans.size());
  for (const Span& span : spans) {
    comparisons.push_back(
        {Cut(text, *tokens, span.begin, span.end), Cut(text, *tokens, span.begin, span.op),
         std::string((*tokens)[span.op].text), Cut(text, *tokens, span.op + 1, span.end)});
  }
  return comparisons;
}

}  // namespace shouwang::risk
