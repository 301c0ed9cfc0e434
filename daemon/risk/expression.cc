#include "daemon/risk/expression.h"

#include <fmt/format.h>
#include <muParser.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

#include "daemon/risk/syntax.h"

namespace shouwang::risk {
namespace {

constexpr double kUnknown = std::numeric_limits<double>::quiet_NaN();

// What `+`, `and`, `if` ... do. Three sets of them exist: one decides, one decides and traces the
// comparisons, one only checks types.
struct Dialect {
  mu::fun_type2 add, subtract, multiply, divide;
  mu::fun_type2 less, less_equal, greater, greater_equal, equal, not_equal;
  mu::fun_type2 both, either, coalesce;
  mu::fun_type1 no, negate, known, abs;
  mu::multfun_type min, max;
  mu::fun_type3 choose;
};

bool Unknown(double a) { return std::isnan(a); }
double OfBool(bool truth) { return truth ? 1.0 : 0.0; }

double Both(double a, double b) {
  if (a == 0.0 || b == 0.0) return 0.0;
  return Unknown(a) || Unknown(b) ? kUnknown : 1.0;
}
double Either(double a, double b) {
  if ((a != 0.0 && !Unknown(a)) || (b != 0.0 && !Unknown(b))) return 1.0;
  return Unknown(a) || Unknown(b) ? kUnknown : 0.0;
}
double No(double a) { return Unknown(a) ? kUnknown : OfBool(a == 0.0); }
// An overflow or a division by zero has no meaning as a measure: it is unknown.
double Finite(double a) { return std::isfinite(a) ? a : kUnknown; }
double Divide(double a, double b) { return b == 0.0 ? kUnknown : Finite(a / b); }
double Choose(double condition, double a, double b) {
  if (Unknown(condition)) return kUnknown;
  return condition != 0.0 ? a : b;
}
double Min(const double* values, int count) {
  double least = values[0];
  for (int i = 0; i < count; ++i) {
    if (Unknown(values[i])) return kUnknown;
    least = std::min(least, values[i]);
  }
  return least;
}
double Max(const double* values, int count) {
  double most = values[0];
  for (int i = 0; i < count; ++i) {
    if (Unknown(values[i])) return kUnknown;
    most = std::max(most, values[i]);
  }
  return most;
}

enum class Relation { kLess, kLessEqual, kGreater, kGreaterEqual, kEqual, kNotEqual };

template <Relation relation>
double Compare(double a, double b) {
  if (Unknown(a) || Unknown(b)) return kUnknown;
  switch (relation) {
    case Relation::kLess:
      return OfBool(a < b);
    case Relation::kLessEqual:
      return OfBool(a <= b);
    case Relation::kGreater:
      return OfBool(a > b);
    case Relation::kGreaterEqual:
      return OfBool(a >= b);
    case Relation::kEqual:
      return OfBool(a == b);
    case Relation::kNotEqual:
      return OfBool(a != b);
  }
  return kUnknown;
}

constexpr Dialect kDeciding = {
    .add = [](double a, double b) { return Finite(a + b); },
    .subtract = [](double a, double b) { return Finite(a - b); },
    .multiply = [](double a, double b) { return Finite(a * b); },
    .divide = Divide,
    .less = Compare<Relation::kLess>,
    .less_equal = Compare<Relation::kLessEqual>,
    .greater = Compare<Relation::kGreater>,
    .greater_equal = Compare<Relation::kGreaterEqual>,
    .equal = Compare<Relation::kEqual>,
    .not_equal = Compare<Relation::kNotEqual>,
    .both = Both,
    .either = Either,
    .coalesce = [](double a, double b) { return Unknown(a) ? b : a; },
    .no = No,
    .negate = [](double a) { return -a; },
    .known = [](double a) { return OfBool(!Unknown(a)); },
    .abs = [](double a) { return std::abs(a); },
    .min = Min,
    .max = Max,
    .choose = Choose,
};

// muParser's operators carry no user data, so the trace goes by way of the thread.
thread_local std::vector<Expression::Traced>* trace = nullptr;

template <Relation relation>
double TracedCompare(double a, double b) {
  const double truth = Compare<relation>(a, b);
  trace->push_back({a, b, truth});
  return truth;
}

constexpr Dialect Tracing() {
  Dialect dialect = kDeciding;
  dialect.less = TracedCompare<Relation::kLess>;
  dialect.less_equal = TracedCompare<Relation::kLessEqual>;
  dialect.greater = TracedCompare<Relation::kGreater>;
  dialect.greater_equal = TracedCompare<Relation::kGreaterEqual>;
  dialect.equal = TracedCompare<Relation::kEqual>;
  dialect.not_equal = TracedCompare<Relation::kNotEqual>;
  return dialect;
}

// Types are checked by running the expression with every truth value marked by a negative number.
// No number is negative then: literals have no sign and every operation on numbers yields
// kNumberMark. No branch is skipped, so one run sees all of the expression.
constexpr double kNumberMark = 1.0;
constexpr double kTruthMark = -1.0;
thread_local std::string* type_fault = nullptr;

bool IsTruth(double mark) { return mark < 0; }
bool IsNumber(double mark) { return mark >= 0; }

void Expect(bool held, std::string_view fault) {
  if (!held && type_fault->empty()) *type_fault = fault;
}
double TypedArithmetic(double a, double b) {
  Expect(IsNumber(a) && IsNumber(b), "arithmetic takes numbers, not truth values");
  return kNumberMark;
}
double TypedCompare(double a, double b) {
  Expect(IsNumber(a) && IsNumber(b),
         "a comparison takes numbers, not truth values (join two with 'and')");
  return kTruthMark;
}
double TypedJoin(double a, double b) {
  Expect(IsTruth(a) && IsTruth(b),
         "'and' and 'or' join truth values, not numbers (compare a yes/no number with == 1)");
  return kTruthMark;
}
double TypedExtreme(const double* values, int count) {
  Expect(std::all_of(values, values + count, IsNumber),
         "min and max take numbers, not truth values");
  return kNumberMark;
}

constexpr Dialect kTyping = {
    .add = TypedArithmetic,
    .subtract = TypedArithmetic,
    .multiply = TypedArithmetic,
    .divide = TypedArithmetic,
    .less = TypedCompare,
    .less_equal = TypedCompare,
    .greater = TypedCompare,
    .greater_equal = TypedCompare,
    .equal = TypedCompare,
    .not_equal = TypedCompare,
    .both = TypedJoin,
    .either = TypedJoin,
    .coalesce =
        [](double a, double b) {
          Expect(IsTruth(a) == IsTruth(b), "coalesce takes two numbers or two truth values");
          return a;
        },
    .no =
        [](double a) {
          Expect(IsTruth(a),
                 "'not' takes a truth value, not a number (compare a yes/no number with == 1)");
          return kTruthMark;
        },
    .negate = [](double a) { return TypedArithmetic(a, kNumberMark); },
    .known = [](double) { return kTruthMark; },
    .abs = [](double a) { return TypedArithmetic(a, kNumberMark); },
    .min = TypedExtreme,
    .max = TypedExtreme,
    .choose =
        [](double condition, double a, double b) {
          Expect(IsTruth(condition), "the first argument of if must be a truth value");
          Expect(IsTruth(a) == IsTruth(b),
                 "if takes two numbers or two truth values to choose from");
          return a;
        },
};

// muParser takes operators as the longest that the text begins with, so the word operators, which
// a name could begin with, become signs. Positions stay what they were.
std::string WithSigns(std::string_view text, const std::vector<Token>& tokens) {
  std::string signs(text);
  for (const Token& token : tokens) {
    if (token.kind != TokenKind::kOperator) continue;
    if (token.text == "and") signs.replace(token.begin, 3, "&& ");
    if (token.text == "or") signs.replace(token.begin, 2, "||");
    if (token.text == "not") signs.replace(token.begin, 3, "!  ");
  }
  std::ranges::replace(signs, '\n', ' ');
  std::ranges::replace(signs, '\t', ' ');
  return signs;
}

void Define(const Dialect& dialect, mu::Parser* parser) {
  constexpr auto kLeft = mu::oaLEFT;
  enum Binding { kOr = 1, kAnd, kNot, kComparison, kSum, kProduct, kSign };
  parser->EnableBuiltInOprt(false);
  parser->ClearFun();
  parser->ClearConst();
  parser->ClearInfixOprt();
  parser->ClearPostfixOprt();
  parser->ClearOprt();
  parser->DefineOprt("||", dialect.either, kOr, kLeft);
  parser->DefineOprt("&&", dialect.both, kAnd, kLeft);
  parser->DefineInfixOprt("!", dialect.no, kNot, false);
  parser->DefineOprt("<", dialect.less, kComparison, kLeft);
  parser->DefineOprt("<=", dialect.less_equal, kComparison, kLeft);
  parser->DefineOprt(">", dialect.greater, kComparison, kLeft);
  parser->DefineOprt(">=", dialect.greater_equal, kComparison, kLeft);
  parser->DefineOprt("==", dialect.equal, kComparison, kLeft);
  parser->DefineOprt("!=", dialect.not_equal, kComparison, kLeft);
  parser->DefineOprt("+", dialect.add, kSum, kLeft);
  parser->DefineOprt("-", dialect.subtract, kSum, kLeft);
  parser->DefineOprt("*", dialect.multiply, kProduct, kLeft);
  parser->DefineOprt("/", dialect.divide, kProduct, kLeft);
  parser->DefineInfixOprt("-", dialect.negate, kSign, false);
  parser->DefineFun("known", dialect.known, false);
  parser->DefineFun("coalesce", dialect.coalesce, false);
  parser->DefineFun("abs", dialect.abs, false);
  parser->DefineFun("min", dialect.min, false);
  parser->DefineFun("max", dialect.max, false);
  parser->DefineFun("if", dialect.choose, false);
}

// The one place where muParser's exceptions are caught.
template <typename Work>
absl::Status Guarded(Work&& work) {
  try {
    work();
    return absl::OkStatus();
  } catch (const mu::ParserError& e) {
    return absl::InvalidArgumentError(
        fmt::format("at character {}: {}", e.GetPos() + 1, e.GetMsg()));
  }
}

absl::Status Parse(std::string_view text, const std::vector<Token>& tokens, const Dialect& dialect,
                   const Variables& variables, mu::Parser* parser) {
  return Guarded([&] {
    Define(dialect, parser);
    for (const Token& token : tokens) {
      if (token.kind != TokenKind::kName) continue;
      parser->DefineVar(std::string(token.text), variables.find(token.text)->second);
    }
    parser->SetExpr(WithSigns(text, tokens));
  });
}

absl::Status UnknownName(const Token& token) {
  return absl::InvalidArgumentError(
      fmt::format("at character {}: unknown name '{}'", token.begin + 1, token.text));
}

}  // namespace

Expression::Expression(std::string text, const Variables& variables)
    : text_(std::move(text)), variables_(&variables), deciding_(std::make_unique<mu::Parser>()) {}
Expression::Expression(Expression&&) noexcept = default;
Expression& Expression::operator=(Expression&&) noexcept = default;
Expression::~Expression() = default;

absl::StatusOr<Expression> Expression::Compile(std::string_view text, const Variables& variables) {
  const auto tokens = Tokenize(text);
  if (!tokens.ok()) return tokens.status();
  for (const Token& token : *tokens) {
    if (token.kind == TokenKind::kName && !variables.contains(token.text)) {
      return UnknownName(token);
    }
  }
  Expression expression(std::string(text), variables);
  mu::Parser* const parser = expression.deciding_.get();
  if (absl::Status s = Parse(text, *tokens, kDeciding, variables, parser); !s.ok()) return s;
  // The first evaluation makes the byte code.
  if (absl::Status s = Guarded([&] { parser->Eval(); }); !s.ok()) return s;
  return expression;
}

double Expression::Value() const {
  double value = kUnknown;
  // Compile ran this byte code already: nothing is left that could throw but a broken invariant.
  try {
    value = deciding_->Eval();
  } catch (const mu::ParserError&) {
    return kUnknown;
  }
  return value;
}

double Expression::Trace(std::vector<Traced>* comparisons) const {
  double value = kUnknown;
  std::vector<Traced> scratch;
  trace = &scratch;
  absl::Status status = absl::OkStatus();
  if (tracing_ == nullptr) {
    const auto tokens = Tokenize(text_);
    tracing_ = std::make_unique<mu::Parser>();
    status = Parse(text_, *tokens, Tracing(), *variables_, tracing_.get());
  }
  if (status.ok()) status = Guarded([&] { value = tracing_->Eval(); });
  trace = nullptr;
  if (status.ok()) comparisons->insert(comparisons->end(), scratch.begin(), scratch.end());
  return value;
}

absl::Status CheckExpression(std::string_view text, const std::vector<std::string>& names,
                             ExpressionType type) {
  const auto tokens = Tokenize(text);
  if (!tokens.ok()) return tokens.status();
  double number = kNumberMark;
  Variables variables;
  for (const std::string& name : names) variables[name] = &number;
  for (const Token& token : *tokens) {
    if (token.kind == TokenKind::kName && !variables.contains(token.text)) {
      return UnknownName(token);
    }
  }
  mu::Parser parser;
  double mark = 0;
  int results = 1;
  std::string fault;
  type_fault = &fault;
  absl::Status status = Parse(text, *tokens, kTyping, variables, &parser);
  if (status.ok()) {
    status = Guarded([&] {
      mark = parser.Eval();
      results = parser.GetNumResults();
    });
  }
  type_fault = nullptr;
  if (!status.ok()) return status;
  if (results != 1) return absl::InvalidArgumentError("there are several expressions here");
  if (!fault.empty()) return absl::InvalidArgumentError(fault);
  if (type == ExpressionType::kTruth && !IsTruth(mark)) {
    return absl::InvalidArgumentError("a condition is expected; this is a number");
  }
  if (type == ExpressionType::kNumber && !IsNumber(mark)) {
    return absl::InvalidArgumentError("a number is expected; this is a truth value");
  }
  return absl::OkStatus();
}

std::vector<std::string> NamesIn(std::string_view text) {
  std::vector<std::string> names;
  const auto tokens = Tokenize(text);
  if (!tokens.ok()) return names;
  for (const Token& token : *tokens) {
    if (token.kind == TokenKind::kName && std::ranges::find(names, token.text) == names.end()) {
      names.emplace_back(token.text);
    }
  }
  return names;
}

}  // namespace shouwang::risk
