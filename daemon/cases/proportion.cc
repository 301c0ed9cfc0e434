#include "daemon/cases/proportion.h"

#include <algorithm>
#include <cmath>

#include "daemon/risk/normal.h"

namespace shouwang::cases {

Proportion Wilson(double share, double n, double confidence) {
  Proportion proportion;
  proportion.share = share;
  if (!(n > 0)) return proportion;
  const double z = risk::Quantile((1 + confidence) / 2);
  const double scale = 1 + z * z / n;
  const double centre = (share + z * z / (2 * n)) / scale;
  const double half = z * std::sqrt(share * (1 - share) / n + z * z / (4 * n * n)) / scale;
  // Rounding must not put the share outside of its interval.
  proportion.low = std::clamp(centre - half, 0.0, share);
  proportion.high = std::clamp(centre + half, share, 1.0);
  return proportion;
}

}  // namespace shouwang::cases
