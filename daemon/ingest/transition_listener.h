// Told of warnings that open and clear, so that a feed can pass them on.
#pragma once

#include <span>

#include "storage/vocabulary/warning.h"

namespace shouwang::ingest {

class TransitionListener {
 public:
  virtual ~TransitionListener() = default;
  // After the commit that holds them. Warnings with `cleared_on` have cleared, the others have
  // opened. Called from the shards' threads, several at once; must return quickly and not block.
  virtual void OnTransitions(std::span<const Warning> transitions) = 0;
};

}  // namespace shouwang::ingest
