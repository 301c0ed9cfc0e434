// Conditions and formulas, decided in three values. Unknown is NaN; truth is 1 and 0. Any number
// made from an unknown one is unknown, any comparison with one is unknown, and `and`, `or`, `not`
// follow Kleene: unknown and false is false, unknown or true is true.
//
// muParser does the parsing and runs the byte code; none of its own operators and functions is
// left, all are ours. Its exceptions end here.
//
// An Expression belongs to one thread and reads the variables it was compiled with at each Value();
// they must outlive it and not move.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace mu {
class Parser;
}

namespace shouwang::risk {

// What an expression yields.
enum class ExpressionType : uint8_t { kNumber, kTruth };

using Variables = std::map<std::string, double*, std::less<>>;

class Expression {
 public:
  // InvalidArgument with the position, for bad syntax and names that are no variables.
  static absl::StatusOr<Expression> Compile(std::string_view text, const Variables& variables);
  Expression(Expression&&) noexcept;
  Expression& operator=(Expression&&) noexcept;
  ~Expression();

  // NaN: unknown.
  double Value() const;

  struct Traced {
    double left = 0;
    double right = 0;
    double truth = 0;
  };
  // As Value(), and appends what every comparison saw, in the order of ComparisonsIn(text).
  double Trace(std::vector<Traced>* comparisons) const;

 private:
  Expression(std::string text, const Variables& variables);

  std::string text_;
  const Variables* variables_;
  std::unique_ptr<mu::Parser> deciding_;
  mutable std::unique_ptr<mu::Parser> tracing_;  // made at the first Trace
};

// OK if `text` can be compiled with variables of these names, all of them numbers, and yields
// `type`; InvalidArgument otherwise: "at character 7: unknown name 'incme'", "'and' joins truth
// values, not numbers".
absl::Status CheckExpression(std::string_view text, const std::vector<std::string>& names,
                             ExpressionType type);

// The constants and features that `text` uses, each once, in the order met.
std::vector<std::string> NamesIn(std::string_view text);

}  // namespace shouwang::risk
