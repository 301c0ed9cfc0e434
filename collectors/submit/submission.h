// One run of the submitter: sheets in, receipts and refused rows out.
//
//   heading check -> catalogue from the daemon -> rows -> batches by township -> streams -> tally
//
// Nothing is sent before every sheet's heading and every indicator is known to fit. Memory is
// bounded by BatchLimits and StreamOptions whatever the size of the sheets.
//
// Threads: the caller's reads and maps; each stream has two of its own (see BatchStream). A
// township's batches always go over the same stream, so they reach the daemon in order.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "collectors/submit/batch_builder.h"
#include "collectors/submit/batch_stream.h"
#include "collectors/submit/tally.h"
#include "storage/vocabulary/date.h"

namespace shouwang {

enum class RowOrder { kFile, kShuffled };

struct SubmitOptions {
  std::string server = "127.0.0.1:7443";
  std::string mapping_path;
  std::vector<std::string> files;
  // Empty: each FILE's is FILE.rejected.csv.
  std::string rejected_path;
  std::string collector = "shouwang-collector";
  Instant reported_at;
  BatchLimits limits;
  StreamOptions stream;
  size_t streams = 2;
  // Shuffled: rows leave a window of limits.buffered_rows rows in an order drawn from `seed`.
  RowOrder order = RowOrder::kFile;
  uint64_t seed = 1;
  // Everything but the sending.
  bool dry_run = false;
  bool quiet = false;
  bool terminal = false;  // whether stderr is one
};

struct SubmitOutcome {
  Summary summary;
  std::chrono::milliseconds elapsed{0};
  std::vector<std::string> rejected_paths;  // those that hold anything
};

// An error where nothing more can be done: a mapping or heading that does not fit, a file that
// can't be opened, a daemon that stays away. Faults of rows are no errors; they are in the summary.
absl::StatusOr<SubmitOutcome> Submit(const SubmitOptions& options);

}  // namespace shouwang
