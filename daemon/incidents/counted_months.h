// Which months of which villages and sites were counted when incidents were looked for: those that
// their reports tell of, once they are settled. Households newly warned in another month are no
// members of an incident, as they were not among what it was told by.
//
// An immutable value; any thread. Memory: a bit for each village or site and month.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "daemon/incidents/onset_table.h"

namespace shouwang::incidents {

class CountedMonths {
 public:
  // None of any place.
  CountedMonths() = default;
  explicit CountedMonths(const OnsetTable& table);

  bool OfVillage(const Division& village, Month month) const;
  bool OfSite(const Subject& site, Month month) const;
  // Those of `region` that have households, in order, from the one of 12-digit code `from` on.
  std::span<const Division> Villages(const Division& region, uint64_t from) const;

 private:
  bool Has(size_t place, Month month) const;

  Month first_;
  int months_ = 0;
  std::vector<Division> villages_;  // in order
  std::vector<Subject> sites_;      // likewise
  std::vector<bool> counted_;       // by place, villages before sites, and month
};

}  // namespace shouwang::incidents
