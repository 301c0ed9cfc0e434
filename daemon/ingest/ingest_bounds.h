// The bounds of ingest. Past one, a batch is refused with a clear error or its stream is slowed;
// nothing is dropped.
#pragma once

#include <cstdint>

namespace shouwang::ingest {

struct IngestBounds {
  int shards = 2;
  // Waiting per shard; from either on, streams that send to it are slowed. A stream that is being
  // slowed has handed over one batch more.
  // Reports that trickle in one household at a time are many small batches, those of a village's
  // month few large ones: a commit should have enough of either.
  int queue_batches = 1024;
  int64_t queue_bytes = 16 << 20;
  // Batches of one stream that wait for their receipts; then it is not read from.
  int stream_batches = 64;
  // Per batch.
  int max_reports = 4096;
  int max_values = 262144;
  // Values that one commit takes together. One batch always fits.
  int bunch_values = 1 << 18;
  // Of all shards together: what recent windows may keep.
  int64_t recent_bytes = 256 << 20;
};

inline constexpr int kMaxNameBytes = 64;  // request_id, collector
inline constexpr int kMaxSections = 64;
inline constexpr int kMaxIndicators = 1024;
inline constexpr int kMaxRejections = 1000;
inline constexpr int kMaxViolations = 20;

}  // namespace shouwang::ingest
