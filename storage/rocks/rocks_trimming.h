// Trimming of a RocksStore. Whole years of a group go by their keys; a year of which some
// indicators are kept is written anew without the others. The space comes back as compaction
// reaches it.
//
// Owned by whoever owns the store, which outlives it. Threads and failures: as
// storage/contract/trimming.h says.
#pragma once

#include <vector>

#include "storage/contract/trimming.h"
#include "storage/rocks/rocks_store.h"

namespace shouwang {

class RocksTrimming : public Trimming {
 public:
  explicit RocksTrimming(RocksStore* store) : store_(store) {}

  absl::StatusOr<KeptRetention> LoadRetention() const override;
  absl::Status KeepRetention(const KeptRetention& retention) override;
  absl::StatusOr<TrimTotals> Trim(
      const Division& township, const Retention& retention, const std::stop_token& stop,
      absl::FunctionRef<absl::StatusOr<Transaction>(std::span<const TrimmedSubject>)> decide)
      override;

 private:
  RocksStore* const store_;
};

}  // namespace shouwang
