#include "daemon/reporting/reporter_watch.h"

#include "storage/memory/memory_reporters.h"
#include "tests/daemon/damaged_reporters.h"
#include "tests/daemon/watched_county.h"

namespace shouwang::reporting {
namespace {

using county::At;
using county::Day;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::Pair;

// A month is due on the 25th of the next, with five days of grace; after three months nobody is
// waited for.
class ReporterWatchTest : public testing::Test {
 protected:
  ReporterWatchTest() {
    policy_.sources.push_back({Source::kCadreVisit,
                               {.cadence_months = 1,
                                .due_day = 25,
                                .grace_days = 5,
                                .given_up_months = 3,
                                .citation = "test"},
                               {}});
  }

  void Send(std::string_view township, Source source, const char* collector, std::string_view day) {
    Transaction transaction;
    BatchRecord& batch = transaction.batches.emplace_back();
    batch.number = ++batches_;
    batch.township = At(township);
    batch.source = source;
    batch.collector = collector;
    batch.known_at = EndOf(Day(day));
    ASSERT_TRUE(store_.Commit(transaction).ok());
  }

  // "520502001 cadre_visit pc-1 silent, due 2026-04-25".
  std::vector<std::string> Watch(std::string_view on, std::string_view region = "52",
                                 std::string_view from = "") {
    std::vector<std::string> lines;
    const MemoryReporters reporters(&store_);
    const absl::Status status = WatchReporters(
        reporters, divisions_, policy_, At(region), At(from), Day(on),
        [&](const ReporterStanding& standing) {
          const Reporter& reporter = standing.reporter;
          constexpr std::array<const char*, 6> kStates = {"",      "reporting", "silent",
                                                          "never", "given up",  "not expected"};
          lines.push_back(reporter.township.ToString() + " " +
                          std::string(SourceName(reporter.source)) + " " + reporter.collector +
                          " " + kStates[static_cast<size_t>(standing.state)] +
                          (standing.due_on ? ", due " + standing.due_on->ToString() : ""));
          return true;
        });
    EXPECT_TRUE(status.ok()) << status;
    return lines;
  }

  MemoryStore store_;
  DivisionTree divisions_ = county::SmallRegister().divisions;
  risk::ReportingPolicy policy_;
  uint64_t batches_ = 0;
};

TEST_F(ReporterWatchTest, WhoSendsNothingFromOneDueDayToTheNextFallsSilentAsTheGraceEnds) {
  Send("520502001", Source::kCadreVisit, "pc-1", "2026-03-25");
  Send("520502001", Source::kCadreVisit, "pc-2", "2026-03-26");
  EXPECT_THAT(Watch("2026-04-30"), ElementsAre("520502001 cadre_visit pc-1 reporting",
                                               "520502001 cadre_visit pc-2 reporting"));
  EXPECT_THAT(Watch("2026-05-01"), ElementsAre("520502001 cadre_visit pc-1 silent, due 2026-04-25",
                                               "520502001 cadre_visit pc-2 reporting"));
  EXPECT_THAT(Watch("2026-05-31"),
              ElementsAre("520502001 cadre_visit pc-1 silent, due 2026-05-25",
                          "520502001 cadre_visit pc-2 silent, due 2026-05-25"));
}

TEST_F(ReporterWatchTest, OneThatSendsAgainIsNotSilent) {
  Send("520502001", Source::kCadreVisit, "pc-1", "2026-01-10");
  Send("520502001", Source::kCadreVisit, "pc-1", "2026-05-01");
  EXPECT_THAT(Watch("2026-05-01"), ElementsAre("520502001 cadre_visit pc-1 reporting"));
}

TEST_F(ReporterWatchTest, WhoIsSilentForTooLongIsNotWaitedForAnyMore) {
  Send("520502001", Source::kCadreVisit, "old-pc", "2026-01-10");
  EXPECT_THAT(Watch("2026-04-30"),
              ElementsAre("520502001 cadre_visit old-pc silent, due 2026-03-25"));
  EXPECT_THAT(Watch("2026-05-01"), ElementsAre("520502001 cadre_visit old-pc given up"));
}

TEST_F(ReporterWatchTest, OfASourceThatThePolicyDoesNotNameNothingIsExpected) {
  Send("520502001", Source::kSelfDeclaration, "pc-1", "2025-01-10");
  EXPECT_THAT(Watch("2026-05-01"), ElementsAre("520502001 self_declaration pc-1 not expected"));
}

TEST_F(ReporterWatchTest, ATownshipThatShouldReportAndNeverDidIsSilentToo) {
  policy_.sources[0].expected_from = {At("520502")};
  Send("520502001", Source::kCadreVisit, "pc-1", "2026-04-10");
  EXPECT_THAT(Watch("2026-05-01"), ElementsAre("520502001 cadre_visit pc-1 reporting",
                                               "520502002 cadre_visit  never, due 2026-04-25"));
  // One that was given up leaves it without any.
  EXPECT_THAT(Watch("2026-08-31", "520502001"),
              ElementsAre("520502001 cadre_visit  never, due 2026-08-25",
                          "520502001 cadre_visit pc-1 given up"));
}

TEST_F(ReporterWatchTest, ARegionAndAPageHaveTheirOwnOnly) {
  Send("520302001", Source::kCadreVisit, "pc-1", "2026-04-10");
  Send("520502001", Source::kCadreVisit, "pc-2", "2026-04-10");
  Send("520502002", Source::kCadreVisit, "pc-3", "2026-04-10");
  EXPECT_THAT(Watch("2026-04-12", "520502"), ElementsAre("520502001 cadre_visit pc-2 reporting",
                                                         "520502002 cadre_visit pc-3 reporting"));
  EXPECT_THAT(Watch("2026-04-12", "52", "520502002"),
              ElementsAre("520502002 cadre_visit pc-3 reporting"));
  EXPECT_THAT(Watch("2026-04-12", "5203", "520502001"), IsEmpty());
}

TEST_F(ReporterWatchTest, SilentOnesAreCountedByDivisionAndSourceWithTheZeros) {
  policy_.sources[0].expected_from = {At("520502002")};
  Send("520502001", Source::kCadreVisit, "pc-1", "2026-03-01");
  Send("520302001", Source::kCadreVisit, "pc-2", "2026-04-20");
  Send("520302001", Source::kSelfDeclaration, "pc-2", "2020-04-20");
  SilentReporters counts;
  const absl::Status status =
      CountSilentReporters(MemoryReporters(&store_), divisions_, policy_, DivisionLevel::kCounty,
                           Day("2026-05-01"), &counts);
  ASSERT_TRUE(status.ok()) << status;
  const Source source = Source::kCadreVisit;
  EXPECT_THAT(counts,
              ElementsAre(Pair(Pair(At("52"), source), 2), Pair(Pair(At("5203"), source), 0),
                          Pair(Pair(At("520302"), source), 0), Pair(Pair(At("5205"), source), 2),
                          Pair(Pair(At("520502"), source), 2)));
}

TEST_F(ReporterWatchTest, ADamagedRecordIsToldAfterAllOthers) {
  Send("520302001", Source::kCadreVisit, "pc-1", "2026-04-20");
  Send("520502001", Source::kCadreVisit, "pc-2", "2026-03-01");
  SilentReporters counts;
  const absl::Status status =
      CountSilentReporters(DamagedReporters(&store_), divisions_, policy_, DivisionLevel::kCounty,
                           Day("2026-05-01"), &counts);
  EXPECT_EQ(status.code(), absl::StatusCode::kDataLoss);
  EXPECT_EQ(std::string(status.message()), "a record in 520302");
  EXPECT_EQ((counts.at({At("520302"), Source::kCadreVisit})), 0);
  EXPECT_EQ((counts.at({At("520502"), Source::kCadreVisit})), 1);
}

}  // namespace
}  // namespace shouwang::reporting
