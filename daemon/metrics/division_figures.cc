#include <array>
#include <map>
#include <vector>

#include "daemon/metrics/figures.h"
#include "daemon/metrics/place_count.h"
#include "storage/vocabulary/decimal.h"

namespace shouwang::metrics {
namespace {

constexpr std::array<DivisionLevel, 4> kLevels = {DivisionLevel::kProvince,
                                                  DivisionLevel::kPrefecture,
                                                  DivisionLevel::kCounty, DivisionLevel::kTownship};

using Counts = std::map<Division, PlaceCount>;

absl::StatusOr<Counts> ReadCounts(const Store& store, RollupView view, DivisionLevel depth) {
  const auto tallies = store.ReadTallies(view, Division());
  if (!tallies.ok()) return tallies.status();
  Counts counts;
  for (const Tally& tally : *tallies) {
    for (DivisionLevel level : kLevels) {
      if (level <= depth) counts[tally.place.township.At(level)].Add(tally);
    }
  }
  return counts;
}

struct Cell {
  int64_t count = 0;
  int64_t sum = 0;
};

absl::StatusOr<std::map<Division, Cell>> ReadMonth(const Store& store, IndicatorId indicator,
                                                   Month month, DivisionLevel depth) {
  RollupQuery query;
  query.indicator = indicator;
  query.from = month;
  query.to = month;
  const auto rollups = store.ReadRollups(query);
  if (!rollups.ok()) return rollups.status();
  std::map<Division, Cell> cells;
  for (const RollupCell& rollup : *rollups) {
    for (DivisionLevel level : kLevels) {
      if (level > depth) continue;
      Cell& cell = cells[rollup.place.township.At(level)];
      cell.count += rollup.count;
      cell.sum += rollup.sum;
    }
  }
  return cells;
}

void AddWarnings(Gauge gauge, std::string_view division, const PlaceCount& count,
                 const Rulebook& rulebook, Date today, Gauges* gauges) {
  for (const auto& [key, open] : WithZeros(count, rulebook.policies.InForce(today))) {
    gauges->Add(gauge,
                {{"division", division},
                 {"rule", RuleLabel(rulebook.policies, key.first)},
                 {"severity", SeverityName(key.second)}},
                static_cast<double>(open));
  }
}

// The divisions of the register to `depth`, the unreported ones included: a county that has never
// reported stands there with 0.
void AddSettlement(const Rulebook& rulebook, const FigureSettings& settings, Date today,
                   const Counts& counts, Gauges* gauges) {
  const DivisionTree& tree = rulebook.reg.divisions;
  for (DivisionLevel level : kLevels) {
    if (level > settings.depth) break;
    for (const Division& division : tree.Within(Division(), level)) {
      const std::string code = division.ToString();
      gauges->Add(Gauge::kDivisionInfo,
                  {{"division", code},
                   {"name", *tree.NameOf(division)},
                   {"level", LevelName(level)},
                   {"parent", division.Parent().ToString()}},
                  1);
      const auto found = counts.find(division);
      const PlaceCount count = found == counts.end() ? PlaceCount() : found->second;
      if (count.TooSmall(settings.min_cell)) continue;
      gauges->Add(Gauge::kHouseholds, {{"division", code}}, static_cast<double>(count.households));
      gauges->Add(Gauge::kObservations, {{"division", code}},
                  static_cast<double>(count.observations));
      AddWarnings(Gauge::kWarningsOpen, code, count, rulebook, today, gauges);
      if (count.latest_known_at != Instant{}) {
        gauges->Add(
            Gauge::kLastReport, {{"division", code}},
            std::chrono::duration<double>(count.latest_known_at.time_since_epoch()).count());
      }
    }
  }
}

absl::Status AddMeans(const Store& store, const Rulebook& rulebook, const FigureSettings& settings,
                      Month month, Gauges* gauges) {
  const DivisionTree& tree = rulebook.reg.divisions;
  for (const Indicator& indicator : rulebook.reg.catalogue.All()) {
    if (indicator.applies_to != SubjectKind::kHousehold) continue;
    const auto cells = ReadMonth(store, indicator.id, month, settings.depth);
    if (!cells.ok()) return cells.status();
    for (const auto& [division, cell] : *cells) {
      // A mean over few households tells about each of them, however many live there.
      if (!tree.Has(division) || cell.count < settings.min_cell || cell.count == 0) continue;
      gauges->Add(Gauge::kIndicatorMean,
                  {{"division", division.ToString()}, {"indicator", indicator.name}},
                  ToDouble(cell.sum, indicator.decimals) / static_cast<double>(cell.count));
    }
  }
  return absl::OkStatus();
}

}  // namespace

absl::Status AddDivisionFigures(const Store& store, const Rulebook& rulebook,
                                const FigureSettings& settings, Date today, Gauges* gauges) {
  const auto settled = ReadCounts(store, RollupView::kSettlement, settings.depth);
  if (!settled.ok()) return settled.status();
  AddSettlement(rulebook, settings, today, *settled, gauges);

  const auto origins = ReadCounts(store, RollupView::kOrigin, settings.depth);
  if (!origins.ok()) return origins.status();
  for (const auto& [division, count] : *origins) {
    if (!rulebook.reg.divisions.Has(division) || count.TooSmall(settings.min_cell)) continue;
    const std::string code = division.ToString();
    gauges->Add(Gauge::kOriginHouseholds, {{"division", code}},
                static_cast<double>(count.households));
    AddWarnings(Gauge::kOriginWarningsOpen, code, count, rulebook, today, gauges);
  }
  return AddMeans(store, rulebook, settings, today.month() - 1, gauges);
}

}  // namespace shouwang::metrics
