// The file that tells a script where the daemon listens. Present while the daemon is ready.
#pragma once

#include <string>
#include <string_view>

#include "absl/status/status.h"

namespace shouwang::app {

struct ReadyFacts {
  std::string listen;  // as configured; its port may be 0
  std::string metrics_listen;
  int grpc_port = 0;  // as bound
  int metrics_port = 0;
};

// Appears whole or not at all.
absl::Status WriteReadyFile(const std::string& path, const ReadyFacts& facts);

}  // namespace shouwang::app
