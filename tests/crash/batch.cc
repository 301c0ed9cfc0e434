#include "tests/crash/batch.h"

#include <fmt/format.h>

#include <map>

#include "storage/vocabulary/date.h"
#include "tests/crash/world.h"

namespace shouwang::crash {
namespace {

// 2024-07-01 and the 300 days from then on.
constexpr int64_t kFirstReportedMs = 1'719'792'000'000;
constexpr uint64_t kReportedSpanMs = 25'920'000'000;
// Shares no factor with the span (2, 3 and 5), so that every batch has its own instant, and lies at
// its golden section, so that neighbours are far apart.
constexpr uint64_t kScatter = 16'019'323'991;

int Upto(int bound, std::mt19937_64* random) {
  return static_cast<int>((*random)() % static_cast<uint64_t>(bound));
}

// Whole yuan, so that sums are exact in any arithmetic.
int64_t MakeValue(int indicator, std::mt19937_64* random) {
  switch (indicator) {
    case kIncome:
      return Upto(2'000, random) * int64_t{100};
    case kMedical:
      return Upto(2, random) == 0 ? 0 : Upto(3'000, random) * int64_t{100};
    default:
      return 1 + Upto(8, random);
  }
}

Home MakeHome(std::mt19937_64* random) {
  Home home;
  home.since = DayOf(0) - Upto(3'000, random);
  home.site = Upto(kSites, random);
  const int first_village = kOriginTownship * kVillagesPerTownship;
  const int origin = Upto(1 + kVillagesPerTownship, random);
  home.origin =
      origin == 0 ? TownshipCode(kOriginTownship) : VillageCode(first_village + origin - 1);
  return home;
}

}  // namespace

std::string Batch::RequestId() const { return fmt::format("crash-{}", number); }

Batch MakeBatch(uint64_t number, std::mt19937_64* random) {
  Batch batch;
  batch.number = number;
  batch.township = Upto(kTownships, random);
  batch.reported_at_ms =
      kFirstReportedMs + static_cast<int64_t>(number * kScatter % kReportedSpanMs);
  constexpr int kSizes[] = {1, 3, 10, 40, 300};
  const int reports = kSizes[Upto(5, random)];
  const int households = kVillagesPerTownship * kHouseholdsPerVillage;
  std::map<std::pair<int, int>, int> indicators;  // by household and day: a mask
  for (int i = 0; i < reports; ++i) {
    const int household = batch.township * households + Upto(households, random);
    indicators[{household, Upto(kDays, random)}] = 1 + Upto((1 << kIndicators) - 1, random);
  }
  for (const auto& [report, mask] : indicators) {
    for (int indicator = 0; indicator < kIndicators; ++indicator) {
      if ((mask >> indicator & 1) == 0) continue;
      batch.values.push_back(
          {{report.first, indicator, DayOf(report.second)}, MakeValue(indicator, random)});
    }
  }
  if (batch.township == 0 && Upto(4, random) == 0) {
    batch.move = {batch.values.front().cell.household, MakeHome(random)};
  }
  return batch;
}

v1::SubmitRequest ToRequest(const Batch& batch) {
  v1::SubmitRequest request;
  v1::Batch* wire = request.mutable_batch();
  wire->set_request_id(batch.RequestId());
  wire->set_township(TownshipCode(batch.township));
  wire->set_collector("crash");
  wire->set_source(v1::SOURCE_CADRE_VISIT);
  wire->set_reported_at_ms(batch.reported_at_ms);
  for (int i = 0; i < kIndicators; ++i) wire->add_indicators(IndicatorName(i));
  std::map<int, std::map<std::pair<int, int32_t>, std::map<int, int64_t>>> villages;
  for (const Value& value : batch.values) {
    const Cell& cell = value.cell;
    villages[VillageOf(cell.household)][{cell.household, cell.day}][cell.indicator] = value.value;
  }
  for (const auto& [village, reports] : villages) {
    v1::Section* section = wire->add_sections();
    section->set_kind(v1::SUBJECT_KIND_HOUSEHOLD);
    section->set_place(VillageCode(village));
    for (uint32_t i = 0; i < kIndicators; ++i) {
      section->add_columns()->set_indicator(i);
      section->mutable_columns(static_cast<int>(i))
          ->set_present(std::string((reports.size() + 7) / 8, '\0'));
    }
    size_t at = 0;
    for (const auto& [report, values] : reports) {
      section->add_numbers(NumberOf(report.first));
      section->add_dates(report.second);
      for (const auto& [indicator, value] : values) {
        v1::Column* column = section->mutable_columns(indicator);
        (*column->mutable_present())[at / 8] |= static_cast<char>(1 << at % 8);
        column->add_values(value);
      }
      ++at;
    }
  }
  if (batch.move) {
    v1::Residence* residence = wire->add_residences();
    residence->set_household(SubjectOf(batch.move->first));
    residence->set_site(SiteOf(batch.move->second.site));
    residence->set_origin(batch.move->second.origin);
    residence->set_since(batch.move->second.since);
  }
  return request;
}

}  // namespace shouwang::crash
