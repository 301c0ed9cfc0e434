// Which households are silent: those with an open warning first, then the longest silent. What a
// household observed last is what its judgement goes through, so a county costs a read of its
// states; histories are read for what is shown, and for a day that has passed, as a household may
// have been silent then and not now.
//
// Memory: the page, and the candidates of one township. Stateless; any thread. Failures: the
// store's.
#pragma once

#include <compare>
#include <cstddef>
#include <optional>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/status/statusor.h"
#include "daemon/risk/reporting_policy.h"
#include "storage/contract/store.h"
#include "storage/vocabulary/warning.h"

namespace shouwang::reporting {

// Where a household stands in the listing.
struct SilentPosition {
  bool without_warning = false;
  Date last_observed_on;
  Subject subject;
  friend auto operator<=>(const SilentPosition&, const SilentPosition&) = default;
};

struct SilentHousehold {
  SilentPosition position;
  // Who told of it last: the row of its latest observation.
  Source source = Source::kCadreVisit;
  Instant known_at{};
  // The warnings that were open on the day, by rule.
  std::vector<Warning> open;
};

struct SilentPage {
  std::vector<SilentHousehold> households;
  std::optional<SilentPosition> next;  // where the listing goes on; none: it does not
};

struct SilentQuery {
  std::vector<Division> townships;
  Date on;
  risk::Expectation expected;
  bool with_warning_only = false;
  std::optional<SilentPosition> from;  // included
  size_t page_size = 0;
};

// Cancelled once `cancelled` says so, asked for each township.
absl::StatusOr<SilentPage> ListSilent(const Store& store, const SilentQuery& query,
                                      absl::FunctionRef<bool()> cancelled);

}  // namespace shouwang::reporting
