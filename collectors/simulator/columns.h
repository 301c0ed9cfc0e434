// The columns of the simulated sheets: the heading a cadre would write, and the indicator of
// deploy/catalogue.yaml that the mapping files read from it.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

namespace shouwang::simulator {

struct Column {
  std::string_view indicator;
  std::string_view heading;
};

// Positions in kHouseholdColumns.
enum HouseholdColumn : uint8_t {
  kWageIncome,
  kOperatingIncome,
  kOperatingCost,
  kPropertyIncome,
  kTransferIncome,
  kMedicalOutOfPocket,
  kEducationCost,
  kDisasterCost,
  kHouseholdSize,
  kLabourForce,
  kEmployed,
  kMonthsWorked,
  kPublicWelfareJobs,
  kStudents,
  kDropouts,
  kChronicIllness,
  kSevereIllness,
  kDisabled,
  kElderlyAlone,
  kLeftBehindChildren,
  kMedicalInsuredShare,
  kHousingSafe,
  kWaterSafe,
  kUrbanLivingCost,
  kTransitionSupportMonthsLeft,
  kAccidentCost,
  kHouseholdColumnCount,
};

inline constexpr std::array<Column, kHouseholdColumnCount> kHouseholdColumns = {{
    {"wage_income", "工资性收入"},
    {"operating_income", "经营性收入"},
    {"operating_cost", "生产经营成本"},
    {"property_income", "财产性收入"},
    {"transfer_income", "转移性收入"},
    {"medical_out_of_pocket", "自付医疗支出"},
    {"education_cost", "教育支出"},
    {"disaster_cost", "因灾支出"},
    {"household_size", "家庭人口"},
    {"labour_force", "劳动力人数"},
    {"employed", "就业人数"},
    {"months_worked", "人均务工月数"},
    {"public_welfare_jobs", "公益性岗位人数"},
    {"students", "在校学生人数"},
    {"dropouts", "失学辍学人数"},
    {"chronic_illness", "慢性病人数"},
    {"severe_illness", "大病人数"},
    {"disabled", "残疾人数"},
    {"elderly_alone", "独居老人人数"},
    {"left_behind_children", "留守儿童人数"},
    {"medical_insured_share", "医保参保率"},
    {"housing_safe", "住房安全"},
    {"water_safe", "饮水安全"},
    {"urban_living_cost", "城镇生活支出"},
    {"transition_support_months_left", "过渡期剩余月数"},
    {"accident_cost", "因意外支出"},
}};

// Positions in kSiteColumns.
enum SiteColumn : uint8_t {
  kSiteHouseholds,
  kSitePopulation,
  kSiteSchoolAgeChildren,
  kSiteSchoolSeats,
  kSiteClinicStaff,
  kSiteJobsNearby,
  kSiteJobsLost,
  kSitePublicWelfareJobs,
  kSiteGridStaff,
  kSiteSpecialGroup,
  kSiteSpecialGroupServed,
  kSiteLivelihoodBufferMonths,
  kSiteUrbanRegisteredShare,
  kSiteColumnCount,
};

inline constexpr std::array<Column, kSiteColumnCount> kSiteColumns = {{
    {"site_households", "安置户数"},
    {"site_population", "安置人口"},
    {"site_school_age_children", "学龄儿童人数"},
    {"site_school_seats", "学位数"},
    {"site_clinic_staff", "卫生服务人员数"},
    {"site_jobs_nearby", "就近就业岗位数"},
    {"site_jobs_lost", "当月流失岗位数"},
    {"site_public_welfare_jobs", "公益性岗位数"},
    {"site_grid_staff", "网格员人数"},
    {"site_special_group", "特殊群体人数"},
    {"site_special_group_served", "已服务特殊群体人数"},
    {"site_livelihood_buffer_months", "生计缓冲月数"},
    {"site_urban_registered_share", "户籍迁入率"},
}};

// A row's values in hundredths; kMissing leaves the cell empty.
inline constexpr int64_t kMissing = INT64_MIN;
using HouseholdReading = std::array<int64_t, kHouseholdColumnCount>;
using SiteReading = std::array<int64_t, kSiteColumnCount>;

}  // namespace shouwang::simulator
