// Decimals exactly as reported. A value is an integer count of its indicator's smallest unit:
// 1234.5 yuan with two decimals is 123450. No value passes through a binary fraction on its way to
// disk and back.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"

namespace shouwang {

inline constexpr int kMaxDecimals = 6;
// Bound of a scaled value's magnitude; keeps sums of 10 million values inside 64 bits.
inline constexpr int64_t kMaxScaledValue = 900'000'000'000;

// `text` is [+-]digits[.digits]; trailing zeros past `decimals` are accepted ("3300.0" with 0).
// InvalidArgument for anything else ("NaN", "1e5", "", "1,000"), for digits that would be lost, and
// beyond kMaxScaledValue. `decimals` is 0 to kMaxDecimals.
absl::StatusOr<int64_t> ParseDecimal(std::string_view text, int decimals);

// "1234.50" for 123450 with two decimals.
std::string FormatDecimal(int64_t scaled, int decimals);

// For arithmetic only (features, means); never stored.
double ToDouble(int64_t scaled, int decimals);

// Rounds half away from zero. InvalidArgument for NaN, infinities and beyond kMaxScaledValue.
absl::StatusOr<int64_t> FromDouble(double value, int decimals);

}  // namespace shouwang
