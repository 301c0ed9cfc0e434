// Sends the panel to a peer in its own words, and times it. Bodies are made before the clock
// starts, chunk by chunk, so memory stays bounded and making them costs nothing in the figure;
// sending them and reading the answers is in it.
//
// Runs a thread for each connection while it sends.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "tests/bench/body.h"

namespace shouwang::bench {

struct InsertOptions {
  std::string url;
  std::vector<std::string> headers;
  BodyFormat format = BodyFormat::kClickhouseWide;
  // The peer's own rows in one body.
  int64_t rows = 10'000;
  int connections = 4;
  // Values made ahead of the clock at a time.
  int64_t chunk_values = 4'000'000;
  // An answer that contains this is a peer's "not now": the body is sent again at once.
  std::string try_again;
};

struct InsertResult {
  int64_t values = 0;
  int64_t bodies = 0;
  int64_t body_bytes = 0;
  int64_t sent_again = 0;
  std::chrono::duration<double> elapsed{};
};

// Unavailable for a peer that is gone; FailedPrecondition, with its answer, for one that refuses.
absl::StatusOr<InsertResult> InsertPanel(const Panel& panel, const InsertOptions& options);

}  // namespace shouwang::bench
