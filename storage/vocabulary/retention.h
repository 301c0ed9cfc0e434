// Retention (保留期): from which year on the values of each indicator are kept. What is older was
// dropped, or is about to be, and is not taken in again.
//
// Only ever moves forward: a year that was closed stays closed, whatever the clock, the
// configuration or the catalogue says later, because counts of closed months have outlived their
// values (a value taken in twice would be counted twice). A value; any thread.
#pragma once

#include <algorithm>
#include <cstdint>
#include <map>

#include "storage/vocabulary/date.h"
#include "storage/vocabulary/indicator.h"

namespace shouwang {

struct Retention {
  // Absent: everything is kept.
  std::map<IndicatorId, int32_t> first_year;

  bool keeps_everything() const { return first_year.empty(); }
  // The first day that is kept.
  Date KeptFrom(IndicatorId indicator) const {
    const auto it = first_year.find(indicator);
    return it == first_year.end() ? Date::Min() : FirstDayOf(it->second);
  }
  // The first day from which on every indicator is kept. Before it, how many households reported
  // anything in a month can no longer be told from the values.
  Date AllKeptFrom() const {
    Date latest = Date::Min();
    for (const auto& [indicator, year] : first_year) latest = std::max(latest, FirstDayOf(year));
    return latest;
  }
  // Takes over what `other` has closed beyond this. Whether anything was.
  bool Advance(const Retention& other) {
    bool advanced = false;
    for (const auto& [indicator, year] : other.first_year) {
      const auto [it, added] = first_year.try_emplace(indicator, year);
      advanced |= added || it->second < year;
      it->second = std::max(it->second, year);
    }
    return advanced;
  }
  friend bool operator==(const Retention&, const Retention&) = default;

 private:
  static Date FirstDayOf(int32_t year) { return Date::FirstOf(Month::OfIndex((year - 1970) * 12)); }
};

}  // namespace shouwang
