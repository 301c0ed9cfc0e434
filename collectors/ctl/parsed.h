// Words of the command line that are ours. Single-threaded.
#pragma once

#include <fmt/format.h>

#include <string>

#include "collectors/ctl/session.h"

namespace shouwang::ctl {

// The word of `option`, parsed; throws Failure where it is none.
template <typename Parse>
auto Parsed(const char* option, const std::string& word, const Parse& parse) {
  const auto value = parse(word);
  if (!value.ok()) {
    throw Failure{fmt::format("{}: {}", option, std::string(value.status().message()))};
  }
  return *value;
}

}  // namespace shouwang::ctl
