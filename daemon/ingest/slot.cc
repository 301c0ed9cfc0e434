#include "daemon/ingest/slot.h"

#include <algorithm>
#include <span>

namespace shouwang::ingest {

bool Slot::HasObservationIn(DateRange days) const {
  const std::span<const Date> dates = window != nullptr ? window->dates() : history->dates();
  for (auto it = std::ranges::lower_bound(dates, days.from); it != dates.end() && *it <= days.to;
       ++it) {
    if (window == nullptr) return true;
    const auto row = static_cast<size_t>(it - dates.begin());
    if (window->ReportedOn(row).test(lane)) return true;
  }
  return false;
}

}  // namespace shouwang::ingest
