// Who reported, and in time: by division and month, from the counts that commits keep up to date
// (storage/vocabulary/reporting.h), never from a scan of households.
//
//   completeness = reported / expected         timeliness = on_time / heard
//
// Expected in a month is every household that had begun to report by its end, but those whose
// latest observation is older than the policy's given_up_months then. Where the policy expects a
// report in several months (cadence_months above 1) nobody is expected in a single one, and only
// silence tells who is behind. Stateless; any thread. Failures: the store's.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <vector>

#include "absl/status/statusor.h"
#include "daemon/risk/reporting_policy.h"
#include "daemon/rulebook/rulebook.h"
#include "storage/contract/store.h"

namespace shouwang::reporting {

struct CompletenessQuery {
  Division region;
  DivisionLevel level = DivisionLevel::kCounty;  // kProvince to kTownship
  Month from;
  Month to;  // included
};

// One division in one month.
struct MonthReporting {
  Division division;
  Month period;
  // By the policy in force on the month's last day; nullopt where it expects nothing.
  std::optional<Date> due_on;
  // nullopt for a month of which not all values are kept any more, and where the policy's cadence
  // is longer than a month.
  std::optional<int64_t> expected;
  int64_t reported = 0;  // households with an observation of the month
  int64_t heard = 0;     // of them, those of whom it is known when they were first heard of
  std::optional<int64_t> on_time;  // of `heard`, by due_on; nullopt without one
  Histogram delays;                // of `heard`, DelayDays
};

// By (division, month), the divisions of the register that have any household.
absl::StatusOr<std::vector<MonthReporting>> ReadCompleteness(const Store& store,
                                                             const Rulebook& rulebook,
                                                             const CompletenessQuery& query);

// How many households of each division are silent on `on`, as things stand now.
struct SilentCount {
  int64_t watched = 0;  // not given up
  int64_t silent = 0;
};
absl::StatusOr<std::map<Division, SilentCount>> CountSilent(const Store& store,
                                                            const Division& region,
                                                            DivisionLevel deepest,
                                                            const risk::Expectation& expected,
                                                            Date on);

}  // namespace shouwang::reporting
