// The sheets, read through the mapping files that ship with them, against the shipped catalogue.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

#include "collectors/mapping/mapping.h"
#include "collectors/simulator/columns.h"
#include "storage/register/register.h"
#include "tests/collectors/simulator/sheets.h"

namespace shouwang::simulator {
namespace {

using ::testing::ElementsAre;

class MappingFilesTest : public SimulationTest {
 protected:
  void SetUp() override {
    Problems problems;
    catalogue_ = LoadCatalogue(SHOUWANG_SOURCE_DIR "/deploy/catalogue.yaml", &problems);
    ASSERT_THAT(problems.messages(), ElementsAre());
    plan_.households_per_township = 400;
    counts_ = Run();
  }

  // Maps a whole sheet; every value must be within its indicator's range. Returns how many.
  uint64_t Map(const std::string& sheet, const std::string& mapping_file, size_t* residences) {
    auto mapping = Mapping::Load(SHOUWANG_SOURCE_DIR "/deploy/mappings/" + mapping_file);
    EXPECT_TRUE(mapping.ok()) << mapping.status();
    auto reader = CsvReader::Open(PathOf(sheet));
    EXPECT_TRUE(reader.ok()) << reader.status();
    if (!mapping.ok() || !reader.ok()) return 0;
    auto mapper = mapping->Bind(reader->heading(), catalogue_);
    EXPECT_TRUE(mapper.ok()) << mapper.status();
    if (!mapper.ok()) return 0;
    uint64_t values = 0;
    std::vector<std::string> row;
    MappedRow mapped;
    while (*reader->Next(&row)) {
      mapper->Map(row, &mapped);
      EXPECT_TRUE(mapped.usable);
      EXPECT_TRUE(mapped.faults.empty())
          << mapped.faults[0].column << " " << mapped.faults[0].value << mapped.faults[0].reason;
      if (mapped.residence) ++*residences;
      values += mapped.values.size();
      for (const MappedValue& value : mapped.values) {
        const Indicator& indicator = *catalogue_.Find(mapping->indicators()[value.indicator]);
        EXPECT_GE(value.value, indicator.min) << indicator.name;
        EXPECT_LE(value.value, indicator.max) << indicator.name;
      }
      if (HasFailure()) return values;
    }
    return values;
  }

  Catalogue catalogue_;
  SimulationCounts counts_;
};

TEST_F(MappingFilesTest, TakesEveryValueOfTheSheets) {
  size_t residences = 0;
  size_t none = 0;
  const uint64_t households =
      Map("households-520502001.csv.gz", "simulated_households.yaml", &residences);
  const uint64_t sites = Map("sites-520502001.csv", "simulated_sites.yaml", &none);
  EXPECT_EQ(households + sites, counts_.values);
  EXPECT_GT(residences, 1300u);  // 100 households, 14 months, a few not visited
  EXPECT_EQ(none, 0u);
}

TEST_F(MappingFilesTest, CoversTheCatalogue) {
  std::set<std::string_view> columns;
  for (const Column& column : kHouseholdColumns) columns.insert(column.indicator);
  for (const Column& column : kSiteColumns) columns.insert(column.indicator);
  for (const Indicator& indicator : catalogue_.All()) {
    EXPECT_TRUE(columns.contains(indicator.name)) << indicator.name;
  }
  EXPECT_EQ(columns.size(), catalogue_.All().size());
}

}  // namespace
}  // namespace shouwang::simulator
