#include "daemon/incidents/false_discovery.h"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace shouwang::incidents {
namespace {

// The sum itself up to here, then its expansion, which is exact to the last digit.
constexpr uint64_t kSummed = 100;

double Harmonic(uint64_t m) {
  if (m > kSummed) {
    const auto x = static_cast<double>(m);
    constexpr double kEulerMascheroni = 0.57721566490153286;
    return std::log(x) + kEulerMascheroni + 1 / (2 * x) - 1 / (12 * x * x);
  }
  double sum = 0;
  for (uint64_t j = 1; j <= m; ++j) sum += 1 / static_cast<double>(j);
  return sum;
}

}  // namespace

std::vector<double> QValues(std::span<const double> p_values, uint64_t tests) {
  tests = std::max<uint64_t>(tests, p_values.size());
  const double factor = static_cast<double>(tests) * Harmonic(tests);
  std::vector<size_t> order(p_values.size());
  std::iota(order.begin(), order.end(), size_t{0});
  std::ranges::sort(order, {}, [&](size_t i) { return p_values[i]; });
  std::vector<double> q_values(p_values.size(), 1);
  double least = 1;
  for (size_t rank = order.size(); rank > 0; --rank) {
    const size_t i = order[rank - 1];
    least = std::min(least, p_values[i] * factor / static_cast<double>(rank));
    q_values[i] = least;
  }
  return q_values;
}

}  // namespace shouwang::incidents
