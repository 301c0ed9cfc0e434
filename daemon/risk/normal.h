// The standard normal distribution. Pure functions; any thread.
#pragma once

namespace shouwang::risk {

// P(Z <= z).
double Phi(double z);
// The z with Phi(z) = p, for 0 < p < 1.
double Quantile(double p);

}  // namespace shouwang::risk
