// What only the daemon's other rooms know and GetStatus tells; app is asked for it.
#pragma once

#include <string>

#include "storage/vocabulary/date.h"

namespace shouwang::query {

struct DaemonState {
  std::string version;
  Instant started_at;
  bool reevaluating = false;
  double reevaluation_progress = 1;
  std::string reload_error;
};

}  // namespace shouwang::query
