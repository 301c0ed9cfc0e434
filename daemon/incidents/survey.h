// Reads from the store what incidents are found in, and who their members are. Pure but for that;
// any thread. Costs a scan of all subjects' states; bounded by the table's memory.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <stop_token>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "daemon/incidents/detection.h"
#include "daemon/incidents/onset_table.h"
#include "daemon/incidents/onsets.h"
#include "daemon/rulebook/rulebook.h"
#include "storage/contract/store.h"

namespace shouwang::incidents {

// Kinds of risk that some rule for households of some policy has, in order.
std::vector<RiskKind> KindsOfHouseholds(const risk::PolicySet& policies);
// In order. A kind's rules are other ones where a rule for households comes, goes or has other
// conditions; not where a constant or a feature behind it has another value.
std::vector<PolicyChange> ChangesOf(const risk::PolicySet& policies);

// Of the months up to `through`. Cancelled once `stop` says so; ResourceExhausted past kMaxRows;
// Unavailable while a re-evaluation has households to go; else failures are the Store's.
absl::StatusOr<OnsetTable> ReadOnsets(const Store& store, const risk::PolicySet& policies,
                                      const risk::IncidentPolicy& policy, Month through,
                                      const std::stop_token& stop = {});

struct Member {
  Subject subject;
  Onset onset;  // the first within the incident
  Date evaluated_through;
};

struct MemberQuery {
  IncidentId id;
  Month last;
  Subject from = {};                   // members before it are passed over
  std::function<bool()> stopped = {};  // asked at each household; empty: never
};

// The households of the place that were newly warned of the kind in a counted month from `id.first`
// to `last`, in subject order, as the store has them now. Reads from the village of `from` on, one
// after the other. Stops early when `visit` returns false; Cancelled once `stopped` says so.
absl::Status ScanMembers(const Store& store, const CountedMonths& counted, const MemberQuery& query,
                         absl::FunctionRef<bool(const Member&)> visit);

// Members in short.
struct Membership {
  int64_t members = 0;
  Severity worst = Severity::kYellow;
  std::map<RuleId, int64_t> by_rule;  // of the onsets
};
absl::StatusOr<Membership> CountMembers(const Store& store, const CountedMonths& counted,
                                        const MemberQuery& query);

}  // namespace shouwang::incidents
