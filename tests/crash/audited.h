// Whether the audit trail of a daemon that was killed is whole: its chains are sound, and what it
// tells of warnings, one transition after the other, ends in those that are open. So no commit
// stands without its entry, and no entry without its commit.
#pragma once

#include <grpcpp/channel.h>

#include <map>
#include <memory>

#include "absl/status/status.h"
#include "tests/crash/stored.h"

namespace shouwang::crash {

// DataLoss, in words, where it is not; else fails as the daemon's calls fail.
absl::Status CheckAudit(const std::shared_ptr<grpc::Channel>& channel,
                        const std::map<OpenWarning, int32_t>& open);

}  // namespace shouwang::crash
