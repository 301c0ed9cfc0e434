// The screens, in the order in which they are told. daemon/screening/README.md has their formulas.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

namespace shouwang::screening {

enum class Screen : uint8_t {
  kCopiedValues,   // amounts equal to those of the month before
  kCopiedReports,  // reports all amounts of which are
  kRoundAmounts,   // heaping on round numbers
  kLastDigits,     // digits 1 to 9 at the end, spread unlike the peers'
  kAboveLine,      // bunching of incomes just above the line
  kEntrySpeed,     // more visits than a day or an hour has room for, or at night
};
inline constexpr size_t kScreenCount = 6;
inline constexpr std::array<Screen, kScreenCount> kScreens = {
    Screen::kCopiedValues, Screen::kCopiedReports, Screen::kRoundAmounts,
    Screen::kLastDigits,   Screen::kAboveLine,     Screen::kEntrySpeed};

}  // namespace shouwang::screening
