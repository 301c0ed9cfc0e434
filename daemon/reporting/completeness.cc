#include "daemon/reporting/completeness.h"

#include <array>
#include <utility>

#include "storage/vocabulary/reporting.h"

namespace shouwang::reporting {
namespace {

constexpr std::array<DivisionLevel, 4> kLevels = {DivisionLevel::kProvince,
                                                  DivisionLevel::kPrefecture,
                                                  DivisionLevel::kCounty, DivisionLevel::kTownship};

// Counts of one division by month.
struct Months {
  std::map<Month, int64_t> reported;
  std::map<Month, int64_t> begun;
  std::map<Month, int64_t> ended;
  std::map<Month, Histogram> delays;
};

absl::StatusOr<std::vector<RollupCell>> ReadCells(const Store& store, const Division& region,
                                                  IndicatorId indicator, Month from, Month to) {
  RollupQuery query;
  query.region = region;
  query.indicator = indicator;
  query.from = from;
  query.to = to;
  return store.ReadRollups(query);
}

absl::Status AddCells(const Store& store, const CompletenessQuery& query, const Division& part,
                      IndicatorId indicator, Month from, std::map<Month, int64_t> Months::*into,
                      std::map<Division, Months>* divisions) {
  const auto cells = ReadCells(store, part, indicator, from, query.to);
  if (!cells.ok()) return cells.status();
  for (const RollupCell& cell : *cells) {
    ((*divisions)[cell.place.township.At(query.level)].*into)[cell.month] += cell.count;
  }
  return absl::OkStatus();
}

absl::Status AddDelays(const Store& store, const CompletenessQuery& query, const Division& part,
                       std::map<Division, Months>* divisions) {
  HistogramQuery delays;
  delays.level = part.level() > DivisionLevel::kCounty || query.level > DivisionLevel::kCounty
                     ? DivisionLevel::kTownship
                     : DivisionLevel::kCounty;
  delays.region = part;
  delays.indicator = kAnyIndicator;
  delays.from = query.from;
  delays.to = query.to;
  const auto histograms = store.ReadHistograms(delays);
  if (!histograms.ok()) return histograms.status();
  for (const PlaceHistogram& histogram : *histograms) {
    (*divisions)[histogram.place.division.At(query.level)].delays[histogram.month].Add(
        histogram.histogram);
  }
  return absl::OkStatus();
}

int64_t SumBefore(const std::map<Month, int64_t>& counts, Month end) {
  int64_t sum = 0;
  for (auto it = counts.begin(); it != counts.end() && it->first < end; ++it) sum += it->second;
  return sum;
}

int64_t Of(const std::map<Month, int64_t>& counts, Month month) {
  const auto found = counts.find(month);
  return found == counts.end() ? 0 : found->second;
}

void AddRows(const Division& division, const Months& months, const Rulebook& rulebook,
             const CompletenessQuery& query, std::vector<MonthReporting>* rows) {
  const Month open_from = rulebook.retention.AllKeptFrom().month();
  for (Month period = query.from; period <= query.to; period = period + 1) {
    const std::optional<risk::ReportingPolicy>& policy =
        rulebook.policies.InForce(Date::LastOf(period)).reporting;
    MonthReporting row;
    row.division = division;
    row.period = period;
    row.reported = Of(months.reported, period);
    if (const auto found = months.delays.find(period); found != months.delays.end()) {
      row.delays = found->second;
      row.heard = row.delays.count();
    }
    if (policy) {
      row.due_on = policy->households.DueOn(period);
      row.on_time = row.delays.Below(DelayDays(period, *row.due_on) + 1).least;
    }
    // A household that owes one report in several months owes it in none of them by itself.
    const bool monthly = !policy || policy->households.cadence_months == 1;
    if (period >= open_from && monthly) {
      row.expected = SumBefore(months.begun, period + 1);
      if (policy)
        *row.expected -= SumBefore(months.ended, period - policy->households.given_up_months);
    }
    const bool empty = row.reported == 0 && row.expected.value_or(0) == 0;
    if (!empty) rows->push_back(std::move(row));
  }
}

}  // namespace

absl::StatusOr<std::vector<MonthReporting>> ReadCompleteness(const Store& store,
                                                             const Rulebook& rulebook,
                                                             const CompletenessQuery& query) {
  const DivisionTree& tree = rulebook.reg.divisions;
  // The whole country by its provinces, so that never more than one's townships are in memory.
  std::vector<Division> parts = {query.region};
  if (query.region.level() == DivisionLevel::kNation) {
    const auto provinces = tree.Within(Division(), DivisionLevel::kProvince);
    parts.assign(provinces.begin(), provinces.end());
  }
  const Month ever = Date::Min().month();
  std::vector<MonthReporting> rows;
  for (const Division& part : parts) {
    std::map<Division, Months> divisions;
    absl::Status status =
        AddCells(store, query, part, kAnyIndicator, query.from, &Months::reported, &divisions);
    status.Update(AddCells(store, query, part, kFirstReport, ever, &Months::begun, &divisions));
    status.Update(AddCells(store, query, part, kLastReport, ever, &Months::ended, &divisions));
    status.Update(AddDelays(store, query, part, &divisions));
    if (!status.ok()) return status;
    for (const auto& [division, months] : divisions) {
      if (tree.Has(division)) AddRows(division, months, rulebook, query, &rows);
    }
  }
  return rows;
}

absl::StatusOr<std::map<Division, SilentCount>> CountSilent(const Store& store,
                                                            const Division& region,
                                                            DivisionLevel deepest,
                                                            const risk::Expectation& expected,
                                                            Date on) {
  const auto cells =
      ReadCells(store, region, kLastReport, expected.GivenUpBefore(on), Date::Max().month());
  if (!cells.ok()) return cells.status();
  std::map<Division, SilentCount> counts;
  for (const RollupCell& cell : *cells) {
    for (const DivisionLevel level : kLevels) {
      if (level > deepest) break;
      SilentCount& count = counts[cell.place.township.At(level)];
      count.watched += cell.count;
      if (cell.month < expected.SilentBefore(on)) count.silent += cell.count;
    }
  }
  return counts;
}

}  // namespace shouwang::reporting
