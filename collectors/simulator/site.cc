#include "collectors/simulator/site.h"

#include <algorithm>
#include <cmath>

namespace shouwang::simulator {
namespace {

constexpr int64_t kOne = 100;  // readings are in hundredths

int64_t Whole(double count) { return std::max<int64_t>(0, std::llround(count)) * kOne; }

}  // namespace

ResettlementSite::ResettlementSite(uint64_t seed, uint64_t settlement)
    : random_(Mix({seed, settlement, 0x517E})) {
  seats_per_child_ = random_.Chance(0.15) ? random_.Uniform(0.7, 0.95) : random_.Uniform(1, 1.25);
  staff_per_thousand_ = random_.Chance(0.15) ? random_.Uniform(0.4, 1) : random_.Uniform(1.5, 3.5);
  jobs_per_household_ = random_.Uniform(0.35, 0.8);
  served_share_ = random_.Chance(0.15) ? random_.Uniform(0.4, 0.65) : random_.Uniform(0.93, 1);
  registered_share_ = random_.Uniform(0.45, 0.8);
  savings_months_ = random_.Uniform(2.5, 6);
}

void ResettlementSite::StepJobs(int64_t households) {
  const auto usual = static_cast<double>(households) * jobs_per_household_;
  if (jobs_ < 0) jobs_ = usual;
  double lost = 0;
  if (random_.Chance(0.02)) {
    lost = jobs_ * random_.Uniform(0.15, 0.4);
  } else if (random_.Chance(0.3)) {
    lost = jobs_ * random_.Uniform(0, 0.03);
  }
  lost = std::floor(lost);
  jobs_ = std::max(0.0, jobs_ - lost + (usual - jobs_) * 0.08);
  reading_[kSiteJobsNearby] = Whole(jobs_);
  reading_[kSiteJobsLost] = Whole(lost);
}

void ResettlementSite::Step(Month month, std::span<const Household> households) {
  int64_t people = 0;
  int64_t children = 0;
  int64_t special = 0;
  int64_t welfare_jobs = 0;
  int64_t support_months = 0;
  for (const Household& household : households) {
    const HouseholdReading& reading = household.reading();
    people += reading[kHouseholdSize] / kOne;
    children += (reading[kStudents] + reading[kDropouts]) / kOne;
    special += (reading[kDisabled] + reading[kSevereIllness] + reading[kElderlyAlone] +
                reading[kLeftBehindChildren] + reading[kChronicIllness]) /
               kOne;
    welfare_jobs += reading[kPublicWelfareJobs] / kOne;
    support_months += reading[kTransitionSupportMonthsLeft] / kOne;
  }
  const auto count = static_cast<int64_t>(households.size());
  if (seats_ < 0) seats_ = std::llround(static_cast<double>(children) * seats_per_child_);
  StepJobs(count);
  reading_[kSiteHouseholds] = count * kOne;
  reading_[kSitePopulation] = people * kOne;
  reading_[kSiteSchoolAgeChildren] = children * kOne;
  reading_[kSiteSchoolSeats] = seats_ * kOne;
  reading_[kSiteClinicStaff] = Whole(static_cast<double>(people) * staff_per_thousand_ / 1000);
  reading_[kSitePublicWelfareJobs] = welfare_jobs * kOne;
  reading_[kSiteGridStaff] = Whole(std::ceil(static_cast<double>(count) / 90));
  reading_[kSiteSpecialGroup] = special * kOne;
  reading_[kSiteSpecialGroupServed] =
      Whole(std::floor(static_cast<double>(special) * served_share_ * random_.Uniform(0.98, 1)));
  const double support =
      count == 0 ? 0 : static_cast<double>(support_months) / static_cast<double>(count);
  reading_[kSiteLivelihoodBufferMonths] = Whole(std::min(savings_months_ + support / 4, 60.0));
  registered_share_ = std::min(1.0, registered_share_ + 0.002);
  // Registered quarterly, at a quarter's end.
  reading_[kSiteUrbanRegisteredShare] =
      month.month_of_year() % 3 == 0 ? std::llround(registered_share_ * 100) : kMissing;
}

}  // namespace shouwang::simulator
