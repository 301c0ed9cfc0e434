#include "daemon/ingest/counts.h"

#include <algorithm>
#include <tuple>

namespace shouwang::ingest {

std::vector<RollupPlace> HomePlacesOf(const Subject& subject) {
  const Division township = subject.In(DivisionLevel::kTownship);
  std::vector<RollupPlace> places = {{RollupView::kSettlement, township, {}}};
  if (subject.kind == SubjectKind::kSite) {
    places.push_back({RollupView::kSite, township, subject});
  }
  return places;
}

std::vector<RollupPlace> PlacesOf(const Residence& residence) {
  return {{RollupView::kOrigin, residence.origin.At(DivisionLevel::kTownship), {}},
          {RollupView::kSite, residence.site.In(DivisionLevel::kTownship), residence.site}};
}

Counts::PlaceIndex Counts::IndexOf(const RollupPlace& place) {
  const auto [it, fresh] = places_.try_emplace(place, static_cast<PlaceIndex>(tallies_.size()));
  if (fresh) {
    tallies_.emplace_back().place = place;
    warnings_.emplace_back();
  }
  return it->second;
}

Counts::Table& Counts::TableOf(PlaceIndex place, Month month) {
  if (!tables_.empty() && tables_.back().place == place && tables_.back().month == month) {
    return tables_.back();
  }
  const uint64_t key = uint64_t{place} << 32 | static_cast<uint32_t>(month.index());
  const auto [it, fresh] = table_of_.try_emplace(key, tables_.size());
  if (fresh) tables_.push_back({place, month, {}});
  return tables_[it->second];
}

void Counts::Spread::Add(int64_t value, int64_t sign) {
  if (buckets.empty()) buckets.resize(2 * kLastBucket + 1);
  count += sign;
  sum += sign * value;
  buckets[static_cast<size_t>(BucketOf(value) + kLastBucket)] += static_cast<int32_t>(sign);
}

Counts::Spread& Counts::SpreadOf(PlaceIndex place, IndicatorId indicator, Month month) {
  const size_t slot = SlotOf(indicator);
  Table& table = TableOf(place, month);
  if (slot >= table.spreads.size()) table.spreads.resize(indicators_.size());
  return table.spreads[slot];
}

void Counts::AddValue(PlaceIndex place, IndicatorId indicator, Month month, int64_t value,
                      int64_t sign) {
  SpreadOf(place, indicator, month).Add(value, sign);
}

void Counts::AddHouseholds(PlaceIndex place, Month month, int64_t count) {
  if (month < open_from_) return;
  SpreadOf(place, kAnyIndicator, month).count += count;
}

void Counts::AddDelays(PlaceIndex place, Month month, int32_t days, int64_t count) {
  if (month < open_from_) return;
  Spread& spread = SpreadOf(place, kAnyIndicator, month);
  if (spread.buckets.empty()) spread.buckets.resize(2 * kLastBucket + 1);
  spread.buckets[static_cast<size_t>(BucketOf(days) + kLastBucket)] += static_cast<int32_t>(count);
}

void Counts::AddReporting(PlaceIndex place, IndicatorId which, Month month, int64_t count) {
  SpreadOf(place, which, month).count += count;
}

void Counts::AddCells(PlaceIndex place, Month month, std::span<const ObservationList::Cell> cells) {
  std::vector<Spread>& spreads = TableOf(place, month).spreads;
  for (const ObservationList::Cell& cell : cells) {
    const size_t slot = SlotOf(cell.indicator);
    if (slot >= spreads.size()) spreads.resize(indicators_.size());
    spreads[slot].Add(cell.value, 1);
  }
}

void Counts::AddWarning(PlaceIndex place, RuleId rule, Severity severity, int64_t count) {
  warnings_[place][{rule, severity}] += count;
}

void Counts::AddHistory(PlaceIndex place, const History& history, int64_t sign) {
  if (history.empty()) return;
  Tally& tally = tallies_[place];
  std::vector<Month> months;
  for (const Date date : history.dates()) {
    const Month month = date.month();
    if (months.empty() || months.back() != month) months.push_back(month);
  }
  for (const IndicatorId indicator : history.indicators()) {
    const std::span<const int64_t> cells = history.Column(indicator);
    for (size_t row = 0; row < cells.size(); ++row) {
      if (cells[row] == History::kAbsent) continue;
      AddValue(place, indicator, history.dates()[row].month(), cells[row], sign);
      tally.observations += sign;
    }
  }
  if (sign > 0) {
    tally.latest_observed_on = std::max(tally.latest_observed_on, history.dates().back());
  }
  if (history.subject().kind == SubjectKind::kSite) {
    tally.sites += sign;
    return;
  }
  tally.households += sign;
  std::ranges::sort(months);
  months.erase(std::unique(months.begin(), months.end()), months.end());
  for (const Month month : months) AddHouseholds(place, month, sign);
}

void Counts::AddRisk(PlaceIndex place, const SubjectRisk& risk, int64_t sign) {
  for (const RuleState& state : risk.states) {
    if (state.opened_on) AddWarning(place, state.rule, state.severity, sign);
  }
}

// Townships' histograms are added up to their counties'; a site keeps its own.
void Counts::MoveHistograms(std::span<const RollupPlace> places, Transaction* transaction) {
  std::map<std::tuple<HistogramPlace, IndicatorId, Month>, Histogram> counties;
  for (const Table& table : tables_) {
    const RollupPlace& at = places[table.place];
    for (size_t slot = 0; slot < table.spreads.size(); ++slot) {
      const std::vector<int32_t>& buckets = table.spreads[slot].buckets;
      PlaceHistogram moved{{at.view, at.township, at.site}, indicators_[slot], table.month, {}};
      for (size_t i = 0; i < buckets.size(); ++i) {
        if (buckets[i] == 0) continue;
        moved.histogram.Add(static_cast<Bucket>(static_cast<int>(i) - kLastBucket), buckets[i]);
      }
      if (moved.histogram.empty()) continue;
      if (at.view != RollupView::kSite) {
        counties[{{at.view, at.township.At(DivisionLevel::kCounty), {}},
                  indicators_[slot],
                  table.month}]
            .Add(moved.histogram);
      }
      transaction->histograms.push_back(std::move(moved));
    }
  }
  for (auto& [key, histogram] : counties) {
    if (histogram.empty()) continue;
    const auto& [place, indicator, month] = key;
    transaction->histograms.push_back({place, indicator, month, std::move(histogram)});
  }
  std::ranges::sort(transaction->histograms);
}

void Counts::MoveInto(Transaction* transaction) {
  std::vector<RollupPlace> places(tallies_.size());
  for (const auto& [place, index] : places_) places[index] = place;
  for (const Table& table : tables_) {
    for (size_t slot = 0; slot < table.spreads.size(); ++slot) {
      const Spread& total = table.spreads[slot];
      if (total.count == 0 && total.sum == 0) continue;
      transaction->rollups.push_back(
          RollupDelta{places[table.place], indicators_[slot], table.month, total.count, total.sum});
    }
  }
  std::ranges::sort(transaction->rollups);
  MoveHistograms(places, transaction);
  for (size_t i = 0; i < tallies_.size(); ++i) {
    Tally& tally = tallies_[i];
    for (const auto& [key, count] : warnings_[i]) {
      if (count != 0) tally.warnings.push_back({key.first, key.second, count});
    }
    Tally nothing;
    nothing.place = tally.place;
    if (tally != nothing) transaction->tallies.push_back(std::move(tally));
  }
}

}  // namespace shouwang::ingest
