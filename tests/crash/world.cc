#include "tests/crash/world.h"

#include <fmt/format.h>

#include <fstream>

#include "storage/vocabulary/date.h"

namespace shouwang::crash {
namespace {

constexpr int kFirstMonth = (2023 - 1970) * 12;

constexpr const char* kCatalogue = R"(
indicators:
  - {id: 1, name: income, title_zh: 收入, title_en: Income, unit: yuan, decimals: 2, min: 0,
     max: 100000, cadence: monthly, applies_to: household, supplied_by: cadre_visit}
  - {id: 2, name: medical, title_zh: 医疗支出, title_en: Medical, unit: yuan, decimals: 2, min: 0,
     max: 100000, cadence: monthly, applies_to: household, supplied_by: cadre_visit}
  - {id: 3, name: household_size, title_zh: 人口, title_en: Persons, unit: persons, decimals: 0,
     min: 1, max: 30, cadence: monthly, applies_to: household, supplied_by: cadre_visit}
)";

constexpr const char* kPolicy = R"(
version: 202301
effective_from: 2023-01-01
title_zh: 崩溃测试
title_en: Crash test
features:
  - {name: last_income, kind: last, of: [income], window_months: 3, unit: yuan, title_zh: 收入,
     title_en: Income}
  - {name: medical_cost, kind: sum, of: [medical], window_months: 6, unit: yuan,
     title_zh: 医疗支出, title_en: Medical}
rules:
  - {id: 101, name: income_low, kind: income, severity: orange, applies_to: household,
     when: last_income < 700.5, title_zh: 收入低, title_en: Low income, measure_zh: 核实,
     measure_en: Verify, citation: placeholder}
  - {id: 102, name: medical_high, kind: illness, severity: red, applies_to: household,
     when: medical_cost > 5000.5, clear_when: medical_cost < 2000.5, hold_months: 2,
     title_zh: 医疗负担重, title_en: Medical burden, measure_zh: 救助, measure_en: Support,
     citation: placeholder}
)";

// Small buffers, so that kills meet flushes and compactions too.
constexpr const char* kConfiguration = R"(
listen: 127.0.0.1:0
metrics_listen: 127.0.0.1:0
data_dir: data
catalogue: catalogue.yaml
divisions: divisions.csv
sites: sites.yaml
policies: [policy.yaml]
metrics: {depth: township, min_cell: 1}
store: {cache_bytes: 16777216, write_buffer_bytes: 1048576}
)";

void WriteFile(const std::string& path, const std::string& text) { std::ofstream(path) << text; }

}  // namespace

std::string TownshipCode(int township) { return fmt::format("520502{:03}", township + 1); }

std::string VillageCode(int village) {
  return fmt::format("{}{:03}", TownshipCode(village / kVillagesPerTownship),
                     village % kVillagesPerTownship + 1);
}

uint32_t NumberOf(int household) {
  return 1 + 31 * static_cast<uint32_t>(household % kHouseholdsPerVillage);
}

std::string SubjectOf(int household) {
  return fmt::format("{}/{}", VillageCode(VillageOf(household)), NumberOf(household));
}

std::string SiteOf(int site) { return fmt::format("{}/S{}", TownshipCode(0), site + 1); }

const char* IndicatorName(int indicator) {
  constexpr const char* kNames[] = {"income", "medical", "household_size"};
  return kNames[indicator];
}

int32_t DayOf(int index) {
  const Month month = Month::OfIndex(kFirstMonth + index / 2);
  return index % 2 == 0 ? Date::FirstOf(month).days() + 14 : Date::LastOf(month).days();
}

int32_t MonthOf(int32_t day) { return Date::OfDays(day).month().index(); }

void WriteWorld(const std::string& folder) {
  std::string divisions = "code,name\n52,province\n5205,prefecture\n520502,county\n";
  for (int township = 0; township < kTownships; ++township) {
    divisions += fmt::format("{0},township {0}\n", TownshipCode(township));
  }
  for (int village = 0; village < kVillages; ++village) {
    divisions += fmt::format("{0},village {0}\n", VillageCode(village));
  }
  std::string sites = "sites:\n";
  for (int site = 0; site < kSites; ++site) {
    sites += fmt::format(
        "  - {{settlement: \"{}\", number: {}, name_zh: 安置点, name_en: Site, origins: "
        "[\"{}\"]}}\n",
        TownshipCode(0), site + 1, TownshipCode(kOriginTownship));
  }
  WriteFile(folder + "/catalogue.yaml", kCatalogue);
  WriteFile(folder + "/policy.yaml", kPolicy);
  WriteFile(folder + "/shouwangd.yaml", kConfiguration);
  WriteFile(folder + "/divisions.csv", divisions);
  WriteFile(folder + "/sites.yaml", sites);
}

}  // namespace shouwang::crash
