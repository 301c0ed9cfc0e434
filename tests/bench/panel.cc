#include "tests/bench/panel.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "storage/vocabulary/date.h"

namespace shouwang::bench {
namespace {

constexpr uint64_t kSeed = 20260101;
constexpr int kTownshipsPerCounty = 4;
constexpr int kCountiesPerPrefecture = 40;
constexpr int kFirstMonth = (2020 - 1970) * 12;
// Yuan are written in multiples of this many.
constexpr int64_t kRoundYuan = 10;

// SplitMix64: a number for any (household, indicator, month) without drawing those before it.
uint64_t Mix(uint64_t x) {
  x += 0x9e3779b97f4a7c15ULL;
  x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9ULL;
  x = (x ^ (x >> 27)) * 0x94d049bb133111ebULL;
  return x ^ (x >> 31);
}

uint64_t Draw(int64_t household, uint64_t column, int64_t month) {
  return Mix(Mix(Mix(kSeed ^ static_cast<uint64_t>(household)) ^ column) ^
             static_cast<uint64_t>(month));
}

int64_t Power10(uint32_t exponent) {
  int64_t power = 1;
  for (uint32_t i = 0; i < exponent; ++i) power *= 10;
  return power;
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
  const uint64_t column = indicator.id();
  const uint64_t level = Draw(household, column, -1);
  const int64_t unit = Power10(indicator.decimals());
  int64_t value = 0;
  if (indicator.unit() == "yuan") {
    // A third of the households do not know this kind of money at all.
    if (level % 3 != 0) {
      const int64_t base = static_cast<int64_t>(level / 3 % 3000);
      const int64_t wave = static_cast<int64_t>(Draw(household, column, month) % 600);
      value = (base + wave) / kRoundYuan * kRoundYuan * unit;
    }
  } else {
    // The last month of change up to this one decides; a change comes in one month of fifty.
    int since = month;
    while (since > 0 && Draw(household, column, since) % 50 != 0) --since;
    const int64_t most = indicator.max() <= unit ? 1 : 5;
    value = static_cast<int64_t>(Draw(household, column + 1'000'000, since) >> 8) % (most + 1);
    value *= unit;
  }
  return std::clamp(value, indicator.min(), indicator.max());
}

v1::Batch Panel::BatchOf(int64_t village, int month) const {
  const std::string code = VillageCode(village);
  v1::Batch batch;
  batch.set_request_id(fmt::format("bench-{}-{}", village, month));
  batch.set_township(code.substr(0, 9));
  batch.set_collector("bench");
  batch.set_source(v1::SOURCE_CADRE_VISIT);
  batch.set_reported_at_ms(int64_t{86'400'000} * (ReportDay(month) + 1));
  v1::Section* section = batch.add_sections();
  section->set_kind(v1::SUBJECT_KIND_HOUSEHOLD);
  section->set_place(code);
  section->add_dates(ReportDay(month));
  const int64_t first = village * kHouseholdsPerVillage;
  const int64_t end = std::min(first + kHouseholdsPerVillage, size_.households);
  for (int64_t h = first; h < end; ++h) section->add_numbers(static_cast<uint32_t>(h - first + 1));
  for (size_t i = 0; i < indicators_.size(); ++i) {
    batch.add_indicators(indicators_[i].name());
    v1::Column* column = section->add_columns();
    column->set_indicator(static_cast<uint32_t>(i));
    column->mutable_values()->Reserve(static_cast<int>(end - first));
    for (int64_t h = first; h < end; ++h) column->add_values(ValueOf(h, indicators_[i], month));
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
  std::set<std::string> codes;
  for (int64_t first = 0; first < households; first += kHouseholdsPerVillage) {
    const std::string code = VillageCode(first / kHouseholdsPerVillage);
    for (size_t digits : {2, 4, 6, 9, 12}) codes.insert(code.substr(0, digits));
  }
  std::string text = "code,name\n";
  for (const std::string& code : codes) text += fmt::format("{0},bench {0}\n", code);
  return text;
}

int32_t ReportDay(int month) { return Date::LastOf(Month::OfIndex(kFirstMonth + month)).days(); }

}  // namespace shouwang::bench
