// Private to storage/rocks: the keys and values of the family `cases`, as README.md gives them byte
// by byte. Pure functions; no RocksDB here.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "storage/vocabulary/case.h"

namespace shouwang::rocks {

// Event number `revision`, from 1, of the subject's case.
struct CaseEventKey {
  Subject subject;
  uint32_t revision = 0;
};
std::string WriteCaseKey(const CaseEventKey& key);
std::optional<CaseEventKey> ReadCaseKey(std::string_view bytes);

std::string WriteCaseEvent(const CaseEvent& event);
// nullopt for bytes that WriteCaseEvent never writes.
std::optional<CaseEvent> ReadCaseEvent(std::string_view value);

}  // namespace shouwang::rocks
