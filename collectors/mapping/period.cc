#include "collectors/mapping/period.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <optional>
#include <string>

namespace shouwang {
namespace {

std::string_view Example(PeriodFormat format) {
  switch (format) {
    case PeriodFormat::kDate:
      return "a date such as 2026-10-05";
    case PeriodFormat::kMonth:
      return "a month such as 2026-10";
    case PeriodFormat::kQuarter:
      return "a quarter such as 2026-Q3";
    case PeriodFormat::kYear:
      return "a year such as 2026";
  }
  return "";
}

// Takes 1 to `max_digits` digits off the front.
std::optional<int> TakeNumber(std::string_view* text, size_t max_digits) {
  const size_t digits = std::min(text->find_first_not_of("0123456789"), text->size());
  if (digits == 0 || digits > max_digits) return std::nullopt;
  int number = 0;
  std::from_chars(text->data(), text->data() + digits, number);
  text->remove_prefix(digits);
  return number;
}

bool TakeSeparator(std::string_view* text, std::string_view* separator) {
  if (text->empty() || (text->front() != '-' && text->front() != '/')) return false;
  const std::string_view found = text->substr(0, 1);
  if (!separator->empty() && *separator != found) return false;
  *separator = found;
  text->remove_prefix(1);
  return true;
}

std::optional<Date> Parse(std::string_view text, PeriodFormat format) {
  std::string_view separator;
  const std::optional<int> year = TakeNumber(&text, 4);
  if (!year || *year < 1900 || *year > 2199) return std::nullopt;
  int month = 12;
  if (format == PeriodFormat::kQuarter) {
    if (!TakeSeparator(&text, &separator) || !text.starts_with('Q')) return std::nullopt;
    text.remove_prefix(1);
    const std::optional<int> quarter = TakeNumber(&text, 1);
    if (!quarter || *quarter < 1 || *quarter > 4) return std::nullopt;
    month = *quarter * 3;
  } else if (format != PeriodFormat::kYear) {
    if (!TakeSeparator(&text, &separator)) return std::nullopt;
    const std::optional<int> number = TakeNumber(&text, 2);
    if (!number || *number < 1 || *number > 12) return std::nullopt;
    month = *number;
  }
  const Month whole = Month::OfIndex((*year - 1970) * 12 + month - 1);
  if (format != PeriodFormat::kDate) {
    return text.empty() ? std::optional<Date>(Date::LastOf(whole)) : std::nullopt;
  }
  if (!TakeSeparator(&text, &separator)) return std::nullopt;
  const std::optional<int> day = TakeNumber(&text, 2);
  if (!day || *day < 1 || !text.empty()) return std::nullopt;
  const Date date = Date::FirstOf(whole) + (*day - 1);
  return date.month() == whole ? std::optional<Date>(date) : std::nullopt;
}

}  // namespace

absl::StatusOr<PeriodFormat> ParsePeriodFormat(std::string_view name) {
  if (name == "date") return PeriodFormat::kDate;
  if (name == "month") return PeriodFormat::kMonth;
  if (name == "quarter") return PeriodFormat::kQuarter;
  if (name == "year") return PeriodFormat::kYear;
  return absl::InvalidArgumentError(
      fmt::format("period format '{}': date, month, quarter or year is expected", name));
}

absl::StatusOr<Date> ParsePeriod(std::string_view text, PeriodFormat format) {
  if (const std::optional<Date> date = Parse(text, format)) return *date;
  return absl::InvalidArgumentError(
      fmt::format("'{}' is not {}", text.substr(0, 40), Example(format)));
}

}  // namespace shouwang
