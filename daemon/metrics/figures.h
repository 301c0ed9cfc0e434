// What the store says about divisions and sites, as gauges. Stateless: reads, adds, returns; any
// thread. Costs a few range reads of counts that commits keep up to date, never a scan of
// households.
#pragma once

#include <chrono>

#include "absl/status/status.h"
#include "daemon/metrics/gauges.h"
#include "daemon/rulebook/rulebook.h"
#include "storage/contract/reporters.h"
#include "storage/contract/store.h"

namespace shouwang::metrics {

struct FigureSettings {
  // kProvince to kTownship; deeper would be too many series.
  DivisionLevel depth = DivisionLevel::kCounty;
  // A place with 1 to min_cell - 1 households is left out of all that could tell about them.
  int min_cell = 5;
};

// Sites past this number are left out of every shouwang_site_* gauge.
inline constexpr size_t kMaxSites = 5'000;

// Tallies and means: shouwang_division_info to shouwang_origin_*, shouwang_indicator_mean,
// shouwang_last_report_*.
absl::Status AddDivisionFigures(const Store& store, const Rulebook& rulebook,
                                const FigureSettings& settings, Date today, Gauges* gauges);
// shouwang_reporting_* and shouwang_households_silent.
absl::Status AddReportingFigures(const Store& store, const Rulebook& rulebook,
                                 const FigureSettings& settings, Date today, Gauges* gauges);
// shouwang_reporters_silent. DataLoss: by the reporters whose records can be read.
absl::Status AddReporterFigures(const Reporters& reporters, const Rulebook& rulebook,
                                const FigureSettings& settings, Date today, Gauges* gauges);
// shouwang_site_*.
absl::Status AddSiteFigures(const Store& store, const Rulebook& rulebook,
                            const FigureSettings& settings, Date today, Gauges* gauges);
void AddRules(const Rulebook& rulebook, Date today, Gauges* gauges);
void AddStoreFigures(const StoreStatistics& statistics, Gauges* gauges);

}  // namespace shouwang::metrics
