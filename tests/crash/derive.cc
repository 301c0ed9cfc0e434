#include "tests/crash/derive.h"

#include <fmt/format.h>

#include <optional>
#include <set>
#include <vector>

#include "storage/vocabulary/date.h"
#include "tests/crash/world.h"

namespace shouwang::crash {
namespace {

// The values of one household: by indicator, by day.
struct HouseholdHistory {
  std::map<int32_t, int64_t> values[kIndicators];
};

// Whether a day lies in the month of `day`, up to it, or in the months - 1 before that.
bool InMonthsTo(int32_t day, int months, int32_t candidate) {
  return candidate <= day && MonthOf(candidate) > MonthOf(day) - months;
}

std::optional<int64_t> LastIncome(const HouseholdHistory& history, int32_t day) {
  std::optional<int64_t> last;
  for (const auto& [at, value] : history.values[kIncome]) {
    if (InMonthsTo(day, 3, at)) last = value;
  }
  return last;
}

std::optional<int64_t> MedicalCost(const HouseholdHistory& history, int32_t day) {
  std::optional<int64_t> sum;
  for (const auto& [at, value] : history.values[kMedical]) {
    if (InMonthsTo(day, 6, at)) sum = sum.value_or(0) + value;
  }
  return sum;
}

// One rule over a household's days. A missing input is neither true nor false.
class RuleWatch {
 public:
  explicit RuleWatch(int hold_months) : hold_months_(hold_months) {}

  void See(int32_t day, std::optional<bool> holds, std::optional<bool> clears) {
    if (!opened_) {
      if (holds == true) opened_ = day;
      return;
    }
    if (clears != true) {
      clearing_since_.reset();
      return;
    }
    if (!clearing_since_) clearing_since_ = day;
    const Date end = Date::OfDays(*clearing_since_).PlusMonths(hold_months_);
    if (day < end.days()) return;
    opened_.reset();
    clearing_since_.reset();
  }
  const std::optional<int32_t>& opened() const { return opened_; }

 private:
  const int hold_months_;
  std::optional<int32_t> opened_;
  std::optional<int32_t> clearing_since_;
};

void JudgeHousehold(int household, const HouseholdHistory& history, Stored* stored) {
  std::set<int32_t> days;
  for (const auto& column : history.values) {
    for (const auto& [day, value] : column) days.insert(day);
  }
  RuleWatch income_low(0);
  RuleWatch medical_high(kMedicalHoldMonths);
  for (const int32_t day : days) {
    std::optional<bool> low;
    if (const auto income = LastIncome(history, day)) low = *income < kIncomeLine;
    income_low.See(day, low, low ? std::optional<bool>(!*low) : std::nullopt);
    std::optional<bool> opens;
    std::optional<bool> clears;
    if (const auto cost = MedicalCost(history, day)) {
      opens = *cost > kMedicalOpens;
      clears = *cost < kMedicalClears;
    }
    medical_high.See(day, opens, clears);
  }
  if (income_low.opened()) stored->warnings[{household, "income_low"}] = *income_low.opened();
  if (medical_high.opened()) stored->warnings[{household, "medical_high"}] = *medical_high.opened();
}

// A place that a household counts at, in one view.
struct Place {
  std::string view;
  std::string name;
  std::string metric;  // what its series begin with
  std::string label;
};

std::vector<Place> PlacesOf(int household, const Stored& stored) {
  const std::string township = TownshipCode(TownshipOf(household));
  std::vector<Place> places = {{"settlement", township, "shouwang_", "division"}};
  if (const auto home = stored.homes.find(household); home != stored.homes.end()) {
    const std::string origin = home->second.origin.substr(0, 9);
    places.push_back({"origin", origin, "shouwang_origin_", "division"});
    places.push_back({"site", SiteOf(home->second.site), "shouwang_site_", "site"});
  }
  return places;
}

void CountHousehold(int household, const HouseholdHistory& history, Stored* stored) {
  std::set<int32_t> months;
  double observations = 0;
  for (const Place& place : PlacesOf(household, *stored)) {
    months.clear();
    observations = 0;
    for (int indicator = 0; indicator < kIndicators; ++indicator) {
      for (const auto& [day, value] : history.values[indicator]) {
        Sum& sum =
            stored->rollups[{place.view, place.name, IndicatorName(indicator), MonthOf(day)}];
        sum.count += 1;
        sum.sum += value;
        months.insert(MonthOf(day));
        observations += 1;
      }
    }
    for (const int32_t month : months) {
      stored->rollups[{place.view, place.name, "", month}].count += 1;
    }
    const std::string label = fmt::format("{}=\"{}\"", place.label, place.name);
    stored->figures[fmt::format("{}households{{{}}}", place.metric, label)] += 1;
    if (place.view == "settlement") {
      stored->figures[fmt::format("{}observations{{{}}}", place.metric, label)] += observations;
    }
    for (const auto& [rule, severity] :
         {std::pair{"income_low", "orange"}, {"medical_high", "red"}}) {
      if (!stored->warnings.contains({household, rule})) continue;
      stored->figures[fmt::format("{}warnings_open{{{},rule=\"{}\",severity=\"{}\"}}", place.metric,
                                  label, rule, severity)] += 1;
    }
  }
}

}  // namespace

void Derive(Stored* stored) {
  std::map<int, HouseholdHistory> histories;
  for (const auto& [cell, standing] : stored->cells) {
    histories[cell.household].values[cell.indicator][cell.day] = standing.value;
  }
  for (const auto& [household, history] : histories) {
    JudgeHousehold(household, history, stored);
    CountHousehold(household, history, stored);
  }
}

}  // namespace shouwang::crash
