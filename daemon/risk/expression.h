// What expressions may say: their types and their names. How they are decided is tape.h's business.
//
// muParser does the parsing; none of its own operators and functions is left, all are ours. Its
// exceptions end here. Pure functions; any thread.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"

namespace shouwang::risk {

// What an expression yields.
enum class ExpressionType : uint8_t { kNumber, kTruth };

// OK if `text` can be recorded with names of these, all of them numbers, and yields `type`;
// InvalidArgument otherwise: "at character 7: unknown name 'incme'", "'and' joins truth values, not
// numbers".
absl::Status CheckExpression(std::string_view text, const std::vector<std::string>& names,
                             ExpressionType type);

// The constants and features that `text` uses, each once, in the order met.
std::vector<std::string> NamesIn(std::string_view text);

}  // namespace shouwang::risk
