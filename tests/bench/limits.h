// What no store on this machine can beat: the parts that Shouwang is made of, each alone. One
// thread calls; each runs what it needs and leaves nothing behind but its folder.
#pragma once

#include <cstdint>
#include <string>

#include "absl/status/statusor.h"
#include "tests/bench/load.h"
#include "tests/bench/panel.h"

namespace shouwang::bench {

// A gRPC service that reads batches and answers each with a receipt, and does nothing else; sent to
// as the daemon is.
absl::StatusOr<LoadResult> MeasureAcknowledging(const Panel& panel, const LoadOptions& options);

struct BlocksResult {
  double synced_values_per_second = 0;    // one fsync for each batch, one batch after another
  double unsynced_values_per_second = 0;  // no fsync at all
  double bytes_per_value = 0;             // .sst files after compaction
};
// RocksDB with the operands that the store would write, a village's month each, made ahead of the
// clock; nothing checked, evaluated, counted or receipted. `folder` must not be there yet.
absl::StatusOr<BlocksResult> MeasureBlocks(const Panel& panel, const std::string& folder);

// Appends of `bytes` to a file of `folder`, fdatasync after each: so many in a second.
absl::StatusOr<double> MeasureSyncs(const std::string& folder, int64_t bytes);

}  // namespace shouwang::bench
