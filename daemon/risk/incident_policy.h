// What a policy says about incidents (事件): how sure one must be that a place has an excess of new
// warnings, and how long it lasts. A part of a policy file, `incidents:`; README.md gives every
// key, daemon/incidents what is computed from them.
#pragma once

#include <string>

namespace shouwang::risk {

struct IncidentPolicy {
  // Months from a place's first report in which what is already so comes to light; they are neither
  // judged nor learnt from. At least as long as rules look back before they know. 0 to 36.
  int settle_months = 12;
  // Of the past, a month's weight halves after so many months. 3 to 60.
  int half_life_months = 12;
  // Settled months that a place needs before it is judged. 3 to 36.
  int least_past_months = 6;
  // Months up to this one that are judged, and incidents of which are told. 1 to 60.
  int kept_months = 24;
  // Of all that is told of a month, the share that may be expected to be chance. 0.0001 to 0.5.
  double false_discovery_rate = 0.05;
  // Subjects newly warned of in the month, at least. 2 to 1,000.
  int min_members = 5;
  // Times what was expected, at least. 1 to 100.
  double min_ratio = 2;
  // Where so large a share of a place's parts (and two at least) has an excess, it is the place's.
  // 0.05 to 1.
  double shared_by = 0.3;
  // Months without an excess after which an incident is over. 1 to 12.
  int hold_months = 3;
  std::string citation;
};

}  // namespace shouwang::risk
