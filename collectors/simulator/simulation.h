// A simulation: invented households of real townships, month by month, written as the sheets that
// cadres would fill. Every row says that it is simulated.
//
//   households-520502001.csv.gz   one row per household and month, ordered by month, village,
//                                 household: 村代码 户编号 上报日期 安置点 原籍 入住日期, an
//                                 indicator each (columns.h), 数据性质
//   sites-520502001.csv           one row per site and month: 安置地代码 安置点编号 上报日期, an
//                                 indicator each, 数据性质
//   sites.yaml                    the sites for the daemon's register (storage/register)
//
// The same plan writes the same bytes. A township's households don't depend on which other
// townships are simulated. Single-threaded; memory is one township's households.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "collectors/simulator/fabrication.h"
#include "collectors/simulator/shock.h"
#include "storage/vocabulary/date.h"
#include "storage/vocabulary/division_tree.h"

namespace shouwang::simulator {

struct SimulationPlan {
  std::vector<Division> townships;
  int households_per_township = 500;  // 1 to 200,000
  int months = 24;                    // 1 to 240
  Month last_month;
  uint64_t seed = 1;
  double sites_share = 0.5;               // of townships that have a resettlement site
  double relocated_share = 0.25;          // of the households of such a township that live at it
  std::string folder;                     // is created
  bool gzip = true;                       // of the household sheets
  std::vector<Shock> shocks;              // each at a place and in a month that are simulated
  std::vector<Fabrication> fabrications;  // of `townships`; 100 at most
  double line = 8'800;                    // yuan a year and person, for incomes made up to it
};

struct SimulationCounts {
  uint64_t townships = 0;
  uint64_t households = 0;
  uint64_t rows = 0;
  uint64_t values = 0;
  uint64_t sites = 0;
};

// `count` townships with villages, spread evenly over `region`. InvalidArgument where there are
// fewer.
absl::StatusOr<std::vector<Division>> PickTownships(const DivisionTree& divisions,
                                                    const Division& region, int count);

// Called after each township.
using SimulationProgress = std::function<void(const SimulationCounts&)>;

// InvalidArgument for a plan out of bounds, a township that is unknown or has no villages, or a
// shock that strikes nobody; Unavailable where a file can't be written.
absl::StatusOr<SimulationCounts> Simulate(const DivisionTree& divisions, const SimulationPlan& plan,
                                          const SimulationProgress& progress);

}  // namespace shouwang::simulator
