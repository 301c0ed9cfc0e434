// The upper tail of the negative binomial distribution.
//
// A count whose Poisson mean is itself gamma distributed, with mean m and squared coefficient of
// variation v, is negative binomial of mean m and size 1/v (Greenwood and Yule 1920; Johnson, Kemp
// and Kotz, Univariate Discrete Distributions, ch. 5). Pure; any thread.
#pragma once

#include <cstdint>

namespace shouwang::incidents {

// P(X >= count), never told too small: what is left of the sum where it is cut off is added by its
// bound. `mean` > 0, `variation` >= 0 (0: Poisson). 1 for a count at or below the mean.
double UpperTail(int64_t count, double mean, double variation);

}  // namespace shouwang::incidents
