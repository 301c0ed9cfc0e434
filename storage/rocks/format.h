// Private to storage/rocks: which format a store has, and the steps that bring an older one to the
// format of this version.
//
// The format is one number for the whole of a store (families, keys, and how values are told
// apart), kept as decimal text under "format" in the default family. A newer one is refused: this
// version would misread it. An older one is brought up step by step when it is opened for writing:
// a step changes what it must, is synced, and only then is its number written, so a step that was
// interrupted runs again from its beginning and must bear that.
//
//   1  the first
//   2  values may be piles of several parts, what neighbours share is told once, histograms are
//      kept beside rollups
//   3  blocks of version 4, a retention may be in force
//   4  cases are kept, and what Alertmanagers were told
//   5  an audit trail is kept, from then on
//   5  reporting is counted, and who reports is kept
//   5  draws are kept
//   6  warnings are kept by groups of neighbours
//   7  blocks of version 5
//
// By the thread that opens the store; nobody else has it yet.
#pragma once

#include <functional>
#include <span>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "storage/rocks/database.h"

namespace shouwang::rocks {

// From format `to` - 1 to `to`.
struct FormatStep {
  int to = 0;
  // For an operator to read where it fails: "histograms are counted".
  std::string_view what;
  // Whether readers of `to` read the format before it as it is, so that a store may be opened
  // read-only without the step.
  bool old_is_readable = true;
  // What has to be changed; may be empty where new values simply stand beside old ones. Bears being
  // run again after it was cut off anywhere.
  std::function<absl::Status(RocksStore&)> rewrite;
};

// In order, from 2 to the format of this version.
std::span<const FormatStep> FormatSteps();

// The format that `steps` end in; 1 without any.
int NewestFormat(std::span<const FormatStep> steps);

// The format that is written in the store: 0 where there is none. DataLoss where it is no number.
absl::StatusOr<int> StoredFormat(const Database& database);

// Before anything else is read: gives a new store the format that `steps` end in.
// FailedPrecondition for a newer format, and for a store that has none and is open for reading
// only.
absl::Status CheckFormat(const Database& database, std::span<const FormatStep> steps);

// Takes the steps that an older store lacks. FailedPrecondition where it is open for reading only
// and must be brought up first. What a step says is returned; the steps before it stand.
absl::Status BringToFormat(RocksStore& store, std::span<const FormatStep> steps);

}  // namespace shouwang::rocks
