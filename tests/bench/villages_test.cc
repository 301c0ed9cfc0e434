#include "tests/bench/villages.h"

#include <fmt/format.h>
#include <gmock/gmock.h>

#include <algorithm>
#include <set>

namespace shouwang::bench {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

// 40 townships of 3 villages.
std::vector<std::string> ManyVillages() {
  std::vector<std::string> villages;
  for (int township = 1; township <= 40; ++township) {
    for (int village = 1; village <= 3; ++village) {
      villages.push_back(fmt::format("520102{:03}{:03}", township, village));
    }
  }
  return villages;
}

TEST(OrderOfMonthTest, HasEveryVillageOnce) {
  const std::vector<size_t> order = OrderOfMonth(ManyVillages(), 4);
  EXPECT_EQ(order.size(), 120u);
  const std::set<size_t> all(order.begin(), order.end());
  EXPECT_EQ(all.size(), 120u);
  EXPECT_EQ(*all.rbegin(), 119u);
}

TEST(OrderOfMonthTest, KeepsATownshipsVillagesTogetherAndAscending) {
  const std::vector<size_t> order = OrderOfMonth(ManyVillages(), 4);
  for (size_t i = 0; i < order.size(); i += 3) {
    EXPECT_EQ(order[i] % 3, 0u);
    EXPECT_EQ(order[i + 1], order[i] + 1);
    EXPECT_EQ(order[i + 2], order[i] + 2);
  }
}

TEST(OrderOfMonthTest, IsAnotherEachMonthAndTheSameEachTime) {
  EXPECT_EQ(OrderOfMonth(ManyVillages(), 4), OrderOfMonth(ManyVillages(), 4));
  EXPECT_NE(OrderOfMonth(ManyVillages(), 4), OrderOfMonth(ManyVillages(), 5));
  EXPECT_FALSE(std::ranges::is_sorted(OrderOfMonth(ManyVillages(), 0)));
}

TEST(OrderOfMonthTest, TakesTownshipsOfAnySize) {
  EXPECT_THAT(OrderOfMonth({}, 0), IsEmpty());
  const std::vector<std::string> one = {"520102001001"};
  EXPECT_THAT(OrderOfMonth(one, 7), ElementsAre(0));
}

TEST(SubjectOfTest, NumbersTheHouseholdsOfEachVillageFromOne) {
  const std::vector<std::string> villages = {"520102001001", "520102001005"};
  EXPECT_EQ(SubjectOf(villages, 320, 0), "520102001001/1");
  EXPECT_EQ(SubjectOf(villages, 320, 319), "520102001001/320");
  EXPECT_EQ(SubjectOf(villages, 320, 320), "520102001005/1");
}

TEST(ProvinceVillagesTest, AreAsManyAsARealProvinceHas) {
  const std::vector<std::string> villages = ProvinceVillages();
  EXPECT_EQ(villages.size(), 30'600u);
  EXPECT_EQ(villages.front(), "910101100201");
  EXPECT_EQ(villages.back(), "910910116220");
  EXPECT_TRUE(std::ranges::is_sorted(villages));
  std::set<std::string_view> townships;
  for (const std::string& village : villages) townships.insert(TownshipOf(village));
  EXPECT_EQ(townships.size(), 1'530u);
}

TEST(DivisionsCsvTest, ListsVillagesAndAllThatIsAboveThem) {
  const std::vector<std::string> villages = {"520102001001", "520102001005"};
  EXPECT_EQ(DivisionsCsv(villages),
            "code,name\n52,bench 52\n5201,bench 5201\n520102,bench 520102\n"
            "520102001,bench 520102001\n520102001001,bench 520102001001\n"
            "520102001005,bench 520102001005\n");
}

}  // namespace
}  // namespace shouwang::bench
