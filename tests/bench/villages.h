// Villages by their codes, as a register has them, and the order in which they report. Pure.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace shouwang::bench {

// The first 9 of 12 digits.
inline std::string_view TownshipOf(std::string_view village) { return village.substr(0, 9); }

// The positions of `villages` (12 digits, ascending) in the order of that month's reports:
// townships in an order of the month's own, a township's villages together and ascending.
std::vector<size_t> OrderOfMonth(std::span<const std::string> villages, int month);

// "520102001001/17": the household of that index, where each village has as many.
std::string SubjectOf(std::span<const std::string> villages, int households_per_village,
                      int64_t household);

// A province with as many townships as a real one, of synthetic codes: 9 prefectures of 10 counties
// of 17 townships of 20 villages. Ascending.
std::vector<std::string> ProvinceVillages();

// The register's file of `villages` (ascending) and all that is above them: code,name.
std::string DivisionsCsv(std::span<const std::string> villages);

}  // namespace shouwang::bench
