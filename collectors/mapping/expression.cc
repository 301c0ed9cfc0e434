#include "collectors/mapping/expression.h"

#include <fmt/format.h>
#include <muParser.h>

#include <cmath>
#include <limits>
#include <utility>

namespace shouwang {
namespace {

// Letters, digits and '_' of ASCII, and every byte of a UTF-8 sequence, so that names may be
// Chinese.
std::string NameCharacters() {
  std::string characters = "0123456789_abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";
  for (int byte = 0x80; byte <= 0xff; ++byte) characters.push_back(static_cast<char>(byte));
  return characters;
}

double Floor(double x) { return std::floor(x); }
double Ceil(double x) { return std::ceil(x); }
double Round(double x) { return std::round(x); }
double Remainder(double x, double y) { return std::fmod(x, y); }

}  // namespace

struct Expression::State {
  mu::Parser parser;
  std::vector<std::string> names;
  std::vector<double> values;  // never resized once the parser points into it
};

absl::StatusOr<Expression> Expression::Compile(const std::string& text) {
  auto state = std::make_unique<State>();
  try {
    mu::Parser& parser = state->parser;
    parser.DefineNameChars(NameCharacters().c_str());
    parser.DefineFun("floor", Floor);
    parser.DefineFun("ceil", Ceil);
    parser.DefineFun("round", Round);
    parser.DefineOprt("%", Remainder, mu::prMUL_DIV);
    parser.SetExpr(text);
    for (const auto& [name, unused] : parser.GetUsedVar()) state->names.push_back(name);
    state->values.assign(state->names.size(), 1.0);
    for (size_t i = 0; i < state->names.size(); ++i) {
      parser.DefineVar(state->names[i], &state->values[i]);
    }
    // Parsing is complete only once it has been evaluated.
    parser.Eval();
    if (parser.GetNumResults() != 1) {
      return absl::InvalidArgumentError(
          fmt::format("'{}' has {} results; one is expected", text, parser.GetNumResults()));
    }
  } catch (const mu::ParserError& e) {
    return absl::InvalidArgumentError(fmt::format("'{}': {}", text, e.GetMsg()));
  }
  return Expression(std::move(state));
}

Expression::Expression(std::unique_ptr<State> state) : state_(std::move(state)) {}
Expression::Expression(Expression&&) noexcept = default;
Expression& Expression::operator=(Expression&&) noexcept = default;
Expression::~Expression() = default;

const std::vector<std::string>& Expression::names() const { return state_->names; }

double Expression::Evaluate(std::span<const double> values) {
  for (size_t i = 0; i < state_->values.size() && i < values.size(); ++i) {
    state_->values[i] = values[i];
  }
  try {
    return state_->parser.Eval();
  } catch (const mu::ParserError&) {
    return std::numeric_limits<double>::quiet_NaN();
  }
}

}  // namespace shouwang
