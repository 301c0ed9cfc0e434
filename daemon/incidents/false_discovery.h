// Which of many tests may be told so that, of what is told, at most the share `rate` is expected to
// be chance, however the tests depend on each other (Benjamini and Yekutieli, The control of the
// false discovery rate in multiple testing under dependency, Ann. Statist. 29 (2001), theorem 1.3).
// A township's count holds its villages', and a place's neighbours are judged against the place, so
// the positive dependence that the cheaper procedure of Benjamini and Hochberg (1995) needs is not
// given.
//
// Pure; any thread.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace shouwang::incidents {

// Of each p-value the least rate at which it is told: min over j >= i of p(j) m H(m) / j in
// ascending order, at most 1. `tests` is m, all tests made; those whose p-value is not in
// `p_values` have none below the ones that are. H(m) = 1 + 1/2 + ... + 1/m.
std::vector<double> QValues(std::span<const double> p_values, uint64_t tests);

}  // namespace shouwang::incidents
