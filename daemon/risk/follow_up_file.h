// Reads what a policy's `cases:` says of following up: `escalation`, whose a case becomes that
// nobody took on in time, and `draw`, which households are visited by lot.
//
// Called by case_policy_file.cc when states and moves have been read.
#pragma once

#include "daemon/risk/case_policy.h"
#include "storage/files/yaml.h"

namespace shouwang::risk {

inline constexpr size_t kMaxEscalations = 24;
inline constexpr int kMaxDrawnPerTownship = 1'000;
inline constexpr int kMaxEstimateMonths = 60;

// Fills cases->escalation and cases->draw from `map`, the map of `cases:`. Every fault goes to its
// problems.
void ReadFollowUp(YamlMap* map, CasePolicy* cases);

}  // namespace shouwang::risk
