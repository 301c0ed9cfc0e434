#include "collectors/mapping/row_mapper.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "collectors/mapping/mapping.h"

namespace shouwang {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

using Row = std::vector<std::string>;

Indicator Named(IndicatorId id, std::string name, int decimals) {
  Indicator indicator;
  indicator.id = id;
  indicator.name = std::move(name);
  indicator.decimals = decimals;
  indicator.max = 1'000'000;
  return indicator;
}

// A mapping, bound to a heading, and the rows under it.
class Sheet {
 public:
  Sheet(const std::string& mapping, const Row& heading) : mapping_(Parsed(mapping)) {
    Indicator seats = Named(4, "school_seats", 0);
    seats.applies_to = SubjectKind::kSite;
    const Catalogue catalogue =
        *Catalogue::Of({Named(1, "wage_income", 2), Named(2, "household_size", 0),
                        Named(3, "income_per_person", 2), seats});
    absl::StatusOr<RowMapper> mapper = mapping_.Bind(heading, catalogue);
    EXPECT_TRUE(mapper.ok()) << mapper.status();
    mapper_ = std::make_unique<RowMapper>(*std::move(mapper));
  }
  const MappedRow& Map(const Row& row) {
    mapper_->Map(row, &mapped_);
    return mapped_;
  }

 private:
  static Mapping Parsed(const std::string& text) {
    absl::StatusOr<Mapping> mapping = Mapping::Parse("m.yaml", text);
    EXPECT_TRUE(mapping.ok()) << mapping.status();
    return *std::move(mapping);
  }
  Mapping mapping_;
  std::unique_ptr<RowMapper> mapper_;
  MappedRow mapped_;
};

constexpr char kHousehold[] = R"(
source: cadre_visit
kind: household
columns: {户编号: number_cell}
place: "{村代码}"
number: "{number_cell}"
period: {cell: 上报日期, format: date}
residence: {site: "{安置点}", origin: "{原籍}", since: "{入住}"}
indicators:
  wage_income: 工资
  household_size: 人口
  income_per_person: "=工资 / 人口"
missing: ["NA"]
)";

Sheet Household() {
  return Sheet(kHousehold,
               {"村代码", "户编号", "上报日期", "工资", "人口", "安置点", "原籍", "入住"});
}

TEST(RowMapperTest, MapsARowToAReport) {
  Sheet sheet = Household();
  const MappedRow& row =
      sheet.Map({"520502001001", " 17 ", "2026-10-05", "3300.50", "4.0", "", "", ""});
  EXPECT_THAT(row.faults, IsEmpty());
  ASSERT_TRUE(row.usable);
  EXPECT_EQ(row.subject.ToString(), "520502001001/17");
  EXPECT_EQ(row.date.ToString(), "2026-10-05");
  EXPECT_THAT(row.values,
              ElementsAre(MappedValue{0, 330050}, MappedValue{1, 4}, MappedValue{2, 82513}));
  EXPECT_FALSE(row.residence.has_value());
}

TEST(RowMapperTest, KeepsDecimalsThatNoDoubleHolds) {
  Sheet sheet = Household();
  // 4503599627.37 * 100 is not what a double's product truncates to.
  EXPECT_THAT(
      sheet.Map({"520502001001", "1", "2026-10-05", "4503599627.37", "", "", "", ""}).values,
      ElementsAre(MappedValue{0, 450359962737}));
  EXPECT_THAT(sheet.Map({"520502001001", "1", "2026-10-05", "0.29", "", "", "", ""}).values,
              ElementsAre(MappedValue{0, 29}));
}

TEST(RowMapperTest, LeavesOutWhatIsMissingAndWhatIsComputedFromIt) {
  Sheet sheet = Household();
  const MappedRow& row = sheet.Map({"520502001001", "17", "2026-10-05", "NA", "4", "", "", ""});
  EXPECT_THAT(row.faults, IsEmpty());
  EXPECT_THAT(row.values, ElementsAre(MappedValue{1, 4}));
}

TEST(RowMapperTest, ABadCellCostsOnlyItsValues) {
  Sheet sheet = Household();
  const MappedRow& row = sheet.Map({"520502001001", "17", "2026-10-05", "NaN", "4", "", "", ""});
  ASSERT_TRUE(row.usable);
  EXPECT_THAT(row.values, ElementsAre(MappedValue{1, 4}));
  EXPECT_THAT(row.faults, ElementsAre(RowFault{"工资", "NaN", "is not a number"}));
}

TEST(RowMapperTest, RefusesDigitsThatWouldBeLost) {
  Sheet sheet = Household();
  const MappedRow& row = sheet.Map({"520502001001", "17", "2026-10-05", "1.005", "", "", "", ""});
  EXPECT_THAT(row.values, IsEmpty());
  EXPECT_THAT(row.faults,
              ElementsAre(RowFault{"工资", "1.005", "'1.005' has more than 2 decimals"}));
}

TEST(RowMapperTest, ReportsAComputationWithoutAResult) {
  Sheet sheet = Household();
  const MappedRow& row = sheet.Map({"520502001001", "17", "2026-10-05", "5", "0", "", "", ""});
  EXPECT_THAT(row.values, ElementsAre(MappedValue{0, 500}, MappedValue{1, 0}));
  EXPECT_THAT(row.faults, ElementsAre(RowFault{"income_per_person", "inf",
                                               "'工资 / 人口' has no finite result here"}));
}

TEST(RowMapperTest, ARowWithoutASubjectOrADayIsNoReport) {
  Sheet sheet = Household();
  const MappedRow& row = sheet.Map({"5205020010", "", "2026-02-30", "5", "1", "", "", ""});
  EXPECT_FALSE(row.usable);
  EXPECT_THAT(row.faults, ElementsAre(RowFault{"户编号", "", "is missing, and the number needs it"},
                                      RowFault{"上报日期", "2026-02-30",
                                               "'2026-02-30' is not a date such as 2026-10-05"}));
  EXPECT_FALSE(sheet.Map({"5205020010", "1", "2026-02-28", "5", "1", "", "", ""}).usable);
  EXPECT_EQ(sheet.Map({"5205020010", "1", "2026-02-28", "5", "1", "", "", ""}).faults[0].column,
            "村代码");
  EXPECT_THAT(
      sheet.Map({"520502001001", "17.5", "2026-02-28", "5", "1", "", "", ""}).faults,
      ElementsAre(RowFault{"户编号", "17.5", "is not a whole number from 1 to 4294967295"}));
}

TEST(RowMapperTest, RefusesARowOfAnotherWidth) {
  Sheet sheet = Household();
  const MappedRow& row = sheet.Map({"520502001001", "17", "2026-10-05"});
  EXPECT_FALSE(row.usable);
  EXPECT_THAT(row.faults, ElementsAre(RowFault{"", "", "has 3 cells, the heading has 8"}));
  EXPECT_TRUE(sheet.Map({"520502001001", "17", "2026-10-05", "1", "1", "", "", ""}).usable);
}

TEST(RowMapperTest, ReadsAResidenceWhereThereIsOne) {
  Sheet sheet = Household();
  const MappedRow& row = sheet.Map(
      {"520502001001", "17", "2026-10-05", "", "", "520502001/S3", "520526203", "2019-06-30"});
  EXPECT_THAT(row.faults, IsEmpty());
  ASSERT_TRUE(row.residence.has_value());
  EXPECT_EQ(row.residence->household.ToString(), "520502001001/17");
  EXPECT_EQ(row.residence->site.ToString(), "520502001/S3");
  EXPECT_EQ(row.residence->origin.ToString(), "520526203");
  EXPECT_EQ(row.residence->since.ToString(), "2019-06-30");
}

TEST(RowMapperTest, AHalfFilledResidenceIsAFaultThatKeepsTheValues) {
  Sheet sheet = Household();
  const MappedRow& row =
      sheet.Map({"520502001001", "17", "2026-10-05", "1", "1", "520502001/S3", "", "2019-06-30"});
  EXPECT_TRUE(row.usable);
  EXPECT_EQ(row.values.size(), 3u);
  EXPECT_FALSE(row.residence.has_value());
  EXPECT_THAT(row.faults,
              ElementsAre(RowFault{"原籍", "", "is missing, and the residence needs it"}));
}

TEST(RowMapperTest, BuildsAVillageFromASplitAndComputedCell) {
  Sheet sheet(R"(
source: department_screening
kind: household
split:
  - {cell: household, at: "-", into: [dwelling, home]}
compute:
  village: "1 + floor(dwelling / 1000) % 999"
  household_number: "dwelling * 10 + home"
place: "520502{region:03}{village:03}"
number: "{household_number}"
period: {cell: period, format: quarter}
indicators: {household_size: members}
)",
              {"region", "household", "period", "members"});
  const MappedRow& row = sheet.Map({"41", "125303-1", "2003-Q3", "3"});
  EXPECT_THAT(row.faults, IsEmpty());
  ASSERT_TRUE(row.usable);
  EXPECT_EQ(row.subject.ToString(), "520502041126/1253031");
  EXPECT_EQ(row.date.ToString(), "2003-09-30");
  EXPECT_THAT(sheet.Map({"41", "125303", "2003-Q3", "3"}).faults[0],
              (RowFault{"household", "125303", "has 1 parts at '-', 2 are expected"}));
}

TEST(RowMapperTest, RefusesAComputedPlaceThatIsNoWholeNumber) {
  Sheet sheet(R"(
source: cadre_visit
kind: household
compute: {village: "code / 2"}
place: "520502001{village:03}"
number: "{n}"
period: {text: "{y}-{m}", format: month}
indicators: {household_size: members}
)",
              {"code", "n", "y", "m", "members"});
  const MappedRow& row = sheet.Map({"3", "1", "2026", "2", "4"});
  EXPECT_FALSE(row.usable);
  EXPECT_THAT(row.faults, ElementsAre(RowFault{"village", "1.5", "is not a whole number"}));
  EXPECT_EQ(sheet.Map({"4", "1", "2026", "2", "4"}).subject.ToString(), "520502001002/1");
  EXPECT_EQ(sheet.Map({"4", "1", "2026", "2", "4"}).date.ToString(), "2026-02-28");
}

TEST(RowMapperTest, MapsASiteByItsSettlement) {
  Sheet sheet(R"(
source: department_screening
kind: site
split:
  - {cell: 安置点, at: "/S", into: [settlement, site_number]}
place: "{settlement}"
number: "{site_number}"
period: {cell: 月份, format: month}
indicators: {school_seats: 学位}
)",
              {"安置点", "月份", "学位"});
  const MappedRow& row = sheet.Map({"520502001/S3", "2026-10", "120"});
  EXPECT_THAT(row.faults, IsEmpty());
  EXPECT_EQ(row.subject.ToString(), "520502001/S3");
  EXPECT_EQ(row.date.ToString(), "2026-10-31");
}

}  // namespace
}  // namespace shouwang
