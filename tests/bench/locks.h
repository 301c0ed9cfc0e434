// What a program of the benchmark does about locks, first thing.
#pragma once

#include "absl/synchronization/mutex.h"

namespace shouwang::bench {

// As shouwangd does: Debian builds abseil with its assertions, so that every lock, gRPC's too,
// looks for circles.
inline void DoNotLookForCircles() {
#ifdef NDEBUG
  absl::SetMutexDeadlockDetectionMode(absl::OnDeadlockCycle::kIgnore);
#endif
}

}  // namespace shouwang::bench
