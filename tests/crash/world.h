// The world of the crash test: three townships of a county, their households, two resettlement
// sites, three indicators and a policy of two rules, as the daemon's files and as indices.
// Constant.
#pragma once

#include <cstdint>
#include <string>

namespace shouwang::crash {

inline constexpr int kTownships = 3;
inline constexpr int kVillagesPerTownship = 2;
inline constexpr int kHouseholdsPerVillage = 20;
inline constexpr int kVillages = kTownships * kVillagesPerTownship;
inline constexpr int kHouseholds = kVillages * kHouseholdsPerVillage;
inline constexpr int kIndicators = 3;
inline constexpr int kIncome = 0;   // yuan, two decimals
inline constexpr int kMedical = 1;  // yuan, two decimals
inline constexpr int kSize = 2;     // persons
inline constexpr int kSites = 2;  // both in township 0; their households came from kOriginTownship
inline constexpr int kOriginTownship = 2;
inline constexpr int kDays = 36;  // two in each month from January 2023 to June 2024

// Thresholds of the rules, scaled as the values are. No value can equal one.
inline constexpr int64_t kIncomeLine = 700'50;
inline constexpr int64_t kMedicalOpens = 5'000'50;
inline constexpr int64_t kMedicalClears = 2'000'50;
inline constexpr int kMedicalHoldMonths = 2;

std::string TownshipCode(int township);
std::string VillageCode(int village);
std::string SubjectOf(int household);
std::string SiteOf(int site);
const char* IndicatorName(int indicator);
// Numbers in a village are far apart, so that it has several blocks.
uint32_t NumberOf(int household);
inline int VillageOf(int household) { return household / kHouseholdsPerVillage; }
inline int TownshipOf(int household) { return VillageOf(household) / kVillagesPerTownship; }
// Days since 1970-01-01 of a day's index.
int32_t DayOf(int index);
// Months since January 1970 of a day.
int32_t MonthOf(int32_t day);

// Writes catalogue, divisions, sites, policy and configuration into `folder`, which is there. The
// store is in `folder`/data.
void WriteWorld(const std::string& folder);

}  // namespace shouwang::crash
