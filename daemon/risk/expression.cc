#include "daemon/risk/expression.h"

#include <fmt/format.h>
#include <muParser.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <utility>

#include "daemon/risk/syntax.h"
#include "daemon/risk/tape.h"

namespace shouwang::risk {
namespace {

using Variables = std::map<std::string, double*, std::less<>>;

// What `+`, `and`, `if` ... do. Two sets of them exist: one records steps on a tape, one checks
// types.
struct Dialect {
  mu::fun_type2 add, subtract, multiply, divide;
  mu::fun_type2 less, less_equal, greater, greater_equal, equal, not_equal;
  mu::fun_type2 both, either, coalesce;
  mu::fun_type1 no, negate, known, abs;
  mu::multfun_type min, max;
  mu::fun_type3 choose;
};

// Records an expression by running it once with every register marked by a negative number.
// Literals have no sign, so what is not negative is a literal; no branch is skipped, so one run
// sees all of the expression. muParser's operators carry no user data, so the recorder goes by way
// of the thread.
class Recorder {
 public:
  explicit Recorder(Tape* tape) : tape_(tape) {}

  static double MarkOf(Register index) { return -1.0 - static_cast<double>(index); }
  Register RegisterOf(double mark) {
    return mark < 0 ? static_cast<Register>(-1.0 - mark) : tape_->AddConstant(mark);
  }
  double Append(Operation operation, double a, double b, double c) {
    return MarkOf(tape_->Append(operation, RegisterOf(a), RegisterOf(b), RegisterOf(c)));
  }
  double Compare(Operation operation, double a, double b) {
    const double truth = Append(operation, a, b, a);
    recorded.comparisons.push_back({RegisterOf(a), RegisterOf(b), RegisterOf(truth)});
    return truth;
  }

  Recorded recorded;

 private:
  Tape* const tape_;
};
thread_local Recorder* recorder = nullptr;

template <Operation operation>
double Record1(double a) {
  return recorder->Append(operation, a, a, a);
}
template <Operation operation>
double Record2(double a, double b) {
  return recorder->Append(operation, a, b, a);
}
template <Operation operation>
double RecordCompare(double a, double b) {
  return recorder->Compare(operation, a, b);
}
template <Operation operation>
double RecordMany(const double* values, int count) {
  double outcome = values[0];
  for (int i = 1; i < count; ++i) outcome = Record2<operation>(outcome, values[i]);
  return outcome;
}

constexpr Dialect kRecording = {
    .add = Record2<Operation::kAdd>,
    .subtract = Record2<Operation::kSubtract>,
    .multiply = Record2<Operation::kMultiply>,
    .divide = Record2<Operation::kDivide>,
    .less = RecordCompare<Operation::kLess>,
    .less_equal = RecordCompare<Operation::kLessEqual>,
    .greater = RecordCompare<Operation::kGreater>,
    .greater_equal = RecordCompare<Operation::kGreaterEqual>,
    .equal = RecordCompare<Operation::kEqual>,
    .not_equal = RecordCompare<Operation::kNotEqual>,
    .both = Record2<Operation::kBoth>,
    .either = Record2<Operation::kEither>,
    .coalesce = Record2<Operation::kCoalesce>,
    .no = Record1<Operation::kNot>,
    .negate = Record1<Operation::kNegate>,
    .known = Record1<Operation::kKnown>,
    .abs = Record1<Operation::kAbs>,
    .min = RecordMany<Operation::kMin>,
    .max = RecordMany<Operation::kMax>,
    .choose = [](double condition, double a,
                 double b) { return recorder->Append(Operation::kChoose, condition, a, b); },
};

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

absl::StatusOr<Recorded> Tape::Record(std::string_view text,
                                      const std::map<std::string, Register, std::less<>>& names) {
  const auto tokens = Tokenize(text);
  if (!tokens.ok()) return tokens.status();
  std::map<std::string, double, std::less<>> marks;
  Variables variables;
  for (const Token& token : *tokens) {
    if (token.kind != TokenKind::kName) continue;
    const auto name = names.find(token.text);
    if (name == names.end()) return UnknownName(token);
    double& mark = marks[std::string(token.text)];
    mark = Recorder::MarkOf(name->second);
    variables[std::string(token.text)] = &mark;
  }
  mu::Parser parser;
  if (absl::Status s = Parse(text, *tokens, kRecording, variables, &parser); !s.ok()) return s;
  Recorder recording(this);
  double outcome = 0;
  recorder = &recording;
  absl::Status status = Guarded([&] { outcome = parser.Eval(); });
  recorder = nullptr;
  if (!status.ok()) return status;
  recording.recorded.result = recording.RegisterOf(outcome);
  return recording.recorded;
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
