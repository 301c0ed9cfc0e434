// Why an address cannot be listened on, in an operator's words. Servers that only say "failed" are
// asked through this, after the fact. Any thread.
#pragma once

#include <string_view>

#include "absl/status/status.h"

namespace shouwang::metrics {

// Binds to `address` ("127.0.0.1:9464", "[::1]:9464") for a moment and tells how that went:
// "metrics_listen: 127.0.0.1:9464 is taken; ...". Never OK: where the bind works now, it says that
// it did not work a moment ago. `setting` names the key and flag to change.
absl::Status ListenFault(std::string_view setting, std::string_view address);

}  // namespace shouwang::metrics
