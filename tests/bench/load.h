// Sends a panel to a running daemon as collectors would, and times it. Batches are made before the
// clock starts and freed after it has stopped, chunk by chunk, so memory stays bounded and the
// generator costs nothing in the figure; encoding, sending and reading the receipts is in it.
//
// A stream sends on once half of its window is free, then all that there is room for, which gRPC
// puts into few packets.
//
// A LoadGenerator belongs to one thread; gRPC's threads do the sending.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "shouwang/v1/report.grpc.pb.h"
#include "shouwang/v1/series.pb.h"
#include "tests/bench/panel.h"

namespace shouwang::bench {

struct LoadOptions {
  int streams = 4;
  // Batches sent and not yet receipted, per stream.
  int window = 64;
  // Values made ahead of the clock at a time.
  int64_t chunk_values = 4'000'000;
  // Each household's month is a batch of its own, the villages' households in turn.
  bool one_by_one = false;
};

struct LoadResult {
  int64_t values = 0;
  int64_t batches = 0;
  int64_t warnings_opened = 0;
  std::chrono::duration<double> elapsed{};
};

class LoadGenerator {
 public:
  // Every stream has a connection of its own to `target`, as every collector has.
  LoadGenerator(const std::string& target, LoadOptions options);
  ~LoadGenerator();

  // Month after month, every village; a village's batches go over one stream. FailedPrecondition
  // for a batch that was refused or a receipt that does not count every value as accepted.
  absl::StatusOr<LoadResult> Send(const Panel& panel);

 private:
  class Stream;
  absl::Status Add(int64_t village, const v1::Batch& batch, LoadResult* result);
  absl::Status SendChunk(LoadResult* result);

  const LoadOptions options_;
  std::vector<std::unique_ptr<Stream>> streams_;
  int64_t waiting_values_ = 0;  // added and not sent
};

// Empty where the receipt counts every value of its batch as accepted; else what is wrong with it.
std::string FaultOf(const v1::Receipt& receipt, int64_t values);

// Every page of it; the status of the call where it fails.
absl::StatusOr<std::vector<v1::Indicator>> FetchCatalogue(
    const std::shared_ptr<grpc::Channel>& channel);

// Round trips of one household's whole history, each of a random household, one after another;
// microseconds, ascending.
absl::StatusOr<std::vector<double>> TimeHistories(const std::shared_ptr<grpc::Channel>& channel,
                                                  const Panel& panel, int samples);
// The same for the explanation of every rule that is open or unknown. `subject_of` names the
// household of an index.
absl::StatusOr<std::vector<double>> TimeExplanations(
    const std::shared_ptr<grpc::Channel>& channel, const Panel& panel, int samples,
    const std::function<std::string(int64_t)>& subject_of);

// Rollups of the panel's first indicator, asked `runs` times.
struct RollupTimes {
  std::vector<double> milliseconds;  // ascending
  v1::ListRollupsResponse answer;    // the last one
};
absl::StatusOr<RollupTimes> TimeRollups(const std::shared_ptr<grpc::Channel>& channel,
                                        const v1::ListRollupsRequest& request, int runs);

// By county and month, over all months of the panel.
v1::ListRollupsRequest CountyMeans(const Panel& panel);
// By county, in its last month, with how many values are below ShareLine.
v1::ListRollupsRequest CountyShares(const Panel& panel);

}  // namespace shouwang::bench
