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

// "08:30" as minutes; nullopt for what no clock shows.
std::optional<int> ParseMinutes(std::string_view text) {
  if (text.size() != 5 || text[2] != ':') return std::nullopt;
  const auto hours = ParseDigits(text.substr(0, 2));
  const auto minutes = ParseDigits(text.substr(3, 2));
  if (!hours || !minutes || *hours > 23 || *minutes > 59) return std::nullopt;
  return *hours * 60 + *minutes;
}

// "Z", "+08:00", "-05:30" as minutes east of Greenwich.
std::optional<int> ParseOffset(std::string_view text) {
  if (text == "Z") return 0;
  if (text.empty() || (text[0] != '+' && text[0] != '-')) return std::nullopt;
  const auto minutes = ParseMinutes(text.substr(1));
  if (!minutes) return std::nullopt;
  return text[0] == '-' ? -*minutes : *minutes;
}

// "00.000", "00" as milliseconds.
std::optional<int> ParseSeconds(std::string_view text) {
  if (text.size() < 2) return std::nullopt;
  const auto seconds = ParseDigits(text.substr(0, 2));
  if (!seconds || *seconds > 59) return std::nullopt;
  std::string_view fraction = text.substr(2);
  if (fraction.empty()) return *seconds * 1000;
  if (fraction.size() < 2 || fraction.size() > 4 || fraction[0] != '.') return std::nullopt;
  fraction.remove_prefix(1);
  const auto digits = ParseDigits(fraction);
  if (!digits) return std::nullopt;
  constexpr int kMsOfUnit[] = {0, 100, 10, 1};
  return *seconds * 1000 + *digits * kMsOfUnit[fraction.size()];
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

Instant EndOf(Date date) {
  return Instant(std::chrono::days(date.days() + 1)) - std::chrono::hours(8) -
         std::chrono::milliseconds(1);
}

std::string ToString(Instant instant) {
  const auto day = std::chrono::floor<std::chrono::days>(instant);
  const int64_t ms = (instant - day).count();
  return fmt::format("{}T{:02}:{:02}:{:02}.{:03}Z",
                     Date::OfDays(static_cast<int32_t>(day.time_since_epoch().count())).ToString(),
                     ms / 3600000, ms / 60000 % 60, ms / 1000 % 60, ms % 1000);
}

absl::StatusOr<Instant> ParseInstant(std::string_view text) {
  // A date, 'T', hours and minutes, ':', seconds, and from `zone` on the offset.
  constexpr size_t kTime = 11;
  constexpr size_t kSeconds = 17;
  const size_t zone =
      text.size() < kSeconds ? std::string_view::npos : text.find_first_of("Z+-", kSeconds);
  if (zone != std::string_view::npos && text[kTime - 1] == 'T' && text[kSeconds - 1] == ':') {
    const auto date = Date::Parse(text.substr(0, kTime - 1));
    const auto minutes = ParseMinutes(text.substr(kTime, kSeconds - 1 - kTime));
    const auto ms = ParseSeconds(text.substr(kSeconds, zone - kSeconds));
    const auto offset = ParseOffset(text.substr(zone));
    if (date.ok() && minutes && ms && offset) {
      return Instant(std::chrono::days(date->days())) + std::chrono::minutes(*minutes - *offset) +
             std::chrono::milliseconds(*ms);
    }
  }
  return absl::InvalidArgumentError(
      fmt::format("instant '{}': write YYYY-MM-DDThh:mm:ssZ, a time between 1900 and 2199",
                  text.substr(0, 40)));
}

}  // namespace shouwang
