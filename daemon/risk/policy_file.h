// Reads one policy file and checks all that can be checked of it alone: keys, names, ids, windows,
// indicators, expressions, types. What concerns several files is PolicySet's.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "daemon/risk/policy.h"

namespace shouwang::risk {

// Bounds of one policy file.
inline constexpr size_t kMaxConstants = 256;
inline constexpr size_t kMaxFeatures = 256;
inline constexpr size_t kMaxRules = 256;
inline constexpr size_t kMaxIndicatorsInList = 16;
// Of a condition or a formula; below kMaxExpressionCharacters, as "not (...)" is put around them.
inline constexpr size_t kMaxConditionCharacters = 1000;

// Every fault goes to `problems` with file and line; the policy must then not be used.
Policy ReadPolicy(const std::string& path, const Catalogue& catalogue, Problems* problems);
// The same of a text that `name` names.
Policy ParsePolicy(const std::string& name, const std::string& text, const Catalogue& catalogue,
                   Problems* problems);

// "sum", "months_since", ...
std::string_view FeatureKindName(FeatureKind kind);
std::optional<FeatureKind> ParseFeatureKind(std::string_view name);

// FNV-1a, 64 bits, going on from `seed`.
inline constexpr uint64_t kFingerprintSeed = 14695981039346656037ULL;
uint64_t Fingerprint(std::string_view bytes, uint64_t seed = kFingerprintSeed);

}  // namespace shouwang::risk
