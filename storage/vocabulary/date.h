// Calendar dates without a time zone (the day something was observed), months, and instants (the
// millisecond something became known). Dates are those of China's calendar day; the daemon turns
// its clock into one with DateOf, at UTC+8.
#pragma once

#include <chrono>
#include <compare>
#include <cstdint>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"

namespace shouwang {

// Milliseconds since 1970-01-01T00:00Z.
using Instant = std::chrono::sys_time<std::chrono::milliseconds>;

class Month {
 public:
  constexpr Month() = default;
  // `index` counts months since January 1970.
  static constexpr Month OfIndex(int32_t index) { return Month(index); }
  // "2026-10"; InvalidArgument otherwise, or outside 1900 to 2199.
  static absl::StatusOr<Month> Parse(std::string_view text);

  int32_t index() const { return index_; }
  int32_t year() const;
  // 1 to 12.
  int32_t month_of_year() const;
  std::string ToString() const;
  Month operator+(int32_t months) const { return Month(index_ + months); }
  Month operator-(int32_t months) const { return Month(index_ - months); }
  friend auto operator<=>(const Month&, const Month&) = default;

 private:
  constexpr explicit Month(int32_t index) : index_(index) {}
  int32_t index_ = 0;
};

class Date {
 public:
  constexpr Date() = default;
  // `days` counts days since 1970-01-01.
  static constexpr Date OfDays(int32_t days) { return Date(days); }
  // "2026-10-05"; InvalidArgument otherwise, for a day that does not exist, or outside 1900 to
  // 2199.
  static absl::StatusOr<Date> Parse(std::string_view text);
  static Date FirstOf(Month month);
  static Date LastOf(Month month);
  static constexpr Date Min() { return Date(-25567); }  // 1900-01-01
  static constexpr Date Max() { return Date(84005); }   // 2199-12-31

  int32_t days() const { return days_; }
  Month month() const;
  int32_t year() const { return month().year(); }
  std::string ToString() const;
  // The same day `months` later (earlier if negative); the month's last day where it has no such
  // day: 2026-03-31 plus -1 month is 2026-02-28.
  Date PlusMonths(int32_t months) const;
  Date operator+(int32_t days) const { return Date(days_ + days); }
  Date operator-(int32_t days) const { return Date(days_ - days); }
  friend auto operator<=>(const Date&, const Date&) = default;

 private:
  constexpr explicit Date(int32_t days) : days_(days) {}
  int32_t days_ = 0;
};

// Both ends included.
struct DateRange {
  Date from = Date::Min();
  Date to = Date::Max();
  bool Contains(Date date) const { return from <= date && date <= to; }
};

// The calendar day in China (UTC+8) at that instant.
Date DateOf(Instant instant);
// The last millisecond of that calendar day in China.
Instant EndOf(Date date);
// "2026-10-05T08:30:00.000Z".
std::string ToString(Instant instant);
// What ToString gives, with up to three digits of the second or none, and "Z" or an offset such as
// "+08:00"; InvalidArgument otherwise, for a time that does not exist, or outside 1900 to 2199.
absl::StatusOr<Instant> ParseInstant(std::string_view text);

}  // namespace shouwang
