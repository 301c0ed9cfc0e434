// One record of each region cannot be read: told once all others were visited.
#pragma once

#include "storage/memory/memory_reporters.h"

namespace shouwang {

class DamagedReporters final : public MemoryReporters {
 public:
  using MemoryReporters::MemoryReporters;
  absl::Status ScanReporters(
      const Division& region, const Reporter& from,
      absl::FunctionRef<bool(const Reporter&, const LastHeard&)> visit) const override {
    absl::Status status = MemoryReporters::ScanReporters(region, from, visit);
    status.Update(absl::DataLossError("a record in " + region.ToString()));
    return status;
  }
};

}  // namespace shouwang
