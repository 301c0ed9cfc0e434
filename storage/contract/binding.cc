#include "storage/contract/binding.h"

#include <fmt/format.h>

namespace shouwang {

absl::StatusOr<IndicatorBinding> Bind(IndicatorBinding kept, const Catalogue& catalogue) {
  std::map<std::string, IndicatorId> ids;
  for (const auto& [id, indicator] : kept) ids.emplace(indicator.name, id);
  for (const Indicator& indicator : catalogue.All()) {
    const BoundIndicator bound{indicator.name, indicator.decimals};
    const auto [it, added] = kept.try_emplace(indicator.id, bound);
    if (it->second != bound) {
      return absl::FailedPreconditionError(fmt::format(
          "indicator id {} is kept in the store as '{}' with {} decimals; the catalogue says '{}' "
          "with {}: give the changed indicator an id of its own",
          indicator.id, it->second.name, it->second.decimals, indicator.name, indicator.decimals));
    }
    const auto [name, unused] = ids.emplace(indicator.name, indicator.id);
    if (name->second != indicator.id) {
      return absl::FailedPreconditionError(
          fmt::format("indicator '{}' is kept in the store under id {}; the catalogue says id {}",
                      indicator.name, name->second, indicator.id));
    }
  }
  return kept;
}

}  // namespace shouwang
