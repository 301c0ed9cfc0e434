// One collector of the crash test: a Submit stream that sends until the daemon is gone.
#pragma once

#include <grpcpp/channel.h>

#include <cstdint>
#include <memory>
#include <vector>

#include "tests/crash/model.h"

namespace shouwang::crash {

struct Load {
  std::vector<Batch> again;  // to be sent again, among the new ones
  uint64_t seed = 0;
  // Batches sent and not yet receipted.
  int window = 16;
};

// Sends `load.again` and, between and after them, new batches; hands every receipt to `model`.
// Returns when the stream has broken and all that arrived has been read. Uses a thread of its own
// for reading.
void RunCollector(const std::shared_ptr<grpc::Channel>& channel, Load load, Model* model);

}  // namespace shouwang::crash
