// Dropping what is older than the retention, and bringing judgements and counts in line with what
// is kept.
//
// After it, a subject is what it would be in a store that never got anything older: judged from its
// kept values alone, and unknown where none is kept. So promise 2 holds for the kept values, in
// whatever order values, retention and re-sends come. Rollups and
// histograms of closed months stay as they are.
#pragma once

#include <stop_token>

#include "absl/status/statusor.h"
#include "daemon/ingest/shard.h"
#include "storage/contract/trimming.h"

namespace shouwang::ingest {

// Applies `rulebook`'s retention to one township, in commits of some households each. Runs on the
// township's shard (Shard::Post) by the rulebook in force there, so no older value comes in behind
// it. Cancelled, between two commits, when `stop` is asked for; what was dropped stays dropped.
absl::StatusOr<TrimTotals> TrimTownship(const Division& township, Trimming& trimming,
                                        const Shard::Surroundings& surroundings,
                                        const Rulebook& rulebook, risk::Evaluator& evaluator,
                                        Instant known_at, const std::stop_token& stop);

}  // namespace shouwang::ingest
