// The gauges of incidents that a scrape sees, from the last look of the IncidentWatch, so that a
// scrape never waits for the disk. No household is a label; a division with fewer than `min_cell`
// households, and an incident with fewer members, is left out.
//
// Collect may be called from any thread.
#pragma once

#include <prometheus/collectable.h>

#include <functional>
#include <vector>

#include "daemon/incidents/watch.h"
#include "daemon/metrics/figures.h"

namespace shouwang::metrics {

// Series of shouwang_incident_members; past it the incidents with fewer members are left out, and
// shouwang_incidents_left_out counts them.
inline constexpr size_t kMaxIncidentSeries = 500;

class IncidentFigures final : public prometheus::Collectable {
 public:
  // All of it outlives this. Depth and small cells are those of the division figures.
  IncidentFigures(const FigureSettings& settings, const incidents::IncidentWatch* watch,
                  const CurrentRulebook* rulebook)
      : settings_(settings), watch_(watch), rulebook_(rulebook) {}

  // Only names before the first look, and where the policy looks for none.
  std::vector<prometheus::MetricFamily> Collect() const override;

 private:
  const FigureSettings settings_;
  const incidents::IncidentWatch* const watch_;
  const CurrentRulebook* const rulebook_;
};

}  // namespace shouwang::metrics
