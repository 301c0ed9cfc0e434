#include "tests/bench/panel.h"

#include <gtest/gtest.h>

namespace shouwang::bench {
namespace {

std::vector<v1::Indicator> SmallCatalogue() {
  std::vector<v1::Indicator> catalogue(3);
  catalogue[0].set_id(1);
  catalogue[0].set_name("wage_income");
  catalogue[0].set_unit("yuan");
  catalogue[0].set_decimals(2);
  catalogue[0].set_max(100'000'000);
  catalogue[0].set_applies_to(v1::SUBJECT_KIND_HOUSEHOLD);
  catalogue[1].set_id(201);
  catalogue[1].set_name("school_seats");
  catalogue[1].set_max(10'000);
  catalogue[1].set_applies_to(v1::SUBJECT_KIND_SITE);
  catalogue[2].set_id(2);
  catalogue[2].set_name("household_size");
  catalogue[2].set_min(1);
  catalogue[2].set_max(30);
  catalogue[2].set_applies_to(v1::SUBJECT_KIND_HOUSEHOLD);
  return catalogue;
}

TEST(PanelTest, TakesTheFirstHouseholdIndicators) {
  const Panel panel({.households = 300, .indicators = 2, .months = 3}, SmallCatalogue());
  ASSERT_EQ(panel.indicators().size(), 2u);
  EXPECT_EQ(panel.indicators()[1].name(), "household_size");
  EXPECT_EQ(panel.villages(), 2);
  EXPECT_EQ(panel.townships(), 1);
  EXPECT_EQ(panel.values(), 1800);
}

TEST(PanelTest, GivesTheSameBatchEachTime) {
  const Panel panel({.households = 300, .indicators = 2, .months = 3}, SmallCatalogue());
  const Panel again({.households = 300, .indicators = 2, .months = 3}, SmallCatalogue());
  EXPECT_EQ(panel.BatchOf(1, 2).SerializeAsString(), again.BatchOf(1, 2).SerializeAsString());
  EXPECT_NE(panel.BatchOf(0, 1).sections(0).SerializeAsString(),
            panel.BatchOf(0, 2).sections(0).SerializeAsString());
}

TEST(PanelTest, FillsTheLastVillageWithWhatIsLeft) {
  const Panel panel({.households = 300, .indicators = 2, .months = 3}, SmallCatalogue());
  const v1::Batch batch = panel.BatchOf(1, 0);
  EXPECT_EQ(batch.township(), "910101100");
  EXPECT_EQ(batch.sections(0).place(), "910101100202");
  EXPECT_EQ(batch.sections(0).numbers_size(), 50);
  EXPECT_EQ(batch.sections(0).dates(0), 18292);  // 2020-01-31
  EXPECT_EQ(SubjectOf(299), "910101100202/50");
}

TEST(PanelTest, KeepsEveryValueInItsRange) {
  const Panel panel({.households = 250, .indicators = 2, .months = 6}, SmallCatalogue());
  for (int month = 0; month < 6; ++month) {
    const v1::Batch batch = panel.BatchOf(0, month);
    for (const v1::Column& column : batch.sections(0).columns()) {
      const v1::Indicator& indicator = panel.indicators()[column.indicator()];
      for (const int64_t value : column.values()) {
        EXPECT_GE(value, indicator.min());
        EXPECT_LE(value, indicator.max());
      }
    }
  }
}

TEST(PanelTest, HasTenThousandHouseholdsInACounty) {
  EXPECT_EQ(CountyOf(0), "910101");
  EXPECT_EQ(CountyOf(9'999), "910101");
  EXPECT_EQ(CountyOf(10'000), "910102");
  EXPECT_EQ(CountyOf(400'000), "910201");
  EXPECT_EQ(VillageCode(40), "910102100201");
}

TEST(PanelTest, ListsEveryDivisionThatItUses) {
  EXPECT_EQ(DivisionsCsv(300),
            "code,name\n91,bench 91\n9101,bench 9101\n910101,bench 910101\n"
            "910101100,bench 910101100\n910101100201,bench 910101100201\n"
            "910101100202,bench 910101100202\n");
}

}  // namespace
}  // namespace shouwang::bench
