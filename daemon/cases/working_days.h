// Which days are worked (工作日): Monday to Friday, but for the holidays and the weekend days
// worked in their place that policies name. Nothing of it is compiled in: a year that no policy
// names has no holidays, so what is counted in working days falls due early rather than late.
//
// A value; any thread.
#pragma once

#include <map>

#include "daemon/risk/policy.h"

namespace shouwang::cases {

class WorkingDays {
 public:
  WorkingDays() = default;
  // The days of all policies; of a day that two name, the later policy's word stands.
  explicit WorkingDays(const risk::PolicySet& policies);

  bool Has(Date date) const;
  // The `count`-th working day after `date`; `date` itself for 0.
  Date After(Date date, int count) const;
  // The last day of a term that begins behind `date`.
  Date EndOf(Date date, const risk::Term& term) const;

 private:
  std::map<Date, bool> exceptions_;  // whether it is worked
};

}  // namespace shouwang::cases
