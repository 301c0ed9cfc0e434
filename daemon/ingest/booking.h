// Books the passage of one subject from one judgement to the next: what the store must write, what
// is counted where, and who is to be told. Used by ingest and by re-evaluation. One thread.
#pragma once

#include <span>
#include <vector>

#include "absl/status/statusor.h"
#include "daemon/ingest/counts.h"
#include "storage/contract/store.h"
#include "storage/contract/transaction.h"

namespace shouwang::ingest {

struct Booked {
  uint32_t opened = 0;
  uint32_t cleared = 0;
};

// `before` is empty for a subject that had never been judged. Open warnings are counted at
// `places`. A warning that stays open with another date, severity or policy keeps the known_at that
// `store` has for it; only that is read. `after` itself is for the caller to put into the
// transaction.
absl::StatusOr<Booked> BookRisk(const Store& store, const SubjectRisk& before,
                                const SubjectRisk& after, Instant known_at,
                                std::span<const Counts::PlaceIndex> places, Counts* counts,
                                Transaction* transaction, std::vector<Warning>* transitions);

}  // namespace shouwang::ingest
