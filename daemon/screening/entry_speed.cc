#include "daemon/screening/entry_speed.h"

#include <algorithm>
#include <chrono>
#include <map>

namespace shouwang::screening {
namespace {

// China has one clock.
constexpr std::chrono::hours kChina{8};
constexpr int kHoursOfDay = 24;

bool IsNight(const risk::ScreeningPolicy& screening, int hour) {
  const int from = screening.night_from_hour;
  const int before = screening.night_before_hour;
  return from <= before ? hour >= from && hour < before : hour >= from || hour < before;
}

}  // namespace

EntrySpeed MeasureEntrySpeed(const risk::ScreeningPolicy& screening, const VisitsByDay& by_day,
                             const VisitsByInstant& by_instant) {
  EntrySpeed speed;
  uint64_t beyond_days = 0;
  for (const auto& [day, visits] : by_day) {
    const auto plausible = static_cast<uint64_t>(screening.visits_per_day);
    if (visits <= plausible) continue;
    beyond_days += visits - plausible;
    speed.examples.push_back(
        {{}, 0, Date::OfDays(day), std::nullopt, static_cast<double>(visits), {}});
  }
  std::map<int64_t, uint64_t> by_hour;  // hours since 1970 on China's clock
  for (const auto& [ms, visits] : by_instant) {
    if (visits > static_cast<uint64_t>(screening.sheet_households)) continue;
    const auto hour =
        std::chrono::floor<std::chrono::hours>(std::chrono::milliseconds(ms) + kChina);
    by_hour[hour.count()] += visits;
  }
  uint64_t beyond_hours = 0;
  for (const auto& [hour, visits] : by_hour) {
    const auto of_day = static_cast<int>(((hour % kHoursOfDay) + kHoursOfDay) % kHoursOfDay);
    const uint64_t plausible =
        IsNight(screening, of_day) ? 0 : static_cast<uint64_t>(screening.visits_per_hour);
    if (visits <= plausible) continue;
    beyond_hours += visits - plausible;
    const auto day = static_cast<int32_t>((hour - of_day) / kHoursOfDay);
    speed.examples.push_back(
        {{}, 0, Date::OfDays(day), std::nullopt, static_cast<double>(visits), of_day});
  }
  speed.implausible = std::max(beyond_days, beyond_hours);
  std::ranges::sort(speed.examples, [](const Example& a, const Example& b) {
    return a.value != b.value ? a.value > b.value : a < b;
  });
  if (speed.examples.size() > kMaxExamples) speed.examples.resize(kMaxExamples);
  return speed;
}

}  // namespace shouwang::screening
