// How many household-months the reports of a month tell of. A report tells of all the time since
// the household's last one, so of what has been due and not yet told of, the month's reports cover
// the share of the households that reported:
//
//   due(m) = open(m-1) + active(m)      exposure(m) = due(m) reported(m) / active(m)
//   open(m) = due(m) - exposure(m)      active(m) = max of reported over the 12 months up to m
//
// A month that half of the households missed has half the exposure, and the next one what is
// missing; households that report every third month have three months' exposure every third month.
// That is exact where who reports does not depend on who reported before.
//
// Pure; any thread.
#pragma once

#include <span>
#include <vector>

namespace shouwang::incidents {

// `reported` by month, oldest first; months before `settled` count for what is active, but have no
// exposure and leave nothing due.
std::vector<float> Exposure(std::span<const double> reported, int settled);

}  // namespace shouwang::incidents
