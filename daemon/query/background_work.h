// Long readings of a region, a what-if or a screening: its parts, and threads of its own that go
// through them far below ingest's shards, so that both take what the machine has left: the reading
// waits, ingest does not.
#pragma once

#include <cstdint>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/status/statusor.h"
#include "storage/contract/store.h"

namespace shouwang::query {

// The parts of a region that are gone through one by one: its townships, or the region where it is
// smaller. Every subject has a tally, so no place is missed and no date is later than the latest,
// where they are read after the snapshot was taken.
struct RegionParts {
  std::vector<Division> divisions;
  uint64_t subjects = 0;  // 0: not known
  Date latest = Date::Min();
};
absl::StatusOr<RegionParts> PartsOf(const Store& store, const Division& region);

// Calls `work` on each of so many threads, at least one, and `report` on the caller's some times a
// second until all have returned.
void WorkInBackground(size_t threads, absl::FunctionRef<void()> work,
                      absl::FunctionRef<void()> report);

}  // namespace shouwang::query
