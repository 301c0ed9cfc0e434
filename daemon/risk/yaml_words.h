// What several sections of a policy file write alike: a word of ours, a number of days.
//
// By the thread that reads the file.
#pragma once

#include <fmt/format.h>

#include <optional>
#include <string>
#include <string_view>

#include "daemon/risk/case_policy.h"
#include "storage/files/yaml.h"

namespace shouwang::risk {

// Of a deadline, and of being past it.
inline constexpr int kMaxTermDays = 365;

// The word under `key`, parsed; nullopt with a fault where it is missing or none.
template <typename Parse>
auto TakeWord(YamlMap* map, std::string_view key, const Parse& parse)
    -> std::optional<std::decay_t<decltype(*parse(""))>> {
  const std::string word = map->Text(key);
  if (word.empty()) return std::nullopt;
  auto value = parse(word);
  if (value.ok()) return *value;
  map->Fault(fmt::format("'{}': {}", key, std::string(value.status().message())), key);
  return std::nullopt;
}

// `PREFIX_days` or `PREFIX_working_days`, not both; nullopt where neither is there.
std::optional<Term> TakeTerm(YamlMap* map, const std::string& prefix);

}  // namespace shouwang::risk
