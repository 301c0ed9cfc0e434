#include "storage/vocabulary/date.h"

#include <fmt/format.h>

#include <charconv>
#include <optional>

namespace shouwang {
namespace {

using std::chrono::sys_days;
using std::chrono::year_month_day;

std::optional<int> ParseDigits(std::string_view text) {
  int number = 0;
  auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size() || text.starts_with('-')) {
    return std::nullopt;
  }
  return number;
}

year_month_day Calendar(int32_t days) { return year_month_day(sys_days(std::chrono::days(days))); }

int32_t DaysOf(year_month_day day) {
  return static_cast<int32_t>(sys_days(day).time_since_epoch().count());
}

int32_t FloorDivide(int32_t a, int32_t b) { return a / b - (a % b < 0 ? 1 : 0); }

}  // namespace

absl::StatusOr<Month> Month::Parse(std::string_view text) {
  if (text.size() == 7 && text[4] == '-') {
    const auto year = ParseDigits(text.substr(0, 4));
    const auto month = ParseDigits(text.substr(5, 2));
    if (year && month && *year >= 1900 && *year <= 2199 && *month >= 1 && *month <= 12) {
      return Month((*year - 1970) * 12 + *month - 1);
    }
  }
  return absl::InvalidArgumentError(
      fmt::format("month '{}': write YYYY-MM between 1900-01 and 2199-12", text.substr(0, 40)));
}

int32_t Month::year() const { return 1970 + FloorDivide(index_, 12); }
int32_t Month::month_of_year() const { return index_ - FloorDivide(index_, 12) * 12 + 1; }
std::string Month::ToString() const { return fmt::format("{:04}-{:02}", year(), month_of_year()); }

absl::StatusOr<Date> Date::Parse(std::string_view text) {
  if (text.size() == 10 && text[4] == '-' && text[7] == '-') {
    const auto year = ParseDigits(text.substr(0, 4));
    const auto month = ParseDigits(text.substr(5, 2));
    const auto day = ParseDigits(text.substr(8, 2));
    if (year && month && day && *year >= 1900 && *year <= 2199) {
      const year_month_day calendar(std::chrono::year(*year),
                                    std::chrono::month(static_cast<unsigned>(*month)),
                                    std::chrono::day(static_cast<unsigned>(*day)));
      if (calendar.ok()) return Date(DaysOf(calendar));
    }
  }
  return absl::InvalidArgumentError(fmt::format(
      "date '{}': write YYYY-MM-DD, a day between 1900-01-01 and 2199-12-31", text.substr(0, 40)));
}

Date Date::FirstOf(Month month) {
  return Date(DaysOf(year_month_day(
      std::chrono::year(month.year()),
      std::chrono::month(static_cast<unsigned>(month.month_of_year())), std::chrono::day(1))));
}

Date Date::LastOf(Month month) { return FirstOf(month + 1) - 1; }

Month Date::month() const {
  const year_month_day calendar = Calendar(days_);
  return Month::OfIndex((static_cast<int>(calendar.year()) - 1970) * 12 +
                        static_cast<int>(static_cast<unsigned>(calendar.month())) - 1);
}

std::string Date::ToString() const {
  const year_month_day calendar = Calendar(days_);
  return fmt::format("{:04}-{:02}-{:02}", static_cast<int>(calendar.year()),
                     static_cast<unsigned>(calendar.month()),
                     static_cast<unsigned>(calendar.day()));
}

Date Date::PlusMonths(int32_t months) const {
  const Month target = month() + months;
  const int32_t day = days_ - FirstOf(month()).days_;
  return std::min(FirstOf(target) + day, LastOf(target));
}

Date DateOf(Instant instant) {
  const auto day = std::chrono::floor<std::chrono::days>(instant + std::chrono::hours(8));
  return Date::OfDays(static_cast<int32_t>(day.time_since_epoch().count()));
}

std::string ToString(Instant instant) {
  const auto day = std::chrono::floor<std::chrono::days>(instant);
  const int64_t ms = (instant - day).count();
  return fmt::format("{}T{:02}:{:02}:{:02}.{:03}Z",
                     Date::OfDays(static_cast<int32_t>(day.time_since_epoch().count())).ToString(),
                     ms / 3600000, ms / 60000 % 60, ms / 1000 % 60, ms % 1000);
}

}  // namespace shouwang
