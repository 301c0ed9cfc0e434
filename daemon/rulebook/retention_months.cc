#include "daemon/rulebook/retention_months.h"

#include <algorithm>

namespace shouwang {

int RetentionMonths::Of(Cadence cadence) const {
  switch (cadence) {
    case Cadence::kMonthly:
      return monthly;
    case Cadence::kQuarterly:
      return quarterly;
    case Cadence::kYearly:
      return yearly;
    case Cadence::kOnChange:
      return on_change;
  }
  return 0;
}

Retention RetentionOn(Date today, const RetentionMonths& months, const Catalogue& catalogue,
                      int lookback_months) {
  Retention retention;
  for (const Indicator& indicator : catalogue.All()) {
    const int kept = months.Of(indicator.cadence);
    if (kept == 0) continue;
    const Month first = today.month() - std::max(kept, lookback_months);
    retention.first_year[indicator.id] = first.year();
  }
  return retention;
}

}  // namespace shouwang
