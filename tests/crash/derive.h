// What follows from what stands: warnings, rollups and tallies, computed the slow and obvious way
// from all values at once. Shares no code with the daemon. Pure.
#pragma once

#include "tests/crash/stored.h"

namespace shouwang::crash {

// Fills in warnings, rollups and figures from cells and homes.
void Derive(Stored* stored);

}  // namespace shouwang::crash
