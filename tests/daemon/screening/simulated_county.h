// A county of simulated townships, screened by the shipped policy: each township an office that
// sends one sheet a month, some of them made up. In-process, without files. For the test of how
// often honest reporters are suspected, and for tests/bench/screening_quality.
#pragma once

#include <vector>

#include "collectors/simulator/fabrication.h"
#include "daemon/risk/policy.h"
#include "daemon/screening/comparison.h"

namespace shouwang::screening {

struct SimulatedCounty {
  uint64_t seed = 1;
  int townships = 24;
  int households = 300;  // of each
  int months = 15;
  int screened_months = 6;  // the last ones
  std::vector<simulator::Fabrication> fabrications;
};

// The county's townships are 520502001 and on.
Division TownshipOf(int index);

// `policy` has a section `screening`; `catalogue` is the shipped one.
Comparison ScreenCounty(const SimulatedCounty& county, const risk::Policy& policy,
                        const Catalogue& catalogue);

}  // namespace shouwang::screening
