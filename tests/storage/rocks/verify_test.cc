#include "storage/rocks/verify.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <random>

#include "storage/audit/audit_format.h"
#include "storage/contract/place_counts.h"
#include "storage/rocks/database.h"
#include "storage/rocks/records.h"
#include "storage/rocks/reporter_records.h"
#include "tests/storage/contract/reporting_counts.h"
#include "tests/storage/contract/store_contract.h"
#include "tests/storage/rocks/format_sample.h"

namespace shouwang {
namespace {

using rocks::Family;
using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

class VerifyTest : public testing::Test {
 protected:
  RocksOptions Options() const { return SmallRocks(directory_.path()); }

  Verified Verify() const {
    const absl::StatusOr<Verified> verified =
        VerifyStore(Options(), [](const std::string&, uint64_t) {});
    EXPECT_TRUE(verified.ok()) << verified.status();
    return verified.ok() ? *verified : Verified();
  }
  static VerifiedPart PartOf(const Verified& verified, std::string_view name) {
    for (const VerifiedPart& part : verified.parts) {
      if (part.name == name) return part;
    }
    ADD_FAILURE() << "no part " << name;
    return {};
  }

  // A household of two values with an open warning, all of it counted; its neighbour relocated.
  static Transaction Counted() {
    SubjectRisk risk;
    risk.subject = Named("520502001001/1");
    risk.evaluated_through = On("2026-01-31");
    risk.states = {{.rule = 1,
                    .opened_on = On("2026-01-31"),
                    .severity = Severity::kOrange,
                    .kind = RiskKind::kIllness,
                    .policy_version = 202601}};
    SubjectRisk calm;
    calm.subject = Named("520502001001/2");
    const RollupPlace home = Settled("520502001");
    const RollupPlace origin{RollupView::kOrigin, Div("520502002"), {}};
    const RollupPlace site{RollupView::kSite, Div("520502001"), Named("520502001/S3")};
    Tally at_home;
    at_home.place = home;
    at_home.households = 2;
    at_home.observations = 3;
    at_home.latest_observed_on = On("2026-01-31");
    at_home.warnings = {{1, Severity::kOrange, 1}};
    Transaction transaction;
    transaction.observations = {Observe("520502001001/1", 1, "2026-01-31", 10),
                                Observe("520502001001/1", 2, "2025-12-31", 20),
                                Observe("520502001001/2", 1, "2026-01-31", 5)};
    transaction.residences = {
        {Named("520502001001/2"), site.site, Div("520502002"), On("2020-06-01")}};
    transaction.risks = {risk, calm};
    transaction.opened = {WarningOf("520502001001/1", 1, "2026-01-31")};
    transaction.rollups = {{home, 1, In("2026-01"), 2, 15},
                           {home, 2, In("2025-12"), 1, 20},
                           {home, kAnyIndicator, In("2026-01"), 2, 0},
                           {home, kAnyIndicator, In("2025-12"), 1, 0}};
    transaction.tallies = {at_home};
    for (const RollupPlace& place : {origin, site}) {
      transaction.rollups.push_back({place, 1, In("2026-01"), 1, 5});
      transaction.rollups.push_back({place, kAnyIndicator, In("2026-01"), 1, 0});
      Tally tally;
      tally.place = place;
      tally.households = 1;
      tally.observations = 1;
      tally.latest_observed_on = On("2026-01-31");
      transaction.tallies.push_back(tally);
    }
    AddHistogram(home, 1, "2026-01", {10, 5}, &transaction);
    AddHistogram(home, 2, "2025-12", {20}, &transaction);
    AddHistogram(origin, 1, "2026-01", {5}, &transaction);
    AddHistogram(site, 1, "2026-01", {5}, &transaction);
    CountReporting("520502001", {"2025-12", "2026-01"}, &transaction);
    CountReporting("520502001", {"2026-01"}, &transaction);
    BatchRecord batch;
    batch.number = 1;
    batch.request_id = "first";
    batch.township = Div("520502001");
    batch.collector = "pc-1";
    transaction.batches = {batch};
    return transaction;
  }
  static void AddHistogram(const RollupPlace& place, IndicatorId indicator, std::string_view month,
                           const std::vector<int64_t>& values, Transaction* transaction) {
    PlaceCounts counts;
    for (const int64_t value : values) {
      counts.cells[{indicator, In(month)}].histogram.Add(BucketOf(value), 1);
    }
    for (const PlaceHistogram& histogram : HistogramsOf(place, counts)) {
      transaction->histograms.push_back(histogram);
    }
  }
  void Commit(const Transaction& transaction) const {
    CommitOk(*OpenRocks(Options()), transaction);
  }
  void Put(Family family, std::string_view key, std::string_view value) const {
    const auto database = rocks::Database::Open(Options());
    ASSERT_TRUE(database.ok()) << database.status();
    rocksdb::WriteBatch batch;
    batch.Put((*database)->Handle(family), rocks::SliceOf(key), rocks::SliceOf(value));
    ASSERT_TRUE((*database)->Write(&batch, "test").ok());
  }

  TemporaryDirectory directory_;
};

TEST_F(VerifyTest, ASoundStoreIsSoundAndStaysAsItIs) {
  Commit(Counted());
  const Verified verified = Verify();
  EXPECT_TRUE(verified.sound());
  EXPECT_THAT(verified.faults, IsEmpty());
  EXPECT_GE(verified.format, 1);
  EXPECT_EQ(PartOf(verified, "blocks").checked, 2u);
  EXPECT_EQ(PartOf(verified, "states").checked, 1u);
  EXPECT_EQ(PartOf(verified, "batches").checked, 1u);
  EXPECT_EQ(PartOf(verified, "requests").checked, 1u);
  EXPECT_EQ(PartOf(verified, "reporters").checked, 1u);
  EXPECT_EQ(PartOf(verified, "rollups against values").checked, 11u);
  EXPECT_EQ(PartOf(verified, "histograms against values").checked, 11u);
  EXPECT_EQ(PartOf(verified, "tallies against values").checked, 3u);
  EXPECT_EQ(PartOf(verified, "warnings against states").checked, 1u);
  EXPECT_TRUE(Verify().sound());
  EXPECT_THAT(ScannedSubjects(*OpenRocks(Options()), ""),
              ElementsAre("520502001001/1", "520502001001/2"));
}

TEST_F(VerifyTest, AStoreInUseOrMissingIsNotLookedAt) {
  const auto verify = [](const RocksOptions& options) {
    return VerifyStore(options, [](const std::string&, uint64_t) {}).status();
  };
  EXPECT_EQ(verify(SmallRocks(directory_.path() + "/missing")).code(), absl::StatusCode::kNotFound);
  const std::unique_ptr<RocksStore> store = OpenRocks(Options());
  const absl::Status in_use = verify(Options());
  EXPECT_EQ(in_use.code(), absl::StatusCode::kUnavailable);
  EXPECT_THAT(std::string(in_use.message()), HasSubstr("stop it first"));
}

TEST_F(VerifyTest, CountsThatDoNotAddUpAreNamed) {
  Transaction transaction = Counted();
  transaction.rollups[0].sum = 16;
  transaction.histograms[0].histogram.Add(BucketOf(7), 1);
  transaction.tallies[0].observations = 4;
  transaction.tallies[1].households = 2;
  Commit(transaction);
  const Verified verified = Verify();
  EXPECT_FALSE(verified.sound());
  EXPECT_THAT(
      verified.faults,
      ElementsAre("rollup of township 520502001, indicator 1, 2026-01: count 2 and sum 16 are "
                  "stored, 2 and 15 are counted",
                  "histogram of township 520502001, indicator 1, 2026-01: it differs from the "
                  "values (3 stored, 2 counted)",
                  "tally of township 520502001: 4 observations are stored, 3 are counted",
                  "tally of origin 520502002: 2 households are stored, 1 are counted"));
}

TEST_F(VerifyTest, HistogramsAreRecountedByTownshipCountyOriginAndSite) {
  Transaction transaction = Counted();
  for (PlaceHistogram& histogram : transaction.histograms) {
    if (histogram.indicator == 1) histogram.histogram.Add(BucketOf(7), 1);
  }
  // As many as are counted, in another bucket.
  transaction.histograms[2].histogram = Histogram();
  transaction.histograms[2].histogram.Add(BucketOf(21), 1);
  Commit(transaction);
  EXPECT_THAT(
      Verify().faults,
      ElementsAre("histogram of township 520502001, indicator 1, 2026-01: it differs from the "
                  "values (3 stored, 2 counted)",
                  "histogram of township 520502001, indicator 2, 2025-12: it differs from the "
                  "values (1 stored, 1 counted)",
                  "histogram of county 520502, indicator 1, 2026-01: it differs from the values "
                  "(3 stored, 2 counted)",
                  "histogram of site 520502001/S3, indicator 1, 2026-01: it differs from the "
                  "values (2 stored, 1 counted)",
                  "histogram of origin 520502002, indicator 1, 2026-01: it differs from the values "
                  "(2 stored, 1 counted)",
                  "histogram of origin 520502, indicator 1, 2026-01: it differs from the values "
                  "(2 stored, 1 counted)"));
}

TEST_F(VerifyTest, ASupersededValueWithoutOneThatTookItsPlaceIsNamed) {
  Transaction transaction = Counted();
  transaction.superseded = {{Observe("520502001001/1", 1, "2026-01-31", 9), At(9'000)},
                            {Observe("520502001001/2", 2, "2025-12-31", 9), At(9'000)},
                            {Observe("520502001001/2", 1, "2026-01-31", 9), At(9'000)},
                            {Observe("520502001001/3", 1, "2026-01-31", 9), At(9'000)}};
  Commit(transaction);
  const Verified verified = Verify();
  EXPECT_EQ(PartOf(verified, "superseded").checked, 4u);
  EXPECT_EQ(PartOf(verified, "superseded").faults, 2u);
  ASSERT_EQ(verified.faults.size(), 2u);
  EXPECT_THAT(verified.faults[0],
              HasSubstr("nothing took the place of indicator 2 of 520502001001/2 on 2025-12-31"));
  EXPECT_THAT(verified.faults[1],
              HasSubstr("nothing took the place of indicator 1 of 520502001001/3 on 2026-01-31"));
}

TEST_F(VerifyTest, AReporterWhoseBatchIsNotTheirsIsNamed) {
  Commit(Counted());
  const Reporter reporter{Div("520502001"), Source::kCadreVisit, "pc-2"};
  Put(Family::kReporters, rocks::ReporterKey(reporter), rocks::WriteLastHeard({At(0), 1}));
  Put(Family::kReporters, "short", "x");
  const Verified verified = Verify();
  EXPECT_EQ(PartOf(verified, "reporters").checked, 3u);
  ASSERT_EQ(verified.faults.size(), 2u);
  EXPECT_THAT(verified.faults[0], HasSubstr("cannot be read"));
  EXPECT_THAT(verified.faults[1], HasSubstr("names batch 1, which is not theirs"));
}

TEST_F(VerifyTest, CountsOfPlacesThatHaveNothingAreNamed) {
  Transaction transaction = Counted();
  transaction.rollups.push_back({Settled("520603001"), 9, In("2024-01"), 1, 7});
  Commit(transaction);
  EXPECT_THAT(Verify().faults,
              ElementsAre("rollup of township 520603001, indicator 9, 2024-01: count 1 and sum 7 "
                          "are stored, 0 and 0 are counted"));
}

TEST_F(VerifyTest, WarningsThatStatesDoNotHaveAreNamedAndTheOtherWayRound) {
  Transaction transaction = Counted();
  transaction.opened[0].severity = Severity::kRed;
  transaction.opened.push_back(WarningOf("520502001001/2", 7, "2026-01-31"));
  Commit(transaction);
  EXPECT_THAT(
      Verify().faults,
      ElementsAre("warning of 520502001001/1, rule 1: red illness since 2026-01-31 by policy "
                  "202601 is listed, orange illness since 2026-01-31 by policy 202601 by its state",
                  "warning of 520502001001/2, rule 7: orange illness since 2026-01-31 by policy "
                  "202601 is listed, none by its state"));
}

TEST_F(VerifyTest, DamagedRecordsAreNamedAndTheRestIsStillChecked) {
  Commit(Counted());
  std::string block;
  AppendBlockKey(BlockKey::Of(Named("520603001001/1"), On("2026-01-31")), &block);
  Put(Family::kBlocks, block, "\x01 not a block");
  Put(Family::kBatches, rocks::NumberKey(7), "x");
  Put(Family::kRequests, "second", rocks::NumberKey(8));
  Put(Family::kRequests, "third", rocks::NumberKey(1));
  Put(Family::kDeliveries, "not a key", "x");
  const Verified verified = Verify();
  EXPECT_FALSE(verified.sound());
  EXPECT_EQ(PartOf(verified, "blocks").faults, 1u);
  EXPECT_EQ(PartOf(verified, "batches").faults, 1u);
  EXPECT_EQ(PartOf(verified, "requests").faults, 2u);
  EXPECT_EQ(PartOf(verified, "deliveries").faults, 1u);
  EXPECT_THAT(verified.faults, testing::Contains(HasSubstr("names batch 8, which is not there")));
  EXPECT_THAT(verified.faults,
              testing::Contains(HasSubstr("names batch 1, which answers another request")));
  // The sound township was counted.
  EXPECT_EQ(PartOf(verified, "tallies against values").checked, 1u);
  EXPECT_EQ(PartOf(verified, "tallies against values").faults, 0u);
  EXPECT_THAT(PartOf(verified, "tallies against values").left_out,
              HasSubstr("1 townships with damaged records"));
}

TEST_F(VerifyTest, AnAuditEntryThatWasChangedIsFound) {
  Transaction transaction;
  transaction.opened = {WarningOf("520502001001/1", 101, "2026-01-31")};
  Commit(transaction);
  Commit(transaction);
  EXPECT_EQ(PartOf(Verify(), "audit").checked, 2u);
  EXPECT_EQ(PartOf(Verify(), "audit").faults, 0u);
  const std::string key = AuditKey({AuditChainKind::kWarnings, Div("520502001")}, 1);
  std::string value;
  {
    const auto database = rocks::Database::Open(Options());
    value = **(*database)->Get(Family::kAudit, key);
  }
  value.back() = static_cast<char>(value.back() ^ 1);
  Put(Family::kAudit, key, value);
  const Verified verified = Verify();
  EXPECT_FALSE(verified.sound());
  EXPECT_EQ(PartOf(verified, "audit").faults, 1u);
  EXPECT_THAT(verified.faults,
              testing::Contains(
                  AllOf(HasSubstr("audit record"), HasSubstr("entry 1 is not what was hashed"))));
}

TEST_F(VerifyTest, AFlippedByteOfADataFileIsFound) {
  {
    const std::unique_ptr<RocksStore> store = OpenRocks(Options());
    std::mt19937_64 random(5);
    Transaction transaction;
    for (int household = 1; household <= 2'000; ++household) {
      transaction.observations.push_back(Observe("520502001001/" + std::to_string(household), 1,
                                                 "2026-01-31",
                                                 static_cast<int64_t>(random() >> 25)));
    }
    CommitOk(*store, transaction);
    ASSERT_TRUE(store->Compact().ok());
  }
  for (const auto& entry : std::filesystem::directory_iterator(directory_.path())) {
    if (entry.path().extension() != ".sst" || entry.file_size() < 5'000) continue;
    std::fstream file(entry.path(), std::ios::in | std::ios::out | std::ios::binary);
    file.seekp(static_cast<std::streamoff>(entry.file_size() / 2));
    file.put('\x55');
    file.put('\xaa');
  }
  const Verified verified = Verify();
  EXPECT_FALSE(verified.sound());
  EXPECT_EQ(PartOf(verified, "files").faults, 1u);
  EXPECT_THAT(verified.faults[0], HasSubstr("(blocks)"));
  EXPECT_NE(PartOf(verified, "blocks").left_out, "");
}

}  // namespace
}  // namespace shouwang
