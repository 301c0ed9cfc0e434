// What every store's Snapshot promises.
#include "storage/contract/snapshot.h"

#include <fmt/format.h>

#include <map>
#include <string>
#include <vector>

#include "tests/storage/contract/store_contract.h"

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
  };

  static Seen Scan(const Snapshot& snapshot, std::string_view region, std::string_view from,
                   const std::vector<IndicatorId>& indicators = {}) {
    Seen seen;
    const absl::Status status = snapshot.ScanNeighbours(
        Div(region), On(from), indicators, [&](const Neighbours& neighbours) {
          EXPECT_FALSE(neighbours.recent.empty());
          EXPECT_EQ(neighbours.states.size(), neighbours.recent.size());
          for (size_t i = 0; i < neighbours.recent.size(); ++i) {
            const History& recent = neighbours.recent[i];
            const std::string name = recent.subject().ToString();
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
