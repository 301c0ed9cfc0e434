// How the screens behave on simulated reporters, by the shipped policy: honest ones are left alone,
// made-up ones are found with their evidence. Fixed seeds; tests/bench/screening_quality measures
// more.
#include "tests/daemon/screening/simulated_county.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "daemon/risk/policy_file.h"
#include "storage/register/register.h"

namespace shouwang::screening {
namespace {

using simulator::FabricationKind;
using testing::IsEmpty;
using testing::Not;

constexpr int kSeeds = 20;

class SimulatedCountyTest : public testing::Test {
 protected:
  SimulatedCountyTest() {
    Problems problems;
    catalogue_ = LoadCatalogue(SHOUWANG_SOURCE_DIR "/deploy/catalogue.yaml", &problems);
    policy_ = risk::ReadPolicy(SHOUWANG_SOURCE_DIR "/deploy/policies/guizhou_2026.yaml", catalogue_,
                               &problems);
    // A township of the test has 200 households; thirty teams would be too many for it.
    policy_.screening->visits_per_day = 100;
    EXPECT_THAT(problems.messages(), IsEmpty());
    county_.townships = 12;
    county_.households = 200;
  }

  // The findings of a reporter.
  static std::vector<const Outcome*> FindingsOf(const ScreenedReporter& reporter) {
    std::vector<const Outcome*> findings;
    for (const Outcome& outcome : reporter.outcomes) {
      if (outcome.state == State::kFinding) findings.push_back(&outcome);
    }
    return findings;
  }
  // Makes up 30 % of what the fifth township sends and expects this finding of it.
  Outcome Found(FabricationKind kind, Screen screen) {
    county_.fabrications = {{kind, TownshipOf(4), 0.3}};
    const Comparison comparison = ScreenCounty(county_, policy_, catalogue_);
    EXPECT_EQ(comparison.reporters.size(), 12u);
    for (const ScreenedReporter& reporter : comparison.reporters) {
      if (reporter.reporter.township == TownshipOf(4)) continue;
      EXPECT_THAT(FindingsOf(reporter), IsEmpty()) << reporter.reporter.township.ToString();
    }
    const Outcome& outcome = comparison.reporters[4].outcomes[static_cast<size_t>(screen)];
    EXPECT_EQ(outcome.state, State::kFinding)
        << "p " << outcome.p.value_or(-1) << ", share " << outcome.measure << ", peers "
        << outcome.peers_median.value_or(-1) << ", of " << outcome.share.values;
    EXPECT_THAT(outcome.examples, Not(IsEmpty()));
    for (const Example& example : outcome.examples) {
      if (example.subject.number == 0) continue;
      EXPECT_EQ(example.subject.In(DivisionLevel::kTownship), TownshipOf(4));
    }
    return outcome;
  }

  Catalogue catalogue_;
  risk::Policy policy_;
  SimulatedCounty county_;
};

TEST_F(SimulatedCountyTest, OfHonestReportersNoMoreAreSuspectedThanThePolicyAllows) {
  // Where all are honest, a screening with any finding is a wrong one, and the rate bounds how many
  // screenings are: one of twenty at 5 %.
  int wrong = 0;
  size_t tests = 0;
  for (uint64_t seed = 1; seed <= kSeeds; ++seed) {
    county_.seed = seed;
    const Comparison comparison = ScreenCounty(county_, policy_, catalogue_);
    bool any = false;
    for (const ScreenedReporter& reporter : comparison.reporters) {
      any = any || !FindingsOf(reporter).empty();
    }
    wrong += any ? 1 : 0;
    tests += comparison.tests;
  }
  EXPECT_LE(wrong, kSeeds * policy_.screening->false_discovery_rate);
  EXPECT_GT(tests, kSeeds * 12u * 4) << "and nearly everything was tested";
}

TEST_F(SimulatedCountyTest, CopiedSheetsAreFound) {
  const Outcome found = Found(FabricationKind::kCopied, Screen::kCopiedValues);
  EXPECT_GT(found.measure, 0.25);
  EXPECT_LT(*found.peers_median, 0.15);
  for (const Example& example : found.examples) EXPECT_TRUE(example.date_before.has_value());
  EXPECT_GT(Found(FabricationKind::kCopied, Screen::kCopiedReports).measure, 0.2);
}

TEST_F(SimulatedCountyTest, RoundedSheetsAreFound) {
  const Outcome found = Found(FabricationKind::kRound, Screen::kRoundAmounts);
  EXPECT_GT(found.measure, 0.2);
  EXPECT_LT(*found.peers_median, 0.1);
  for (const Example& example : found.examples) {
    EXPECT_EQ(static_cast<int64_t>(example.value) % 100, 0) << example.value;
  }
}

TEST_F(SimulatedCountyTest, IncomesJustAboveTheLineAreFound) {
  county_.households = 400;  // of 200, too few are near the line for the peers to tell anything
  const Outcome found = Found(FabricationKind::kAboveLine, Screen::kAboveLine);
  EXPECT_GT(found.share.hits, 40u);
  for (const Example& example : found.examples) {
    EXPECT_GE(example.value, 8'800);
    EXPECT_LT(example.value, 8'800 * 1.1);
  }
}

TEST_F(SimulatedCountyTest, VisitsOfOneDayAreFound) {
  const Outcome found = Found(FabricationKind::kRushed, Screen::kEntrySpeed);
  EXPECT_GT(found.share.hits, 150u);
  std::vector<std::string> days;
  for (const Example& example : found.examples) days.push_back(example.date.ToString());
  EXPECT_THAT(days, testing::UnorderedElementsAre("2026-07-20", "2026-10-20"));
}

}  // namespace
}  // namespace shouwang::screening
