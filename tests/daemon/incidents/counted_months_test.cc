#include "daemon/incidents/counted_months.h"

#include "tests/daemon/incidents/province.h"

namespace shouwang::incidents {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing_province::At;
using testing_province::MonthOf;
using testing_province::Province;

const Month kLast = MonthOf("2026-10");

class CountedMonthsTest : public testing::Test {
 protected:
  CountedMonthsTest() : province_(kLast) {
    province_.Settle("520502001001", 10);
    province_.Settle("520502001002", 10);
    province_.Settle("520502002001", 10);
    province_.Move("520502001001", 1, 4, "520502001/S3");
  }
  static std::vector<std::string> CodesOf(std::span<const Division> villages) {
    std::vector<std::string> codes;
    for (const Division& village : villages) codes.push_back(village.ToString());
    return codes;
  }
  Province province_;
};

TEST_F(CountedMonthsTest, AreThoseThatReportsTellOfOnceAPlaceIsSettled) {
  province_.StartsReporting("520502002", MonthOf("2025-06"));
  province_.Reported("520502001", MonthOf("2026-03"), 0);
  const CountedMonths counted(province_.Table(/*settle_months=*/12));
  EXPECT_FALSE(counted.OfVillage(At("520502002001"), MonthOf("2026-05")));
  EXPECT_TRUE(counted.OfVillage(At("520502002001"), MonthOf("2026-06")));
  EXPECT_TRUE(counted.OfVillage(At("520502001002"), MonthOf("2026-02")));
  EXPECT_FALSE(counted.OfVillage(At("520502001002"), MonthOf("2026-03")));
  EXPECT_TRUE(counted.OfSite(Subject::Parse("520502001/S3").value(), MonthOf("2026-03")));
}

TEST_F(CountedMonthsTest, AreNoneOfWhatTheTableDoesNotHave) {
  const CountedMonths counted(province_.Table());
  EXPECT_TRUE(counted.OfVillage(At("520502001001"), kLast));
  EXPECT_FALSE(counted.OfVillage(At("520502001001"), kLast + 1));
  EXPECT_FALSE(counted.OfVillage(At("520502001001"), province_.first() - 1));
  EXPECT_FALSE(counted.OfVillage(At("520502001003"), kLast));
  EXPECT_FALSE(counted.OfSite(Subject::Parse("520502001/S4").value(), kLast));
  EXPECT_FALSE(CountedMonths().OfVillage(At("520502001001"), kLast));
}

TEST_F(CountedMonthsTest, TellsTheVillagesOfARegionFromOneOn) {
  const CountedMonths counted(province_.Table());
  EXPECT_THAT(CodesOf(counted.Villages(At("520502"), 0)),
              ElementsAre("520502001001", "520502001002", "520502002001"));
  EXPECT_THAT(CodesOf(counted.Villages(At("520502001"), 520'502'001'002)),
              ElementsAre("520502001002"));
  EXPECT_THAT(CodesOf(counted.Villages(At("520502001"), 520'502'002'001)), IsEmpty());
  EXPECT_THAT(CodesOf(counted.Villages(At("520302"), 0)), IsEmpty());
}

}  // namespace
}  // namespace shouwang::incidents
