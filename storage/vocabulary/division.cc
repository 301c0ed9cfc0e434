#include "storage/vocabulary/division.h"

#include <fmt/format.h>

#include <array>

namespace shouwang {
namespace {

struct LevelWord {
  DivisionLevel level;
  std::string_view name;
};
constexpr std::array<LevelWord, 6> kLevels = {{{DivisionLevel::kNation, "nation"},
                                               {DivisionLevel::kProvince, "province"},
                                               {DivisionLevel::kPrefecture, "prefecture"},
                                               {DivisionLevel::kCounty, "county"},
                                               {DivisionLevel::kTownship, "township"},
                                               {DivisionLevel::kVillage, "village"}}};

// Divisions are compared by the million where rollups of a province are added up.
constexpr std::array<uint64_t, 13> kPowersOfTen = {1,
                                                   10,
                                                   100,
                                                   1'000,
                                                   10'000,
                                                   100'000,
                                                   1'000'000,
                                                   10'000'000,
                                                   100'000'000,
                                                   1'000'000'000,
                                                   10'000'000'000,
                                                   100'000'000'000,
                                                   1'000'000'000'000};

uint64_t PowerOfTen(int exponent) { return kPowersOfTen[static_cast<size_t>(exponent)]; }

int Digits(DivisionLevel level) { return static_cast<int>(level); }

}  // namespace

std::string_view LevelName(DivisionLevel level) {
  for (const LevelWord& word : kLevels) {
    if (word.level == level) return word.name;
  }
  return "unknown";
}

absl::StatusOr<DivisionLevel> ParseLevel(std::string_view name) {
  for (const LevelWord& word : kLevels) {
    if (word.name == name) return word.level;
  }
  return absl::InvalidArgumentError(fmt::format(
      "'{}' is not a division level (nation, province, prefecture, county, township, village)",
      name));
}

std::optional<DivisionLevel> LevelBelow(DivisionLevel level) {
  for (size_t i = 0; i + 1 < kLevels.size(); ++i) {
    if (kLevels[i].level == level) return kLevels[i + 1].level;
  }
  return std::nullopt;
}

absl::StatusOr<Division> Division::Parse(std::string_view code) {
  uint64_t number = 0;
  for (char c : code) {
    if (c < '0' || c > '9' || code.size() > 12) {
      return absl::InvalidArgumentError(
          fmt::format("division '{}' is not a code of decimal digits", code.substr(0, 40)));
    }
    number = number * 10 + static_cast<uint64_t>(c - '0');
  }
  for (const LevelWord& word : kLevels) {
    if (static_cast<size_t>(Digits(word.level)) == code.size()) return Division(number, word.level);
  }
  return absl::InvalidArgumentError(
      fmt::format("division '{}' has {} digits; a code has 2, 4, 6, 9 or 12", code, code.size()));
}

Division Division::OfVillageCode(uint64_t code, DivisionLevel level) {
  return Division(code / PowerOfTen(12 - Digits(level)), level);
}

std::string Division::ToString() const {
  if (level_ == DivisionLevel::kNation) return "";
  return fmt::format("{:0{}}", code_, Digits(level_));
}

Division Division::Parent() const {
  switch (level_) {
    case DivisionLevel::kVillage:
      return At(DivisionLevel::kTownship);
    case DivisionLevel::kTownship:
      return At(DivisionLevel::kCounty);
    case DivisionLevel::kCounty:
      return At(DivisionLevel::kPrefecture);
    case DivisionLevel::kPrefecture:
      return At(DivisionLevel::kProvince);
    case DivisionLevel::kProvince:
    case DivisionLevel::kNation:
      break;
  }
  return Division();
}

Division Division::At(DivisionLevel level) const {
  if (Digits(level) >= Digits(level_)) return *this;
  return Division(code_ / PowerOfTen(Digits(level_) - Digits(level)), level);
}

bool Division::Contains(const Division& other) const {
  return Digits(level_) <= Digits(other.level_) && other.At(level_) == *this;
}

uint64_t Division::FirstVillageCode() const { return code_ * PowerOfTen(12 - Digits(level_)); }

uint64_t Division::EndVillageCode() const { return (code_ + 1) * PowerOfTen(12 - Digits(level_)); }

}  // namespace shouwang
