// Brings the warnings of a township in line with the policies in force, after these have changed.
#pragma once

#include <cstdint>
#include <stop_token>

#include "absl/status/statusor.h"
#include "daemon/ingest/shard.h"

namespace shouwang::ingest {

// Judges every subject of the township anew that was judged by other policies, and commits the
// outcome, known at `known_at`, chunk by chunk. Runs on the township's shard (Shard::Post), so that
// it takes turns with ingest, which meanwhile judges anew whatever it touches. Returns the number
// of subjects judged; Cancelled, between two chunks, when `stop` is asked for. What was committed
// stays.
absl::StatusOr<uint64_t> ReevaluateTownship(const Division& township,
                                            const Shard::Surroundings& surroundings,
                                            const Rulebook& rulebook, risk::Evaluator& evaluator,
                                            Instant known_at, const std::stop_token& stop);

}  // namespace shouwang::ingest
