// Private to storage/rocks: superseded values beside the histories of a region. Any thread.
#pragma once

#include <span>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "storage/rocks/database.h"
#include "storage/vocabulary/history.h"

namespace shouwang::rocks {

// Store::ScanWithSuperseded on `snapshot`.
absl::Status ScanWithSuperseded(
    const Database& database, const Division& region, const Subject& from_subject,
    const rocksdb::Snapshot* snapshot,
    absl::FunctionRef<bool(const History&, std::span<const SupersededValue>)> visit);

}  // namespace shouwang::rocks
