#include "storage/vocabulary/reporting.h"

#include <gtest/gtest.h>

#include "storage/vocabulary/histogram.h"

namespace shouwang {
namespace {

TEST(ReportingTest, DelaysAreDaysFromTheFirstOfTheFollowingMonth) {
  const Month month = *Month::Parse("2026-12");
  EXPECT_EQ(DelayDays(month, *Date::Parse("2027-01-01")), 0);
  EXPECT_EQ(DelayDays(month, *Date::Parse("2027-01-20")), 19);
  EXPECT_EQ(DelayDays(month, *Date::Parse("2026-12-31")), -1);
  EXPECT_EQ(DelayDays(month, *Date::Parse("2026-12-01")), -31);
}

TEST(ReportingTest, EachDayAroundADueDayHasABucketOfItsOwn) {
  for (int days = -31; days <= 31; ++days) {
    const BucketEnds ends = EndsOf(BucketOf(days));
    EXPECT_EQ(ends.least, days);
    EXPECT_EQ(ends.greatest, days);
  }
}

TEST(ReportingTest, NoIndicatorMayHaveAnIdOfACount) {
  Indicator indicator;
  indicator.id = kLastCatalogued;
  indicator.name = "wage";
  indicator.max = 1;
  EXPECT_TRUE(Catalogue::Of({indicator}).ok());
  for (const IndicatorId id : {kFirstReport, kLastReport}) {
    indicator.id = id;
    const auto catalogue = Catalogue::Of({indicator});
    EXPECT_EQ(catalogue.status().code(), absl::StatusCode::kInvalidArgument);
    EXPECT_NE(std::string(catalogue.status().message()).find("id must be 1 to 65533"),
              std::string::npos);
  }
}

}  // namespace
}  // namespace shouwang
