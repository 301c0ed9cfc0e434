#include "daemon/screening/comparison.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

namespace shouwang::screening {
namespace {

using testing::IsEmpty;
using testing::Not;
using testing::SizeIs;

risk::ScreeningPolicy Policy() {
  risk::ScreeningPolicy policy;
  policy.false_discovery_rate = 0.05;
  policy.peers_at_least = 5;
  policy.least_excess = 0.03;
  policy.amounts = {1, 2};
  policy.copied_at_least = 100;
  policy.constant_share = 0.5;
  policy.report_values = 2;
  policy.heaping_at_least = 100;
  policy.bunching_at_least = 20;
  policy.speed_at_least = 100;
  return policy;
}

ReporterTally Of(int township, const Source source = Source::kCadreVisit) {
  ReporterTally tally;
  tally.reporter = {*Division::Parse(fmt::format("{:09}", township)), "office", source};
  tally.reports = 500;
  tally.pairs.resize(2);
  return tally;
}

const Outcome& OutcomeOf(const Comparison& comparison, size_t reporter, Screen screen) {
  return comparison.reporters[reporter].outcomes[static_cast<size_t>(screen)];
}

// Ten townships of a county; `fill` sets what the i-th has.
template <typename Fill>
std::vector<ReporterTally> County(Fill fill) {
  std::vector<ReporterTally> tallies;
  for (int i = 0; i < 10; ++i) {
    tallies.push_back(Of(520502001 + i));
    fill(i, &tallies.back());
  }
  return tallies;
}

TEST(ComparisonTest, WhoStandsOutAmongItsPeersIsFoundWithItsEvidence) {
  const auto tallies = County([](int i, ReporterTally* tally) {
    tally->round = {i == 3 ? 300u : 100u + static_cast<uint64_t>(i), 1000};
    tally->round_examples.Add({{520502001001, SubjectKind::kHousehold, 1}, 1, {}, {}, 500, {}});
  });
  const Comparison comparison = Compare(tallies, Policy());
  EXPECT_EQ(comparison.tests, 10u);
  const Outcome& found = OutcomeOf(comparison, 3, Screen::kRoundAmounts);
  EXPECT_EQ(found.state, State::kFinding);
  EXPECT_EQ(found.share.hits, 300u);
  EXPECT_DOUBLE_EQ(found.measure, 0.3);
  EXPECT_DOUBLE_EQ(*found.peers_median, 0.105);
  EXPECT_EQ(found.peers, 9u);
  EXPECT_LT(*found.q, 0.01);
  EXPECT_THAT(found.examples, SizeIs(1));
  for (const size_t other : {0, 1, 2, 4, 5, 6, 7, 8, 9}) {
    EXPECT_EQ(OutcomeOf(comparison, other, Screen::kRoundAmounts).state, State::kUnremarkable);
    EXPECT_THAT(OutcomeOf(comparison, other, Screen::kRoundAmounts).examples, IsEmpty());
  }
}

TEST(ComparisonTest, ASmallExcessIsNoFindingHoweverSure) {
  const auto tallies = County([](int i, ReporterTally* tally) {
    tally->round = {i == 3 ? 1'250'000u : 1'000'000u, 10'000'000};
  });
  const Comparison comparison = Compare(tallies, Policy());
  EXPECT_LT(*OutcomeOf(comparison, 3, Screen::kRoundAmounts).q, 0.0001);
  EXPECT_EQ(OutcomeOf(comparison, 3, Screen::kRoundAmounts).state, State::kUnremarkable);
}

TEST(ComparisonTest, WhatIsConstantForThePeersIsNotCopied) {
  // Amount 2 is a pension: the same every month, for everybody.
  const auto tallies = County([](int i, ReporterTally* tally) {
    tally->pairs[0].share = {i == 3 ? 200u : 20u, 500};
    tally->pairs[1].share = {490, 500};
    for (size_t amount = 0; amount < 2; ++amount) {
      tally->pairs[amount].examples.Add({{520502001001, SubjectKind::kHousehold, 1},
                                         static_cast<IndicatorId>(amount + 1),
                                         {},
                                         {},
                                         500,
                                         {}});
    }
  });
  const Comparison comparison = Compare(tallies, Policy());
  const Outcome& found = OutcomeOf(comparison, 3, Screen::kCopiedValues);
  EXPECT_EQ(found.share.hits, 200u);
  EXPECT_EQ(found.share.values, 500u);
  EXPECT_EQ(found.state, State::kFinding);
  ASSERT_THAT(found.examples, SizeIs(1));
  EXPECT_EQ(found.examples[0].indicator, 1);
}

TEST(ComparisonTest, TooFewValuesOrPeersAreToldAndNotTested) {
  const auto tallies = County([](int i, ReporterTally* tally) {
    if (i == 0) tally->round = {90, 99};
    if (i < 6) tally->visits = {0, 100};
    if (i < 5) tally->reports_again = {0, 100};
    if (i == 0) tally->above_line = {20, 20};
    if (i > 0) tally->above_line = {1, 4};  // too few to be a peer
  });
  const Comparison comparison = Compare(tallies, Policy());
  EXPECT_EQ(OutcomeOf(comparison, 0, Screen::kRoundAmounts).state, State::kTooFewValues);
  EXPECT_FALSE(OutcomeOf(comparison, 0, Screen::kRoundAmounts).p.has_value());
  EXPECT_EQ(OutcomeOf(comparison, 0, Screen::kEntrySpeed).state, State::kUnremarkable);
  EXPECT_EQ(OutcomeOf(comparison, 0, Screen::kCopiedReports).state, State::kTooFewPeers);
  EXPECT_EQ(OutcomeOf(comparison, 0, Screen::kCopiedReports).peers, 4u);
  EXPECT_EQ(OutcomeOf(comparison, 0, Screen::kAboveLine).state, State::kTooFewPeers);
  EXPECT_EQ(comparison.tests, 6u);
}

TEST(ComparisonTest, APeerNeedsAQuarterOfTheValues) {
  const auto tallies = County([](int i, ReporterTally* tally) {
    tally->above_line = {i == 0 ? 60u : 3u, i == 0 ? 62u : 5u};
  });
  const Comparison comparison = Compare(tallies, Policy());
  EXPECT_EQ(OutcomeOf(comparison, 0, Screen::kAboveLine).state, State::kFinding);
  EXPECT_EQ(OutcomeOf(comparison, 1, Screen::kAboveLine).state, State::kTooFewValues);
}

TEST(ComparisonTest, PeersAreOfTheSameCountyAndSource) {
  std::vector<ReporterTally> tallies = County([](int, ReporterTally* tally) {
    tally->round = {100, 1000};
  });
  for (int i = 0; i < 10; ++i) {
    tallies.push_back(Of(520302001 + i));  // of another county everybody rounds
    tallies.back().round = {800, 1000};
    tallies.push_back(Of(520502001 + i, Source::kDepartmentScreening));
    tallies.back().round = {0, 1000};
  }
  const Comparison comparison = Compare(tallies, Policy());
  ASSERT_THAT(comparison.reporters, SizeIs(30));
  for (size_t i = 0; i < 30; ++i) {
    EXPECT_EQ(OutcomeOf(comparison, i, Screen::kRoundAmounts).state, State::kUnremarkable);
    EXPECT_EQ(OutcomeOf(comparison, i, Screen::kRoundAmounts).peers, 9u);
  }
}

TEST(ComparisonTest, DigitsOfAFindingAreTold) {
  const auto tallies = County([](int i, ReporterTally* tally) {
    tally->digits = {50, 50, 50, 50, 50, 50, 50, 50, 50};
    if (i == 3) tally->digits = {10, 10, 150, 10, 10, 10, 150, 10, 10};
  });
  const Comparison comparison = Compare(tallies, Policy());
  const Outcome& found = OutcomeOf(comparison, 3, Screen::kLastDigits);
  EXPECT_EQ(found.state, State::kFinding);
  ASSERT_TRUE(found.digits.has_value());
  EXPECT_EQ((*found.digits)[2], 150u);
  EXPECT_NEAR(found.digits_expected[2], 370.0 / 9, 1e-9);
  EXPECT_EQ(found.share.values, 370u);
  EXPECT_FALSE(OutcomeOf(comparison, 4, Screen::kLastDigits).digits.has_value());
}

TEST(ComparisonTest, TheOrderOfTalliesChangesNothing) {
  std::vector<ReporterTally> tallies = County([](int i, ReporterTally* tally) {
    tally->round = {100u + 7u * static_cast<uint64_t>(i) * static_cast<uint64_t>(i), 1000};
  });
  const Comparison one = Compare(tallies, Policy());
  std::ranges::reverse(tallies);
  const Comparison other = Compare(tallies, Policy());
  for (size_t i = 0; i < 10; ++i) {
    EXPECT_EQ(one.reporters[i].reporter, other.reporters[i].reporter);
    EXPECT_EQ(OutcomeOf(one, i, Screen::kRoundAmounts).q,
              OutcomeOf(other, i, Screen::kRoundAmounts).q);
  }
}

TEST(ComparisonTest, OfManyPeersSomeArePicked) {
  std::vector<ReporterTally> tallies;
  for (int i = 0; i < 300; ++i) {
    tallies.push_back(Of(520502001));
    tallies.back().reporter.collector = fmt::format("collector {}", i);
    tallies.back().round = {i == 7 ? 500u : 100u, 1000};
  }
  const Comparison comparison = Compare(tallies, Policy());
  for (const ScreenedReporter& reporter : comparison.reporters) {
    const Outcome& outcome = reporter.outcomes[static_cast<size_t>(Screen::kRoundAmounts)];
    EXPECT_EQ(outcome.peers, kMaxPeers);
    EXPECT_EQ(outcome.state == State::kFinding, reporter.reporter.collector == "collector 7");
  }
}

TEST(ComparisonTest, NobodyIsComparedWithNobody) {
  EXPECT_THAT(Compare({}, Policy()).reporters, IsEmpty());
  const Comparison alone = Compare({Of(520502001)}, Policy());
  EXPECT_EQ(OutcomeOf(alone, 0, Screen::kRoundAmounts).state, State::kTooFewValues);
}

}  // namespace
}  // namespace shouwang::screening
