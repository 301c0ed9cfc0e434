#include "daemon/incidents/kind_model.h"

#include <algorithm>
#include <optional>

#include "tests/daemon/incidents/province.h"

namespace shouwang::incidents {
namespace {

using testing_province::MonthOf;
using testing_province::Province;

constexpr int kHalfLife = 12;
constexpr int kHold = 3;

// A county of two townships of two villages: places 0 county, 1 township, 2 and 3 its villages, 4
// township, 5 and 6 its villages.
class KindModelTest : public testing::Test {
 protected:
  KindModelTest() : province_(MonthOf("2026-10")) {
    province_.SettleCounties(1, 2, 2, 100);
    table_.emplace(province_.Table());
    model_.emplace(&*table_, kHalfLife, kHold);
  }
  // Villages' counts; what is above them adds up.
  static std::vector<int64_t> Sums(int64_t a, int64_t b, int64_t c, int64_t d) {
    return {a + b + c + d, a + b, a, b, c + d, c, d};
  }
  std::vector<Expected> Expect(const std::vector<int64_t>& counts) const {
    std::vector<Expected> expected;
    model_->Expect(month_, false, std::vector<double>(counts.begin(), counts.end()), &expected);
    return expected;
  }
  // Of the month at hand, which is then over.
  void Learn(const std::vector<int64_t>& counts, const std::vector<size_t>& excess = {}) {
    std::vector<bool> in_excess(counts.size(), false);
    for (const size_t place : excess) in_excess[place] = true;
    model_->Learn(month_++, counts, Expect(counts), in_excess);
  }
  Province province_;
  std::optional<OnsetTable> table_;
  std::optional<KindModel> model_;
  int month_ = 0;
};

TEST_F(KindModelTest, ExpectsWhatThePlaceHadBesideItsNeighbours) {
  for (int i = 0; i < 24; ++i) Learn(Sums(8, 4, 4, 4));
  const std::vector<Expected> expected = Expect(Sums(8, 4, 4, 4));
  EXPECT_NEAR(expected[0].mean, 20, 1);
  EXPECT_NEAR(expected[2].mean, 8, 1);
  EXPECT_NEAR(expected[3].mean, 4, 1);
}

TEST_F(KindModelTest, OfAnExcessNothingIsLearnt) {
  for (int i = 0; i < 24; ++i) Learn(Sums(4, 4, 4, 4));
  const double before = Expect(Sums(4, 4, 4, 4))[2].mean;
  Learn(Sums(40, 4, 4, 4), {2});
  const std::vector<Expected> after = Expect(Sums(4, 4, 4, 4));
  EXPECT_NEAR(after[2].mean, before, 0.1);
  EXPECT_NEAR(after[1].mean, 8, 1);
  EXPECT_NEAR(after[0].mean, 16, 1);
}

TEST_F(KindModelTest, OfOneThatLastsItIsAfterTheHold) {
  for (int i = 0; i < 24; ++i) Learn(Sums(4, 4, 4, 4));
  for (int i = 0; i < kHold; ++i) Learn(Sums(40, 4, 4, 4), {2});
  EXPECT_NEAR(Expect(Sums(4, 4, 4, 4))[2].mean, 4, 1);
  for (int i = 0; i < 12; ++i) Learn(Sums(40, 4, 4, 4), {2});
  EXPECT_GT(Expect(Sums(4, 4, 4, 4))[2].mean, 16);
  EXPECT_GT(Expect(Sums(4, 4, 4, 4))[0].mean, 25);
}

TEST_F(KindModelTest, AMonthWithoutAnExcessBeginsTheHoldAnew) {
  for (int i = 0; i < 24; ++i) Learn(Sums(4, 4, 4, 4));
  for (int i = 0; i < 4; ++i) {
    for (int j = 0; j < kHold; ++j) Learn(Sums(40, 4, 4, 4), {2});
    Learn(Sums(4, 4, 4, 4));
  }
  EXPECT_NEAR(Expect(Sums(4, 4, 4, 4))[2].mean, 4, 1);
}

TEST_F(KindModelTest, ForgetsTheTopAlone) {
  for (int i = 0; i < 24; ++i) Learn(Sums(8, 4, 4, 4));
  EXPECT_EQ(model_->months_of_top(), 24);
  model_->ForgetTop();
  EXPECT_EQ(model_->months_of_top(), 0);
  // As it is now, and the village still above its neighbours.
  const std::vector<Expected> expected = Expect(Sums(80, 40, 40, 40));
  EXPECT_NEAR(expected[0].mean, 200, 1);
  EXPECT_GT(expected[2].mean, 1.2 * expected[3].mean);
  Learn(Sums(80, 40, 40, 40));
  EXPECT_EQ(model_->months_of_top(), 1);
}

// Half of 800 villages have half of the others' mean, half one and a half times it: 1/t is 0.25.
TEST(KindModelVariancesTest, BetweenPlacesIsWhatIsLeftWithoutChance) {
  constexpr int kVillages = 800;
  constexpr int kMonths = 30;
  constexpr int kShortHalfLife = 6;
  constexpr double kMean = 0.5;
  Province province(MonthOf("2026-10"));
  province.SettleCounties(1, 1, kVillages, 1);
  const OnsetTable table = province.Table();
  // The county is the township alone, which is the top.
  ASSERT_EQ(table.places().size(), kVillages + 1);
  KindModel model(&table, kShortHalfLife, kHold);
  std::mt19937_64 random(1);
  const auto uniform = [&] { return static_cast<double>(random() >> 11) * 0x1.0p-53; };
  const auto draw = [&](double mean) {  // Knuth's Poisson
    int64_t count = 0;
    for (double left = uniform(); left > std::exp(-mean); left *= uniform()) ++count;
    return count;
  };
  const double keep = std::exp2(-1.0 / kShortHalfLife);
  std::vector<int64_t> counts(kVillages + 1, 0);
  std::vector<double> was(kVillages + 1, 0);
  std::vector<Expected> expected;
  double was_expected = 0;
  for (int month = 0; month < kMonths; ++month) {
    counts[0] = 0;
    for (size_t p = 1; p <= kVillages; ++p) {
      counts[p] = draw(kMean * (p % 2 == 0 ? 0.5 : 1.5));
      counts[0] += counts[p];
      was[p] = was[p] * keep + static_cast<double>(counts[p]);
    }
    model.Expect(month, false, std::vector<double>(counts.begin(), counts.end()), &expected);
    was_expected = was_expected * keep + expected[1].neighbours_rate;
    model.Learn(month, counts, expected, std::vector<bool>(counts.size(), false));
  }
  model.Expect(kMonths, false, std::vector<double>(counts.begin(), counts.end()), &expected);
  // R = r (t + y) / (t + x), of the village that was told of most.
  const auto most = static_cast<size_t>(std::ranges::max_element(was) - was.begin());
  const double ratio = expected[most].rate / expected[most].neighbours_rate;
  const double t = (was[most] - ratio * was_expected) / (ratio - 1);
  EXPECT_NEAR(1 / t, 0.25, 0.06);
}

}  // namespace
}  // namespace shouwang::incidents
