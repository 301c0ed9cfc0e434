#include "tests/bench/panel.h"

#include <fmt/format.h>

#include <algorithm>

#include "storage/vocabulary/date.h"
#include "tests/bench/villages.h"

namespace shouwang::bench {
namespace {

constexpr uint64_t kSeed = 20260101;
constexpr int kTownshipsPerCounty = 4;
constexpr int kCountiesPerPrefecture = 40;
constexpr int kFirstMonth = (2020 - 1970) * 12;
// Yuan are written in multiples of this many.
constexpr int64_t kRoundYuan = 10;
constexpr int64_t kShareLineUnits = 1000;

// SplitMix64: a number for any (household, indicator, month) without drawing those before it.
uint64_t Mix(uint64_t x) {
  x += 0x9e3779b97f4a7c15ULL;
  x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9ULL;
  x = (x ^ (x >> 27)) * 0x94d049bb133111ebULL;
  return x ^ (x >> 31);
}

uint64_t SeedOf(int64_t household) { return Mix(kSeed ^ static_cast<uint64_t>(household)); }

// `column` is Mix(SeedOf(household) ^ the column's number).
uint64_t Draw(uint64_t column, int64_t month) { return Mix(column ^ static_cast<uint64_t>(month)); }

int64_t Power10(uint32_t exponent) {
  int64_t power = 1;
  for (uint32_t i = 0; i < exponent; ++i) power *= 10;
  return power;
}

// What an indicator's values are drawn by.
struct Kind {
  explicit Kind(const v1::Indicator& indicator)
      : column(indicator.id()),
        unit(Power10(indicator.decimals())),
        choices(indicator.max() <= unit ? 2 : 6),
        is_yuan(indicator.unit() == "yuan"),
        min(indicator.min()),
        max(indicator.max()) {}

  int64_t Value(uint64_t seed, int month) const;

  const uint64_t column;
  const int64_t unit;
  const int64_t choices;
  const bool is_yuan;
  const int64_t min;
  const int64_t max;
};

int64_t Kind::Value(uint64_t seed, int month) const {
  const uint64_t drawn = Mix(seed ^ column);
  int64_t value = 0;
  if (is_yuan) {
    const uint64_t level = Draw(drawn, -1);
    // A third of the households do not know this kind of money at all.
    if (level % 3 != 0) {
      const int64_t base = static_cast<int64_t>(level / 3 % 3000);
      const int64_t wave = static_cast<int64_t>(Draw(drawn, month) % 600);
      value = (base + wave) / kRoundYuan * kRoundYuan * unit;
    }
  } else {
    // The last month of change up to this one decides; a change comes in one month of fifty.
    int since = month;
    while (since > 0 && Draw(drawn, since) % 50 != 0) --since;
    value = static_cast<int64_t>(Draw(Mix(seed ^ (column + 1'000'000)), since) >> 8) % choices;
    value *= unit;
  }
  return std::clamp(value, min, max);
}

}  // namespace

Panel::Panel(PanelSize size, const std::vector<v1::Indicator>& catalogue) : size_(size) {
  for (const v1::Indicator& indicator : catalogue) {
    if (indicator.applies_to() == v1::SUBJECT_KIND_HOUSEHOLD &&
        indicators_.size() < static_cast<size_t>(size.indicators)) {
      indicators_.push_back(indicator);
    }
  }
}

int64_t Panel::villages() const {
  return (size_.households + kHouseholdsPerVillage - 1) / kHouseholdsPerVillage;
}

int64_t Panel::townships() const {
  return (villages() + kVillagesPerTownship - 1) / kVillagesPerTownship;
}

int64_t Panel::values() const {
  return size_.households * static_cast<int64_t>(indicators_.size()) * size_.months;
}

int64_t Panel::ValueOf(int64_t household, const v1::Indicator& indicator, int month) const {
  return Kind(indicator).Value(SeedOf(household), month);
}

v1::Batch Panel::BatchOf(int64_t village, int month) const {
  const int64_t first = village * kHouseholdsPerVillage;
  const int64_t end = std::min(first + kHouseholdsPerVillage, size_.households);
  return BatchOf({.request_id = fmt::format("bench-{}-{}", village, month),
                  .village = VillageCode(village),
                  .first_household = first,
                  .households = static_cast<int>(end - first),
                  .month = month});
}

v1::Batch Panel::ReportOf(int64_t household, int month) const {
  return BatchOf({.request_id = fmt::format("bench-one-{}-{}", household, month),
                  .village = VillageCode(household / kHouseholdsPerVillage),
                  .first_household = household,
                  .households = 1,
                  .first_number = static_cast<int>(household % kHouseholdsPerVillage) + 1,
                  .month = month});
}

v1::Batch Panel::BatchOf(const VillageMonth& what) const {
  v1::Batch batch;
  batch.set_request_id(what.request_id);
  batch.set_township(what.village.substr(0, 9));
  batch.set_collector("bench");
  batch.set_source(v1::SOURCE_CADRE_VISIT);
  batch.set_reported_at_ms(int64_t{86'400'000} * (ReportDay(what.month) + 1));
  v1::Section* section = batch.add_sections();
  section->set_kind(v1::SUBJECT_KIND_HOUSEHOLD);
  section->set_place(what.village);
  section->add_dates(ReportDay(what.month));
  std::vector<uint64_t> seeds;
  for (int i = 0; i < what.households; ++i) {
    section->add_numbers(static_cast<uint32_t>(what.first_number + i));
    seeds.push_back(SeedOf(what.first_household + i));
  }
  for (size_t i = 0; i < indicators_.size(); ++i) {
    batch.add_indicators(indicators_[i].name());
    v1::Column* column = section->add_columns();
    column->set_indicator(static_cast<uint32_t>(i));
    column->mutable_values()->Reserve(what.households);
    const Kind kind(indicators_[i]);
    for (const uint64_t seed : seeds) column->add_values(kind.Value(seed, what.month));
  }
  return batch;
}

std::string VillageCode(int64_t village) {
  const int64_t township = village / kVillagesPerTownship;
  const int64_t county = township / kTownshipsPerCounty;
  const int64_t prefecture = county / kCountiesPerPrefecture;
  return fmt::format("91{:02}{:02}{:03}{:03}", prefecture + 1, county % kCountiesPerPrefecture + 1,
                     100 + township % kTownshipsPerCounty, 201 + village % kVillagesPerTownship);
}

std::string CountyOf(int64_t household) {
  return VillageCode(household / kHouseholdsPerVillage).substr(0, 6);
}

std::string SubjectOf(int64_t household) {
  return fmt::format("{}/{}", VillageCode(household / kHouseholdsPerVillage),
                     household % kHouseholdsPerVillage + 1);
}

std::string DivisionsCsv(int64_t households) {
  std::vector<std::string> villages;
  for (int64_t first = 0; first < households; first += kHouseholdsPerVillage) {
    villages.push_back(VillageCode(first / kHouseholdsPerVillage));
  }
  return DivisionsCsv(villages);
}

int64_t ShareLine(const Panel& panel) {
  return kShareLineUnits * Power10(panel.indicators().at(0).decimals());
}

int32_t ReportDay(int month) { return Date::LastOf(Month::OfIndex(kFirstMonth + month)).days(); }

}  // namespace shouwang::bench
