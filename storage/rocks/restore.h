// Making a store of a backup, with no daemon running on it. One thread; may take as long as copying
// the whole store.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "storage/contract/backups.h"

namespace shouwang {

// What a directory of backups holds: by id, the oldest first. NotFound where it is none.
absl::StatusOr<std::vector<Backup>> ListBackups(const std::string& directory);

// Makes backup `id` (0: the latest) of `directory` the store in `into`, which must be missing or
// empty, and holds every byte against the checksums taken with it. All or nothing: until it returns
// OK, `into` holds no store that a daemon would open. What a fault or a crash leaves lies in its
// folder "restoring", which the next try takes away. FailedPrecondition for an `into` that holds
// anything else; NotFound for a backup that is not there; DataLoss for a damaged one.
absl::StatusOr<Backup> RestoreBackup(const std::string& directory, uint32_t id,
                                     const std::string& into, Backups::Progress progress);

}  // namespace shouwang
