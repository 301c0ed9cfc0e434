#include "daemon/incidents/chronicle.h"

#include <optional>

#include "tests/daemon/incidents/province.h"

namespace shouwang::incidents {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;
using testing_province::MonthOf;
using testing_province::Province;

constexpr int kHold = 3;
constexpr int kLast = Province::kMonths - 1;  // 2026-10

// A county of a township of two villages and one of one: places 0 county, 1 township, 2 and 3 its
// villages, 4 township, 5 its village. One subject is expected of each of them in a month.
class ChronicleTest : public testing::Test {
 protected:
  ChronicleTest() : province_(MonthOf("2026-10")), expected_(6) {
    for (const char* village : {"520502001001", "520502001002", "520502002001"}) {
      province_.Settle(village, 10);
    }
    table_.emplace(province_.Table());
    counts_.assign(6, 0);
    for (Expected& expected : expected_) expected.mean = 1;
  }
  // What is told, by month of the table; months between have nothing.
  std::vector<Incident> Follow(const std::map<int, std::vector<Excess>>& told, int from = 0,
                               size_t most = kMaxIncidents) {
    Chronicle chronicle(&*table_, kHold, most);
    for (int month = 0; month <= kLast; ++month) {
      const auto found = told.find(month);
      chronicle.Add({*table_, 0, month, counts_, expected_},
                    found == told.end() ? std::span<const Excess>() : found->second);
    }
    return std::move(chronicle).Close(from, &left_out_);
  }
  static Excess At(size_t place, double q = 0.01) {
    return {.place = place, .p_value = q / 10, .q_value = q};
  }
  static std::vector<std::string> IdsOf(const std::vector<Incident>& incidents) {
    std::vector<std::string> ids;
    for (const Incident& incident : incidents) ids.push_back(incident.id.ToString());
    return ids;
  }
  Province province_;
  std::optional<OnsetTable> table_;
  std::vector<int64_t> counts_;
  std::vector<Expected> expected_;
  size_t left_out_ = 0;
};

TEST_F(ChronicleTest, AnExcessWithinTheHoldGoesOnAndOneAfterItIsAnother) {
  const auto incidents = Follow({{20, {At(2)}}, {23, {At(2, 0.001)}}, {27, {At(2)}}});
  ASSERT_THAT(IdsOf(incidents),
              ElementsAre("520502001001:disaster:2024-07", "520502001001:disaster:2025-02"));
  EXPECT_EQ(incidents[0].last, MonthOf("2024-10"));
  EXPECT_EQ(incidents[0].expected, 4) << "the months between count";
  EXPECT_EQ(incidents[0].q_value, 0.001);
}

TEST_F(ChronicleTest, IsOpenUntilTheMonthInWhichAnExcessWouldBeAnother) {
  EXPECT_TRUE(Follow({{kLast - kHold, {At(2)}}}).at(0).open);
  EXPECT_FALSE(Follow({{kLast - kHold - 1, {At(2)}}}).at(0).open);
}

TEST_F(ChronicleTest, APartsExcessGoesOnAsTheWholesAndAWholeTakesOver) {
  EXPECT_THAT(IdsOf(Follow({{40, {At(1)}}, {41, {At(2)}}})),
              ElementsAre("520502001:disaster:2026-03"));
  const auto incidents = Follow({{40, {At(2)}}, {41, {At(1)}}, {42, {At(0)}}});
  ASSERT_THAT(IdsOf(incidents),
              ElementsAre("520502001001:disaster:2026-03", "520502001:disaster:2026-04",
                          "520502:disaster:2026-05"));
  EXPECT_EQ(incidents[0].part_of, "520502001:disaster:2026-04");
  EXPECT_EQ(incidents[1].part_of, "520502:disaster:2026-05");
  EXPECT_EQ(incidents[2].part_of, "");
}

TEST_F(ChronicleTest, TellsWhatHadAnExcessSinceWithItsOwnFirstMonth) {
  const std::map<int, std::vector<Excess>> told = {{20, {At(2), At(5)}}, {22, {At(2)}}};
  EXPECT_THAT(Follow(told, 20), SizeIs(2));
  EXPECT_THAT(IdsOf(Follow(told, 22)), ElementsAre("520502001001:disaster:2024-07"));
  EXPECT_THAT(Follow(told, 23), IsEmpty());
  EXPECT_EQ(left_out_, 0u);
}

TEST_F(ChronicleTest, OfTooManyTheOpenOnesAndTheSurestStay) {
  const std::map<int, std::vector<Excess>> told = {
      {10, {At(2, 0.001)}}, {20, {At(2, 0.002)}}, {kLast, {At(3, 0.04)}}};
  EXPECT_THAT(IdsOf(Follow(told, 0, 2)),
              ElementsAre("520502001001:disaster:2023-09", "520502001002:disaster:2026-10"));
  EXPECT_EQ(left_out_, 1u);
  EXPECT_THAT(IdsOf(Follow(told, 0, 1)), ElementsAre("520502001002:disaster:2026-10"));
  EXPECT_EQ(left_out_, 2u);
}

// Villages with excesses of which chance is unlikely become part of a township that is less sure.
TEST_F(ChronicleTest, APartNeverStaysWithoutItsWhole) {
  const std::map<int, std::vector<Excess>> told = {
      {30, {At(2, 0.0001), At(3, 0.0002)}}, {31, {At(1, 0.03)}}, {10, {At(5, 0.02)}}};
  EXPECT_THAT(IdsOf(Follow(told, 0, 1)), ElementsAre("520502002001:disaster:2023-09"));
  const auto two = Follow(told, 0, 2);
  EXPECT_THAT(IdsOf(two),
              ElementsAre("520502002001:disaster:2023-09", "520502001:disaster:2025-06"));
  const auto three = Follow(told, 0, 3);
  ASSERT_THAT(three, SizeIs(3));
  EXPECT_EQ(three[1].part_of, three[2].id.ToString());
}

}  // namespace
}  // namespace shouwang::incidents
