// What was known of a subject at an instant ("as known on"), from what is known now and the values
// that were superseded since.
//
// A value was known at T if it had come in (known_at <= T) and nothing had taken its place yet
// (T < until). A report that came in too late to become current has until = known_at: it never
// stood. Where a clock that was set back makes two values of a cell stand at T, the one of the
// later batch did.
//
// Each value comes back with the known_at and batch that it had at T. Its reported_at and source
// are those of the last report that confirmed it while it stood, which may have come in after T:
// a confirmation leaves no record of what it moved.
//
// Pure but for what TakeBack reads; any thread.
#pragma once

#include <span>

#include "absl/status/status.h"
#include "storage/contract/store.h"
#include "storage/contract/transaction.h"
#include "storage/vocabulary/history.h"

namespace shouwang {

// Whether the value was current at `instant`.
bool StoodAt(const SupersededValue& superseded, Instant instant);

// `history` was read no later than `superseded`, the superseded values of its subject, in any
// order. Then the result is right for every instant before the reading, whatever was committed
// between the two.
History AsOf(History history, std::span<const SupersededValue> superseded, Instant instant);

// Takes each of `histories`, just loaded from `store`, back to `instant`. Fails as
// Store::LoadSuperseded does; some may then have been taken back.
absl::Status TakeBack(const Store& store, Instant instant, std::span<History> histories);

}  // namespace shouwang
