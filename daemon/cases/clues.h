// Since when policies have made open warnings clues. A policy may come whose `from_severity` is
// lower, or that keeps cases where none did before: then a warning that was open all the time is a
// clue from that policy's first day on, and no earlier, so that nobody is late on the day it comes.
//
// Values and a pure function; any thread.
#pragma once

#include <array>
#include <optional>

#include "daemon/risk/policy.h"

namespace shouwang::cases {

struct Clues {
  // By severity, yellow first: the first instant of the time without a break, up to today, in which
  // a warning of it has been a clue; nullopt: it is none.
  std::array<std::optional<Instant>, 3> since;

  // When the warning became a clue; nullopt: it is none.
  std::optional<Instant> BeganAt(const Warning& warning) const;
};

// By the policies up to the one in force on `today`. The first one is in force on all earlier days.
Clues CluesOn(const risk::PolicySet& policies, Date today);

}  // namespace shouwang::cases
