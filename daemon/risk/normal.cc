#include "daemon/risk/normal.h"

#include <cmath>
#include <numbers>

namespace shouwang::risk {
namespace {

constexpr int kHalvings = 80;             // of the interval in which a quantile lies
constexpr double kFarthestQuantile = 40;  // standard deviations

}  // namespace

double Phi(double z) { return 0.5 * std::erfc(-z / std::numbers::sqrt2); }

double Quantile(double p) {
  double below = -kFarthestQuantile;
  double above = kFarthestQuantile;
  for (int i = 0; i < kHalvings; ++i) {
    const double middle = (below + above) / 2;
    (Phi(middle) < p ? below : above) = middle;
  }
  return above;
}

}  // namespace shouwang::risk
