// Reporters of a MemoryStore, for tests: found among its batches each time. Threads: as the store,
// which outlives it.
#pragma once

#include "storage/contract/reporters.h"
#include "storage/memory/memory_store.h"

namespace shouwang {

class MemoryReporters : public Reporters {
 public:
  explicit MemoryReporters(const MemoryStore* store) : store_(store) {}

  absl::Status ScanReporters(
      const Division& region, const Reporter& from,
      absl::FunctionRef<bool(const Reporter&, const LastHeard&)> visit) const override;

 private:
  const MemoryStore* const store_;
};

}  // namespace shouwang
