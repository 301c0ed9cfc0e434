// Reads windows, one group of subjects after the other, faster than each by itself where they come
// in subject order.
//
// It shows every commit that had returned when it first read; whether it shows later ones is not
// said. So it is taken for a few groups that nobody writes to meanwhile, and let go: as long as it
// is there the store keeps what has been replaced since. Owned by one thread at a time; the store
// outlives it. Failures are the Store's.
#pragma once

#include <span>

#include "absl/status/statusor.h"
#include "storage/vocabulary/date.h"
#include "storage/vocabulary/group_window.h"
#include "storage/vocabulary/indicator.h"

namespace shouwang {

class WindowReader {
 public:
  virtual ~WindowReader() = default;

  // Gives every subject of the window's group that has a point in `range` a lane, with all its
  // dates there and its points of `indicators` (ascending; empty: all); others may have lanes, too.
  // The window is empty. False where it does not fit (a value, or more dates or indicators than a
  // window may have); then, as after a failure, its content is unspecified.
  virtual absl::StatusOr<bool> Fill(DateRange range, std::span<const IndicatorId> indicators,
                                    GroupWindow* window) = 0;
};

}  // namespace shouwang
