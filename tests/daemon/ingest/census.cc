#include "tests/daemon/ingest/census.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <optional>
#include <set>
#include <tuple>

#include "daemon/risk/evaluator.h"
#include "storage/vocabulary/reporting.h"
#include "tests/daemon/ingest/fixture.h"

namespace shouwang::ingest {
namespace {

std::string Text(const RollupPlace& place) {
  return fmt::format("{}:{}:{}", static_cast<int>(place.view), place.township.ToString(),
                     place.view == RollupView::kSite ? place.site.ToString() : "");
}

std::string Text(const SubjectRisk& risk) {
  std::string text = fmt::format("risk {} {:x} through {}", risk.subject.ToString(),
                                 risk.policy_fingerprint, risk.evaluated_through.ToString());
  const auto date = [](const std::optional<Date>& d) { return d ? d->ToString() : "-"; };
  for (const RuleState& state : risk.states) {
    text += fmt::format(" [{} open {} clearing {} unknown {} {} v{}]", state.rule,
                        date(state.opened_on), date(state.clearing_since), state.unknown,
                        SeverityName(state.severity), state.policy_version);
  }
  for (const Episode& episode : risk.episodes) {
    text += fmt::format(" ({} {} to {})", episode.rule, episode.opened_on.ToString(),
                        episode.cleared_on.ToString());
  }
  return text;
}

std::map<Subject, SubjectState> StatesOf(const Store& store) {
  std::map<Subject, SubjectState> states;
  EXPECT_TRUE(store
                  .ScanStates(Division(),
                              [&](const Subject& subject, const SubjectState& state) {
                                states[subject] = state;
                                return true;
                              })
                  .ok());
  return states;
}

std::vector<History> HistoriesOf(const Store& store) {
  std::vector<History> histories;
  EXPECT_TRUE(store
                  .ScanHistories(Division(), DateRange{},
                                 [&](const History& history) {
                                   histories.push_back(history);
                                   return true;
                                 })
                  .ok());
  return histories;
}

std::vector<RollupPlace> PlacesOf(const Subject& subject, const SubjectState& state) {
  const Division township = subject.In(DivisionLevel::kTownship);
  std::vector<RollupPlace> places = {{RollupView::kSettlement, township, {}}};
  if (subject.kind == SubjectKind::kSite) {
    places.push_back({RollupView::kSite, township, subject});
  }
  if (state.residence) {
    places.push_back(
        {RollupView::kOrigin, state.residence->origin.At(DivisionLevel::kTownship), {}});
    places.push_back({RollupView::kSite, state.residence->site.In(DivisionLevel::kTownship),
                      state.residence->site});
  }
  return places;
}

// By what stands and what was superseded, point by point.
std::map<Month, Instant> FirstHeard(const Store& store, const History& history) {
  std::map<Month, Instant> heard;
  const auto hear = [&](Date date, Instant known_at) {
    Instant& first = heard.try_emplace(date.month(), known_at).first->second;
    first = std::min(first, known_at);
  };
  for (const IndicatorId indicator : history.indicators()) {
    for (const Point& point : history.Of(indicator)) {
      hear(point.date, history.ArrivalOf(point).known_at);
    }
  }
  const auto superseded = store.LoadSuperseded(history.subject());
  EXPECT_TRUE(superseded.ok()) << superseded.status();
  for (const SupersededValue& old : *superseded) {
    hear(old.observation.date, old.observation.arrival.known_at);
  }
  return heard;
}

struct Totals {
  int64_t households = 0;
  int64_t sites = 0;
  int64_t observations = 0;
  std::map<std::pair<IndicatorId, Month>, std::pair<int64_t, int64_t>> rollups;
  std::map<std::pair<RuleId, Severity>, int64_t> open;
};
using Spread = std::map<std::tuple<IndicatorId, Month, Bucket>, int64_t>;

// Since when and until when a household reports, and how late.
void CountReporting(const Store& store, const History& history, std::map<RollupPlace, Totals>* all,
                    std::map<HistogramPlace, Spread>* spreads) {
  const Division township = history.subject().In(DivisionLevel::kTownship);
  auto& rollups = (*all)[{RollupView::kSettlement, township, {}}].rollups;
  ++rollups[{kFirstReport, history.dates().front().month()}].first;
  ++rollups[{kLastReport, history.dates().back().month()}].first;
  for (const auto& [month, known_at] : FirstHeard(store, history)) {
    const int days = DateOf(known_at).days() - Date::FirstOf(month + 1).days();
    for (const DivisionLevel level : {DivisionLevel::kTownship, DivisionLevel::kCounty}) {
      ++(*spreads)[{RollupView::kSettlement, township.At(level), {}}]
                  [{kAnyIndicator, month, BucketOf(days)}];
    }
  }
}

std::string TallyLine(const RollupPlace& place, int64_t households, int64_t sites,
                      int64_t observations) {
  return fmt::format("tally {} households {} sites {} observations {}", Text(place), households,
                     sites, observations);
}

std::string WarningsLine(const RollupPlace& place, RuleId rule, Severity severity, int64_t count) {
  return fmt::format("open {} {} {} {}", Text(place), rule, SeverityName(severity), count);
}

std::string RollupLine(const RollupPlace& place, IndicatorId indicator, Month month, int64_t count,
                       int64_t sum) {
  return fmt::format("rollup {} {} {} count {} sum {}", Text(place), indicator, month.ToString(),
                     count, sum);
}

std::string HistogramLine(RollupView view, const Division& division, const Subject& site,
                          IndicatorId indicator, Month month, Bucket bucket, int64_t count) {
  return fmt::format("histogram {} {} {} {} {} bucket {} count {}", static_cast<int>(view),
                     division.ToString(), view == RollupView::kSite ? site.ToString() : "",
                     indicator, month.ToString(), bucket, count);
}

void AppendHistograms(const Store& store, RollupView view, IndicatorId indicator,
                      std::vector<std::string>* lines) {
  for (const DivisionLevel level : {DivisionLevel::kCounty, DivisionLevel::kTownship}) {
    if (view == RollupView::kSite && level == DivisionLevel::kCounty) continue;
    HistogramQuery query;
    query.view = view;
    query.level = level;
    query.indicator = indicator;
    query.from = Month::OfIndex(0);
    query.to = Month::OfIndex(2000);
    const auto found = store.ReadHistograms(query);
    EXPECT_TRUE(found.ok()) << found.status();
    for (const PlaceHistogram& place : *found) {
      for (const Histogram::Entry& entry : place.histogram.entries()) {
        lines->push_back(HistogramLine(view, place.place.division, place.place.site, indicator,
                                       place.month, entry.bucket, entry.count));
      }
    }
  }
}

}  // namespace

std::vector<std::string> FactsOf(const Store& store) {
  std::vector<std::string> lines;
  for (const History& history : HistoriesOf(store)) lines.push_back(Describe(history));
  for (const auto& [subject, state] : StatesOf(store)) {
    if (state.residence) {
      lines.push_back(
          fmt::format("residence {} {} {} {}", subject.ToString(), state.residence->site.ToString(),
                      state.residence->origin.ToString(), state.residence->since.ToString()));
    }
    if (state.risk) lines.push_back(Text(*state.risk));
  }
  EXPECT_TRUE(store
                  .ScanWarnings(Division(), Subject{}, 0,
                                [&](const Warning& warning) {
                                  lines.push_back(
                                      fmt::format("warning {} {} {} {}", warning.subject.ToString(),
                                                  warning.rule, SeverityName(warning.severity),
                                                  warning.opened_on.ToString()));
                                  return true;
                                })
                  .ok());
  return lines;
}

std::vector<std::string> CountsOf(const Store& store) {
  std::vector<std::string> lines;
  for (const RollupView view : {RollupView::kSettlement, RollupView::kOrigin, RollupView::kSite}) {
    for (const IndicatorId indicator :
         {kAnyIndicator, kWage, kSize, kMedical, kInsured, kSeats, kFirstReport, kLastReport}) {
      RollupQuery query;
      query.view = view;
      query.indicator = indicator;
      query.from = Month::OfIndex(0);
      query.to = Month::OfIndex(2000);
      const auto cells = store.ReadRollups(query);
      EXPECT_TRUE(cells.ok()) << cells.status();
      for (const RollupCell& cell : *cells) {
        lines.push_back(RollupLine(cell.place, cell.indicator, cell.month, cell.count, cell.sum));
      }
      AppendHistograms(store, view, indicator, &lines);
    }
    const auto tallies = store.ReadTallies(view, Division());
    EXPECT_TRUE(tallies.ok()) << tallies.status();
    for (const Tally& tally : *tallies) {
      if (tally.households != 0 || tally.sites != 0 || tally.observations != 0) {
        lines.push_back(TallyLine(tally.place, tally.households, tally.sites, tally.observations));
      }
      for (const Tally::OpenWarnings& open : tally.warnings) {
        lines.push_back(WarningsLine(tally.place, open.rule, open.severity, open.count));
      }
    }
  }
  std::ranges::sort(lines);
  return lines;
}

std::vector<std::string> SumsOf(const Store& store) {
  std::vector<std::string> lines = CountsOf(store);
  std::erase_if(lines, [](const std::string& line) { return line.starts_with("histogram"); });
  return lines;
}

std::vector<std::string> Recount(const Store& store) {
  std::map<HistogramPlace, Spread> spreads;
  std::map<RollupPlace, Totals> all;
  std::map<Subject, SubjectState> states = StatesOf(store);
  for (const History& history : HistoriesOf(store)) {
    const bool household = history.subject().kind == SubjectKind::kHousehold;
    if (household) CountReporting(store, history, &all, &spreads);
    for (const RollupPlace& place : PlacesOf(history.subject(), states[history.subject()])) {
      Totals& totals = all[place];
      (household ? totals.households : totals.sites) += 1;
      std::set<Month> months;
      for (const Date date : history.dates()) months.insert(date.month());
      for (const IndicatorId indicator : history.indicators()) {
        for (const Point& point : history.Of(indicator)) {
          auto& [count, sum] = totals.rollups[{indicator, point.date.month()}];
          ++count;
          sum += point.value;
          ++totals.observations;
          const std::tuple bucket(indicator, point.date.month(), BucketOf(point.value));
          ++spreads[{place.view, place.township, place.site}][bucket];
          if (place.view == RollupView::kSite) continue;
          ++spreads[{place.view, place.township.At(DivisionLevel::kCounty), {}}][bucket];
        }
      }
      for (const Month month : months) {
        if (household) ++totals.rollups[{kAnyIndicator, month}].first;
      }
    }
  }
  for (const auto& [subject, state] : states) {
    if (!state.risk) continue;
    for (const RuleState& rule : state.risk->states) {
      if (!rule.opened_on) continue;
      for (const RollupPlace& place : PlacesOf(subject, state)) {
        ++all[place].open[{rule.rule, rule.severity}];
      }
    }
  }
  std::vector<std::string> lines;
  for (const auto& [place, spread] : spreads) {
    for (const auto& [key, count] : spread) {
      const auto& [indicator, month, bucket] = key;
      lines.push_back(
          HistogramLine(place.view, place.division, place.site, indicator, month, bucket, count));
    }
  }
  for (const auto& [place, totals] : all) {
    lines.push_back(TallyLine(place, totals.households, totals.sites, totals.observations));
    for (const auto& [key, sums] : totals.rollups) {
      lines.push_back(RollupLine(place, key.first, key.second, sums.first, sums.second));
    }
    for (const auto& [key, count] : totals.open) {
      lines.push_back(WarningsLine(place, key.first, key.second, count));
    }
  }
  std::ranges::sort(lines);
  return lines;
}

std::vector<std::string> JudgeAgain(const Store& store, const Rulebook& rulebook) {
  risk::Evaluator evaluator(rulebook.policies, rulebook.reg.catalogue);
  std::vector<std::string> lines;
  for (const History& history : HistoriesOf(store)) {
    lines.push_back(Text(evaluator.Replay(history)));
  }
  return lines;
}

}  // namespace shouwang::ingest
