// Private to storage/rocks: the contract's Snapshot on one of RocksDB. Any thread.
#pragma once

#include <rocksdb/snapshot.h>

#include <memory>
#include <vector>

#include "storage/contract/snapshot.h"
#include "storage/rocks/rocks_store.h"

namespace shouwang::rocks {

class RocksSnapshot final : public Snapshot {
 public:
  explicit RocksSnapshot(const RocksStore& store);

  // A group of subjects at a time; in memory it has one group of them.
  absl::Status ScanNeighbours(const Division& region, Date from, std::span<const Reach> reaches,
                              absl::FunctionRef<bool(const Neighbours&)> visit) const override;
  absl::Status ScanWithSuperseded(
      const Division& region, const Subject& from_subject,
      absl::FunctionRef<bool(const History&, std::span<const SupersededValue>)> visit)
      const override;

 private:
  const RocksStore& store_;
  const std::unique_ptr<rocksdb::ManagedSnapshot> snapshot_;
};

}  // namespace shouwang::rocks
