// A small policy and catalogue for tests of screening, and histories as a store would keep them of
// reports that come in one after the other.
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "daemon/risk/policy_file.h"
#include "daemon/screening/township_tally.h"

namespace shouwang::screening {

inline Date Day(const std::string& text) { return Date::Parse(text).value(); }
inline Month MonthOf(const std::string& text) { return Month::Parse(text).value(); }

inline constexpr IndicatorId kWage = 1;     // yuan, 2 decimals
inline constexpr IndicatorId kPension = 2;  // yuan, none
inline constexpr IndicatorId kMedical = 3;  // yuan, none
inline constexpr IndicatorId kPersons = 4;

inline Catalogue SmallCatalogue() {
  const auto of = [](IndicatorId id, std::string name, std::string unit, int decimals) {
    Indicator indicator;
    indicator.id = id;
    indicator.title_zh = indicator.title_en = name;
    indicator.name = std::move(name);
    indicator.unit = std::move(unit);
    indicator.decimals = decimals;
    indicator.max = 100'000'000;
    return indicator;
  };
  return Catalogue::Of({of(kWage, "wage", "yuan", 2), of(kPension, "pension", "yuan", 0),
                        of(kMedical, "medical", "yuan", 0), of(kPersons, "persons", "persons", 0)})
      .value();
}

inline constexpr char kPolicyText[] = R"(version: 1
effective_from: 2020-01-01
title_zh: 政策
title_en: Policy
constants:
  - {name: line, value: 1000, unit: yuan, title_zh: 线, title_en: Line, citation: placeholder}
features:
  - {name: income, kind: mean, of: [wage, pension], per: persons, window_months: 12, unit: yuan,
     missing_is_zero: true, title_zh: 收入, title_en: Income}
rules:
  - {id: 101, name: low, kind: income, severity: red, when: income < line, title_zh: 低,
     title_en: Low, measure_zh: 做, measure_en: Do, citation: placeholder}
screening:
  false_discovery_rate: 0.05
  peers_at_least: 5
  least_excess: 0.03
  amounts: [wage, pension, medical]
  copied: {at_least: 20, constant_share: 0.5, report_values: 2}
  heaping:
    at_least: 20
    round: [{from: 100, multiple: 100}, {from: 1000, multiple: 500}]
  bunching: {feature: income, line: line, width: 0.1, at_least: 8}
  speed: {at_least: 20, visits_per_day: 40, visits_per_hour: 6, sheet_households: 3,
          night_from_hour: 23, night_before_hour: 5}
)";

inline risk::Policy SmallPolicy(const Catalogue& catalogue) {
  Problems problems;
  risk::Policy policy = risk::ParsePolicy("policy.yaml", kPolicyText, catalogue, &problems);
  EXPECT_THAT(problems.messages(), testing::IsEmpty());
  return policy;
}

// What was said of one cell.
struct Said {
  Subject subject;
  IndicatorId indicator = 0;
  Date date;
  int64_t value = 0;
  std::string collector;
  Source source = Source::kCadreVisit;
  Instant reported_at;
};

// Keeps reports as ingest and a store do: which of two stands is told by Supersedes, the other is
// kept as superseded; the same value again only moves when it was reported.
class Shelf {
 public:
  void Take(const Said& said) {
    const std::tuple key(said.collector, said.source, said.reported_at,
                         cut_ ? numbers_.size() : size_t{0});
    const auto [at, added] = numbers_.try_emplace(key, numbers_.size() + 1);
    if (added) origins_[at->second] = {said.collector, said.source, said.reported_at};
    const Arrival arrival{said.reported_at, Instant(), at->second, said.source};
    Observation observation{said.subject, said.indicator, said.date, said.value, arrival};
    Kept& kept = kept_[said.subject];
    auto& cell = kept.cells[{said.indicator, said.date}];
    if (!cell) {
      cell = observation;
    } else if (cell->value == said.value) {
      if (Supersedes(arrival, said.value, cell->arrival, cell->value)) {
        cell->arrival.reported_at = said.reported_at;
        cell->arrival.source = said.source;
      }
    } else if (Supersedes(arrival, said.value, cell->arrival, cell->value)) {
      kept.superseded.push_back({*cell, Instant()});
      cell = observation;
    } else {
      kept.superseded.push_back({observation, Instant()});
    }
  }

  std::vector<ReporterTally> Tally(const risk::Policy& policy, const Catalogue& catalogue,
                                   const Division& township, const MonthRange& months) {
    const auto origin_of = [&](uint64_t batch) -> absl::StatusOr<std::optional<BatchOrigin>> {
      const auto found = origins_.find(batch);
      if (found == origins_.end()) return std::nullopt;
      return found->second;
    };
    TownshipTally tally(policy, catalogue, township, months, origin_of);
    for (auto& [subject, kept] : kept_) {
      if (subject.In(DivisionLevel::kTownship) != township) continue;
      kept.history.Reset(subject);
      for (const auto& [cell, observation] : kept.cells) {
        kept.history.Put(cell.first, cell.second, observation->value, observation->arrival);
      }
      EXPECT_TRUE(tally.Add(kept.history, kept.superseded).ok());
    }
    unknown_ = tally.values_of_unknown_batches();
    return tally.Finish();
  }

  // From now on every value is a batch of its own.
  void CutBatches() { cut_ = true; }
  void ForgetBatches() { origins_.clear(); }
  uint64_t values_of_unknown_batches() const { return unknown_; }

 private:
  struct Kept {
    std::map<std::pair<IndicatorId, Date>, std::optional<Observation>> cells;
    std::vector<SupersededValue> superseded;
    History history;
  };
  std::map<std::tuple<std::string, Source, Instant, size_t>, uint64_t> numbers_;
  std::map<uint64_t, BatchOrigin> origins_;
  std::map<Subject, Kept> kept_;
  uint64_t unknown_ = 0;
  bool cut_ = false;
};

}  // namespace shouwang::screening
