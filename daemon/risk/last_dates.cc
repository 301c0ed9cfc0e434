#include "daemon/risk/last_dates.h"

#include <algorithm>

namespace shouwang::risk {

bool LastDates::Fits(std::span<const Date> of_dates, const PairedRules* of_rules) const {
  const size_t n = dates.size();
  if (rules != of_rules || of_dates.size() < n) return false;
  // One that ran out of dates is for subjects that have no more.
  if (all == n ? of_dates.size() != n : of_dates.size() == n) return false;
  return std::equal(dates.begin(), dates.end(), of_dates.rbegin());
}

void LastDates::Make(std::span<const Date> of_dates, PairedRules* of_rules, int lookback_months) {
  const Date last = of_dates.back();
  PairedRules::Pair& pair = of_rules->PairOn(last);
  rules = of_rules;
  all = of_dates.size();
  dates.clear();
  pairs.clear();
  first_hold.clear();
  looked_at.assign(pair.holds.size(), 0);
  long_enough.assign(pair.holds.size(), false);
  size_t passed = 0;  // of pair.holds
  for (size_t k = 0; k < std::min(of_dates.size(), kMostLastDates); ++k) {
    const Date date = of_dates[of_dates.size() - 1 - k];
    PairedRules::Pair& own = of_rules->PairOn(date);
    dates.push_back(date);
    pairs.push_back(&own);
    first_hold.push_back(&own == &pair ? passed : 0);
    for (size_t h = passed; h < pair.holds.size(); ++h) looked_at[h] |= uint32_t{1} << k;
    while (passed < pair.holds.size() && last >= date.PlusMonths(pair.holds[passed])) {
      long_enough[passed++] = true;
    }
    if (passed == pair.holds.size()) break;
  }
  reads_from = Date::FirstOf(dates.back().month() - lookback_months);
}

}  // namespace shouwang::risk
