// Reads the `worklist:` section of a policy file, the last of its parts.
#pragma once

#include "daemon/risk/policy.h"

namespace shouwang::risk {

// `policy` has its constants and features already. Faults go to the file's problems.
WorklistPolicy ReadWorklist(YamlMap* map, const Policy& policy, const Catalogue& catalogue);

}  // namespace shouwang::risk
