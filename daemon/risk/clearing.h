// The smallest changes that would clear a warning: for each feature that a clearing condition
// names, and for each value reported last behind a sum, mean or last of it, the least change of
// that one alone, everything else as it is, with which the condition holds.
//
// Changes are counted in steps: of a reported value, the indicator's smallest unit, within its
// valid range; of a feature, what words can say of it (0.01 of its unit, 0.01 % of a ratio, or the
// indicator's smallest unit where the feature is one value). Every change told was tried: with it
// the condition holds, with one step less it does not. Where the condition turns but once in that
// direction, no smaller one exists; where it turns to and fro, the one found is the first seen
// while the distance is doubled from one step on.
#pragma once

#include <vector>

#include "daemon/risk/evaluator.h"
#include "daemon/risk/program.h"
#include "storage/vocabulary/history.h"

namespace shouwang::risk {

// Of the only rule of `program`, for the subject at `date`: the smallest first, one for each
// feature and reported value that can do it alone. Empty where none can, and where the condition
// holds already. At most as many as a condition can name features and their indicators.
//
// The program is left as it was used last. Not const: it computes.
std::vector<ClearingChange> ClearingChanges(const History& history, Date date,
                                            const Catalogue& catalogue, Program* program);

}  // namespace shouwang::risk
