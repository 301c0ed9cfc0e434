// Sends batches that are made while others are sent and receipted, to a running daemon. A thread
// makes them, ahead of the sending by a bounded number, so memory does not grow with what is sent,
// and what the making takes from the machine is told.
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
#include "tests/bench/batch_queue.h"
#include "tests/bench/panel.h"

namespace grpc {
class Channel;
}  // namespace grpc

namespace shouwang::bench {

struct GrowthOptions {
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

// Fills in the next batch and how many values it has; false where there is none left. Called by one
// thread.
using BatchSource = std::function<bool(BatchQueue::Item*)>;

// Month after month of panel.size().months, each reported by every village of `villages` (12
// digits, ascending), whose first household is `first_household`. Within a month townships come in
// an order of their own, as they do in life, and a township's villages together. Panel and villages
// must outlive it.
BatchSource MonthByMonth(const Panel& panel, std::span<const std::string> villages,
                         int64_t first_household, int households_per_village);

// Sends all that `next` gives, a township's batches in their order. `progress` is called about
// every second with the seconds since the start and the values receipted by then, on the caller's
// thread. FailedPrecondition for a batch that was refused or a receipt that does not count every
// value as accepted.
absl::StatusOr<GrowthResult> Grow(const std::shared_ptr<grpc::Channel>& channel,
                                  const BatchSource& next, const GrowthOptions& options,
                                  const std::function<void(double, int64_t)>& progress);

}  // namespace shouwang::bench
