// Sends a panel to a running daemon as collectors would, and times it. Batches are made before the
// clock starts, chunk by chunk, so memory stays bounded and the generator costs nothing in the
// figure; encoding, sending and reading the receipts is in it.
//
// A LoadGenerator belongs to one thread; it runs two threads per stream while it sends.
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "shouwang/v1/report.grpc.pb.h"
#include "tests/bench/panel.h"

namespace shouwang::bench {

struct LoadOptions {
  int streams = 4;
  // Batches sent and not yet receipted, per stream.
  int window = 64;
  // Values made ahead of the clock at a time.
  int64_t chunk_values = 4'000'000;
};

struct LoadResult {
  int64_t values = 0;
  int64_t batches = 0;
  int64_t warnings_opened = 0;
  std::chrono::duration<double> elapsed{};
};

class LoadGenerator {
 public:
  LoadGenerator(std::shared_ptr<grpc::Channel> channel, LoadOptions options);
  ~LoadGenerator();

  // Month after month, every village. FailedPrecondition for a batch that was refused or a receipt
  // that does not count every value as accepted.
  absl::StatusOr<LoadResult> Send(const Panel& panel);

 private:
  class Stream;
  absl::Status SendChunk(LoadResult* result);

  const LoadOptions options_;
  std::unique_ptr<v1::ReportService::Stub> stub_;
  std::vector<std::unique_ptr<Stream>> streams_;
};

// Every page of it; the status of the call where it fails.
absl::StatusOr<std::vector<v1::Indicator>> FetchCatalogue(
    const std::shared_ptr<grpc::Channel>& channel);

// Round trips of one household's whole history, each of a random household, one after another;
// microseconds, ascending.
absl::StatusOr<std::vector<double>> TimeHistories(const std::shared_ptr<grpc::Channel>& channel,
                                                  const Panel& panel, int samples);
// The same for the explanation of every rule that is open or unknown.
absl::StatusOr<std::vector<double>> TimeExplanations(const std::shared_ptr<grpc::Channel>& channel,
                                                     const Panel& panel, int samples);

// The first indicator's rollups by county and month, over all months, `runs` times.
struct CountyMeans {
  std::vector<double> milliseconds;                  // ascending
  std::map<std::string, std::vector<int64_t>> sums;  // by county, month after month; scaled
};
absl::StatusOr<CountyMeans> TimeCountyMeans(const std::shared_ptr<grpc::Channel>& channel,
                                            const Panel& panel, int runs);

}  // namespace shouwang::bench
