// Private to storage/rocks: who sends, as bytes (README.md). Read gives nullopt for bytes that
// Write never writes. Pure.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "storage/contract/reporters.h"

namespace shouwang::rocks {

// In the order of reporters.
std::string ReporterKey(const Reporter& reporter);
std::string WriteLastHeard(const LastHeard& heard);
std::optional<std::pair<Reporter, LastHeard>> ReadReporter(std::string_view key,
                                                           std::string_view value);

}  // namespace shouwang::rocks
