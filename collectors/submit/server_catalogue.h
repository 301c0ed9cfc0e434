// The catalogue that the daemon runs with: what can be reported, and with how many decimals.
#pragma once

#include <grpcpp/channel.h>

#include <chrono>
#include <memory>

#include "absl/status/statusor.h"
#include "storage/vocabulary/indicator.h"

namespace shouwang {

// Waits up to `retry_for` for a daemon that is not there yet.
absl::StatusOr<Catalogue> FetchCatalogue(const std::shared_ptr<grpc::Channel>& channel,
                                         std::chrono::milliseconds retry_for);

}  // namespace shouwang
