#include "daemon/wire/convert.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>
#include <string>

namespace shouwang::wire {
namespace {

using ::testing::HasSubstr;

template <typename T>
std::string MessageOf(const absl::StatusOr<T>& result) {
  EXPECT_EQ(result.status().code(), absl::StatusCode::kInvalidArgument);
  return std::string(result.status().message());
}

TEST(ConvertTest, PairsEveryEnumValue) {
  EXPECT_EQ(ToProto(Source::kSelfDeclaration), v1::SOURCE_SELF_DECLARATION);
  EXPECT_EQ(ToProto(Source::kCadreVisit), v1::SOURCE_CADRE_VISIT);
  EXPECT_EQ(ToProto(Source::kDepartmentScreening), v1::SOURCE_DEPARTMENT_SCREENING);
  EXPECT_EQ(ToProto(SubjectKind::kHousehold), v1::SUBJECT_KIND_HOUSEHOLD);
  EXPECT_EQ(ToProto(SubjectKind::kSite), v1::SUBJECT_KIND_SITE);
  EXPECT_EQ(ToProto(Severity::kYellow), v1::SEVERITY_YELLOW);
  EXPECT_EQ(ToProto(Severity::kOrange), v1::SEVERITY_ORANGE);
  EXPECT_EQ(ToProto(Severity::kRed), v1::SEVERITY_RED);
  EXPECT_EQ(ToProto(Cadence::kOnChange), v1::CADENCE_ON_CHANGE);
  EXPECT_EQ(ToProto(Cadence::kMonthly), v1::CADENCE_MONTHLY);
  EXPECT_EQ(ToProto(Cadence::kQuarterly), v1::CADENCE_QUARTERLY);
  EXPECT_EQ(ToProto(Cadence::kYearly), v1::CADENCE_YEARLY);
  EXPECT_EQ(ToProto(DivisionLevel::kNation), v1::DIVISION_LEVEL_UNSPECIFIED);
  EXPECT_EQ(ToProto(DivisionLevel::kProvince), v1::DIVISION_LEVEL_PROVINCE);
  EXPECT_EQ(ToProto(DivisionLevel::kVillage), v1::DIVISION_LEVEL_VILLAGE);
}

TEST(ConvertTest, BringsEveryEnumValueBack) {
  for (Source value :
       {Source::kSelfDeclaration, Source::kCadreVisit, Source::kDepartmentScreening}) {
    EXPECT_EQ(*FromProto(ToProto(value)), value);
  }
  for (SubjectKind value : {SubjectKind::kHousehold, SubjectKind::kSite}) {
    EXPECT_EQ(*FromProto(ToProto(value)), value);
  }
  for (Severity value : {Severity::kYellow, Severity::kOrange, Severity::kRed}) {
    EXPECT_EQ(*FromProto(ToProto(value)), value);
  }
  for (Cadence value :
       {Cadence::kOnChange, Cadence::kMonthly, Cadence::kQuarterly, Cadence::kYearly}) {
    EXPECT_EQ(*FromProto(ToProto(value)), value);
  }
  for (DivisionLevel value :
       {DivisionLevel::kProvince, DivisionLevel::kPrefecture, DivisionLevel::kCounty,
        DivisionLevel::kTownship, DivisionLevel::kVillage}) {
    EXPECT_EQ(*FromProto(ToProto(value)), value);
  }
}

TEST(ConvertTest, RefusesEnumsThatAreUnsetOrUnknown) {
  EXPECT_EQ(MessageOf(FromProto(v1::SOURCE_UNSPECIFIED)),
            "source is not set (self_declaration, cadre_visit, department_screening)");
  EXPECT_EQ(MessageOf(FromProto(static_cast<v1::Severity>(7))),
            "severity 7 is unknown here (yellow, orange, red)");
  EXPECT_THAT(MessageOf(FromProto(v1::SUBJECT_KIND_UNSPECIFIED)), HasSubstr("kind is not set"));
  EXPECT_THAT(MessageOf(FromProto(v1::CADENCE_UNSPECIFIED)), HasSubstr("cadence is not set"));
  EXPECT_THAT(MessageOf(FromProto(static_cast<v1::DivisionLevel>(3))), HasSubstr("level 3"));
}

TEST(ConvertTest, CarriesAnIndicatorBothWays) {
  const Indicator wage{
      7,           "wage_income",     "工资性收入",       "Wage income",           "yuan", 2, -5,
      100'000'000, Cadence::kMonthly, SubjectKind::kSite, Source::kSelfDeclaration};
  const auto back = FromProto(ToProto(wage));
  ASSERT_TRUE(back.ok()) << back.status();
  EXPECT_EQ(back->id, 7);
  EXPECT_EQ(back->name, "wage_income");
  EXPECT_EQ(back->title_zh, "工资性收入");
  EXPECT_EQ(back->title_en, "Wage income");
  EXPECT_EQ(back->unit, "yuan");
  EXPECT_EQ(back->decimals, 2);
  EXPECT_EQ(back->min, -5);
  EXPECT_EQ(back->max, 100'000'000);
  EXPECT_EQ(back->cadence, Cadence::kMonthly);
  EXPECT_EQ(back->applies_to, SubjectKind::kSite);
  EXPECT_EQ(back->supplied_by, Source::kSelfDeclaration);

  v1::Indicator proto = ToProto(wage);
  proto.set_id(65536);
  EXPECT_THAT(MessageOf(FromProto(proto)), HasSubstr("id 65536 is outside 1 to 65535"));
  proto = ToProto(wage);
  proto.set_decimals(7);
  EXPECT_THAT(MessageOf(FromProto(proto)), HasSubstr("decimals 7 is outside 0 to 6"));
}

TEST(ConvertTest, CarriesAResidenceBothWays) {
  const Residence residence{*Subject::Parse("520502001001/17"), *Subject::Parse("520502001/S3"),
                            *Division::Parse("520523102"), *Date::Parse("2019-06-30")};
  EXPECT_EQ(*FromProto(ToProto(residence)), residence);
  EXPECT_EQ(ToProto(residence).site(), "520502001/S3");
}

TEST(ConvertTest, RefusesAResidenceWithAKeyOfTheWrongKind) {
  v1::Residence good;
  good.set_household("520502001001/17");
  good.set_site("520502001/S3");
  good.set_origin("520523102");
  ASSERT_TRUE(FromProto(good).ok());
  v1::Residence bad = good;
  bad.set_household("520502001/S3");
  EXPECT_THAT(MessageOf(FromProto(bad)), HasSubstr("household '520502001/S3' is a site"));
  bad = good;
  bad.set_site("520502001001/17");
  EXPECT_THAT(MessageOf(FromProto(bad)), HasSubstr("is a household"));
  bad = good;
  bad.set_origin("5205");
  EXPECT_THAT(MessageOf(FromProto(bad)), HasSubstr("origin '5205': a township"));
  bad = good;
  bad.set_since(100'000);
  EXPECT_THAT(MessageOf(FromProto(bad)), HasSubstr("date 100000 days"));
}

TEST(ConvertTest, WritesAWarningWithItsWords) {
  Warning warning{*Subject::Parse("520502001001/17"),
                  12,
                  Severity::kOrange,
                  RiskKind::kIllness,
                  *Date::Parse("2026-03-31"),
                  {},
                  2026,
                  Instant(std::chrono::milliseconds(1'775'000'000'123))};
  const WarningWords words{"medical_burden", "医疗负担过重", "Medical burden", "贵州省 / 毕节市"};
  v1::Warning proto = ToProto(warning, words);
  EXPECT_EQ(proto.subject(), "520502001001/17");
  EXPECT_EQ(proto.rule(), "medical_burden");
  EXPECT_EQ(proto.severity(), v1::SEVERITY_ORANGE);
  EXPECT_EQ(proto.risk_kind(), "illness");
  EXPECT_EQ(proto.opened_on(), 20543);
  EXPECT_FALSE(proto.has_cleared_on());
  EXPECT_EQ(proto.policy_version(), 2026u);
  EXPECT_EQ(proto.known_at_ms(), 1'775'000'000'123);
  EXPECT_EQ(proto.rule_title_zh(), "医疗负担过重");
  EXPECT_EQ(proto.rule_title_en(), "Medical burden");
  EXPECT_EQ(proto.division_path(), "贵州省 / 毕节市");
  warning.cleared_on = Date::OfDays(20600);
  EXPECT_EQ(ToProto(warning, words).cleared_on(), 20600);
}

TEST(ConvertTest, RefusesTimesOutsideTheCalendar) {
  EXPECT_EQ(ToMs(*InstantFromMs(1'700'000'000'000)), 1'700'000'000'000);
  EXPECT_FALSE(InstantFromMs(std::numeric_limits<int64_t>::max()).ok());
  EXPECT_FALSE(InstantFromMs(std::numeric_limits<int64_t>::min()).ok());
  EXPECT_EQ(DateFromDays(0)->ToString(), "1970-01-01");
  EXPECT_EQ(DateFromDays(84005)->ToString(), "2199-12-31");
  EXPECT_FALSE(DateFromDays(84006).ok());
  EXPECT_FALSE(DateFromDays(std::numeric_limits<int32_t>::min()).ok());
}

}  // namespace
}  // namespace shouwang::wire
