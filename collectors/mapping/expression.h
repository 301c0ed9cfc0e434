// Arithmetic over named numbers, as written in a mapping file. muparser's exceptions end here.
//
// Owned by one thread: evaluation writes the names' values into the expression.
#pragma once

#include <memory>
#include <span>
#include <string>
#include <vector>

#include "absl/status/statusor.h"

namespace shouwang {

class Expression {
 public:
  // InvalidArgument, naming the text and the place of the fault, for text that does not parse.
  static absl::StatusOr<Expression> Compile(const std::string& text);
  Expression(Expression&&) noexcept;
  Expression& operator=(Expression&&) noexcept;
  ~Expression();

  // The names used, sorted, each once.
  const std::vector<std::string>& names() const;
  // `values` are those of names(), in that order. May be NaN or infinite.
  double Evaluate(std::span<const double> values);

 private:
  struct State;
  explicit Expression(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace shouwang
