#include "storage/contract/place_counts.h"

#include <algorithm>
#include <map>
#include <span>

#include "storage/vocabulary/reporting.h"

namespace shouwang {

size_t PlaceCounts::Add(const History& history) {
  if (history.empty()) return 0;
  size_t grown = 0;
  const std::span<const Date> dates = history.dates();
  for (size_t column = 0; column < history.indicators().size(); ++column) {
    const IndicatorId indicator = history.indicators()[column];
    const std::span<const int64_t> values = history.ColumnAt(column);
    for (size_t row = 0; row < values.size(); ++row) {
      if (values[row] == History::kAbsent) continue;
      const auto [it, fresh] = cells.try_emplace({indicator, dates[row].month()});
      Cell& cell = it->second;
      const size_t buckets = cell.histogram.entries().size();
      ++cell.count;
      cell.sum += values[row];
      cell.histogram.Add(BucketOf(values[row]), 1);
      grown += (fresh ? 1 : 0) + cell.histogram.entries().size() - buckets;
      ++tally.observations;
    }
  }
  tally.latest_observed_on = std::max(tally.latest_observed_on, dates.back());
  if (history.subject().kind == SubjectKind::kSite) {
    ++tally.sites;
    return grown;
  }
  ++tally.households;
  for (size_t row = 0; row < dates.size(); ++row) {
    const Month month = dates[row].month();
    if (row > 0 && dates[row - 1].month() == month) continue;
    const auto [it, fresh] = cells.try_emplace({kAnyIndicator, month});
    ++it->second.count;
    grown += fresh ? 1 : 0;
  }
  return grown;
}

void PlaceCounts::Add(const SubjectRisk& risk) {
  Tally delta;
  for (const RuleState& rule : risk.states) {
    if (!rule.opened_on) continue;
    delta.warnings = {{rule.rule, rule.severity, 1}};
    AddTally(delta, &tally);
  }
}

namespace {

// When each month that has an observation was first heard of.
std::map<Month, Instant> FirstHeard(const History& history,
                                    std::span<const SupersededValue> superseded) {
  std::map<Month, Instant> heard;
  const auto hear = [&](Date date, Instant known_at) {
    const auto [it, fresh] = heard.try_emplace(date.month(), known_at);
    if (!fresh) it->second = std::min(it->second, known_at);
  };
  const std::span<const Arrival> arrivals = history.arrivals();
  for (size_t row = 0; row < history.dates().size(); ++row) {
    hear(history.dates()[row], arrivals[history.row_arrivals()[row]].known_at);
  }
  for (const History::Exception& exception : history.exceptions()) {
    hear(exception.date, arrivals[exception.arrival].known_at);
  }
  // What took the place of a superseded value stands in the same month.
  for (const SupersededValue& old : superseded) {
    const auto month = heard.find(old.observation.date.month());
    if (month == heard.end()) continue;
    month->second = std::min(month->second, old.observation.arrival.known_at);
  }
  return heard;
}

}  // namespace

void PlaceCounts::AddReporting(const History& history, std::span<const SupersededValue> superseded,
                               Month open_from) {
  if (history.empty() || history.subject().kind != SubjectKind::kHousehold) return;
  ++cells[{kFirstReport, history.dates().front().month()}].count;
  ++cells[{kLastReport, history.dates().back().month()}].count;
  for (const auto& [month, known_at] : FirstHeard(history, superseded)) {
    if (month < open_from) continue;
    cells[{kAnyIndicator, month}].histogram.Add(BucketOf(DelayDays(month, DateOf(known_at))), 1);
  }
}

std::vector<RollupPlace> PlacesOf(const Subject& subject, const SubjectState& state) {
  const Division township = subject.In(DivisionLevel::kTownship);
  std::vector<RollupPlace> places = {{RollupView::kSettlement, township, {}}};
  if (subject.kind == SubjectKind::kSite) {
    places.push_back({RollupView::kSite, township, subject});
  } else if (state.residence) {
    const Residence& residence = *state.residence;
    places.push_back({RollupView::kOrigin, residence.origin.At(DivisionLevel::kTownship), {}});
    places.push_back(
        {RollupView::kSite, residence.site.In(DivisionLevel::kTownship), residence.site});
  }
  return places;
}

std::vector<PlaceHistogram> HistogramsOf(const RollupPlace& place, const PlaceCounts& counts) {
  std::vector<PlaceHistogram> histograms;
  const Division county = place.township.At(DivisionLevel::kCounty);
  for (const auto& [key, cell] : counts.cells) {
    if (cell.histogram.empty()) continue;
    histograms.push_back(
        {{place.view, place.township, place.site}, key.first, key.second, cell.histogram});
    if (place.view == RollupView::kSite) continue;
    histograms.push_back({{place.view, county, {}}, key.first, key.second, cell.histogram});
  }
  return histograms;
}

}  // namespace shouwang
