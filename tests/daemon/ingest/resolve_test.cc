#include "daemon/ingest/resolve.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "tests/daemon/ingest/fixture.h"

namespace shouwang::ingest {
namespace {

Observation Report(int64_t value, int reported_ms, int known_ms, uint64_t batch,
                   Source source = Source::kCadreVisit) {
  return Observation{
      Household(1), kWage, Day("2026-05-31"), value,
      Arrival{At("2026-06-01", reported_ms), At("2026-07-01", known_ms), batch, source}};
}

class ResolveTest : public testing::Test {
 protected:
  Outcome Apply(const Observation& report) {
    return Resolve(report, &history_, &transaction_).outcome;
  }
  Point Standing() { return *history_.At(kWage, Day("2026-05-31")); }

  History history_{Household(1)};
  Transaction transaction_;
};

TEST_F(ResolveTest, ANewCellIsAccepted) {
  const Resolution resolution = Resolve(Report(120000, 1, 1, 1), &history_, &transaction_);
  EXPECT_EQ(resolution.outcome, Outcome::kAccepted);
  EXPECT_EQ(resolution.change, 120000);
  EXPECT_EQ(transaction_.observations.size(), 1u);
  EXPECT_TRUE(transaction_.superseded.empty());
}

TEST_F(ResolveTest, ALaterReportCorrectsAndTheOldValueIsKeptWithTheTimeItWasReplaced) {
  Apply(Report(120000, 1, 1, 1));
  const Resolution resolution = Resolve(Report(90000, 2, 5, 2), &history_, &transaction_);
  EXPECT_EQ(resolution.outcome, Outcome::kCorrected);
  EXPECT_EQ(resolution.change, -30000);
  EXPECT_EQ(Standing().value, 90000);
  ASSERT_EQ(transaction_.superseded.size(), 1u);
  EXPECT_EQ(transaction_.superseded[0].observation, Report(120000, 1, 1, 1));
  EXPECT_EQ(transaction_.superseded[0].until, At("2026-07-01", 5));
}

TEST_F(ResolveTest, AnEarlierReportThatComesInLateIsKeptButDoesNotStand) {
  Apply(Report(90000, 2, 1, 1));
  EXPECT_EQ(Apply(Report(120000, 1, 5, 2)), Outcome::kSuperseded);
  EXPECT_EQ(Standing().value, 90000);
  EXPECT_EQ(transaction_.observations.size(), 1u);
  ASSERT_EQ(transaction_.superseded.size(), 1u);
  EXPECT_EQ(transaction_.superseded[0].observation, Report(120000, 1, 5, 2));
  EXPECT_EQ(transaction_.superseded[0].until, At("2026-07-01", 5));
}

TEST_F(ResolveTest, ALaterReportOfTheSameValueMovesOnlyWhenAndByWhomItWasReported) {
  Apply(Report(90000, 1, 1, 1));
  EXPECT_EQ(Apply(Report(90000, 2, 5, 2, Source::kDepartmentScreening)), Outcome::kUnchanged);
  const Arrival arrival = history_.ArrivalOf(Standing());
  EXPECT_EQ(arrival.reported_at, At("2026-06-01", 2));
  EXPECT_EQ(arrival.source, Source::kDepartmentScreening);
  EXPECT_EQ(arrival.known_at, At("2026-07-01", 1));
  EXPECT_EQ(arrival.batch, 1u);
  ASSERT_EQ(transaction_.observations.size(), 2u);
  EXPECT_EQ(transaction_.observations[1].arrival, arrival);
  EXPECT_TRUE(transaction_.superseded.empty());
}

TEST_F(ResolveTest, AnEarlierReportOfTheSameValueChangesNothing) {
  Apply(Report(90000, 2, 1, 1));
  EXPECT_EQ(Apply(Report(90000, 1, 5, 2)), Outcome::kUnchanged);
  EXPECT_EQ(history_.ArrivalOf(Standing()).reported_at, At("2026-06-01", 2));
  EXPECT_EQ(transaction_.observations.size(), 1u);
  EXPECT_TRUE(transaction_.superseded.empty());
}

// If a repeat did not move reported_at, the third report would win in one order only.
TEST_F(ResolveTest, AnyOrderOfThreeReportsLeavesTheSameValueStanding) {
  std::vector<int> order = {0, 1, 2};
  const std::vector<Observation> reports = {Report(90000, 1, 0, 1), Report(90000, 3, 0, 2),
                                            Report(70000, 2, 0, 3)};
  do {
    history_ = History(Household(1));
    for (const int i : order) Apply(reports[static_cast<size_t>(i)]);
    EXPECT_EQ(Standing().value, 90000);
    EXPECT_EQ(history_.ArrivalOf(Standing()).reported_at, At("2026-06-01", 3));
  } while (std::ranges::next_permutation(order).found);
}

TEST_F(ResolveTest, AtTheSameInstantTheHigherSourceStandsThenTheHigherValue) {
  Apply(Report(90000, 1, 1, 1, Source::kCadreVisit));
  EXPECT_EQ(Apply(Report(99000, 1, 2, 2, Source::kSelfDeclaration)), Outcome::kSuperseded);
  EXPECT_EQ(Apply(Report(10000, 1, 3, 3, Source::kDepartmentScreening)), Outcome::kCorrected);
  EXPECT_EQ(Apply(Report(20000, 1, 4, 4, Source::kDepartmentScreening)), Outcome::kCorrected);
  EXPECT_EQ(Standing().value, 20000);
}

}  // namespace
}  // namespace shouwang::ingest
