#include "daemon/incidents/onset_table.h"

#include "tests/daemon/incidents/province.h"

namespace shouwang::incidents {
namespace {

using testing::ElementsAre;
using testing_province::At;
using testing_province::MonthOf;
using testing_province::Province;

const Month kLast = MonthOf("2026-10");

std::vector<std::string> PlacesOf(const OnsetTable& table) {
  std::vector<std::string> places;
  for (const TablePlace& place : table.places()) places.push_back(place.place.ToString());
  return places;
}

TEST(OnsetTableTest, TheTopHoldsAllVillagesAndNoMore) {
  Province province(kLast);
  province.Settle("520502001001", 10);
  province.Settle("520502001002", 10);
  province.Settle("520502003001", 10);
  province.Move("520502001001", 1, 4, "520502001/S3");
  EXPECT_THAT(PlacesOf(province.Table()),
              ElementsAre("520502", "520502001", "520502001001", "520502001002", "520502003",
                          "520502003001", "520502001/S3"));
}

TEST(OnsetTableTest, CountsAddUpAndASiteIsCountedInItsVillages) {
  Province province(kLast);
  province.Settle("520502001001", 10);
  province.Settle("520502001002", 10);
  province.Move("520502001001", 1, 4, "520502001/S3");
  province.Warn("520502001001", kLast, 6);
  province.Warn("520502001002", kLast, 1);
  province.Warn("520502001002", kLast - 1, 2);
  const OnsetTable table = province.Table();
  std::vector<int64_t> counts;
  table.FillCounts(0, table.months() - 1, &counts);
  EXPECT_THAT(counts, ElementsAre(7, 6, 1, 4));
  EXPECT_EQ(table.Shared(1, 3, 0, table.months() - 1), 4);
  EXPECT_EQ(table.Shared(2, 3, 0, table.months() - 1), 0);
  table.FillCounts(0, table.months() - 2, &counts);
  EXPECT_THAT(counts, ElementsAre(2, 0, 2, 0));
}

TEST(OnsetTableTest, OfTheLastMonthAVillageIsExposedByItsOwnReports) {
  Province province(kLast);
  province.Settle("520502001001", 30);
  province.Settle("520502001002", 30);
  province.SilentAfter("520502001002", kLast - 1);
  province.Reported("520502001", kLast, 30);
  const OnsetTable table = province.Table();
  EXPECT_EQ(table.exposure(1, table.months() - 1), 30);
  EXPECT_EQ(table.exposure(2, table.months() - 1), 0);
  EXPECT_EQ(table.exposure(2, table.months() - 2), 30);
  EXPECT_EQ(table.exposure(0, table.months() - 1), 30);
}

TEST(OnsetTableTest, WhatAPlaceBeginsWithIsNotCounted) {
  Province province(kLast);
  province.Settle("520502001001", 10);
  province.Settle("520502002001", 10);
  province.StartsReporting("520502002", kLast - 12);
  province.Warn("520502002001", kLast - 12, 8);
  province.Warn("520502002001", kLast - 1, 3);
  province.Warn("520502002001", kLast, 2);
  const OnsetTable table = province.Table(/*settle_months=*/12);
  std::vector<int64_t> counts;
  table.FillCounts(0, table.months() - 13, &counts);
  EXPECT_THAT(counts, ElementsAre(0, 0, 0, 0, 0));
  table.FillCounts(0, table.months() - 2, &counts);
  EXPECT_THAT(counts, ElementsAre(0, 0, 0, 0, 0));
  table.FillCounts(0, table.months() - 1, &counts);
  EXPECT_THAT(counts, ElementsAre(2, 0, 0, 2, 2));
  EXPECT_EQ(table.exposure(4, table.months() - 2), 0);
  EXPECT_EQ(table.exposure(4, table.months() - 1), 10);
}

TEST(OnsetTableTest, IsEmptyOfNobody) {
  EXPECT_TRUE(Province(kLast).Table().places().empty());
  EXPECT_TRUE(Province(kLast).Find().incidents.empty());
}

TEST(OnsetTableTest, RefusesMoreVillagesThanItHasRoomFor) {
  OnsetTableBuilder builder({.first = kLast, .months = 1, .kinds = {RiskKind::kIncome}});
  absl::Status status;
  for (uint64_t i = 0; i <= kMaxRows; ++i) {
    const Subject household{520'000'000'001 + i, SubjectKind::kHousehold, 1};
    SubjectRisk risk;
    risk.subject = household;
    status = builder.Add(household, risk, Subject());
    if (!status.ok()) break;
  }
  EXPECT_EQ(status.code(), absl::StatusCode::kResourceExhausted);
  EXPECT_EQ(status.message(), "incidents: more than 100000 villages and sites at 520000100001/1");
}

}  // namespace
}  // namespace shouwang::incidents
