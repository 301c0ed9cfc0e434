// What should be firing now, by the store: its tallies count the open warnings of each township by
// rule and severity, so no state of this room is needed to know, and a restart forgets nothing.
//
// Pure but for what ReadFiring reads; any thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "daemon/cases/taken_on.h"
#include "daemon/rulebook/rulebook.h"
#include "storage/contract/deliveries.h"
#include "storage/contract/store.h"

namespace shouwang::alerts {

// Groups past this number are left out, the least severe first: a province has some 15,000.
inline constexpr size_t kMaxGroups = 50'000;

struct Firing {
  // At least 1 each; by how the households are handled, where that is known.
  std::map<WarningGroup, int64_t> households;
  // Of them, those whose case nobody has taken on; nullopt: no count of cases there is yet, and
  // every group is given as open. Whoever was told otherwise before is not told so.
  std::optional<std::map<WarningGroup, int64_t>> waiting;
  // Whether every township could be read. Where not, a group that is missing may still be open.
  bool whole = true;
  size_t left_out = 0;
};

// Warnings of households only: sites are watched by Prometheus (deploy/prometheus), whose metrics
// name them. Rules that no policy has are left out, since nobody could say what they mean; their
// warnings clear as soon as the re-evaluation gets there. `taken_on` may be nullptr; it is as old
// as its reading, so that a household of yesterday's count may stand for one of today's until the
// next. `fault` gets why something could not be read.
Firing ReadFiring(const Store& store, const Rulebook& rulebook, const cases::TakenOnCount* taken_on,
                  Date today, absl::Status* fault);

// The rule as the policy in force words it, else the latest policy that has it; nullptr where none
// has.
const risk::Rule* RuleFor(const risk::PolicySet& policies, RuleId id, Date today);
const risk::Rule* RuleFor(const risk::PolicySet& policies, std::string_view name, Date today);

// How a number of households is told: "12", "0", and "<5" below `min_cell`, as what is told passes
// through gateways and telephones on its way to those who may know.
std::string HouseholdsText(int64_t households, int min_cell);
// Whether the two tell of so different numbers that the history should say so: the steps are 1, 2,
// 5, 10, 20, 50 and so on, so that a bulk load leaves some lines for each group, not thousands.
bool TellsMore(std::string_view households, std::string_view before);

}  // namespace shouwang::alerts
