// A part of a bunch: batches whose subjects have no neighbours in any other part. It is loaded,
// applied and judged before the next one, so that what is known of a village stays in the
// processor's cache from its loading to its booking. What parts share is a BunchUnderWay. The
// shard's thread.
#pragma once

#include <cstddef>
#include <memory>
#include <span>

#include "absl/status/status.h"
#include "daemon/ingest/bunch.h"
#include "daemon/ingest/counts.h"
#include "daemon/ingest/punctuality.h"

namespace shouwang::ingest {

struct BunchUnderWay {
  // All outlive it. Takes over what the bunch before it left in `kept`.
  BunchUnderWay(Store& into, const Rulebook& by, risk::Evaluator& judge, Instant now,
                BunchMemory* kept);
  BunchUnderWay(const BunchUnderWay&) = delete;
  BunchUnderWay& operator=(const BunchUnderWay&) = delete;

  Store& store;
  // For all parts; gone before the bunch is committed, which it may not show.
  const std::unique_ptr<WindowReader> windows;
  const Rulebook& rulebook;
  risk::Evaluator& evaluator;
  const Instant known_at;
  BunchMemory& memory;
  Counts counts;
  Punctuality punctuality;
  AppliedBunch applied;
  // How many of applied.transaction.risks are of this bunch. Those behind them were of the one
  // before; they are overwritten where others are judged.
  size_t judged = 0;
};

// Applies the batches, whose receipts have their numbers, to what is stored of their subjects,
// judges these and adds all that follows to the bunch. Fails as the store's reads fail.
absl::Status ApplyPart(std::span<CheckedBatch* const> batches, BunchUnderWay* bunch);

}  // namespace shouwang::ingest
