// Of which place an excess is told, so that it is told once. A flood in one village lifts the count
// of its township, and one in the whole township lifts every village:
//
//   - a village most of whose newly warned live at a site that has an excess is told as the site,
//   and
//     else a site most of whose newly warned live in such a village as the village;
//   - a place whose parts have an excess is told itself, and they are not, where what is left
//   without
//     them is still an excess, or where so many of them have one that it is shared;
//   - else its parts are told, and it is not.
//
// Pure; any thread.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "daemon/incidents/kind_model.h"
#include "daemon/incidents/onset_table.h"
#include "daemon/risk/incident_policy.h"

namespace shouwang::incidents {

// One kind of risk in one month.
struct MonthOfKind {
  const OnsetTable& table;
  size_t kind;
  int month;
  std::span<const int64_t> counts;
  std::span<const Expected> expected;
};

// Of `excess` (places, ascending) those to tell, ascending. `p_limit` is the largest p-value that
// was an excess.
std::vector<size_t> Attribute(const MonthOfKind& what, std::span<const size_t> excess,
                              double p_limit, const risk::IncidentPolicy& policy);

}  // namespace shouwang::incidents
