#include "daemon/incidents/counted_months.h"

#include <algorithm>

namespace shouwang::incidents {

// The table has divisions in order, then sites.
CountedMonths::CountedMonths(const OnsetTable& table)
    : first_(table.first()), months_(table.months()) {
  for (size_t p = 0; p < table.places().size(); ++p) {
    const IncidentPlace& place = table.places()[p].place;
    if (place.IsSite()) {
      sites_.push_back(place.site);
    } else if (place.division.level() == DivisionLevel::kVillage) {
      villages_.push_back(place.division);
    } else {
      continue;
    }
    for (int m = 0; m < months_; ++m) counted_.push_back(table.exposure(p, m) > 0);
  }
}

bool CountedMonths::Has(size_t place, Month month) const {
  const int index = month.index() - first_.index();
  if (index < 0 || index >= months_) return false;
  return counted_[place * static_cast<size_t>(months_) + static_cast<size_t>(index)];
}

bool CountedMonths::OfVillage(const Division& village, Month month) const {
  const auto found = std::ranges::lower_bound(villages_, village);
  if (found == villages_.end() || *found != village) return false;
  return Has(static_cast<size_t>(found - villages_.begin()), month);
}

bool CountedMonths::OfSite(const Subject& site, Month month) const {
  const auto found = std::ranges::lower_bound(sites_, site);
  if (found == sites_.end() || *found != site) return false;
  return Has(villages_.size() + static_cast<size_t>(found - sites_.begin()), month);
}

std::span<const Division> CountedMonths::Villages(const Division& region, uint64_t from) const {
  const auto begin = std::ranges::lower_bound(villages_, std::max(region.FirstVillageCode(), from),
                                              {}, &Division::FirstVillageCode);
  const auto end =
      std::ranges::lower_bound(villages_, region.EndVillageCode(), {}, &Division::FirstVillageCode);
  if (begin >= end) return {};
  return {begin, end};
}

}  // namespace shouwang::incidents
