#include "daemon/incidents/exposure.h"

#include <algorithm>

namespace shouwang::incidents {
namespace {

constexpr size_t kActiveMonths = 12;

}  // namespace

std::vector<float> Exposure(std::span<const double> reported, int settled) {
  std::vector<float> exposure(reported.size(), 0);
  double open = 0;
  for (size_t m = 0; m < reported.size(); ++m) {
    if (static_cast<int>(m) < settled) continue;
    const size_t from = m + 1 < kActiveMonths ? 0 : m + 1 - kActiveMonths;
    const double active = *std::max_element(reported.begin() + static_cast<std::ptrdiff_t>(from),
                                            reported.begin() + static_cast<std::ptrdiff_t>(m) + 1);
    if (active <= 0) continue;
    const double due = open + active;
    const double told = due * reported[m] / active;
    exposure[m] = static_cast<float>(told);
    open = due - told;
  }
  return exposure;
}

}  // namespace shouwang::incidents
