#include "collectors/simulator/household.h"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace shouwang::simulator {
namespace {

// Shares of a year's farm income and of its costs by month, January first: pigs before the Spring
// Festival, the harvest in autumn; seed and fertiliser in spring.
constexpr std::array<double, 12> kHarvest = {.13, .03, .03, .04, .05, .06,
                                             .07, .09, .16, .18, .09, .07};
constexpr std::array<double, 12> kSowing = {.04, .06, .17, .20, .15, .08,
                                            .06, .06, .06, .05, .04, .03};
constexpr double kFarmCostShare = 0.42;
// What a shock does.
constexpr double kFloodLoss = 15'000;
constexpr int kLayoffMonths = 6;
constexpr int kPriceFallMonths = 12;
constexpr double kFallenPrice = 0.33;
constexpr double kMoodMemory = 0.96;
constexpr double kMoodSpread = 0.13;
// Households of 1, 2, ... 8 persons, in a hundred.
constexpr std::array<int, 8> kSizes = {8, 20, 20, 24, 16, 8, 3, 1};

int DrawSize(Random& random) {
  int ticket = random.Between(1, 100);
  for (size_t i = 0; i < kSizes.size(); ++i) {
    ticket -= kSizes[i];
    if (ticket <= 0) return static_cast<int>(i) + 1;
  }
  return static_cast<int>(kSizes.size());
}

int DrawAmong(Random& random, int persons, double probability) {
  int count = 0;
  for (int i = 0; i < persons; ++i) count += random.Chance(probability) ? 1 : 0;
  return count;
}

// In hundredths; people report whole yuan, wages and large sums in tens.
int64_t Yuan(double amount) {
  const double step = amount >= 1000 ? 10 : 1;
  return std::clamp<int64_t>(std::llround(amount / step) * static_cast<int64_t>(step) * 100, 0,
                             9'000'000);
}
int64_t YuanAndFen(double amount) {
  return std::clamp<int64_t>(std::llround(amount * 100), 0, 9'000'000);
}
int64_t Count(int count) { return int64_t{count} * 100; }

size_t CalendarIndex(Month month) { return static_cast<size_t>(month.month_of_year() - 1); }

}  // namespace

VillageMonth WeatherOf(uint64_t seed, uint64_t village, Month month) {
  const int calendar = month.month_of_year();
  if (calendar < 5 || calendar > 9) return {};
  Random random(Mix({seed, village, static_cast<uint64_t>(month.index()), 0xD15A57E2}));
  if (!random.Chance(0.004)) return {};
  return {random.LogNormal(3500, 0.5)};
}

Household::Household(uint64_t seed, uint64_t village, uint32_t number, bool relocated, Month first,
                     int months)
    : random_(Mix({seed, village, number})),
      village_(village),
      number_(number),
      relocated_(relocated),
      first_(first) {
  Settle(months);
}

void Household::Settle(int months) {
  Random& random = random_;
  size_ = DrawSize(random);
  labour_ = DrawAmong(random, size_, 0.62);
  // Those without labour are mostly elderly who live by themselves.
  if (labour_ == 0 && size_ > 2) labour_ = 1;
  students_ = DrawAmong(random, std::max(0, size_ - labour_), labour_ > 0 ? 0.5 : 0.05);
  university_students_ = DrawAmong(random, students_, 0.1);
  chronic_ = DrawAmong(random, size_, 0.1);
  uninsured_ = random.Chance(0.006) ? random.Between(1, size_) : 0;
  usually_employed_ =
      labour_ == 0 ? 0
                   : std::max(1, static_cast<int>(std::lround(labour_ * random.Uniform(0.7, 1))));
  diligence_ = random.Uniform(0.72, 1);

  const double per_person =
      labour_ > 0 ? random.LogNormal(17'500, 0.31) : random.LogNormal(13'000, 0.13);
  const double year = per_person * size_;
  double wage_share = random.Uniform(0.45, 0.72);
  if (relocated_) wage_share = random.Uniform(0.72, 0.86);
  if (labour_ == 0) wage_share = 0;
  const double transfer_share = labour_ > 0 ? random.Uniform(0.07, 0.13) : random.Uniform(0.8, 0.9);
  const double property_share = random.Uniform(0, 0.05);
  const double farm_share = std::max(0.0, 1 - wage_share - transfer_share - property_share);
  wage_ = year * wage_share / 12;
  transfer_ = year * transfer_share / 12;
  property_ = year * property_share / 12;
  farm_ = year * farm_share / (1 - kFarmCostShare);
  town_cost_ = relocated_ ? random.LogNormal(160 + 70 * size_, 0.2) : 0;
  support_ends_ = first_ + random.Between(6, 60);
  silent_from_ = first_ + (random.Chance(0.01) ? random.Between(months / 3, months) : months);
  mood_ = kMoodSpread * random.Normal();
  worked_.fill(diligence_ * random.Uniform(0.9, 1));
}

void Household::Strike(ShockKind shock) {
  switch (shock) {
    case ShockKind::kFlood:
      flood_loss_ = kFloodLoss * Random(Mix({village_, number_, 0xF100D})).Uniform(0.8, 1.6);
      crop_loss_months_ = 8;
      return;
    case ShockKind::kLayoff:
      // One more than the months without work: StepWork begins with taking one off.
      laid_off_months_ = kLayoffMonths + 1;
      laid_off_ = usually_employed_;
      return;
    case ShockKind::kPriceFall:
      price_fall_months_ = kPriceFallMonths;
      return;
  }
}

void Household::Step(Month month, const VillageMonth& weather) {
  month_ = month;
  StepHealth();
  StepWork();
  StepIncome(month);
  StepCosts(month, weather);
  StepGuarantees();
  reading_[kHouseholdSize] = Count(size_);
  reading_[kLabourForce] = Count(labour_);
}

void Household::StepHealth() {
  if (ill_months_ > 0) {
    --ill_months_;
    illness_cost_ *= 0.9;
  } else if (random_.Chance(0.0009)) {
    ill_months_ = random_.Between(5, 18);
    illness_cost_ = random_.LogNormal(3200, 0.6);
  }
  double medical = random_.Chance(0.35) ? random_.LogNormal(70, 0.9) : 0;
  medical += chronic_ * random_.Uniform(20, 110);
  if (ill_months_ > 0) medical += illness_cost_ * random_.Uniform(0.6, 1.3);
  reading_[kMedicalOutOfPocket] = YuanAndFen(medical);
  reading_[kChronicIllness] = Count(chronic_);
  reading_[kSevereIllness] = Count(ill_months_ > 0 ? 1 : 0);
  reading_[kAccidentCost] = random_.Chance(0.0006) ? Yuan(random_.LogNormal(4000, 0.8)) : kMissing;
}

void Household::StepWork() {
  if (laid_off_months_ > 0) {
    --laid_off_months_;
  } else if (usually_employed_ > 0 && random_.Chance(relocated_ ? 0.005 : 0.003)) {
    laid_off_months_ = random_.Between(2, 8);
    laid_off_ = random_.Chance(0.5) ? usually_employed_ : 1;
  }
  const int away = laid_off_months_ > 0 ? laid_off_ : 0;
  // A worker stays home with the ill, where there is another one.
  const int caring = ill_months_ > 0 && usually_employed_ > 1 ? 1 : 0;
  employed_ = std::max(0, usually_employed_ - away - caring);
  worked_[CalendarIndex(month_)] =
      usually_employed_ == 0 ? 0 : diligence_ * employed_ / usually_employed_;
  const double months_worked = std::accumulate(worked_.begin(), worked_.end(), 0.0);
  reading_[kEmployed] = Count(employed_);
  reading_[kMonthsWorked] =
      labour_ == 0 ? 0 : std::clamp<int64_t>(std::llround(months_worked * 10) * 10, 0, 1200);
  reading_[kPublicWelfareJobs] = Count(employed_ > 0 && Mix({village_, number_}) % 100 < 8 ? 1 : 0);
}

void Household::StepIncome(Month month) {
  mood_ = kMoodMemory * mood_ +
          std::sqrt(1 - kMoodMemory * kMoodMemory) * kMoodSpread * random_.Normal();
  const double mood = std::exp(mood_);
  const size_t calendar = CalendarIndex(month);
  const double at_work =
      usually_employed_ == 0 ? 0 : static_cast<double>(employed_) / usually_employed_;
  // Many come home for the Spring Festival.
  const double season = calendar == 1 ? 0.75 : 1 + 0.25 / 11;
  const double crop = crop_loss_months_ > 0 ? 0.5 : 1;
  const double price = price_fall_months_ > 0 ? kFallenPrice : 1;
  if (crop_loss_months_ > 0) --crop_loss_months_;
  if (price_fall_months_ > 0) --price_fall_months_;
  reading_[kWageIncome] = Yuan(wage_ * mood * season * at_work);
  reading_[kOperatingIncome] =
      Yuan(farm_ * kHarvest[calendar] * mood * crop * price * random_.Uniform(0.85, 1.15));
  reading_[kOperatingCost] =
      Yuan(farm_ * kFarmCostShare * kSowing[calendar] * random_.Uniform(0.85, 1.15));
  reading_[kPropertyIncome] = Yuan(property_ * (calendar == 11 ? 2 : 10.0 / 11));
  reading_[kTransferIncome] = YuanAndFen(transfer_ + (ill_months_ > 0 ? 260 : 0));
}

void Household::StepCosts(Month month, const VillageMonth& weather) {
  const int calendar = month.month_of_year();
  double school = 0;
  if (calendar == 9 || calendar == 3) {
    school = (students_ - university_students_) * 420.0 + university_students_ * 2600.0;
  } else if (calendar != 2 && calendar != 7 && calendar != 8) {
    school = students_ * 90.0 + university_students_ * 500.0;
  }
  reading_[kEducationCost] = Yuan(school * random_.Uniform(0.8, 1.2));
  double loss = 0;
  if (weather.disaster_loss > 0 && random_.Chance(0.7)) {
    loss = weather.disaster_loss * random_.LogNormal(1, 0.5);
    crop_loss_months_ = 8;
  }
  reading_[kDisasterCost] = Yuan(loss + flood_loss_);
  flood_loss_ = 0;
  reading_[kUrbanLivingCost] = relocated_ ? Yuan(town_cost_ * random_.Uniform(0.85, 1.15) *
                                                 (calendar == 12 || calendar <= 2 ? 1.2 : 1))
                                          : kMissing;
  reading_[kTransitionSupportMonthsLeft] =
      relocated_ ? Count(std::clamp(support_ends_.index() - month.index(), 0, 120)) : kMissing;
}

void Household::StepGuarantees() {
  const auto step = [&](int* left, bool exposed, double onset, int from, int to) {
    if (*left > 0) {
      --*left;
    } else if (exposed && random_.Chance(onset)) {
      *left = random_.Between(from, to);
    }
  };
  step(&dropout_months_, students_ > university_students_, 0.0006, 2, 4);
  step(&unsafe_house_months_, !relocated_, 0.0004, 3, 8);
  step(&unsafe_water_months_, !relocated_, 0.0006, 1, 4);
  const int out = dropout_months_ > 0 ? 1 : 0;
  reading_[kStudents] = Count(students_ - out);
  reading_[kDropouts] = Count(out);
  const uint64_t own = Mix({village_, number_, 1});
  reading_[kDisabled] = Count(own % 100 < 6 ? 1 : 0);
  reading_[kElderlyAlone] = Count(size_ == 1 && labour_ == 0 ? 1 : 0);
  reading_[kLeftBehindChildren] =
      Count(employed_ > 0 && own / 100 % 100 < 12 ? std::max(0, students_ - out) : 0);
  reading_[kMedicalInsuredShare] = std::llround(100.0 * (size_ - uninsured_) / size_);
  reading_[kHousingSafe] = Count(unsafe_house_months_ > 0 ? 0 : 1);
  reading_[kWaterSafe] = Count(unsafe_water_months_ > 0 ? 0 : 1);
}

std::optional<HouseholdReading> Household::Reported() {
  if (month_ >= silent_from_ || random_.Chance(0.008)) return std::nullopt;
  HouseholdReading reported = reading_;
  if (random_.Chance(0.04)) {
    reported[static_cast<size_t>(random_.Between(0, kHouseholdColumnCount - 1))] = kMissing;
  }
  return reported;
}

}  // namespace shouwang::simulator
