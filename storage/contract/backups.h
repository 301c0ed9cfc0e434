// Backups of a store, taken while it is written to. A backup is the store as it stood at one
// instant: every commit that had returned when it began is in it, each whole or not at all.
//
// Where backups lie is the business of who opens this, never of a caller. Restoring is not here: it
// is done with the daemon stopped (storage/rocks/restore.h).
//
// Threads: any. One Create or Verify runs at a time; a second one gets Unavailable. List never
// waits for them.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "storage/vocabulary/date.h"

namespace shouwang {

struct Backup {
  // 1 and up, in the order taken; never given again.
  uint32_t id = 0;
  Instant taken_at{};
  // Of the files that it consists of, many of which it shares with its neighbours.
  uint64_t bytes = 0;
  uint32_t files = 0;
  // The highest batch number when it was taken.
  uint64_t batches = 0;
  // Whether a file of it is missing or has another size than it had. The checksums are looked at by
  // Verify only.
  bool damaged = false;
};

// How far a Create or Verify has come. `of_bytes` is an estimate until the last report.
struct BackupProgress {
  uint64_t bytes = 0;
  uint64_t of_bytes = 0;
};

class Backups {
 public:
  using Progress = absl::FunctionRef<void(const BackupProgress&)>;

  virtual ~Backups() = default;

  // Takes a new one, copying only what no earlier one has, and then lets go of the oldest past the
  // number to keep. Durable when it returns. `progress` is called now and then from a thread of the
  // store and must not block. Unavailable for a full disk (what was there stays) or after Stop.
  virtual absl::StatusOr<Backup> Create(Progress progress) = 0;
  // By id, the oldest first.
  virtual std::vector<Backup> List() const = 0;
  // Reads every file of a backup (0: the latest) against the checksums taken with it. DataLoss
  // naming what differs; NotFound where there is no such backup.
  virtual absl::StatusOr<Backup> Verify(uint32_t id, Progress progress) = 0;
  // Ends what runs, soon, with Unavailable; what is asked for later too.
  virtual void Stop() = 0;
};

}  // namespace shouwang
