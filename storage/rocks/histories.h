// Private to storage/rocks: histories, read a group of subjects at a time. Any thread.
#pragma once

#include <span>
#include <string_view>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "storage/rocks/database.h"
#include "storage/rocks/rocks_store.h"
#include "storage/vocabulary/history.h"

namespace shouwang::rocks {

// The histories in the blocks whose keys lie in [from, to), in subject order, of the days of
// `range`, on `snapshot` (nullptr: one of its own), until `visit` gives false. A group with a
// damaged block is left out and told at the end as DataLoss. In memory: one group.
absl::Status ScanGroups(const Database& database, std::string_view from, std::string_view to,
                        DateRange range, const rocksdb::Snapshot* snapshot,
                        absl::FunctionRef<bool(const History&)> visit);

}  // namespace shouwang::rocks
