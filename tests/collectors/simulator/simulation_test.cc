#include "collectors/simulator/simulation.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <set>

#include "storage/register/register.h"
#include "tests/collectors/simulator/sheets.h"

namespace shouwang::simulator {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

constexpr char kSheet[] = "households-520502001.csv.gz";

TEST_F(SimulationTest, WritesTheSameBytesForTheSameSeed) {
  Run();
  const std::string households = BytesOf(kSheet);
  const std::string site = BytesOf("sites-520502001.csv");
  const std::string sites = BytesOf("sites.yaml");
  plan_.folder = folder_.path() + "/again";
  Run();
  EXPECT_EQ(BytesOf(kSheet), households);
  EXPECT_EQ(BytesOf("sites-520502001.csv"), site);
  EXPECT_EQ(BytesOf("sites.yaml"), sites);
  plan_.seed = 2;
  Run();
  EXPECT_NE(BytesOf(kSheet), households);
}

TEST_F(SimulationTest, WritesTheSameHouseholdsWhateverElseIsSimulated) {
  Run();
  const std::string alone = BytesOf(kSheet);
  plan_.townships = {*Division::Parse("520502100"), *Division::Parse("520502001")};
  Run();
  EXPECT_EQ(BytesOf(kSheet), alone);
}

TEST_F(SimulationTest, CountsWhatItWrites) {
  plan_.townships.push_back(*Division::Parse("520502002"));
  const SimulationCounts counts = Run();
  EXPECT_EQ(counts.townships, 2u);
  EXPECT_EQ(counts.households, 120u);
  EXPECT_EQ(counts.sites, 2u);
  uint64_t rows = 0;
  uint64_t values = 0;
  std::set<std::string> households;
  for (const char* township : {"520502001", "520502002"}) {
    const std::string code = township;
    for (const auto& row : RowsOf("households-" + code + ".csv.gz")) {
      ASSERT_EQ(row.size(), 33u);
      ++rows;
      households.insert(row[0] + "/" + row[1]);
      for (size_t i = 6; i < 32; ++i) values += row[i].empty() ? 0 : 1;
    }
    const auto site_rows = RowsOf("sites-" + code + ".csv");
    EXPECT_EQ(site_rows.size(), 14u);
    for (const auto& row : site_rows) {
      ASSERT_EQ(row.size(), 17u);
      ++rows;
      for (size_t i = 3; i < 16; ++i) values += row[i].empty() ? 0 : 1;
    }
  }
  EXPECT_EQ(counts.rows, rows);
  EXPECT_EQ(counts.values, values);
  EXPECT_EQ(households.size(), 120u);
  EXPECT_GT(rows, 120u * 14 * 95 / 100);
  EXPECT_LE(rows, 120u * 14 + 28);
}

TEST_F(SimulationTest, DatesEachRowInsideItsMonthInOrder) {
  Run();
  std::string month_before;
  std::set<std::string> months;
  std::map<std::string, std::string> date_of_village_month;
  for (const auto& row : RowsOf(kSheet)) {
    const auto date = Date::Parse(row[2]);
    ASSERT_TRUE(date.ok()) << date.status();
    const std::string month = date->month().ToString();
    ASSERT_GE(month, month_before);
    month_before = month;
    months.insert(month);
    // A village's sheet is of one day.
    ASSERT_EQ(date_of_village_month.emplace(row[0] + month, row[2]).first->second, row[2]);
  }
  EXPECT_EQ(months.size(), 14u);
  EXPECT_EQ(*months.begin(), "2025-09");
  EXPECT_EQ(*months.rbegin(), "2026-10");
}

TEST_F(SimulationTest, MarksEveryRowAsSimulated) {
  Run();
  for (const auto& row : RowsOf(kSheet)) ASSERT_EQ(row.back(), "模拟");
  for (const auto& row : RowsOf("sites-520502001.csv")) ASSERT_EQ(row.back(), "模拟");
  EXPECT_THAT(BytesOf("sites.yaml"), HasSubstr("# Simulated sites"));
}

TEST_F(SimulationTest, SettlesRelocatedHouseholdsAtASiteThatTheRegisterAccepts) {
  Run();
  Problems problems;
  const SiteRegister sites = LoadSites(PathOf("sites.yaml"), tree_, &problems);
  EXPECT_THAT(problems.messages(), ElementsAre());
  const Site* site = sites.Find(*Subject::Parse("520502001/S1"));
  ASSERT_NE(site, nullptr);
  EXPECT_THAT(site->origins,
              ElementsAre(*Division::Parse("520502002"), *Division::Parse("520502100")));
  std::set<std::string> relocated;
  for (const auto& row : RowsOf(kSheet)) {
    ASSERT_EQ(row[3].empty(), row[4].empty());
    ASSERT_EQ(row[3].empty(), row[5].empty());
    if (row[3].empty()) continue;
    ASSERT_EQ(row[3], "520502001/S1");
    ASSERT_TRUE(row[4].starts_with("520502002") || row[4].starts_with("520502100")) << row[4];
    ASSERT_TRUE(tree_.Has(*Division::Parse(row[4])));
    ASSERT_TRUE(Date::Parse(row[5]).ok());
    relocated.insert(row[0] + "/" + row[1]);
  }
  EXPECT_EQ(relocated.size(), 15u);  // a quarter of 60
}

TEST_F(SimulationTest, WritesAnEmptyRegisterWhereThereAreNoSites) {
  plan_.sites_share = 0;
  plan_.gzip = false;
  EXPECT_EQ(Run().sites, 0u);
  Problems problems;
  EXPECT_TRUE(LoadSites(PathOf("sites.yaml"), tree_, &problems).All().empty());
  EXPECT_THAT(problems.messages(), ElementsAre());
  EXPECT_FALSE(std::filesystem::exists(PathOf("sites-520502001.csv")));
  for (const auto& row : RowsOf("households-520502001.csv")) ASSERT_EQ(row[3], "");
}

TEST_F(SimulationTest, RefusesAPlanOutOfBounds) {
  const SimulationPlan good = plan_;
  plan_.households_per_township = 0;
  EXPECT_EQ(Refusal(), "households per township: 0 is outside 1 to 200000");
  plan_ = good;
  plan_.months = 241;
  EXPECT_EQ(Refusal(), "months: 241 is outside 1 to 240");
  plan_ = good;
  plan_.relocated_share = 1.5;
  EXPECT_EQ(Refusal(), "share of relocated households: 1.5 is outside 0 to 1");
  plan_ = good;
  plan_.townships = {*Division::Parse("520502")};
  EXPECT_EQ(Refusal(), "'520502' is not the 9-digit code of a township");
  plan_.townships = {*Division::Parse("520502009")};
  EXPECT_EQ(Refusal(), "township 520502009 is not among the divisions");
  plan_.townships = {good.townships[0], good.townships[0]};
  EXPECT_EQ(Refusal(), "township 520502001 is given twice");
}

TEST_F(SimulationTest, PicksTownshipsEvenlySpread) {
  const Division region = *Division::Parse("52");
  EXPECT_THAT(*PickTownships(tree_, region, 1), ElementsAre(*Division::Parse("520502002")));
  EXPECT_EQ(PickTownships(tree_, region, 3)->size(), 3u);
  EXPECT_EQ(PickTownships(tree_, region, 4).status().message(),
            "townships: 4 asked for; region 52 has 1 to 3");
}

}  // namespace
}  // namespace shouwang::simulator
