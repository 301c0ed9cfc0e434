#include "tests/bench/incidents/hidden_shocks.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "storage/register/register.h"

namespace shouwang::bench {
namespace {

using testing::IsEmpty;

// The shipped catalogue and policy, a province of 720 households.
class HiddenShocksTest : public testing::Test {
 protected:
  HiddenShocksTest() {
    Problems problems;
    const std::string deploy = SHOUWANG_SOURCE_DIR "/deploy/";
    catalogue_ = LoadCatalogue(deploy + "catalogue.yaml", &problems);
    policies_ =
        risk::PolicySet::Load({deploy + "policies/guizhou_2026.yaml"}, catalogue_, &problems);
    EXPECT_THAT(problems.messages(), IsEmpty());
    province_.counties = 2;
    province_.townships = 3;
    province_.villages = 4;
    province_.households = 30;
    province_.last = Month::Parse("2026-10").value();
  }
  void Hide(std::string_view shock) {
    province_.shocks.push_back(simulator::Shock::Parse(shock).value());
  }
  Score Scored() { return ScoreOf(province_, Search(province_, catalogue_, policies_)); }

  Catalogue catalogue_;
  risk::PolicySet policies_;
  QuietProvince province_;
};

TEST_F(HiddenShocksTest, AFloodIsFoundInItsMonth) {
  Hide("flood:520501002003:2026-03:0.7");
  Hide("flood:520502003:2026-06:0.5");
  const Score score = Scored();
  EXPECT_EQ(score.found, 2) << score.missed[0];
  EXPECT_EQ(score.months_late, 0);
  EXPECT_THAT(score.wrong, IsEmpty());
}

TEST_F(HiddenShocksTest, ALayoffAtASiteIsFoundOnceItsRuleMayHold) {
  Hide("layoff:520501002/S1:2026-03:0.8");
  const Score score = Scored();
  EXPECT_EQ(score.found, 1);
  EXPECT_LE(score.months_late, 3);
  EXPECT_THAT(score.wrong, IsEmpty());
}

TEST_F(HiddenShocksTest, NothingIsToldOfAQuietProvince) {
  const Score score = Scored();
  EXPECT_THAT(score.wrong, IsEmpty());
}

TEST_F(HiddenShocksTest, NorOfASeasonThatEverybodyShares) {
  province_.seasons = SharedSeasons(province_);
  EXPECT_EQ(province_.seasons.size(), 5);
  EXPECT_THAT(Scored().wrong, IsEmpty());
}

}  // namespace
}  // namespace shouwang::bench
