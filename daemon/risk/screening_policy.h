// The `screening:` section of a policy: what reports are looked through for, how widely, and from
// how much on (数据质量筛查). What each screen computes is in daemon/screening/README.md. A value.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "storage/vocabulary/indicator.h"

namespace shouwang::risk {

// An amount of `from` yuan or more is round where it is a multiple of `multiple`.
struct RoundAmount {
  int64_t from = 0;
  int64_t multiple = 1;
};

struct ScreeningPolicy {
  // Of all findings of one screening, the share that may be wrong (Benjamini-Hochberg).
  double false_discovery_rate = 0;
  // So many other reporters of the county and source, each with a quarter of the screen's own
  // `at_least`, or nothing is said of one.
  int peers_at_least = 0;
  // A share has to be above the peers' median by so much to be a finding; 0 to 1.
  double least_excess = 0;
  // Indicators of households in yuan, ascending.
  std::vector<IndicatorId> amounts;

  // Copied forward.
  int copied_at_least = 0;    // pairs of a month and the month before
  double constant_share = 0;  // an indicator that the peers repeat more often is constant by nature
  int report_values = 0;      // amounts above 0 of a report, for it to count as one said again
  // Heaping.
  int heaping_at_least = 0;        // amounts
  std::vector<RoundAmount> round;  // by `from`, ascending
  // Bunching above the line.
  std::string bunching_feature;  // income per person and year
  std::string bunching_line;     // a constant
  double bunching_width = 0;     // of the windows on both sides, as a share of the line
  int bunching_at_least = 0;     // households in the two windows
  // Speed of entry, of cadre visits.
  int speed_at_least = 0;     // visits
  int visits_per_day = 0;     // plausible for one reporter
  int visits_per_hour = 0;    // entered one at a time
  int sheet_households = 0;   // of more, entered at one instant, it is a sheet: no word on the hour
  int night_from_hour = 0;    // China's clock; from an hour
  int night_before_hour = 0;  // to before another
};

}  // namespace shouwang::risk
