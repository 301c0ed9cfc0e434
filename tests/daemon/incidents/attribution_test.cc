#include "daemon/incidents/attribution.h"

#include "tests/daemon/incidents/province.h"

namespace shouwang::incidents {
namespace {

using testing::ElementsAre;
using testing_province::MonthOf;
using testing_province::Province;
using testing_province::TestPolicy;

// Two townships: places 0 county, 1 township, 2 to 5 its villages, 6 township, 7 its village, and
// the site 8 of the first.
class AttributionTest : public testing::Test {
 protected:
  AttributionTest() : province_(MonthOf("2026-10")) {
    for (const char* village : {"520502001001", "520502001002", "520502001003", "520502001004"}) {
      province_.Settle(village, 50);
    }
    province_.Settle("520502002001", 50);
    province_.Move("520502001001", 1, 40, "520502001/S3");
  }
  std::vector<size_t> Attributed(std::vector<int64_t> counts, const std::vector<size_t>& excess) {
    const OnsetTable table = province_.Table();
    std::vector<Expected> expected(counts.size());
    for (size_t p = 0; p < counts.size(); ++p) {
      expected[p].mean = table.places()[p].households / 50.0;
      expected[p].variation = 0.2;
    }
    return Attribute({table, 0, table.months() - 1, counts, expected}, excess, 1e-4, TestPolicy());
  }
  Province province_;
};

TEST_F(AttributionTest, AVillagesExcessInAQuietTownshipIsTheVillages) {
  EXPECT_THAT(Attributed({35, 34, 30, 2, 1, 1, 1, 1, 2}, {0, 1, 2}), ElementsAre(2));
}

TEST_F(AttributionTest, WhatIsStillAnExcessWithoutThatVillageIsTheTownships) {
  EXPECT_THAT(Attributed({75, 74, 35, 13, 14, 12, 1, 1, 2}, {0, 1, 2}), ElementsAre(1));
}

TEST_F(AttributionTest, WhatManyVillagesShareIsTheTownships) {
  EXPECT_THAT(Attributed({65, 64, 31, 31, 1, 1, 1, 1, 2}, {0, 1, 2, 3}), ElementsAre(1));
}

TEST_F(AttributionTest, AnExcessWithoutPartsIsThePlaces) {
  EXPECT_THAT(Attributed({41, 40, 10, 10, 10, 10, 1, 1, 2}, {1}), ElementsAre(1));
}

TEST_F(AttributionTest, AVillageWhoseWarnedLiveAtASiteIsToldAsTheSite) {
  province_.Warn("520502001001", MonthOf("2026-10"), 30);
  EXPECT_THAT(Attributed({34, 33, 30, 1, 1, 1, 1, 1, 30}, {0, 1, 2, 8}), ElementsAre(8));
}

TEST_F(AttributionTest, ASiteThatIsAFewOfAVillageIsToldAsTheVillage) {
  // 10 of them live at the site.
  province_.Warn("520502001001", MonthOf("2026-10"), 20, 31);
  EXPECT_THAT(Attributed({54, 53, 50, 1, 1, 1, 1, 1, 10}, {0, 1, 2, 8}), ElementsAre(2));
}

TEST_F(AttributionTest, AVillageBesideASiteIsToldItself) {
  province_.Warn("520502001001", MonthOf("2026-10"), 30, 21);
  // 20 of its 30 live at the site; of the other village none does.
  EXPECT_THAT(Attributed({64, 63, 1, 60, 1, 1, 1, 1, 20}, {3, 8}), ElementsAre(3, 8));
}

}  // namespace
}  // namespace shouwang::incidents
