#include "storage/contract/comparison.h"

#include <fmt/format.h>

#include <string>
#include <tuple>
#include <utility>
#include <vector>

namespace shouwang {
namespace {

std::string NameOf(RollupView view, const Division& division, const Subject& site) {
  switch (view) {
    case RollupView::kSettlement:
      return fmt::format("{} {}", LevelName(division.level()), division.ToString());
    case RollupView::kOrigin:
      return fmt::format("origin {}", division.ToString());
    case RollupView::kSite:
      return fmt::format("site {}", site.ToString());
  }
  return "?";
}
std::string NameOf(const RollupPlace& place) {
  return NameOf(place.view, place.township, place.site);
}

}  // namespace

bool Comparison::IsClosed(IndicatorId indicator, Month month) const {
  return Date::FirstOf(month) < (indicator == kAnyIndicator ? scope_.retention.AllKeptFrom()
                                                            : scope_.retention.KeptFrom(indicator));
}

absl::Status Comparison::Places(RollupView view, const Division& township,
                                const CountedPlaces& counted) {
  if (absl::Status status = Rollups(view, township, counted); !status.ok()) return status;
  std::map<HistogramPlace, Spread> spreads;
  for (const auto& [place, counts] : counted) {
    Spread& spread = spreads[{view, place.township, place.site}];
    for (const auto& [key, cell] : counts.cells) {
      if (!cell.histogram.empty()) spread[key] = cell.histogram;
    }
  }
  HistogramQuery query;
  query.view = view;
  query.level = DivisionLevel::kTownship;
  query.region = township;
  if (absl::Status status = Histograms(query, spreads); !status.ok()) return status;
  return Tallies(view, township, counted);
}

absl::Status Comparison::County(RollupView view, const Division& county, const Spread& counted) {
  HistogramQuery query;
  query.view = view;
  query.level = DivisionLevel::kCounty;
  query.region = county;
  return Histograms(query, {{{view, county, {}}, counted}});
}

absl::Status Comparison::Rollups(RollupView view, const Division& township,
                                 const CountedPlaces& counted) {
  struct Sums {
    int64_t count = 0;
    int64_t sum = 0;
    bool operator==(const Sums&) const = default;
  };
  std::map<std::tuple<RollupPlace, IndicatorId, Month>, std::pair<Sums, Sums>> cells;
  for (const IndicatorId indicator : indicators_) {
    RollupQuery query;
    query.view = view;
    query.region = township;
    query.indicator = indicator;
    query.from = Date::Min().month();
    query.to = Date::Max().month();
    const absl::StatusOr<std::vector<RollupCell>> stored = store_.ReadRollups(query);
    if (!stored.ok()) return stored.status();
    for (const RollupCell& cell : *stored) {
      cells[{cell.place, indicator, cell.month}].first = {cell.count, cell.sum};
    }
  }
  for (const auto& [place, counts] : counted) {
    for (const auto& [key, cell] : counts.cells) {
      cells[{place, key.first, key.second}].second = {cell.count, cell.sum};
    }
  }
  for (const auto& [key, sums] : cells) {
    const auto& [place, indicator, month] = key;
    if (IsClosed(indicator, month)) continue;
    ++totals_->rollup_cells;
    if (sums.first == sums.second) continue;
    listener_.on_rollup(fmt::format(
        "rollup of {}, indicator {}, {}: count {} and sum {} are stored, {} and {} are counted",
        NameOf(place), indicator, month.ToString(), sums.first.count, sums.first.sum,
        sums.second.count, sums.second.sum));
  }
  return absl::OkStatus();
}

absl::Status Comparison::Histograms(const HistogramQuery& query,
                                    const std::map<HistogramPlace, Spread>& counted) {
  std::map<std::tuple<HistogramPlace, IndicatorId, Month>, std::pair<Histogram, const Histogram*>>
      all;
  for (const IndicatorId indicator : indicators_) {
    HistogramQuery of_indicator = query;
    of_indicator.indicator = indicator;
    of_indicator.from = Date::Min().month();
    of_indicator.to = Date::Max().month();
    absl::StatusOr<std::vector<PlaceHistogram>> stored = store_.ReadHistograms(of_indicator);
    if (!stored.ok()) return stored.status();
    for (PlaceHistogram& histogram : *stored) {
      all[{histogram.place, indicator, histogram.month}].first = std::move(histogram.histogram);
    }
  }
  for (const auto& [place, spread] : counted) {
    for (const auto& [key, histogram] : spread) {
      all[{place, key.first, key.second}].second = &histogram;
    }
  }
  const Histogram empty;
  for (const auto& [key, pair] : all) {
    const auto& [place, indicator, month] = key;
    if (IsClosed(indicator, month)) continue;
    ++totals_->histograms;
    const Histogram& recounted = pair.second == nullptr ? empty : *pair.second;
    if (pair.first == recounted) continue;
    listener_.on_histogram(fmt::format(
        "histogram of {}, indicator {}, {}: it differs from the values ({} stored, {} counted)",
        NameOf(place.view, place.division, place.site), indicator, month.ToString(),
        pair.first.count(), recounted.count()));
  }
  return absl::OkStatus();
}

absl::Status Comparison::Tallies(RollupView view, const Division& township,
                                 const CountedPlaces& counted) {
  std::map<RollupPlace, std::pair<Tally, Tally>> tallies;
  const absl::StatusOr<std::vector<Tally>> stored = store_.ReadTallies(view, township);
  if (!stored.ok()) return stored.status();
  for (const Tally& tally : *stored) tallies[tally.place].first = tally;
  for (const auto& [place, counts] : counted) tallies[place].second = counts.tally;
  for (const auto& [place, pair] : tallies) CompareTally(place, pair.second, pair.first);
  return absl::OkStatus();
}

void Comparison::CompareTally(const RollupPlace& place, const Tally& counted, const Tally& stored) {
  ++totals_->tallies;
  const auto differ = [&](std::string_view what, int64_t is, int64_t should) {
    if (is == should) return;
    listener_.on_tally(fmt::format("tally of {}: {} {} are stored, {} are counted", NameOf(place),
                                   is, what, should));
  };
  differ("households", stored.households, counted.households);
  differ("sites", stored.sites, counted.sites);
  differ("observations", stored.observations, counted.observations);
  if (stored.latest_observed_on < counted.latest_observed_on) {
    listener_.on_tally(fmt::format("tally of {}: the latest date is {}, an observation is of {}",
                                   NameOf(place), stored.latest_observed_on.ToString(),
                                   counted.latest_observed_on.ToString()));
  }
  std::map<std::pair<RuleId, Severity>, std::pair<int64_t, int64_t>> open;
  for (const Tally::OpenWarnings& w : stored.warnings) open[{w.rule, w.severity}].first = w.count;
  for (const Tally::OpenWarnings& w : counted.warnings) {
    open[{w.rule, w.severity}].second = w.count;
  }
  for (const auto& [key, counts] : open) {
    differ(fmt::format("open warnings of rule {} ({})", key.first, SeverityName(key.second)),
           counts.first, counts.second);
  }
}

absl::Status Comparison::Warnings(const Division& township,
                                  const std::map<Subject, SubjectState>& states) {
  std::map<std::pair<Subject, RuleId>, std::pair<std::string, std::string>> warnings;
  const auto text = [](Date opened_on, Severity severity, RiskKind kind, uint32_t version) {
    return fmt::format("{} {} since {} by policy {}", SeverityName(severity), RiskKindName(kind),
                       opened_on.ToString(), version);
  };
  for (const auto& [subject, state] : states) {
    if (!state.risk) continue;
    for (const RuleState& rule : state.risk->states) {
      if (!rule.opened_on) continue;
      ++totals_->warnings;
      warnings[{subject, rule.rule}].second =
          text(*rule.opened_on, rule.severity, rule.kind, rule.policy_version);
    }
  }
  absl::Status status = store_.ScanWarnings(township, Subject{}, 0, [&](const Warning& warning) {
    warnings[{warning.subject, warning.rule}].first =
        text(warning.opened_on, warning.severity, warning.kind, warning.policy_version);
    return true;
  });
  if (!status.ok()) return status;
  for (const auto& [key, texts] : warnings) {
    if (texts.first == texts.second) continue;
    const auto told = [](const std::string& words) { return words.empty() ? "none" : words; };
    listener_.on_warning(fmt::format("warning of {}, rule {}: {} is listed, {} by its state",
                                     key.first.ToString(), key.second, told(texts.first),
                                     told(texts.second)));
  }
  return absl::OkStatus();
}

}  // namespace shouwang
