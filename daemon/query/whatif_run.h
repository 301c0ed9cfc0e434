// Answers a WhatIfQuestion: townships side by side on threads of its own, all on one snapshot.
//
// Its threads run far below ingest's shards, so that both take what the machine has left: a what-if
// waits, ingest does not. In memory it has a group of subjects for each thread, and the sums.
#pragma once

#include <cstdint>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/status/statusor.h"
#include "daemon/query/whatif_question.h"
#include "storage/contract/store.h"

namespace shouwang::query {

struct WhatIfProgress {
  uint64_t subjects = 0;
  uint64_t of_subjects = 0;  // 0: not known
};

// `cancelled` is asked by all threads, some hundred times a second; `progress` is told by the
// caller's, some times a second. Cancelled once `cancelled` says so; else fails as the store does.
absl::StatusOr<std::vector<v1::WhatIfResponse>> RunWhatIf(
    const Store& store, const WhatIfQuestion& question, int threads,
    absl::FunctionRef<bool()> cancelled, absl::FunctionRef<void(const WhatIfProgress&)> progress);

}  // namespace shouwang::query
