// A division (行政区划): a node of the division tree, named by its decimal code. Codes are
// hierarchical: 2 digits name a province, 4 a prefecture, 6 a county, 9 a township, 12 a village
// (GB/T 2260 and GB/T 10114). A code's prefix is the region above it, so a region is one contiguous
// range of 12-digit codes.
//
// A Division is a value: 16 bytes, cheap to copy, safe on any thread. It says nothing about whether
// the code exists; that is the DivisionTree's to know.
#pragma once

#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"

namespace shouwang {

// The number of digits of a code of that level.
enum class DivisionLevel : uint8_t {
  kNation = 0,
  kProvince = 2,
  kPrefecture = 4,
  kCounty = 6,
  kTownship = 9,
  kVillage = 12,
};

// "province", "prefecture", "county", "township", "village"; "nation" for the root.
std::string_view LevelName(DivisionLevel level);
// InvalidArgument for any other word.
absl::StatusOr<DivisionLevel> ParseLevel(std::string_view name);

// The level one below: the nation's is the province; nullopt for the village.
std::optional<DivisionLevel> LevelBelow(DivisionLevel level);

class Division {
 public:
  // The whole country; its code is the empty string.
  constexpr Division() = default;

  // InvalidArgument unless `code` is "" or 2, 4, 6, 9 or 12 decimal digits.
  static absl::StatusOr<Division> Parse(std::string_view code);

  // The division of `level` that the 12-digit `code` lies in. `code` < 10^12.
  static Division OfVillageCode(uint64_t code, DivisionLevel level = DivisionLevel::kVillage);

  DivisionLevel level() const { return level_; }
  // The code as a number, leading zeros dropped: 520502001 for a township of Guizhou.
  uint64_t code() const { return code_; }
  std::string ToString() const;

  // The division one level up; the nation's parent is the nation.
  Division Parent() const;
  // The division of `level` that this one lies in, or itself where it stands at or above `level`.
  Division At(DivisionLevel level) const;
  // Whether `other` is this division or lies in it.
  bool Contains(const Division& other) const;

  // The range [FirstVillageCode, EndVillageCode) of 12-digit codes inside this division.
  uint64_t FirstVillageCode() const;
  uint64_t EndVillageCode() const;

  // In the order of the first village; a division comes before what it contains.
  friend std::strong_ordering operator<=>(const Division& a, const Division& b) {
    if (auto c = a.FirstVillageCode() <=> b.FirstVillageCode(); c != 0) return c;
    return a.level_ <=> b.level_;
  }
  friend bool operator==(const Division& a, const Division& b) = default;

 private:
  constexpr Division(uint64_t code, DivisionLevel level) : code_(code), level_(level) {}

  uint64_t code_ = 0;
  DivisionLevel level_ = DivisionLevel::kNation;
};

}  // namespace shouwang
