#include "daemon/cases/lot.h"

#include <fmt/format.h>

#include "tests/daemon/watched_county.h"

namespace shouwang::cases {
namespace {

using namespace county;
using testing::ElementsAre;
using testing::IsEmpty;

std::string InHex(const Lot& lot) {
  std::string text;
  for (const uint8_t byte : lot) text += fmt::format("{:02x}", byte);
  return text;
}

// printf '202601/2026-11/520502001001/17' | sha256sum
TEST(LotTest, IsWhatAnyoneCanCompute) {
  EXPECT_EQ(InHex(LotOf(202601, MonthOf("2026-11"), Of("520502001001/17"))),
            "2c60722421b3b3f45f64ddb5afffff0e57aa849298427824be8a1430926efc06");
}

TEST(LotTest, TheLowestAreDrawnInTheirOrderHoweverTheHouseholdsStand) {
  std::vector<Subject> households;
  for (uint32_t number = 1; number <= 20; ++number) {
    households.push_back(Subject::Household(At("520502001001"), number).value());
  }
  const auto draw = [&](Month month) { return DrawLots(households, 202601, month, 3); };
  EXPECT_THAT(draw(MonthOf("2026-11")),
              ElementsAre(Of("520502001001/11"), Of("520502001001/8"), Of("520502001001/4")));
  std::ranges::reverse(households);
  EXPECT_THAT(draw(MonthOf("2026-11")),
              ElementsAre(Of("520502001001/11"), Of("520502001001/8"), Of("520502001001/4")));
  EXPECT_NE(draw(MonthOf("2026-11")), draw(MonthOf("2026-12"))) << "each month is drawn anew";
}

TEST(LotTest, WhereThereAreFewerAllAreDrawn) {
  const std::vector<Subject> two = {Of("520502001001/1"), Of("520502001001/4")};
  EXPECT_THAT(DrawLots(two, 202601, MonthOf("2026-11"), 5),
              ElementsAre(Of("520502001001/4"), Of("520502001001/1")));
  EXPECT_THAT(DrawLots({}, 202601, MonthOf("2026-11"), 5), IsEmpty());
}

}  // namespace
}  // namespace shouwang::cases
