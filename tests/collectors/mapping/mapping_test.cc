#include "collectors/mapping/mapping.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace shouwang {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

constexpr char kHousehold[] =
    "source: department_screening\n"
    "kind: household\n"
    "place: \"{村代码}\"\n"
    "number: \"{户编号}\"\n"
    "period: {cell: 上报日期, format: date}\n"
    "indicators:\n"
    "  wage_income: 工资性收入\n"
    "  income_share: \"=工资性收入 / 总收入\"\n";

Catalogue SmallCatalogue() {
  Indicator wage;
  wage.id = 1;
  wage.name = "wage_income";
  wage.decimals = 2;
  wage.max = 1'000'000'00;
  Indicator share = wage;
  share.id = 2;
  share.name = "income_share";
  Indicator seats = wage;
  seats.id = 3;
  seats.name = "school_seats";
  seats.applies_to = SubjectKind::kSite;
  return *Catalogue::Of({wage, share, seats});
}

std::string Faults(const std::string& text) {
  const absl::StatusOr<Mapping> mapping = Mapping::Parse("m.yaml", text);
  return mapping.ok() ? "" : std::string(mapping.status().message());
}

TEST(MappingTest, TellsWhatItReportsAndFromWhere) {
  const absl::StatusOr<Mapping> mapping = Mapping::Parse("m.yaml", kHousehold);
  ASSERT_TRUE(mapping.ok()) << mapping.status();
  EXPECT_EQ(mapping->source(), Source::kDepartmentScreening);
  EXPECT_EQ(mapping->kind(), SubjectKind::kHousehold);
  EXPECT_THAT(mapping->indicators(), ElementsAre("wage_income", "income_share"));
  EXPECT_EQ(mapping->ColumnOf(0), "工资性收入");
  EXPECT_EQ(mapping->ColumnOf(1), "工资性收入 / 总收入");
}

TEST(MappingTest, ReportsEveryFaultWithItsLine) {
  EXPECT_EQ(Faults("source: rumour\n"
                   "kind: village\n"
                   "place: \"{村代码\"\n"
                   "number: \"{编号:x}\"\n"
                   "period: {cell: d, format: week}\n"
                   "surprise: 1\n"
                   "indicators:\n"
                   "  wage_income: \"=a +\"\n"
                   "  other: \"\"\n"),
            "m.yaml:1: " + std::string(ParseSource("rumour").status().message()) +
                "\n"
                "m.yaml:2: kind 'village': household or site is expected\n"
                "m.yaml:3: '{村代码': '{' is never closed\n"
                "m.yaml:4: '{编号:x}': 'x' is no width; write {name:03} with 1 to 20\n"
                "m.yaml:5: period format 'week': date, month, quarter or year is expected\n"
                "m.yaml:8: 'a +': Unexpected end of expression at position 4\n"
                "m.yaml:9: 'other' is empty\n"
                "m.yaml:6: unknown key 'surprise' (known here: columns, compute, indicators, kind, "
                "missing, number, period, place, residence, source, split)");
}

TEST(MappingTest, ReportsWhatIsMissing) {
  const std::string faults = Faults("source: cadre_visit\n");
  for (const char* key : {"kind", "place", "number", "period", "indicators"}) {
    EXPECT_THAT(faults, HasSubstr(std::string("'") + key + "' is missing"));
  }
}

TEST(MappingTest, RefusesANameUsedBeforeItIsDefinedOrDefinedTwice) {
  const std::string rest =
      "source: cadre_visit\nkind: household\nplace: a\nnumber: \"1\"\n"
      "period: {cell: d, format: date}\nindicators: {x: y}\n";
  EXPECT_EQ(Faults(rest + "compute:\n  p: q + 1\n  q: d + 1\n"),
            "m.yaml:8: 'q' is used before it is defined");
  EXPECT_EQ(Faults(rest + "columns: {d: p}\ncompute:\n  p: d + 1\n"),
            "m.yaml:9: the name 'p' is defined twice");
  EXPECT_EQ(Faults(rest + "split:\n  - {cell: d, at: \"-\", into: [p]}\n"),
            "m.yaml:8: 'into' must list at least two names");
}

TEST(MappingTest, RefusesAResidenceOfASite) {
  EXPECT_THAT(Faults("source: cadre_visit\nkind: site\nplace: a\nnumber: \"1\"\n"
                     "period: {cell: d, format: date}\nindicators: {x: y}\n"
                     "residence: {site: \"{s}\", origin: \"{o}\", since: \"2020-01-01\"}\n"),
              HasSubstr("m.yaml:7: only households have one"));
}

TEST(MappingTest, RefusesAFileThatIsNotThere) {
  EXPECT_THAT(std::string(Mapping::Load("/nonexistent/m.yaml").status().message()),
              HasSubstr("/nonexistent/m.yaml: can't be opened"));
}

TEST(MappingTest, ChecksTheHeadingBeforeAnyRow) {
  const Mapping mapping = *Mapping::Parse("m.yaml", kHousehold);
  EXPECT_TRUE(mapping.Check({"村代码", "户编号", "上报日期", "工资性收入", "总收入", "备注"}).ok());
  EXPECT_EQ(
      std::string(
          mapping.Check({"村代码", "户号", "上报日期", "工资性收入", "工资性收入"}).message()),
      "m.yaml:4: the sheet has no column '户编号' (it has: 村代码, 户号, 上报日期, "
      "工资性收入, 工资性收入)\n"
      "m.yaml:7: the sheet has 2 columns '工资性收入'\n"
      "m.yaml:8: the sheet has no column '总收入' (it has: 村代码, 户号, 上报日期, "
      "工资性收入, 工资性收入)");
}

TEST(MappingTest, ChecksTheCatalogueBeforeAnyRow) {
  EXPECT_TRUE(Mapping::Parse("m.yaml", kHousehold)->Check(SmallCatalogue()).ok());
  const Mapping mapping = *Mapping::Parse(
      "m.yaml", std::string(kHousehold) + "  wages: 工资性收入\n  school_seats: 工资性收入\n");
  EXPECT_EQ(std::string(mapping.Check(SmallCatalogue()).message()),
            "m.yaml:9: the catalogue has no indicator 'wages'\n"
            "m.yaml:10: indicator 'school_seats' is one of a site, this mapping is of a household");
}

}  // namespace
}  // namespace shouwang
