// The benchmark's panel: households x indicators x months from a fixed seed, ready to be sent.
//
// Simulated, and no more than a load: each household has a level of its own; yuan move by the month
// and are rounded to what a cadre would write, counts and yes/no change in one month of fifty. The
// same sizes and catalogue give the same panel, value for value, whatever the order it is asked in.
//
// Divisions are synthetic: province 91, 250 households a village, 10 villages a township, 4
// townships a county, 40 counties a prefecture: few enough households a county that a small panel
// has several to compare. Immutable; safe on any thread.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "shouwang/v1/catalogue.pb.h"
#include "shouwang/v1/report.pb.h"

namespace shouwang::bench {

inline constexpr int kHouseholdsPerVillage = 250;
inline constexpr int kVillagesPerTownship = 10;

struct PanelSize {
  int64_t households = 50'000;
  int indicators = 20;
  int months = 36;
};

class Panel {
 public:
  // `catalogue` gives the names, ranges and units; its first `size.indicators` household indicators
  // are used.
  Panel(PanelSize size, const std::vector<v1::Indicator>& catalogue);

  const PanelSize& size() const { return size_; }
  // Of the catalogue, at most size().indicators.
  const std::vector<v1::Indicator>& indicators() const { return indicators_; }
  int64_t villages() const;
  int64_t townships() const;
  int64_t values() const;

  // One month's reports of one village: a batch with a single section.
  v1::Batch BatchOf(int64_t village, int month) const;
  // Scaled by the indicator's decimals.
  int64_t ValueOf(int64_t household, const v1::Indicator& indicator, int month) const;

 private:
  const PanelSize size_;
  std::vector<v1::Indicator> indicators_;
};

// 12-digit code of the village of that index.
std::string VillageCode(int64_t village);
// "910101": where that household lives.
std::string CountyOf(int64_t household);
// "910101100201/17"
std::string SubjectOf(int64_t household);
// The register's file: code,name.
std::string DivisionsCsv(int64_t households);
// Days since 1970-01-01 of the panel's reports of that month: the last day, from January 2020 on.
int32_t ReportDay(int month);

}  // namespace shouwang::bench
