// Whether a batch can be read at all: its envelope, its bounds, and arrays that fit each other. A
// batch that fails here is refused as a whole; what passes can be taken apart without further
// checks of lengths and positions. Pure; any thread.
#pragma once

#include <shouwang/v1/report.pb.h>

#include "absl/status/status.h"
#include "daemon/ingest/ingest_bounds.h"
#include "daemon/rulebook/rulebook.h"
#include "storage/vocabulary/date.h"

namespace shouwang::ingest {

// wire::BadRequest with the path of each field at fault ("sections[2].columns[0].values"), the
// first kMaxViolations of them.
absl::Status CheckShape(const v1::Batch& batch, const Rulebook& rulebook, Instant now,
                        const IngestBounds& bounds);

// Whether the report at `index` has a value in the column.
inline bool IsPresent(const v1::Column& column, int index) {
  const std::string& present = column.present();
  return present.empty() || (static_cast<uint8_t>(present[index / 8]) >> (index % 8) & 1) != 0;
}

}  // namespace shouwang::ingest
