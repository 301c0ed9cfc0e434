// What a store remembers of the catalogue, so that an indicator id means one thing over the life of
// its data: the name and the decimals of every id that was ever bound. A value; any thread.
#pragma once

#include <map>
#include <string>

#include "absl/status/statusor.h"
#include "storage/vocabulary/indicator.h"

namespace shouwang {

struct BoundIndicator {
  std::string name;
  int decimals = 0;
  friend bool operator==(const BoundIndicator&, const BoundIndicator&) = default;
};

using IndicatorBinding = std::map<IndicatorId, BoundIndicator>;

// `kept` with the indicators of `catalogue` that are new. FailedPrecondition as
// Store::BindCatalogue says.
absl::StatusOr<IndicatorBinding> Bind(IndicatorBinding kept, const Catalogue& catalogue);

}  // namespace shouwang
