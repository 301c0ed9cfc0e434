// What every store's Snapshot promises.
#include "storage/contract/snapshot.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <map>
#include <optional>
#include <string>
#include <tuple>
#include <vector>

#include "tests/storage/contract/store_contract.h"
#include "tests/storage/lanes.h"

namespace shouwang {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::IsSupersetOf;

template <typename UnderTest>
class SnapshotTest : public StoreContractTest<UnderTest> {
 protected:
  struct Seen {
    std::map<std::string, History> recent;
    std::map<std::string, History> whole;
    std::map<std::string, SubjectState> states;
    std::map<std::string, bool> is_whole;
    std::vector<std::string> order;
    std::vector<IndicatorId> reported;
    int windows = 0;
  };

  // The subject's lane of the window.
  static History LaneOf(const GroupWindow& window, const Subject& subject) {
    History history(subject);
    const Lanes lanes = LanesOf(window);
    for (const auto& [reporter, date] : lanes.reports) {
      if (reporter == subject) history.AppendRow(date, history.AddArrival({}));
    }
    for (const auto& [cell, value] : lanes.values) {
      const auto& [reporter, indicator, date] = cell;
      if (reporter == subject) history.Put(indicator, date, value, {});
    }
    return history;
  }

  // All indicators, or these, from one day on.
  static Seen Scan(const Snapshot& snapshot, std::string_view region, std::string_view from,
                   const std::vector<IndicatorId>& indicators = {}) {
    std::vector<Reach> reaches;
    for (const IndicatorId indicator : indicators) reaches.push_back({indicator, On(from)});
    return ScanReaches(snapshot, region, from, reaches);
  }
  static Seen ScanReaches(const Snapshot& snapshot, std::string_view region, std::string_view from,
                          const std::vector<Reach>& reaches) {
    Seen seen;
    std::vector<IndicatorId> indicators;
    for (const Reach& reach : reaches) indicators.push_back(reach.indicator);
    const absl::Status status =
        snapshot.ScanNeighbours(Div(region), On(from), reaches, [&](const Neighbours& neighbours) {
          EXPECT_FALSE(neighbours.subjects.empty());
          EXPECT_EQ(neighbours.states.size(), neighbours.subjects.size());
          EXPECT_EQ(neighbours.recent.size(),
                    neighbours.window != nullptr ? 0 : neighbours.subjects.size());
          if (neighbours.window != nullptr) ++seen.windows;
          for (size_t i = 0; i < neighbours.subjects.size(); ++i) {
            const Subject& subject = neighbours.subjects[i];
            const std::string name = subject.ToString();
            if (neighbours.window != nullptr) {
              EXPECT_EQ(neighbours.window->LaneOf(
                            static_cast<uint8_t>(subject.number % kSubjectsPerGroup)),
                        i);
            }
            const History recent = neighbours.window != nullptr
                                       ? LaneOf(*neighbours.window, subject)
                                       : neighbours.recent[i];
            seen.order.push_back(name);
            seen.recent[name] = recent;
            EXPECT_TRUE(neighbours.read_whole(i, indicators, &seen.whole[name]).ok());
            seen.states[name] = neighbours.states[i];
            EXPECT_EQ(seen.whole[name].subject(), recent.subject());
            seen.is_whole[name] = neighbours.recent_is_whole;
            if (neighbours.recent_is_whole) {
              EXPECT_EQ(seen.whole[name].PointCount(), recent.PointCount());
            }
          }
          if (neighbours.window != nullptr) {
            const auto whole = neighbours.read_window(indicators);
            EXPECT_TRUE(whole.ok()) << whole.status();
            Lanes expected;
            for (const Subject& subject : neighbours.subjects) {
              AddTo(seen.whole.at(subject.ToString()), {}, &expected);
            }
            if (whole.ok() && *whole != nullptr) {
              EXPECT_EQ(LanesOf(**whole), expected);
            }
          }
          seen.reported.insert(seen.reported.end(), neighbours.reported.begin(),
                               neighbours.reported.end());
          return true;
        });
    EXPECT_TRUE(status.ok()) << status;
    return seen;
  }
};
TYPED_TEST_SUITE(SnapshotTest, Stores);

TYPED_TEST(SnapshotTest, TellsWhetherThereIsMoreThanTheRecentPoints) {
  Transaction transaction;
  transaction.observations = {Observe("520502001001/1", 1, "2025-03-31", 11),
                              Observe("520502001001/2", 1, "2026-03-31", 12),
                              Observe("520502001002/1", 1, "2026-01-31", 13)};
  ASSERT_TRUE(this->store().Commit(transaction).ok());
  const auto snapshot = this->store().TakeSnapshot();
  const auto seen = TestFixture::Scan(*snapshot, "520502001", "2026-01-01");
  EXPECT_FALSE(seen.is_whole.at("520502001001/1"));
  EXPECT_TRUE(
      TestFixture::Scan(*snapshot, "520502001002", "2026-01-01").is_whole.at("520502001002/1"));
  EXPECT_TRUE(
      TestFixture::Scan(*snapshot, "520502001", "2025-01-01").is_whole.at("520502001001/1"));
}

TYPED_TEST(SnapshotTest, ShowsEverySubjectAndReadsFurtherBack) {
  Transaction transaction;
  transaction.observations = {Observe("520502001001/1", 1, "2024-03-31", 11),
                              Observe("520502001001/1", 2, "2026-03-31", 12),
                              Observe("520502001001/2", 1, "2023-01-31", 13),
                              Observe("520502001001/300", 3, "2026-01-31", 14),
                              Observe("520502001/S1", 5, "2026-01-31", 15),
                              Observe("520503001001/1", 4, "2026-01-31", 16)};
  CommitOk(this->store(), transaction);
  this->Reopen();
  const auto snapshot = this->store().TakeSnapshot();
  const auto seen = this->Scan(*snapshot, "520502", "2026-01-01");
  EXPECT_THAT(seen.order,
              ElementsAre("520502001/S1", "520502001001/1", "520502001001/2", "520502001001/300"));
  EXPECT_EQ(seen.recent.at("520502001001/1").Of(2).size(), 1u);
  EXPECT_THAT(seen.recent.at("520502001001/2").dates(), IsEmpty());
  EXPECT_EQ(seen.whole.at("520502001001/1").PointCount(), 2u);
  EXPECT_EQ(seen.whole.at("520502001001/2").Of(1)[0].value, 13);
  EXPECT_THAT(seen.reported, IsSupersetOf({1, 2, 3, 5}));
}

TYPED_TEST(SnapshotTest, ADayOfOtherIndicatorsIsStillADay) {
  Transaction transaction;
  for (int month = 1; month <= 9; ++month) {
    const std::string date = fmt::format("2026-0{}-28", month);
    transaction.observations.push_back(Observe("520502001001/1", month % 3 == 0 ? 7 : 9, date, 5));
    transaction.observations.push_back(Observe("520502001001/2", 8, date, month));
    transaction.observations.push_back(Observe("520502001001/2", 9, date, 6));
  }
  CommitOk(this->store(), transaction);
  this->Reopen();
  const auto snapshot = this->store().TakeSnapshot();
  const auto seen = this->Scan(*snapshot, "52", "2026-01-01", {7, 8});
  for (const auto& histories : {seen.recent, seen.whole}) {
    const History& first = histories.at("520502001001/1");
    EXPECT_EQ(first.dates().size(), 9u);
    EXPECT_EQ(first.Of(7).size(), 3u);
    EXPECT_EQ(first.At(7, On("2026-01-28")), std::nullopt);
    const History& second = histories.at("520502001001/2");
    EXPECT_EQ(second.Of(8).size(), 9u);
    EXPECT_EQ(second.At(8, On("2026-04-28"))->value, 4);
  }
}

TYPED_TEST(SnapshotTest, EachIndicatorIsThereFromItsOwnDayOn) {
  Transaction transaction;
  for (const char* date : {"2024-07-31", "2025-07-31", "2026-03-31"}) {
    for (IndicatorId indicator = 1; indicator <= 3; ++indicator) {
      transaction.observations.push_back(Observe("520502001001/1", indicator, date, indicator));
    }
  }
  CommitOk(this->store(), transaction);
  this->Reopen();
  const auto snapshot = this->store().TakeSnapshot();
  // With all dates from the first day on, and all of those of the years before; Scan holds what is
  // told to be whole, and what is read on, to what there is.
  for (const char* from : {"2023-01-01", "2024-08-01", "2025-01-01"}) {
    const auto seen = this->ScanReaches(
        *snapshot, "52", from, {{1, On(from)}, {2, On("2025-02-01")}, {3, On("2026-01-01")}});
    const History& recent = seen.recent.at("520502001001/1");
    for (const Date date : {On("2024-07-31"), On("2025-07-31"), On("2026-03-31")}) {
      EXPECT_TRUE(date < On(from) || std::ranges::count(recent.dates(), date) == 1) << from;
      EXPECT_TRUE(date < On(from) || recent.At(1, date)) << from;
      EXPECT_TRUE(date < On("2025-02-01") || recent.At(2, date)) << from;
    }
    EXPECT_TRUE(recent.At(3, On("2026-03-31")));
    EXPECT_EQ(seen.whole.at("520502001001/1").PointCount(), 9u);
  }
}

TEST(RocksSnapshotTest, AGroupThatDoesNotFitAWindowComesAsHistories) {
  RocksUnderTest under_test;
  Transaction transaction;
  transaction.observations = {Observe("520502001001/1", 1, "2026-03-31", 11),
                              Observe("520502001002/1", 1, "2025-03-31", 5'000'000'000),
                              Observe("520502001002/1", 1, "2026-03-31", 5),
                              Observe("520502001003/1", 1, "2026-03-31", 5'000'000'000)};
  CommitOk(under_test.store(), transaction);
  const auto snapshot = under_test.store().TakeSnapshot();
  std::vector<std::string> told;
  const absl::Status status =
      snapshot->ScanNeighbours(Div(""), On("2026-01-01"), {}, [&](const Neighbours& neighbours) {
        std::string whole = "histories";
        if (neighbours.window != nullptr) {
          const auto read = neighbours.read_window({});
          whole = read.ok() && *read != nullptr ? "window" : "no whole window";
        }
        told.push_back(neighbours.subjects[0].ToString() + " " + whole);
        return true;
      });
  ASSERT_TRUE(status.ok()) << status;
  EXPECT_THAT(told, ElementsAre("520502001001/1 window", "520502001002/1 no whole window",
                                "520502001003/1 histories"));
}

// Villages of two households that report the same dates of three years, three indicators each.
class SnapshotOfVillagesTest : public ::testing::Test {
 protected:
  static constexpr std::array<std::string_view, 3> kDates = {"2024-07-31", "2025-07-31",
                                                             "2026-03-31"};
  // Whose oldest value is this; with so many more households that reported the latest date only.
  void AddVillage(int village, int64_t oldest, int newcomers = 0) {
    for (int household = 1; household <= 2 + newcomers; ++household) {
      for (const std::string_view date : kDates) {
        if (household > 2 && date != kDates.back()) continue;
        for (IndicatorId indicator = 1; indicator <= 3; ++indicator) {
          const Observation observation =
              Observe(fmt::format("52050200100{}/{}", village, household), indicator, date,
                      date == kDates[0] ? oldest : 10 * village + indicator);
          transaction_.observations.push_back(observation);
          reported_[{observation.subject, indicator, observation.date}] = observation.value;
        }
      }
    }
  }

  using Indicators = std::vector<IndicatorId>;
  // For each village how many cells of its window were there and, if it is read on for these, then
  // are; the last of `asked` for all villages after. None is wrong.
  std::vector<std::string> Scan(std::string_view day,
                                const std::vector<std::optional<Indicators>>& asked) {
    CommitOk(under_test_.store(), transaction_);
    const Date from = On(day);
    const std::vector<Reach> reaches = {{1, from}, {2, from}, {3, from}};
    std::vector<std::string> told;
    const absl::Status status = under_test_.store().TakeSnapshot()->ScanNeighbours(
        Div(""), from, reaches, [&](const Neighbours& neighbours) {
          std::string& cells = told.emplace_back("histories");
          if (neighbours.window == nullptr) return true;
          cells = std::to_string(CheckedCells(*neighbours.window));
          const auto& indicators = asked[std::min(told.size(), asked.size()) - 1];
          if (!indicators) return true;
          const auto whole = neighbours.read_window(*indicators);
          EXPECT_TRUE(whole.ok()) << whole.status();
          cells +=
              *whole == nullptr ? ", no window" : fmt::format(", then {}", CheckedCells(**whole));
          return true;
        });
    EXPECT_TRUE(status.ok()) << status;
    return told;
  }

 private:
  size_t CheckedCells(const GroupWindow& window) {
    const Lanes lanes = LanesOf(window);
    for (const auto& [cell, value] : lanes.values) {
      const auto it = reported_.find(cell);
      EXPECT_TRUE(it != reported_.end() && it->second == value) << value << " was not reported";
    }
    return lanes.values.size();
  }

  RocksUnderTest under_test_;
  Transaction transaction_;
  std::map<std::tuple<Subject, IndicatorId, Date>, int64_t> reported_;
};

TEST_F(SnapshotOfVillagesTest, WhatAGroupIsReadOnForTheNextHasAtOnce) {
  for (int village = 1; village <= 5; ++village) AddVillage(village, village);
  // Of two households: one date of three indicators, two more dates of two of them; all of all.
  EXPECT_THAT(Scan("2026-01-01", {Indicators{1, 2}, Indicators{2, 3}, Indicators{3}, std::nullopt,
                                  Indicators{1, 2, 3}}),
              ElementsAre("6, then 14", "14, then 18", "14, then 14", "10", "6, then 18"));
}

TEST_F(SnapshotOfVillagesTest, OfAYearThatIsReadFromADayOnTheRestIsReadOnce) {
  for (int village = 1; village <= 3; ++village) AddVillage(village, village);
  EXPECT_THAT(Scan("2025-08-01", {Indicators{1}}),
              ElementsAre("6, then 10", "14, then 14", "14, then 14"));
}

TEST_F(SnapshotOfVillagesTest, AWindowThatFitsOnlyIfItIsNotReadOnIsNot) {
  AddVillage(1, 1);
  AddVillage(2, 5'000'000'000);
  AddVillage(3, 3);
  EXPECT_THAT(Scan("2026-01-01", {Indicators{1}}),
              ElementsAre("6, then 10", "6, no window", "6, then 10"));
}

TEST_F(SnapshotOfVillagesTest, AVillageOfNewcomersIsAWindowThatIsNotReadAhead) {
  AddVillage(1, 1);
  AddVillage(2, 2, 8);
  AddVillage(3, 3);
  EXPECT_THAT(Scan("2026-01-01", {Indicators{1}}),
              ElementsAre("6, then 10", "30, then 34", "10, then 10"));
}

TEST_F(SnapshotOfVillagesTest, NoIndicatorsAreAll) {
  for (int village = 1; village <= 3; ++village) AddVillage(village, village);
  EXPECT_THAT(Scan("2026-01-01", {Indicators{1}, Indicators{}}),
              ElementsAre("6, then 10", "10, then 18", "6, then 18"));
}

TYPED_TEST(SnapshotTest, SeesNothingThatIsCommittedLater) {
  Transaction transaction;
  transaction.observations = {Observe("520502001001/1", 1, "2026-01-31", 11)};
  transaction.residences = {
      {Named("520502001001/1"), Named("520502001/S1"), Div("520502002"), On("2020-01-31")}};
  CommitOk(this->store(), transaction);
  const auto snapshot = this->store().TakeSnapshot();
  Transaction later;
  later.observations = {Observe("520502001001/1", 1, "2026-01-31", 12, ArrivedAt(9'000, 2)),
                        Observe("520502001001/2", 1, "2026-01-31", 13)};
  later.superseded = {{Observe("520502001001/1", 1, "2026-01-31", 11), At(69'000)}};
  later.residences = {
      {Named("520502001001/1"), Named("520502001/S2"), Div("520502002"), On("2021-01-31")}};
  CommitOk(this->store(), later);
  const auto seen = this->Scan(*snapshot, "", "2026-01-01");
  EXPECT_THAT(seen.order, ElementsAre("520502001001/1"));
  EXPECT_EQ(seen.whole.at("520502001001/1").Of(1)[0].value, 11);
  EXPECT_EQ(seen.states.at("520502001001/1").residence->site, Named("520502001/S1"));
  int histories = 0;
  ASSERT_TRUE(snapshot
                  ->ScanWithSuperseded(Div("52"), Subject{},
                                       [&](const History& history, const auto& superseded) {
                                         ++histories;
                                         EXPECT_EQ(history.Of(1)[0].value, 11);
                                         EXPECT_THAT(superseded, IsEmpty());
                                         return true;
                                       })
                  .ok());
  EXPECT_EQ(histories, 1);
}

TYPED_TEST(SnapshotTest, StopsWhenToldTo) {
  Transaction transaction;
  for (int village = 1; village <= 9; ++village) {
    transaction.observations.push_back(
        Observe(fmt::format("52050200100{}/1", village), 1, "2026-01-31", 1));
  }
  CommitOk(this->store(), transaction);
  const auto snapshot = this->store().TakeSnapshot();
  int visits = 0;
  ASSERT_TRUE(snapshot
                  ->ScanNeighbours(Div(""), On("2026-01-01"), {},
                                   [&](const Neighbours&) { return ++visits < 2; })
                  .ok());
  EXPECT_EQ(visits, 2);
}

}  // namespace
}  // namespace shouwang
