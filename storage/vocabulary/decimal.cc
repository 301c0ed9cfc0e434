#include "storage/vocabulary/decimal.h"

#include <fmt/format.h>

#include <array>
#include <cmath>

namespace shouwang {
namespace {

constexpr std::array<int64_t, kMaxDecimals + 1> kScale = {1,      10,      100,      1000,
                                                          10'000, 100'000, 1'000'000};

absl::Status NotADecimal(std::string_view text) {
  return absl::InvalidArgumentError(
      fmt::format("'{}' is not a decimal number", text.substr(0, 40)));
}

}  // namespace

absl::StatusOr<int64_t> ParseDecimal(std::string_view text, int decimals) {
  std::string_view rest = text;
  const bool negative = rest.starts_with('-');
  if (negative || rest.starts_with('+')) rest.remove_prefix(1);
  int64_t scaled = 0;
  int places = -1;  // digits seen behind the point; -1 before it
  bool digits = false;
  for (char c : rest) {
    if (c == '.') {
      if (places >= 0) return NotADecimal(text);
      places = 0;
      continue;
    }
    if (c < '0' || c > '9') return NotADecimal(text);
    digits = true;
    if (places >= decimals) {
      if (c != '0') {
        return absl::InvalidArgumentError(
            fmt::format("'{}' has more than {} decimals", text.substr(0, 40), decimals));
      }
      continue;
    }
    if (places >= 0) ++places;
    scaled = scaled * 10 + (c - '0');
    if (scaled > kMaxScaledValue) {
      return absl::InvalidArgumentError(
          fmt::format("'{}' is too large to be stored", text.substr(0, 40)));
    }
  }
  if (!digits) return NotADecimal(text);
  scaled *= kScale[static_cast<size_t>(decimals - std::max(places, 0))];
  if (scaled > kMaxScaledValue) {
    return absl::InvalidArgumentError(
        fmt::format("'{}' is too large to be stored", text.substr(0, 40)));
  }
  return negative ? -scaled : scaled;
}

// By hand, as an explanation writes hundreds: digits from the last on, with a point among them.
std::string FormatDecimal(int64_t scaled, int decimals) {
  uint64_t left = scaled < 0 ? 0 - static_cast<uint64_t>(scaled) : static_cast<uint64_t>(scaled);
  std::array<char, 24> text{};  // sign, 19 digits, point
  auto begin = text.end();
  for (int digits = 0; digits <= decimals || left > 0; ++digits) {
    if (digits == decimals && decimals > 0) *--begin = '.';
    *--begin = static_cast<char>('0' + left % 10);
    left /= 10;
  }
  if (scaled < 0) *--begin = '-';
  return {begin, text.end()};
}

double ToDouble(int64_t scaled, int decimals) {
  return static_cast<double>(scaled) / static_cast<double>(kScale[static_cast<size_t>(decimals)]);
}

absl::StatusOr<int64_t> FromDouble(double value, int decimals) {
  const double scaled = value * static_cast<double>(kScale[static_cast<size_t>(decimals)]);
  if (!(std::abs(scaled) <= static_cast<double>(kMaxScaledValue))) {
    return absl::InvalidArgumentError(fmt::format("{} cannot be stored as a value", value));
  }
  return std::llround(scaled);
}

}  // namespace shouwang
