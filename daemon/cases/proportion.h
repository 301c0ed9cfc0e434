// Shares that visits found, with how sure they are.
//
// Pure functions; any thread.
#pragma once

namespace shouwang::cases {

// Where the policy in force keeps no cases and so says nothing.
inline constexpr double kDefaultConfidence = 0.95;

struct Proportion {
  double share = 0;
  double low = 0;
  double high = 1;
};

// The score interval of `share` observed in `n` independent visits, at `confidence` (0.95), by
// Wilson (1927): with z of the normal distribution,
//   (share + z^2/2n -+ z sqrt(share (1 - share) / n + z^2/4n^2)) / (1 + z^2/n),
// which stays between 0 and 1 and says something where 0 of 5 were found. `n` need not be whole: of
// a stratified sample it is the effective size. n = 0: nothing is known, 0 to 1.
Proportion Wilson(double share, double n, double confidence);

}  // namespace shouwang::cases
