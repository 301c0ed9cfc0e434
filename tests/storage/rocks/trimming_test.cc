#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <thread>

#include "storage/rocks/rocks_trimming.h"
#include "tests/storage/contract/store_contract.h"

namespace shouwang {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

// Indicator 1 is kept from 2025 on, 2 from 2022 on, 3 for ever.
Retention Closed() { return {{{1, 2025}, {2, 2022}}}; }

SubjectRisk Judged(std::string_view subject) {
  SubjectRisk risk;
  risk.subject = Named(subject);
  risk.policy_fingerprint = 7;
  return risk;
}

class RocksTrimmingTest : public testing::Test {
 protected:
  // Decides nothing, and notes who loses what: "520502001001/1 -2 keeps 3".
  TrimTotals Trim(const Retention& retention, std::string_view township = "520502001") {
    const auto totals =
        trimming_.Trim(Div(township), retention, {}, [&](std::span<const TrimmedSubject> subjects) {
          for (const TrimmedSubject& trimmed : subjects) {
            decided_.push_back(trimmed.subject.ToString() + " -" + std::to_string(trimmed.dropped) +
                               " keeps " + std::to_string(trimmed.kept.PointCount()));
          }
          return Transaction();
        });
    EXPECT_TRUE(totals.ok()) << totals.status();
    return totals.value_or(TrimTotals());
  }
  std::vector<std::string> Kept() {
    std::vector<std::string> kept;
    for (const Row& row : Scanned(*store_, Div(""))) {
      kept.push_back(std::get<0>(row) + " " + std::to_string(std::get<1>(row)) + " " +
                     std::get<2>(row));
    }
    return kept;
  }

  TemporaryDirectory directory_;
  std::unique_ptr<RocksStore> store_ = OpenRocks(SmallRocks(directory_.path()));
  RocksTrimming trimming_{store_.get()};
  std::vector<std::string> decided_;
};

TEST_F(RocksTrimmingTest, WholeYearsGoAndMixedOnesKeepTheirOtherIndicators) {
  const Arrival arrival = ArrivedAt(5'000, 9, Source::kSelfDeclaration);
  CommitOk(*store_, {.observations = {Observe("520502001001/1", 1, "2020-01-31", 1),
                                      Observe("520502001001/1", 1, "2024-12-31", 2),
                                      Observe("520502001001/1", 2, "2024-12-31", 3, arrival),
                                      Observe("520502001001/1", 1, "2025-01-01", 4),
                                      Observe("520502001001/2", 3, "2019-01-31", 5),
                                      Observe("520502001001/3", 2, "2024-06-30", 6),
                                      Observe("520502002001/1", 1, "2020-01-31", 7)}});
  ASSERT_TRUE(store_->Compact().ok());
  const TrimTotals totals = Trim(Closed());
  EXPECT_THAT(decided_, ElementsAre("520502001001/1 -2 keeps 2"));
  EXPECT_EQ(totals.observations, 2u);
  EXPECT_EQ(totals.forgotten, 0u);
  const auto expect = [&] {
    EXPECT_THAT(Kept(), ElementsAre("520502001001/1 1 2025-01-01", "520502001001/1 2 2024-12-31",
                                    "520502001001/2 3 2019-01-31", "520502001001/3 2 2024-06-30",
                                    "520502002001/1 1 2020-01-31"));
    EXPECT_THAT(Scanned(*store_, Div("520502001001")),
                testing::Contains(Row{"520502001001/1", 2, "2024-12-31", 3, arrival}));
  };
  expect();
  ASSERT_TRUE(store_->Compact().ok());
  expect();
  // Nothing is left to be dropped.
  decided_.clear();
  EXPECT_EQ(Trim(Closed()).observations, 0u);
  EXPECT_THAT(decided_, IsEmpty());
}

TEST_F(RocksTrimmingTest, WhatWasSupersededGoesWithItsDay) {
  const auto superseded = [](IndicatorId indicator, std::string_view date) {
    return SupersededValue{Observe("520502001001/1", indicator, date, 7), At(9'000)};
  };
  CommitOk(*store_, {.observations = {Observe("520502001001/1", 1, "2024-12-31", 1),
                                      Observe("520502001001/1", 2, "2024-12-31", 1),
                                      Observe("520502001001/1", 1, "2025-12-31", 1)},
                     .superseded = {superseded(1, "2024-12-31"), superseded(2, "2024-12-31"),
                                    superseded(1, "2025-12-31")}});
  EXPECT_EQ(Trim(Closed()).superseded, 1u);
  EXPECT_THAT(*store_->LoadSuperseded(Named("520502001001/1")),
              ElementsAre(superseded(1, "2025-12-31"), superseded(2, "2024-12-31")));
}

TEST_F(RocksTrimmingTest, ASubjectOfWhichNothingIsKeptIsForgottenButForItsResidence) {
  const Residence residence{Named("520502001001/1"), Named("520502001/S3"), Div("520502002"),
                            On("2020-06-01")};
  CommitOk(*store_, {.observations = {Observe("520502001001/1", 1, "2024-12-31", 1),
                                      Observe("520502001001/2", 1, "2025-12-31", 1),
                                      Observe("520502001002/1", 1, "2024-12-31", 1)},
                     .residences = {residence},
                     .risks = {Judged("520502001001/1"), Judged("520502001001/2"),
                               Judged("520502001002/1")}});
  EXPECT_EQ(Trim(Closed()).forgotten, 2u);
  const auto states = store_->LoadStates(std::vector<Subject>{
      Named("520502001001/1"), Named("520502001001/2"), Named("520502001002/1")});
  ASSERT_TRUE(states.ok()) << states.status();
  EXPECT_EQ((*states)[0].risk, std::nullopt);
  EXPECT_EQ((*states)[0].residence, residence);
  EXPECT_EQ((*states)[1].risk, Judged("520502001001/2"));
  EXPECT_EQ((*states)[2].risk, std::nullopt);
}

TEST_F(RocksTrimmingTest, WhatFollowsIsCommittedWithTheDropOrNeither) {
  CommitOk(*store_, {.observations = {Observe("520502001001/1", 1, "2024-12-31", 1)},
                     .opened = {WarningOf("520502001001/1", 1, "2024-12-31")}});
  const auto refused =
      trimming_.Trim(Div("520502001"), Closed(), {}, [](std::span<const TrimmedSubject>) {
        Transaction impossible;
        impossible.closed = {Warning()};
        return absl::StatusOr<Transaction>(impossible);
      });
  EXPECT_EQ(refused.status().code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(Kept().size(), 1u);
  const auto done =
      trimming_.Trim(Div("520502001"), Closed(), {}, [](std::span<const TrimmedSubject>) {
        Transaction follows;
        follows.closed = {WarningOf("520502001001/1", 1, "2024-12-31")};
        return absl::StatusOr<Transaction>(follows);
      });
  EXPECT_TRUE(done.ok()) << done.status();
  EXPECT_THAT(Kept(), IsEmpty());
  EXPECT_THAT(OpenWarnings(*store_, ""), IsEmpty());
}

TEST_F(RocksTrimmingTest, AStopEndsItBetweenTwoCommits) {
  CommitOk(*store_, {.observations = {Observe("520502001001/1", 1, "2024-12-31", 1),
                                      Observe("520502001002/1", 1, "2024-12-31", 1)}});
  std::stop_source source;
  const auto stopped = trimming_.Trim(Div("520502001"), Closed(), source.get_token(),
                                      [&](std::span<const TrimmedSubject>) {
                                        source.request_stop();
                                        return Transaction();
                                      });
  EXPECT_EQ(stopped.status().code(), absl::StatusCode::kCancelled);
  EXPECT_THAT(Kept(), ElementsAre("520502001002/1 1 2024-12-31"));
}

TEST_F(RocksTrimmingTest, WhatGoesDoesNotComeBackWithAPileThatWasTooLong) {
  const std::vector<Subject> subjects = {Named("520502001001/1")};
  for (int day = 0; day < 200; ++day) {
    CommitOk(*store_, {.observations = {
                           {subjects[0], 1, On("2024-01-01") + day, day, ArrivedAt(1'000, 1)},
                           {subjects[0], 2, On("2024-01-01") + day, day, ArrivedAt(1'000, 1)}}});
  }
  // Notes that the pile is long, for the next commit to fold.
  EXPECT_EQ(store_->LoadHistories(subjects, {})->front().PointCount(), 400u);
  EXPECT_EQ(Trim(Closed()).observations, 200u);
  EXPECT_THAT(decided_, ElementsAre("520502001001/1 -200 keeps 200"));
  const auto expect = [&](size_t points) {
    EXPECT_THAT(store_->LoadHistories(subjects, {})->front().Of(1), IsEmpty());
    EXPECT_EQ(store_->LoadHistories(subjects, {})->front().PointCount(), points);
  };
  expect(200);
  CommitOk(*store_, {.observations = {Observe("520502001001/1", 2, "2024-12-31", 7)}});
  expect(201);
  ASSERT_TRUE(store_->Compact().ok());
  expect(201);
}

// By agreement there is none; a mistake would lose receipted values.
TEST_F(RocksTrimmingTest, AnotherWriterOfTheGroupLosesNothing) {
  constexpr int kVillages = 40;
  for (int village = 1; village <= kVillages; ++village) {
    const std::string household = std::to_string(520502001000 + village) + "/1";
    CommitOk(*store_, {.observations = {Observe(household, 1, "2024-06-30", 1),
                                        Observe(household, 2, "2024-06-30", 2)}});
  }
  std::vector<std::jthread> writers;
  const auto totals =
      trimming_.Trim(Div("520502001"), Closed(), {}, [&](std::span<const TrimmedSubject> subjects) {
        writers.emplace_back([this, household = subjects[0].subject] {
          CommitOk(*store_, {.observations = {{household, 2, On("2024-07-31"), 3, {}}}});
        });
        return Transaction();
      });
  writers.clear();
  ASSERT_TRUE(totals.ok()) << totals.status();
  EXPECT_EQ(totals->observations, static_cast<uint64_t>(kVillages));
  EXPECT_EQ(Kept().size(), 2u * kVillages);
}

TEST_F(RocksTrimmingTest, TheRetentionIsKeptAndOnlyMovesForward) {
  EXPECT_TRUE(trimming_.LoadRetention()->retention.keeps_everything());
  EXPECT_TRUE(trimming_.LoadRetention()->applied);
  ASSERT_TRUE(trimming_.KeepRetention({Closed(), false}).ok());
  store_.reset();
  store_ = OpenRocks(SmallRocks(directory_.path()));
  const auto kept = RocksTrimming(store_.get()).LoadRetention();
  ASSERT_TRUE(kept.ok()) << kept.status();
  EXPECT_EQ(kept->retention, Closed());
  EXPECT_FALSE(kept->applied);
  Retention retention = Closed();
  EXPECT_FALSE(retention.Advance({{{1, 2020}}}));
  EXPECT_TRUE(retention.Advance({{{1, 2026}, {5, 2024}}}));
  EXPECT_EQ(retention, (Retention{{{1, 2026}, {2, 2022}, {5, 2024}}}));
  EXPECT_EQ(retention.KeptFrom(5), On("2024-01-01"));
  EXPECT_EQ(retention.KeptFrom(9), Date::Min());
  EXPECT_EQ(retention.AllKeptFrom(), On("2026-01-01"));
}

}  // namespace
}  // namespace shouwang
