// One simulated household and how it fares from month to month. Invented, for demonstrations and
// load; it describes nobody and proves nothing about real households.
//
// Income per person is log-normal over households and follows a persistent AR(1) over time; farm
// income comes at harvest, costs in spring. Illness, lay-off, accidents, dropping out and unsafe
// housing or water strike rarely and last some months; a disaster strikes most households of a
// village at once. A relocated household has little farm income, pays for town life, and its
// transition support runs out. So an ordinary policy finds a few households in a hundred.
//
// A household depends on the seed and its own key alone, whatever else is simulated. A value, owned
// by one thread; Step is called once for each month, in order.
#pragma once

#include <array>
#include <cstdint>
#include <optional>

#include "collectors/simulator/columns.h"
#include "collectors/simulator/random.h"
#include "collectors/simulator/shock.h"
#include "storage/vocabulary/date.h"

namespace shouwang::simulator {

// What a month brings to a whole village. 0: nothing; else the loss of an ordinary household, yuan.
struct VillageMonth {
  double disaster_loss = 0;
};

// The same for everyone who asks.
VillageMonth WeatherOf(uint64_t seed, uint64_t village, Month month);

class Household {
 public:
  // `months` counts those that will be simulated, from `first` on.
  Household(uint64_t seed, uint64_t village, uint32_t number, bool relocated, Month first,
            int months);

  uint64_t village() const { return village_; }
  uint32_t number() const { return number_; }
  bool relocated() const { return relocated_; }

  // From the next Step on. Those who are not struck fare as they would have.
  void Strike(ShockKind shock);
  void Step(Month month, const VillageMonth& weather);
  // What was so in the month of the last Step, also where it is not reported.
  const HouseholdReading& reading() const { return reading_; }
  // What the cadre's sheet shows of it: nullopt where the household was not visited or has fallen
  // silent; some cells may be missing.
  std::optional<HouseholdReading> Reported();

 private:
  void Settle(int months);
  void StepHealth();
  void StepWork();
  void StepIncome(Month month);
  void StepCosts(Month month, const VillageMonth& weather);
  void StepGuarantees();

  Random random_;
  uint64_t village_;
  uint32_t number_;
  bool relocated_;

  // Who lives there, and from what; settled once.
  int size_ = 1;
  int labour_ = 0;
  int usually_employed_ = 0;
  int students_ = 0;
  int university_students_ = 0;
  int chronic_ = 0;
  int uninsured_ = 0;
  double diligence_ = 1;  // share of the year that a worker works
  double wage_ = 0;       // a usual month's, yuan
  double farm_ = 0;       // a usual year's gross, yuan
  double property_ = 0;
  double transfer_ = 0;
  double town_cost_ = 0;
  Month support_ends_;
  Month silent_from_;
  Month first_;

  // What changes.
  Month month_;
  double mood_ = 0;  // log of income against its usual level
  int ill_months_ = 0;
  double illness_cost_ = 0;  // a month's, yuan
  int laid_off_months_ = 0;
  int laid_off_ = 0;
  int crop_loss_months_ = 0;
  int price_fall_months_ = 0;
  double flood_loss_ = 0;  // of the month to come, yuan
  int dropout_months_ = 0;
  int unsafe_house_months_ = 0;
  int unsafe_water_months_ = 0;
  int employed_ = 0;
  std::array<double, 12> worked_{};  // share of each of the last 12 months, by month of year
  HouseholdReading reading_{};
};

}  // namespace shouwang::simulator
