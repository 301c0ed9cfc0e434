// Sums of tallies over one place, whatever level it is of. A value.
#pragma once

#include <map>
#include <utility>

#include "daemon/metrics/figures.h"
#include "storage/contract/transaction.h"

namespace shouwang::metrics {

struct PlaceCount {
  int64_t households = 0;
  int64_t sites = 0;
  int64_t observations = 0;
  Instant latest_known_at{};
  std::map<std::pair<RuleId, Severity>, int64_t> warnings;

  void Add(const Tally& tally);
  // Whether a figure of this place could tell about a single household.
  bool TooSmall(int min_cell) const { return households > 0 && households < min_cell; }
};

// "rule_<id>" where no policy has it any more.
std::string RuleLabel(const risk::PolicySet& policies, RuleId rule);

// Open warnings by rule and severity, with a 0 for each rule in force that could hold there: an
// alert on a rise needs the series from before it.
std::map<std::pair<RuleId, Severity>, int64_t> WithZeros(const PlaceCount& count,
                                                         const risk::Policy& policy);

}  // namespace shouwang::metrics
