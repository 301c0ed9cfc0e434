#include "daemon/ingest/counts.h"

#include <algorithm>

namespace shouwang::ingest {
namespace {

// 24 bits of place, 16 of indicator, 24 of month (offset to be positive).
constexpr int32_t kMonthOffset = 1 << 20;

uint64_t KeyOf(uint32_t place, IndicatorId indicator, Month month) {
  return uint64_t{place} << 40 | uint64_t{indicator} << 24 |
         static_cast<uint64_t>(month.index() + kMonthOffset);
}

}  // namespace

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

void Counts::AddValue(PlaceIndex place, IndicatorId indicator, Month month, int64_t count,
                      int64_t sum) {
  Sum& total = sums_[KeyOf(place, indicator, month)];
  total.count += count;
  total.sum += sum;
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
      AddValue(place, indicator, history.dates()[row].month(), sign, sign * cells[row]);
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
  for (const Month month : months) AddValue(place, kAnyIndicator, month, sign, 0);
}

void Counts::AddRisk(PlaceIndex place, const SubjectRisk& risk, int64_t sign) {
  for (const RuleState& state : risk.states) {
    if (state.opened_on) AddWarning(place, state.rule, state.severity, sign);
  }
}

void Counts::MoveInto(Transaction* transaction) {
  std::vector<RollupPlace> places(tallies_.size());
  for (const auto& [place, index] : places_) places[index] = place;
  for (const auto& [key, total] : sums_) {
    if (total.count == 0 && total.sum == 0) continue;
    transaction->rollups.push_back(
        RollupDelta{places[key >> 40], static_cast<IndicatorId>(key >> 24 & 0xFFFF),
                    Month::OfIndex(static_cast<int32_t>(key & 0xFFFFFF) - kMonthOffset),
                    total.count, total.sum});
  }
  std::ranges::sort(transaction->rollups);
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
