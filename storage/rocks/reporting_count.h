// Private to storage/rocks: the counts of reporting (storage/vocabulary/reporting.h) and the
// reporters of a store that was written before they were kept. The step of format.cc; by the thread
// that opens the store.
#pragma once

#include "absl/status/status.h"
#include "storage/rocks/rocks_store.h"

namespace shouwang::rocks {

// Counts them from histories, superseded values and batches, township by township. What an
// interrupted count left is thrown away first.
absl::Status CountReporting(RocksStore& store);

}  // namespace shouwang::rocks
