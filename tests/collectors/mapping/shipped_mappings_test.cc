// The mapping files of deploy/mappings fit the sheets that they are for.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "collectors/mapping/mapping.h"
#include "collectors/simulator/columns.h"

namespace shouwang {
namespace {

using ::testing::ElementsAreArray;

Mapping Shipped(const std::string& name) {
  absl::StatusOr<Mapping> mapping =
      Mapping::Load(std::string(SHOUWANG_SOURCE_DIR) + "/deploy/mappings/" + name);
  EXPECT_TRUE(mapping.ok()) << mapping.status();
  return *std::move(mapping);
}

template <typename Columns>
void ExpectFits(const Mapping& mapping, std::vector<std::string> heading, const Columns& columns) {
  std::vector<std::string> indicators;
  for (size_t i = 0; i < columns.size(); ++i) {
    heading.emplace_back(columns[i].heading);
    indicators.emplace_back(columns[i].indicator);
  }
  heading.emplace_back("数据性质");
  EXPECT_TRUE(mapping.Check(heading).ok()) << mapping.Check(heading);
  EXPECT_THAT(mapping.indicators(), ElementsAreArray(indicators));
  for (size_t i = 0; i < columns.size(); ++i) EXPECT_EQ(mapping.ColumnOf(i), columns[i].heading);
}

TEST(ShippedMappingsTest, FitTheSimulatorsSheets) {
  const Mapping households = Shipped("simulated_households.yaml");
  EXPECT_EQ(households.kind(), SubjectKind::kHousehold);
  ExpectFits(households, {"村代码", "户编号", "上报日期", "安置点", "原籍", "入住日期"},
             simulator::kHouseholdColumns);
  const Mapping sites = Shipped("simulated_sites.yaml");
  EXPECT_EQ(sites.kind(), SubjectKind::kSite);
  ExpectFits(sites, {"安置地代码", "安置点编号", "上报日期"}, simulator::kSiteColumns);
}

}  // namespace
}  // namespace shouwang
