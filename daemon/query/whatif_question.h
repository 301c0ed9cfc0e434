// A checked WhatIfRequest: what is to be judged, and by which two policy sets. A value; any thread.
#pragma once

#include <shouwang/v1/whatif.pb.h>

#include <memory>
#include <optional>
#include <vector>

#include "absl/status/statusor.h"
#include "daemon/rulebook/rulebook.h"

namespace shouwang::query {

inline constexpr size_t kMaxPolicyBytes = 1 << 20;
inline constexpr size_t kMaxPolicyNameBytes = 1'000;
inline constexpr size_t kMaxWhatIfSubjects = 1'000;

struct WhatIfQuestion {
  // The policies of before are the rulebook's.
  std::shared_ptr<const Rulebook> rulebook;
  risk::PolicySet after;
  // Of the policy asked about.
  uint32_t version = 0;
  std::vector<uint32_t> replaced_versions;
  Division region;
  Date through;
  std::optional<Instant> as_of;
  size_t list_limit = 0;

  const risk::Policy& policy() const;
};

// InvalidArgument names the fields at fault, the policy once for each of its faults.
absl::StatusOr<WhatIfQuestion> CheckWhatIf(const v1::WhatIfRequest& request,
                                           std::shared_ptr<const Rulebook> rulebook, Instant now);

}  // namespace shouwang::query
