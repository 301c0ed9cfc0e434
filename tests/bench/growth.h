// Grows a running daemon's store by villages: twelve months, one after another, each reported by
// every village. Within a month townships come in an order of their own, as they do in life, and a
// township's villages together.
//
// A thread makes batches while others send them and read receipts. It runs ahead by a bounded
// number, so memory does not grow with the villages, and what it takes from the machine is told.
//
// Blocks its caller until every receipt is read. Runs two threads for each stream, and the maker.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "tests/bench/panel.h"

namespace grpc {
class Channel;
}  // namespace grpc

namespace shouwang::bench {

struct GrowthOptions {
  int households_per_village = 320;
  int streams = 8;
  int window = 64;  // batches sent and not yet receipted, per stream
  int ahead = 16;   // batches made and not yet sent, per stream
};

struct GrowthResult {
  int64_t values = 0;  // receipted
  int64_t batches = 0;
  int64_t warnings_opened = 0;
  double seconds = 0;        // from the first batch being made to the last receipt
  double maker_seconds = 0;  // processor time of making batches
};

// Sends every month of panel.size().months of the villages [first, end) of `villages`. `progress`
// is called about every second with the seconds since the start and the values receipted by then,
// on the caller's thread. FailedPrecondition for a batch that was refused or a receipt that does
// not count every value as accepted.
absl::StatusOr<GrowthResult> Grow(const std::shared_ptr<grpc::Channel>& channel, const Panel& panel,
                                  std::span<const std::string> villages, size_t first, size_t end,
                                  const GrowthOptions& options,
                                  const std::function<void(double, int64_t)>& progress);

}  // namespace shouwang::bench
