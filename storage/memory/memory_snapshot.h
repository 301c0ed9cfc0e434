// Private to storage/memory: a snapshot that is a store of its own, which nobody writes to.
#pragma once

#include <memory>
#include <vector>

#include "storage/contract/snapshot.h"
#include "storage/memory/memory_store.h"

namespace shouwang {

class MemorySnapshot final : public Snapshot {
 public:
  explicit MemorySnapshot(std::unique_ptr<const MemoryStore> copy) : copy_(std::move(copy)) {}

  absl::Status ScanNeighbours(const Division& region, Date from, std::span<const Reach> reaches,
                              absl::FunctionRef<bool(const Neighbours&)> visit) const override;
  absl::Status ScanWithSuperseded(
      const Division& region, const Subject& from_subject,
      absl::FunctionRef<bool(const History&, std::span<const SupersededValue>)> visit)
      const override {
    return copy_->ScanWithSuperseded(region, from_subject, visit);
  }

 private:
  const std::unique_ptr<const MemoryStore> copy_;
};

}  // namespace shouwang
