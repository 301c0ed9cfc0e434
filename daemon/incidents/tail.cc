#include "daemon/incidents/tail.h"

#include <algorithm>
#include <cmath>

namespace shouwang::incidents {
namespace {

// std::lgamma writes a global.
double LogGamma(double x) {
  int sign = 0;
  return lgamma_r(x, &sign);
}

constexpr double kNoVariation = 1e-9;
constexpr double kNegligible = 1e-12;
constexpr int kMostTerms = 100'000;

}  // namespace

double UpperTail(int64_t count, double mean, double variation) {
  const auto k = static_cast<double>(count);
  if (count <= 0 || k <= mean) return 1;
  // pmf(j + 1) / pmf(j), below 1 from above the mean on.
  const bool poisson = variation < kNoVariation;
  const double size = poisson ? 0 : 1 / variation;
  const auto ratio = [&](double j) {
    return poisson ? mean / (j + 1) : (j + size) / (j + 1) * mean / (mean + size);
  };
  const double log_first = poisson ? k * std::log(mean) - mean - LogGamma(k + 1)
                                   : LogGamma(k + size) - LogGamma(size) - LogGamma(k + 1) -
                                         size * std::log1p(mean / size) +
                                         k * std::log(mean / (mean + size));
  double term = 1;
  double sum = 1;
  double j = k;
  for (int i = 0; i < kMostTerms; ++i, ++j) {
    term *= ratio(j);
    sum += term;
    if (term < kNegligible * sum) break;
  }
  // Of a variation above 1 the ratio rises from here on, to what it comes to in the end.
  const double next = std::max(ratio(j), poisson ? 0 : mean / (mean + size));
  if (next < 1) sum += term * next / (1 - next);
  return std::min(1.0, std::exp(log_first) * sum);
}

}  // namespace shouwang::incidents
