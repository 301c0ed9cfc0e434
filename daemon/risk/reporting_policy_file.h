// Reads the section `reporting` of a policy file; called by policy_file.cc. Faults go to the map's
// problems, with file and line.
#pragma once

#include "daemon/risk/reporting_policy.h"
#include "storage/files/yaml.h"

namespace shouwang::risk {

// Divisions of one source.
inline constexpr size_t kMaxExpectedDivisions = 1'000;

ReportingPolicy ReadReporting(YamlMap* map);

}  // namespace shouwang::risk
