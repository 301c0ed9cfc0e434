// How unlike its peers a reporter is, in numbers. Pure functions of small samples; any thread.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <vector>

namespace shouwang::screening {

// `hits` of `values`, values > 0.
struct Share {
  uint64_t hits = 0;
  uint64_t values = 0;
  double share() const { return static_cast<double>(hits) / static_cast<double>(values); }
};

// The middle one, or the mean of the two; 0 of none.
double Median(std::vector<double> values);

// Scale of a sample by the pairwise differences of its values: Qn of Rousseeuw and Croux,
// "Alternatives to the median absolute deviation" (JASA 88, 1993), with their factors for small
// samples. Consistent for a normal sample's standard deviation, 82 % as efficient, and half of the
// sample may be anything. 0 of less than two. O(n^2) in time and memory.
double Qn(std::span<const double> values);

// P(T >= t) for Student's t with `freedom` degrees, 1 or more (Abramowitz and Stegun, 26.7.3 and
// 26.7.4; exact up to rounding, 1e-15).
double StudentTail(double t, int freedom);
// P(X >= x) for chi-square with 8 degrees of freedom.
double ChiSquareTail8(double x);

// The probability that a reporter that is one of its peers has a share as large as `own`, or a
// larger one. With y = asin(sqrt((hits + 3/8) / (values + 3/4))), of variance 1 / (4 values + 2)
// where values are independent (Anscombe, Biometrika 35, 1948), m the peers' median y and J their
// number:
//
//   clumping  f = max(1, Qn((y_j - m) sqrt(4 values_j + 2))^2)     values of a household go
//   together customs   c = max(0, Qn(y_j)^2 - median(1 / (4 values_j + 2))) reporters differ
//   honestly t = (y - m) / sqrt(max(f / (4 values + 2), c + 1 / (4 values + 2)) (1 + pi / (2 J)))
//
// against Student's t with 0.82 (J - 1) degrees of freedom. Both the median and Qn hold where
// nearly half of the peers are no better than the one looked at. `peers` has three or more.
double TailAmongPeers(const Share& own, std::span<const Share> peers);

// Amounts by their last digit, 1 to 9.
using Digits = std::array<uint64_t, 9>;
struct DigitsAmongPeers {
  double dissimilarity = 0;  // half the sum of |share - expected share| over the digits, 0 to 1
                             // (Myers' index, against the peers rather than a tenth each)
  double peers_median = 0;   // of the peers' own
  std::array<double, 9> expected{};  // amounts
  // Of so large a chi-square with 8 degrees of freedom, divided by the larger of two, if above 1:
  // the median peer's chi-square over 7.344, the median of the distribution, as values of a
  // household go together; and 1 + n median((chi-square - 8) / n of the peer) / 8, n amounts, as
  // reporters differ honestly, which shows the more the more amounts there are.
  double p = 1;
};
// Expected is the median of the peers' shares, made to add up to one. Each has amounts; three peers
// or more.
DigitsAmongPeers CompareDigits(const Digits& own, std::span<const Digits> peers);

// The q-values of Benjamini and Hochberg (1995), in the order of `p`: calling everything with
// q <= rate a finding keeps the expected share of wrong ones among the findings at or below rate.
std::vector<double> BenjaminiHochberg(std::span<const double> p);

}  // namespace shouwang::screening
