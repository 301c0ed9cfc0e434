// One simulated resettlement site and what its manager would report each month: counts that follow
// from its simulated households, and services and jobs around it. Invented, like the households.
//
// A few sites are short of school places or clinic staff from the start; workshops close now and
// then; the livelihood buffer shrinks as transition support runs out. A value, owned by one thread;
// Step is called once for each month, in order.
#pragma once

#include <cstdint>
#include <span>

#include "collectors/simulator/columns.h"
#include "collectors/simulator/household.h"
#include "collectors/simulator/random.h"
#include "storage/vocabulary/date.h"

namespace shouwang::simulator {

class ResettlementSite {
 public:
  ResettlementSite(uint64_t seed, uint64_t settlement);

  // `households` are those at the site, stepped to `month` already.
  void Step(Month month, std::span<const Household> households);
  const SiteReading& reading() const { return reading_; }

 private:
  void StepJobs(int64_t households);

  Random random_;
  double seats_per_child_;
  double staff_per_thousand_;
  double jobs_per_household_;
  double served_share_;
  double registered_share_;
  double savings_months_;
  double jobs_ = -1;  // not founded yet
  int64_t seats_ = -1;
  SiteReading reading_{};
};

}  // namespace shouwang::simulator
