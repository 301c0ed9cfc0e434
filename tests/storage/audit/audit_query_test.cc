#include "storage/audit/audit_query.h"

#include "storage/audit/subject_list.h"
#include "storage/memory/memory_audit_log.h"
#include "tests/storage/audit/entries.h"

namespace shouwang {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

class AuditQueryTest : public testing::Test {
 protected:
  AuditQueryTest() {
    for (int64_t i = 1; i <= 100; ++i) {
      AuditRecord record =
          RecordOf(i % 2 == 0 ? AuditKind::kCommit : AuditKind::kJudgement, 10 * i);
      record.transitions = {{Named("520502001001/" + std::to_string(i)),
                             101,
                             AuditTransition::Kind::kOpened,
                             Severity::kRed,
                             1,
                             On("2026-01-31"),
                             {}}};
      Add(WarningsOf("520502001"), record);
    }
    AuditRecord record = RecordOf(AuditKind::kCase, 500, "v1");
    record.subject = Named("520502001001/7");
    Add(CasesOf("520502001"), record);
    record.subject = Named("520502002001/7");
    Add(CasesOf("520502002"), record);
    Add(Admin(), RecordOf(AuditKind::kStart, 1));
    Add(Admin(), RecordOf(AuditKind::kStop, 600));
    record = FullRead(700);
    record.subject = Named("520502001001/7");
    Add(Reads(), record);
  }
  void Add(const AuditChain& chain, const AuditRecord& record) {
    ASSERT_TRUE(log_.Append(chain, {&record, 1}).ok());
  }
  // "CHAIN SEQUENCE" of those that match.
  std::vector<std::string> Ask(const AuditQuery& query,
                               const std::optional<AuditPosition>& behind = {}) {
    std::vector<std::string> found;
    looked_at_ = 0;
    status_ = ReadAudit(log_, query, behind, [&](const AuditEntry& entry, bool matches) {
      ++looked_at_;
      if (matches) found.push_back(entry.chain.ToString() + " " + std::to_string(entry.sequence));
      return true;
    });
    return found;
  }

  MemoryAuditLog log_;
  size_t looked_at_ = 0;
  absl::Status status_;
};

TEST_F(AuditQueryTest, EverythingIsReadChainByChain) {
  EXPECT_EQ(Ask({}).size(), 105u);
  EXPECT_EQ(Ask({}).front(), "warnings/520502001 1");
  EXPECT_EQ(Ask({}).back(), "reads 1");
}

TEST_F(AuditQueryTest, AnEntryComesWithTheHashBeforeIt) {
  AuditHash last{};
  size_t entries = 0;
  AuditQuery query;
  query.chains = {WarningsOf("520502001")};
  ASSERT_TRUE(ReadAudit(log_, query, {}, [&](const AuditEntry& entry, bool) {
                EXPECT_EQ(entry.previous, last);
                EXPECT_EQ(entry.hash,
                          HashOfEntry(last, AuditKey(entry.chain, entry.sequence), entry.bytes));
                last = entry.hash;
                ++entries;
                return true;
              }).ok());
  EXPECT_EQ(entries, 100u);
  query.from = At(995);
  ASSERT_TRUE(
      ReadAudit(log_, query, {}, [&](const AuditEntry& entry, bool) {
        EXPECT_EQ(entry.hash, last);
        EXPECT_EQ(entry.hash,
                  HashOfEntry(entry.previous, AuditKey(entry.chain, entry.sequence), entry.bytes));
        return true;
      }).ok());
}

TEST_F(AuditQueryTest, OnlyTheTimeAskedForIsLookedAt) {
  AuditQuery query;
  query.chains = {WarningsOf("520502001")};
  query.from = At(495);
  query.to = At(520);
  EXPECT_THAT(Ask(query), ElementsAre("warnings/520502001 50", "warnings/520502001 51",
                                      "warnings/520502001 52"));
  EXPECT_EQ(looked_at_, 3u);
  query.from = At(1'001);
  query.to.reset();
  EXPECT_THAT(Ask(query), IsEmpty());
}

TEST_F(AuditQueryTest, ByKindSubjectAndRegion) {
  AuditQuery query;
  query.kinds = {AuditKind::kJudgement, AuditKind::kStop};
  EXPECT_EQ(Ask(query).size(), 51u);
  EXPECT_EQ(looked_at_, 102u) << "cases and reads are passed over";
  query = {};
  query.subject = Named("520502001001/7");
  EXPECT_THAT(Ask(query), ElementsAre("warnings/520502001 7", "cases/520502001 1", "reads 1"));
  query = {};
  query.region = Div("520502002");
  EXPECT_THAT(Ask(query), ElementsAre("cases/520502002 1"));
  query.region = Div("520502");
  EXPECT_EQ(Ask(query).size(), 103u) << "what concerns the whole country is not of a county";
  query.region = Div("520502001002");
  EXPECT_THAT(Ask(query), IsEmpty());
  query.region = Div("520502001001");
  EXPECT_EQ(Ask(query).size(), 102u);
  query.region = Div("53");
  EXPECT_THAT(Ask(query), IsEmpty());
}

TEST_F(AuditQueryTest, AReadOfALargerRegionShowedThisOneToo) {
  AuditRecord listing = RecordOf(AuditKind::kRead, 800);
  listing.region = Div("5205");
  Add(Reads(), listing);
  AuditRecord what_if = RecordOf(AuditKind::kWhatIf, 800);
  Add(Reads(), what_if);
  AuditRecord several = RecordOf(AuditKind::kRead, 800);
  several.region = Div("5205");
  ListSubjects(std::vector<Subject>{Named("520502003001/1"), Named("520503001001/2")}, &several);
  Add(Reads(), several);
  AuditQuery query;
  query.region = Div("520502002");
  EXPECT_THAT(Ask(query), ElementsAre("cases/520502002 1", "reads 2", "reads 3"))
      << "neither a read of one household elsewhere nor of some";
  query.region = Div("520502003001");
  EXPECT_THAT(Ask(query), ElementsAre("reads 2", "reads 3", "reads 4"));
  query.region = Div("53");
  EXPECT_THAT(Ask(query), ElementsAre("reads 3"));
  query = {};
  query.subject = Named("520503001001/2");
  EXPECT_THAT(Ask(query), ElementsAre("reads 4"));
}

TEST_F(AuditQueryTest, GoesOnBehindAPosition) {
  AuditQuery query;
  query.chains = {WarningsOf("520502001"), Admin()};
  EXPECT_THAT(Ask(query, AuditPosition{WarningsOf("520502001"), 99}),
              ElementsAre("warnings/520502001 100", "admin 1", "admin 2"));
  EXPECT_THAT(Ask(query, AuditPosition{WarningsOf("520502001"), 100}),
              ElementsAre("admin 1", "admin 2"));
  EXPECT_THAT(Ask(query, AuditPosition{CasesOf("520502009"), 1}),
              ElementsAre("admin 1", "admin 2"));
  EXPECT_THAT(Ask(query, AuditPosition{Reads(), 1}), IsEmpty());
}

// Entry 50 is where the search for a time looks first.
TEST_F(AuditQueryTest, ADamagedEntryHidesNoneBeforeItFromASearchByTime) {
  log_.Put(AuditKey(WarningsOf("520502001"), 50), std::string(40, 'x'));
  AuditQuery query;
  query.chains = {WarningsOf("520502001")};
  query.from = At(475);
  query.to = At(520);
  EXPECT_THAT(Ask(query), ElementsAre("warnings/520502001 48", "warnings/520502001 49",
                                      "warnings/520502001 51", "warnings/520502001 52"));
}

class AuditBackwardsTest : public AuditQueryTest {
 protected:
  // Sequences of the township's chain as they are met, until `enough` of them.
  std::vector<uint64_t> Back(AuditQuery query, size_t enough = 1'000) {
    std::vector<uint64_t> met;
    query.chains = {WarningsOf("520502001")};
    const auto keep = [&](const AuditEntry& entry, bool matches) {
      if (!damaged_) {
        EXPECT_EQ(entry.hash,
                  HashOfEntry(entry.previous, AuditKey(entry.chain, entry.sequence), entry.bytes));
      }
      if (matches) met.push_back(entry.sequence);
      return met.size() == enough ? Onwards::kStop : Onwards::kGoOn;
    };
    status_ = ReadAuditBackwards(log_, query, keep);
    return met;
  }
  // What is behind it has another hash before it than it was hashed with.
  void Damage(uint64_t sequence) {
    log_.Put(AuditKey(WarningsOf("520502001"), sequence), std::string(40, 'x'));
    damaged_ = true;
  }

  bool damaged_ = false;
};

TEST_F(AuditBackwardsTest, FromTheEndToTheBeginning) {
  const std::vector<uint64_t> met = Back({});
  ASSERT_TRUE(status_.ok()) << status_;
  ASSERT_EQ(met.size(), 100u);
  for (size_t i = 0; i < met.size(); ++i) EXPECT_EQ(met[i], 100 - i);
  EXPECT_THAT(Back({}, 3), ElementsAre(100, 99, 98));
}

TEST_F(AuditBackwardsTest, OnlyTheTimeAskedFor) {
  AuditQuery query;
  query.from = At(481);
  query.to = At(520);
  EXPECT_THAT(Back(query), ElementsAre(52, 51, 50, 49));
  Damage(50);
  EXPECT_EQ(Back({}).size(), 99u);
  EXPECT_EQ(status_.code(), absl::StatusCode::kDataLoss);
}

TEST_F(AuditBackwardsTest, ADamagedEntryHidesNoneFromASearchByTime) {
  Damage(50);
  AuditQuery query;
  query.to = At(520);
  EXPECT_EQ(Back(query).front(), 52u);
  query.to = At(480);
  EXPECT_EQ(Back(query).front(), 48u);
  query.from = At(475);
  EXPECT_THAT(Back(query), ElementsAre(48));
}

TEST_F(AuditBackwardsTest, TheNextChainIsGoneOnTo) {
  std::vector<std::string> met;
  const auto keep = [&](const AuditEntry& entry, bool) {
    met.push_back(entry.chain.ToString() + " " + std::to_string(entry.sequence));
    return Onwards::kNextChain;
  };
  ASSERT_TRUE(ReadAuditBackwards(log_, {}, keep).ok());
  EXPECT_THAT(met, ElementsAre("warnings/520502001 100", "cases/520502001 1", "cases/520502002 1",
                               "admin 2", "reads 1"));
}

TEST_F(AuditQueryTest, WhatCannotBeReadIsLeftOutAndTold) {
  log_.Put(AuditKey(Admin(), 1), std::string(40, 'x'));
  AuditQuery query;
  query.chains = {Admin()};
  EXPECT_THAT(Ask(query), ElementsAre("admin 2"));
  EXPECT_EQ(status_.code(), absl::StatusCode::kDataLoss);
  EXPECT_THAT(std::string(status_.message()), HasSubstr("audit entry 1 of admin cannot be read"));
}

TEST_F(AuditQueryTest, WhoCountsWhatCannotBeReadIsNotToldOtherwise) {
  log_.Put(AuditKey(Admin(), 1), std::string(40, 'x'));
  uint64_t unreadable = 0;
  EXPECT_TRUE(ReadAudit(
                  log_, {}, {}, [](const AuditEntry&, bool) { return true; }, &unreadable)
                  .ok());
  EXPECT_EQ(unreadable, 1u);
}

// A log of which one chain lies on a damaged part of the disk.
class DamagedLog : public MemoryAuditLog {
 public:
  absl::Status ScanAudit(
      std::string_view from, std::string_view to,
      absl::FunctionRef<bool(std::string_view, std::string_view)> visit) const override {
    if (from.starts_with(AuditKey(CasesOf("520502001"), 1).substr(0, 6))) {
      return absl::DataLossError("block checksum mismatch");
    }
    return MemoryAuditLog::ScanAudit(from, to, visit);
  }
};

TEST_F(AuditQueryTest, AFailureOfTheLogIsNoEntryThatIsLeftOut) {
  DamagedLog log;
  const AuditRecord record = RecordOf(AuditKind::kCase, 500);
  ASSERT_TRUE(log.Append(CasesOf("520502001"), {&record, 1}).ok());
  uint64_t unreadable = 0;
  const absl::Status status = ReadAudit(
      log, {}, {}, [](const AuditEntry&, bool) { return true; }, &unreadable);
  EXPECT_EQ(status.code(), absl::StatusCode::kDataLoss);
  EXPECT_EQ(unreadable, 0u);
}

}  // namespace
}  // namespace shouwang
