// Reads the `screening:` section of a policy file, the last of its parts.
#pragma once

#include "daemon/risk/policy.h"

namespace shouwang::risk {

inline constexpr size_t kMaxScreenedAmounts = 32;
inline constexpr size_t kMaxRoundAmounts = 8;

// `policy` has its constants and features already. Faults go to the file's problems.
ScreeningPolicy ReadScreening(YamlMap* map, const Policy& policy, const Catalogue& catalogue);

}  // namespace shouwang::risk
