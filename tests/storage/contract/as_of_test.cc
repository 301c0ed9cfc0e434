#include "storage/contract/as_of.h"

#include "tests/storage/contract/store_contract.h"

namespace shouwang {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

constexpr char kHousehold[] = "520502001001/1";

Arrival Came(int64_t known_ms, uint64_t batch, int64_t reported_ms = 1'000) {
  return {At(reported_ms), At(known_ms), batch, Source::kCadreVisit};
}
SupersededValue Old(std::string_view date, int64_t value, const Arrival& arrival, int64_t until_ms,
                    IndicatorId indicator = 1) {
  return {Observe(kHousehold, indicator, date, value, arrival), At(until_ms)};
}
History Now() {
  History history(Named(kHousehold));
  history.Put(1, On("2026-01-31"), 30, Came(300, 3));
  history.Put(1, On("2026-02-28"), 40, Came(400, 4));
  history.Put(2, On("2026-02-28"), 5, Came(200, 2));
  return history;
}
// "indicator date value batch"
std::vector<std::string> Rows(const History& history) {
  std::vector<std::string> rows;
  for (const auto& [subject, indicator, date, value, arrival] : RowsOf(history)) {
    rows.push_back(std::to_string(indicator) + " " + date + " " + std::to_string(value) + " " +
                   std::to_string(arrival.batch));
  }
  return rows;
}

TEST(AsOfTest, AValueIsKnownFromTheInstantItCameInOn) {
  EXPECT_THAT(Rows(AsOf(Now(), {}, At(400))),
              ElementsAre("1 2026-01-31 30 3", "1 2026-02-28 40 4", "2 2026-02-28 5 2"));
  EXPECT_THAT(Rows(AsOf(Now(), {}, At(399))), ElementsAre("1 2026-01-31 30 3", "2 2026-02-28 5 2"));
  EXPECT_THAT(Rows(AsOf(Now(), {}, At(200))), ElementsAre("2 2026-02-28 5 2"));
  const History before = AsOf(Now(), {}, At(199));
  EXPECT_TRUE(before.empty());
  EXPECT_EQ(before.subject(), Named(kHousehold));
}

TEST(AsOfTest, ACorrectedValueStandsUntilTheInstantOfItsCorrection) {
  const std::vector<SupersededValue> old = {Old("2026-01-31", 10, Came(100, 1), 250),
                                            Old("2026-01-31", 20, Came(250, 2), 300)};
  EXPECT_THAT(Rows(AsOf(Now(), old, At(99))), IsEmpty());
  EXPECT_THAT(Rows(AsOf(Now(), old, At(100))), ElementsAre("1 2026-01-31 10 1"));
  EXPECT_THAT(Rows(AsOf(Now(), old, At(249))),
              ElementsAre("1 2026-01-31 10 1", "2 2026-02-28 5 2"));
  EXPECT_THAT(Rows(AsOf(Now(), old, At(250))),
              ElementsAre("1 2026-01-31 20 2", "2 2026-02-28 5 2"));
  EXPECT_THAT(Rows(AsOf(Now(), old, At(300))),
              ElementsAre("1 2026-01-31 30 3", "2 2026-02-28 5 2"));
}

TEST(AsOfTest, AReportThatCameInTooLateNeverStood) {
  const std::vector<SupersededValue> late = {Old("2026-01-31", 99, Came(350, 9), 350)};
  EXPECT_FALSE(StoodAt(late[0], At(350)));
  EXPECT_THAT(Rows(AsOf(Now(), late, At(350))),
              ElementsAre("1 2026-01-31 30 3", "2 2026-02-28 5 2"));
}

// The current value of a cell that was corrected in the same commit as it came in.
TEST(AsOfTest, OfSeveralReportsOfOneCommitOnlyTheLastWasEverKnown) {
  const std::vector<SupersededValue> same = {Old("2026-02-28", 39, Came(400, 4), 400)};
  EXPECT_THAT(Rows(AsOf(Now(), same, At(400))),
              ElementsAre("1 2026-01-31 30 3", "1 2026-02-28 40 4", "2 2026-02-28 5 2"));
}

TEST(AsOfTest, AClockSetBackLeavesTheValueOfTheLaterBatch) {
  // Batch 3 came in at 300 on a clock that had shown 500 when batch 2 was superseded.
  const std::vector<SupersededValue> old = {Old("2026-01-31", 20, Came(250, 2), 500)};
  EXPECT_THAT(Rows(AsOf(Now(), old, At(299))),
              ElementsAre("1 2026-01-31 20 2", "2 2026-02-28 5 2"));
  EXPECT_THAT(Rows(AsOf(Now(), old, At(300))),
              ElementsAre("1 2026-01-31 30 3", "2 2026-02-28 5 2"));
}

TEST(AsOfTest, ACellThatWasReadBeforeItsCorrectionIsRightBeforeTheReading) {
  // The history was read at 450; a correction at 500 came between it and the superseded values.
  const std::vector<SupersededValue> old = {Old("2026-02-28", 40, Came(400, 4), 500)};
  EXPECT_THAT(Rows(AsOf(Now(), old, At(450))), Rows(Now()));
  EXPECT_THAT(Rows(AsOf(Now(), old, At(399))),
              ElementsAre("1 2026-01-31 30 3", "2 2026-02-28 5 2"));
}

template <typename UnderTest>
class SupersededScanTest : public StoreContractTest<UnderTest> {
 protected:
  // "subject points [old values]", as the scan shows them.
  std::vector<std::string> Scan(std::string_view region, std::string_view from = "",
                                int limit = 99) {
    std::vector<std::string> seen;
    const absl::Status status = this->store().ScanWithSuperseded(
        Div(region), from.empty() ? Subject{} : Named(from),
        [&](const History& history, std::span<const SupersededValue> superseded) {
          std::string line =
              history.subject().ToString() + " " + std::to_string(history.PointCount()) + " [";
          for (const SupersededValue& value : superseded) {
            EXPECT_EQ(value.observation.subject, history.subject());
            line += " " + std::to_string(value.observation.value);
          }
          seen.push_back(line + " ]");
          return --limit > 0;
        });
    EXPECT_TRUE(status.ok()) << status;
    return seen;
  }
  void CommitFour() {
    CommitOk(this->store(),
             {.observations = {Observe("520502001001/1", 1, "2025-12-31", 1),
                               Observe("520502001001/1", 2, "2026-01-31", 2),
                               Observe("520502001001/300", 1, "2026-01-31", 3),
                               Observe("520502001002/2", 1, "2026-01-31", 4),
                               Observe("530102001001/1", 1, "2026-01-31", 5)},
              .superseded = {{Observe("520502001001/300", 1, "2026-01-31", 71), At(9'000)},
                             {Observe("520502001001/1", 2, "2026-01-31", 73), At(9'000)},
                             {Observe("520502001001/1", 2, "2026-01-31", 72), At(8'000)},
                             {Observe("530102001001/1", 1, "2026-01-31", 74), At(9'000)}}});
  }
};
TYPED_TEST_SUITE(SupersededScanTest, Stores);

TYPED_TEST(SupersededScanTest, ShowsEachSubjectWithItsOwnOldValues) {
  this->CommitFour();
  this->Reopen();
  EXPECT_THAT(this->Scan("52"), ElementsAre("520502001001/1 2 [ 72 73 ]",
                                            "520502001001/300 1 [ 71 ]", "520502001002/2 1 [ ]"));
  EXPECT_THAT(this->Scan("520502001002"), ElementsAre("520502001002/2 1 [ ]"));
  EXPECT_THAT(this->Scan("520502001003"), IsEmpty());
}

TYPED_TEST(SupersededScanTest, GoesOnFromASubjectAndStopsWhenToldTo) {
  this->CommitFour();
  EXPECT_THAT(this->Scan("", "520502001001/2", 2),
              ElementsAre("520502001001/300 1 [ 71 ]", "520502001002/2 1 [ ]"));
  EXPECT_THAT(this->Scan("", "520502001001/300", 1), ElementsAre("520502001001/300 1 [ 71 ]"));
  EXPECT_THAT(this->Scan("53", "520502001001/1"), ElementsAre("530102001001/1 1 [ 74 ]"));
}

TYPED_TEST(SupersededScanTest, SeesNothingThatIsCommittedMeanwhile) {
  this->CommitFour();
  size_t old_values = 0;
  size_t subjects = 0;
  const absl::Status status = this->store().ScanWithSuperseded(
      Div("52"), Subject{}, [&](const History&, std::span<const SupersededValue> superseded) {
        ++subjects;
        old_values += superseded.size();
        CommitOk(this->store(),
                 {.observations = {Observe("520502001003/1", 1, "2026-01-31", 6)},
                  .superseded = {{Observe("520502001001/300", 1, "2026-01-31", 75), At(9'500)},
                                 {Observe("520502001002/2", 1, "2026-01-31", 76), At(9'500)}}});
        return true;
      });
  EXPECT_TRUE(status.ok()) << status;
  EXPECT_EQ(subjects, 3u);
  EXPECT_EQ(old_values, 3u);
}

TYPED_TEST(SupersededScanTest, ALoadedHistoryIsTakenBackByItsOldValues) {
  CommitOk(this->store(),
           {.observations = {Observe(kHousehold, 1, "2026-01-31", 30, Came(300, 3)),
                             Observe("520502001001/2", 1, "2026-01-31", 50, Came(500, 5))},
            .superseded = {Old("2026-01-31", 10, Came(100, 1), 300)}});
  const std::vector<Subject> both = {Named("520502001001/2"), Named(kHousehold)};
  auto histories = this->store().LoadHistories(both, DateRange{});
  ASSERT_TRUE(histories.ok()) << histories.status();
  ASSERT_TRUE(TakeBack(this->store(), At(299), *histories).ok());
  EXPECT_THAT(Rows((*histories)[0]), IsEmpty());
  EXPECT_THAT(Rows((*histories)[1]), ElementsAre("1 2026-01-31 10 1"));
}

}  // namespace
}  // namespace shouwang
