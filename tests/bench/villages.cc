#include "tests/bench/villages.h"

#include <fmt/format.h>

#include <algorithm>
#include <random>

namespace shouwang::bench {

std::vector<size_t> OrderOfMonth(std::span<const std::string> villages, int month) {
  std::vector<size_t> townships;  // the first village of each
  for (size_t i = 0; i < villages.size(); ++i) {
    if (i == 0 || TownshipOf(villages[i]) != TownshipOf(villages[i - 1])) townships.push_back(i);
  }
  std::shuffle(townships.begin(), townships.end(), std::mt19937_64(static_cast<uint64_t>(month)));
  std::vector<size_t> order;
  order.reserve(villages.size());
  for (const size_t first : townships) {
    for (size_t i = first;
         i < villages.size() && TownshipOf(villages[i]) == TownshipOf(villages[first]); ++i) {
      order.push_back(i);
    }
  }
  return order;
}

std::string SubjectOf(std::span<const std::string> villages, int households_per_village,
                      int64_t household) {
  return fmt::format("{}/{}", villages[static_cast<size_t>(household / households_per_village)],
                     household % households_per_village + 1);
}

}  // namespace shouwang::bench
