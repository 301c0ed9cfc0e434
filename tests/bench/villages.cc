#include "tests/bench/villages.h"

#include <fmt/format.h>

#include <algorithm>
#include <random>
#include <set>

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

std::vector<std::string> ProvinceVillages() {
  constexpr int kPrefectures = 9;
  constexpr int kCounties = 10;
  constexpr int kTownships = 17;
  constexpr int kVillages = 20;
  std::vector<std::string> villages;
  for (int prefecture = 1; prefecture <= kPrefectures; ++prefecture) {
    for (int county = 1; county <= kCounties; ++county) {
      for (int township = 0; township < kTownships; ++township) {
        for (int village = 0; village < kVillages; ++village) {
          villages.push_back(fmt::format("91{:02}{:02}{:03}{:03}", prefecture, county,
                                         100 + township, 201 + village));
        }
      }
    }
  }
  return villages;
}

std::string DivisionsCsv(std::span<const std::string> villages) {
  std::set<std::string> codes;
  for (const std::string& village : villages) {
    for (const size_t digits : {2, 4, 6, 9, 12}) codes.insert(village.substr(0, digits));
  }
  std::string text = "code,name\n";
  for (const std::string& code : codes) text += fmt::format("{0},bench {0}\n", code);
  return text;
}

}  // namespace shouwang::bench
