#include "storage/vocabulary/division_tree.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace shouwang {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

Division At(std::string_view code) { return *Division::Parse(code); }

class DivisionTreeTest : public ::testing::Test {
 protected:
  void SetUp() override {
    // Not in code order, as long as parents come first.
    for (const char* code : {"53", "52", "5205", "5201", "520502", "520523", "520502001",
                             "520502100", "520502001002", "520502001001", "5301"}) {
      ASSERT_TRUE(tree_.Add(At(code), std::string("n") + code).ok()) << code;
    }
  }
  DivisionTree tree_;
};

TEST_F(DivisionTreeTest, FindsNamesAtEveryLevel) {
  EXPECT_EQ(*tree_.NameOf(At("52")), "n52");
  EXPECT_EQ(*tree_.NameOf(At("5205")), "n5205");
  EXPECT_EQ(*tree_.NameOf(At("520523")), "n520523");
  EXPECT_EQ(*tree_.NameOf(At("520502100")), "n520502100");
  EXPECT_EQ(*tree_.NameOf(At("520502001002")), "n520502001002");
  EXPECT_EQ(tree_.NameOf(At("520502001003")), nullptr);
  EXPECT_EQ(tree_.NameOf(At("54")), nullptr);
  EXPECT_FALSE(tree_.Has(Division()));
  EXPECT_EQ(tree_.size(), 11u);
}

TEST_F(DivisionTreeTest, ListsWhatLiesInARegionInCodeOrder) {
  EXPECT_THAT(tree_.ChildrenOf(Division()), ElementsAre(At("52"), At("53")));
  EXPECT_THAT(tree_.ChildrenOf(At("52")), ElementsAre(At("5201"), At("5205")));
  EXPECT_THAT(tree_.ChildrenOf(At("520502001")),
              ElementsAre(At("520502001001"), At("520502001002")));
  EXPECT_THAT(tree_.ChildrenOf(At("520502001001")), IsEmpty());
  EXPECT_THAT(tree_.Within(At("52"), DivisionLevel::kTownship),
              ElementsAre(At("520502001"), At("520502100")));
  EXPECT_THAT(tree_.Within(At("52"), DivisionLevel::kProvince), ElementsAre(At("52")));
  EXPECT_THAT(tree_.Within(At("5205"), DivisionLevel::kProvince), IsEmpty());
  EXPECT_THAT(tree_.Within(At("53"), DivisionLevel::kVillage), IsEmpty());
  EXPECT_EQ(tree_.CountWithin(Division(), DivisionLevel::kPrefecture), 3u);
}

TEST_F(DivisionTreeTest, WritesThePathWithCodesWhereNamesAreMissing) {
  EXPECT_EQ(tree_.PathOf(At("520502001001")), "n52 / n5205 / n520502 / n520502001 / n520502001001");
  EXPECT_EQ(tree_.PathOf(At("530101")), "n53 / n5301 / 530101");
  EXPECT_EQ(tree_.PathOf(Division()), "");
}

TEST_F(DivisionTreeTest, RefusesOrphansSecondNamesAndTheNation) {
  EXPECT_EQ(tree_.Add(At("540101"), "x").message(),
            "division 540101 'x': its prefecture 5401 is missing");
  EXPECT_EQ(tree_.Add(At("5205"), "other").message(),
            "division 5205 is named both 'n5205' and 'other'");
  EXPECT_TRUE(tree_.Add(At("5205"), "n5205").ok());
  EXPECT_EQ(tree_.size(), 11u);
  EXPECT_FALSE(tree_.Add(Division(), "China").ok());
}

}  // namespace
}  // namespace shouwang
