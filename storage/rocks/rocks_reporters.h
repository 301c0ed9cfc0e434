// Reporters in a RocksStore's directory: a column family that every commit of a batch writes to.
//
// Owned by whoever owns the store, which outlives it. Threads and failures: as
// storage/contract/reporters.h says.
#pragma once

#include "storage/contract/reporters.h"
#include "storage/rocks/rocks_store.h"

namespace shouwang {

class RocksReporters : public Reporters {
 public:
  explicit RocksReporters(const RocksStore* store) : store_(store) {}

  absl::Status ScanReporters(
      const Division& region, const Reporter& from,
      absl::FunctionRef<bool(const Reporter&, const LastHeard&)> visit) const override;

 private:
  const RocksStore* const store_;
};

}  // namespace shouwang
