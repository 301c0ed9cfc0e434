// A bunch: batches of one shard that are applied in order and committed together.
//
// Of each subject that the bunch touches, history and state are loaded once; its values are
// resolved batch by batch; then it is judged once. Only reads the store (and reserves batch
// numbers): the transaction is the caller's to commit. The shard's thread.
#pragma once

#include <span>
#include <vector>

#include "absl/status/statusor.h"
#include "daemon/ingest/bunch_memory.h"
#include "daemon/ingest/check.h"
#include "daemon/risk/evaluator.h"
#include "daemon/rulebook/rulebook.h"
#include "storage/contract/store.h"

namespace shouwang::ingest {

struct AppliedBunch {
  Transaction transaction;
  std::vector<Warning> transitions;  // see TransitionListener
};

// Fills in the batches' receipts; each is in the transaction with its receipt. All batches were
// checked by `rulebook`, which `evaluator` judges by. A warning that follows from several batches
// of the bunch is counted in the receipt of the last that touched its subject. Fails as the store's
// reads fail. Where it fails, or the transaction is not committed, what is kept of recent windows
// is ahead of the store: the caller calls ClearRecent; otherwise EndBunch.
absl::StatusOr<AppliedBunch> ApplyBunch(std::span<CheckedBatch* const> batches, Store& store,
                                        const Rulebook& rulebook, risk::Evaluator& evaluator,
                                        Instant known_at, BunchMemory* memory);

}  // namespace shouwang::ingest
