// Reads the `incidents:` section of a policy file.
#pragma once

#include "daemon/risk/incident_policy.h"
#include "storage/files/yaml.h"

namespace shouwang::risk {

// Every key is required. Faults go to the file's problems.
IncidentPolicy ReadIncidents(YamlMap* map);

}  // namespace shouwang::risk
