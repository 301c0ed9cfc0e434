// What every audit log promises, in memory and on disk: by itself, and as a store's commits and a
// case book's additions are recorded in it.
#include "storage/contract/audit_log.h"

#include <thread>

#include "storage/audit/audit_query.h"
#include "storage/audit/verification.h"
#include "storage/memory/memory_case_book.h"
#include "storage/memory/memory_draw_book.h"
#include "storage/rocks/database.h"
#include "storage/rocks/rocks_audit_log.h"
#include "storage/rocks/rocks_case_book.h"
#include "storage/rocks/rocks_draw_book.h"
#include "tests/storage/contract/store_contract.h"

namespace shouwang {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

constexpr char kHousehold[] = "520502001001/17";

class MemoryLogUnderTest {
 public:
  Store& store() { return store_; }
  AuditLog& log() { return store_.audit(); }
  CaseBook& book() { return book_; }
  DrawBook& draws() { return draws_; }
  void Reopen() {}
  void Put(const std::string& key) { store_.audit().Put(key, "stray"); }

 private:
  MemoryStore store_;
  MemoryCaseBook book_{&store_.audit()};
  MemoryDrawBook draws_{&store_.audit()};
};

class RocksLogUnderTest {
 public:
  RocksLogUnderTest() { Reopen(); }
  Store& store() { return *store_; }
  AuditLog& log() { return *log_; }
  CaseBook& book() { return *book_; }
  DrawBook& draws() { return *draws_; }
  void Reopen() {
    draws_.reset();
    book_.reset();
    log_.reset();
    store_.reset();
    store_ = OpenRocks(SmallRocks(directory_.path()));
    log_ = std::make_unique<RocksAuditLog>(store_.get());
    book_ = std::make_unique<RocksCaseBook>(store_.get());
    draws_ = std::make_unique<RocksDrawBook>(store_.get());
  }
  void Put(const std::string& key) {
    const rocks::Database& database = store_->database();
    ASSERT_TRUE(
        database.db()
            .Put(rocksdb::WriteOptions(), database.Handle(rocks::Family::kAudit), key, "stray")
            .ok());
  }

 private:
  TemporaryDirectory directory_;
  std::unique_ptr<RocksStore> store_;
  std::unique_ptr<RocksAuditLog> log_;
  std::unique_ptr<RocksCaseBook> book_;
  std::unique_ptr<RocksDrawBook> draws_;
};

AuditChain Admin() { return {AuditChainKind::kAdmin, {}}; }
AuditChain WarningsOf(std::string_view township) {
  return {AuditChainKind::kWarnings, Div(township)};
}
AuditRecord Act(AuditKind kind, int64_t ms, std::string_view actor = "") {
  AuditRecord record;
  record.kind = kind;
  record.at = At(ms);
  record.actor = actor;
  return record;
}
// A warning that opens, in that commit.
Transaction Opening(std::string_view subject, RuleId rule, int64_t ms) {
  Transaction transaction;
  transaction.opened = {WarningOf(subject, rule, "2026-01-31")};
  transaction.opened[0].known_at = At(ms);
  transaction.known_at = At(ms);
  return transaction;
}

template <typename UnderTest>
class AuditLogTest : public testing::Test {
 protected:
  AuditLog& log() { return under_test_.log(); }
  Store& store() { return under_test_.store(); }
  CaseBook& book() { return under_test_.book(); }
  DrawBook& draws() { return under_test_.draws(); }
  void Reopen() { under_test_.Reopen(); }

  void Append(const AuditChain& chain, const std::vector<AuditRecord>& records) {
    const absl::Status status = log().Append(chain, records);
    ASSERT_TRUE(status.ok()) << status;
  }
  // "CHAIN SEQUENCE KIND ACTOR" of every entry; the trail is sound.
  std::vector<std::string> Entries() {
    std::vector<std::string> entries;
    const absl::Status status = ReadAudit(log(), {}, {}, [&](const AuditEntry& entry, bool) {
      entries.push_back(entry.chain.ToString() + " " + std::to_string(entry.sequence) + " " +
                        std::string(AuditKindName(entry.record.kind)) + " " + entry.record.actor);
      return true;
    });
    EXPECT_TRUE(status.ok()) << status;
    const auto verified = VerifyAudit(log(), {}, [](uint64_t) { return true; });
    EXPECT_TRUE(verified.ok() && verified->sound());
    EXPECT_EQ(verified->entries, entries.size());
    return entries;
  }

  UnderTest under_test_;
};

using Logs = testing::Types<MemoryLogUnderTest, RocksLogUnderTest>;
TYPED_TEST_SUITE(AuditLogTest, Logs);

TYPED_TEST(AuditLogTest, KeepsWhatIsAppendedInItsOrder) {
  this->Append(Admin(), {Act(AuditKind::kStart, 1'000), Act(AuditKind::kPolicy, 1'001, "a")});
  this->Append({AuditChainKind::kReads, {}}, {Act(AuditKind::kRead, 500, "b")});
  this->Reopen();
  this->Append(Admin(), {Act(AuditKind::kStop, 2'000)});
  EXPECT_THAT(this->Entries(),
              ElementsAre("admin 1 start ", "admin 2 policy a", "admin 3 stop ", "reads 1 read b"));
}

TYPED_TEST(AuditLogTest, GoesOnBehindItsLastEntryWhateverKeyIsBehindIt) {
  this->Append(Admin(), {Act(AuditKind::kStart, 1'000), Act(AuditKind::kStop, 1'001)});
  this->under_test_.Put(AuditKey(Admin(), 2) + "x");
  this->under_test_.Put(AuditKey(Admin(), 7) + "x");
  this->Reopen();
  this->Append(Admin(), {Act(AuditKind::kStart, 2'000)});
  this->Append(WarningsOf("520502001"), {Act(AuditKind::kJudgement, 2'000)});
  const auto verified = VerifyAudit(this->log(), {}, [](uint64_t) { return true; });
  ASSERT_TRUE(verified.ok()) << verified.status();
  EXPECT_EQ(verified->strays.size(), 2u);
  ASSERT_EQ(verified->chains.size(), 2u);
  EXPECT_EQ(verified->chains[0].head_sequence, 1u);
  EXPECT_EQ(verified->chains[1].head_sequence, 3u);
  EXPECT_EQ(verified->chains[1].faults, 0u);
}

TYPED_TEST(AuditLogTest, AppendsAllOrNothing) {
  const std::vector<AuditRecord> records = {Act(AuditKind::kStart, 1'000),
                                            Act(AuditKind::kRead, 1'000)};
  EXPECT_EQ(this->log().Append(Admin(), records).code(), absl::StatusCode::kInvalidArgument);
  EXPECT_THAT(this->Entries(), IsEmpty());
  EXPECT_TRUE(this->log().Append(Admin(), {}).ok());
  EXPECT_THAT(this->Entries(), IsEmpty());
}

TYPED_TEST(AuditLogTest, HeadsAreTheLastEntriesOfAllChains) {
  EXPECT_THAT(*this->log().LoadHeads(), IsEmpty());
  this->Append(Admin(), {Act(AuditKind::kStart, 1'000), Act(AuditKind::kStop, 1'000)});
  CommitOk(this->store(), Opening(kHousehold, 101, 1'000));
  CommitOk(this->store(), Opening("520502002001/1", 101, 1'000));
  this->Reopen();
  const auto heads = this->log().LoadHeads();
  ASSERT_TRUE(heads.ok()) << heads.status();
  ASSERT_EQ(heads->size(), 3u);
  EXPECT_EQ((*heads)[0].chain.ToString(), "warnings/520502001");
  EXPECT_EQ((*heads)[1].chain.ToString(), "warnings/520502002");
  EXPECT_EQ((*heads)[2].chain, Admin());
  EXPECT_EQ((*heads)[2].sequence, 2u);
  AuditHash last{};
  ASSERT_TRUE(ReadAudit(this->log(), {}, {}, [&](const AuditEntry& entry, bool) {
                last = entry.hash;
                return true;
              }).ok());
  EXPECT_EQ((*heads)[2].hash, last);
}

TYPED_TEST(AuditLogTest, ACommitIsRecordedWithWhatItWrites) {
  CommitOk(this->store(), Opening(kHousehold, 101, 1'000));
  this->Reopen();
  Transaction clearing;
  BatchRecord batch;
  batch.number = 5;
  batch.township = Div("520502001");
  batch.known_at = At(2'000);
  clearing.batches = {batch};
  clearing.closed = {WarningOf(kHousehold, 101, "2026-01-31")};
  clearing.known_at = At(2'000);
  CommitOk(this->store(), clearing);
  EXPECT_THAT(this->Entries(),
              ElementsAre("warnings/520502001 1 judgement ", "warnings/520502001 2 commit "));
}

TYPED_TEST(AuditLogTest, ACommitThatMovesNothingIsNotRecorded) {
  CommitOk(this->store(), {.observations = {Observe(kHousehold, 1, "2026-01-31", 5)}});
  EXPECT_THAT(this->Entries(), IsEmpty());
}

TYPED_TEST(AuditLogTest, ACommitThatIsRefusedIsNotRecorded) {
  Transaction transaction = Opening(kHousehold, 101, 1'000);
  transaction.opened[0].rule = 0;
  EXPECT_EQ(this->store().Commit(transaction).code(), absl::StatusCode::kInvalidArgument);
  EXPECT_THAT(this->Entries(), IsEmpty());
}

TYPED_TEST(AuditLogTest, ACaseIsRecordedWithItsEvents) {
  CaseEvent opened;
  opened.at = At(1'000);
  CaseEvent moved;
  moved.kind = CaseEventKind::kMoved;
  moved.state = CaseState::kVerifying;
  moved.at = At(2'000);
  moved.role = Role::kVillage;
  moved.actor = "v17";
  const Subject subject = Named(kHousehold);
  ASSERT_TRUE(this->book().AddToCase(subject, 0, std::vector<CaseEvent>{opened, moved}).ok());
  EXPECT_FALSE(this->book().AddToCase(subject, 0, std::vector<CaseEvent>{opened}).ok());
  EXPECT_THAT(this->Entries(),
              ElementsAre("cases/520502001 1 case ", "cases/520502001 2 case v17"));
}

TYPED_TEST(AuditLogTest, ADrawAndItsVisitsAreRecorded) {
  Draw draw;
  draw.township = Div("520502001");
  draw.month = In("2026-11");
  draw.drawn_at = At(1'000);
  draw.households = draw.unflagged = 1;
  draw.drawn = {Named(kHousehold)};
  ASSERT_TRUE(this->draws().AddDraw(draw, {"town-3", ""}).ok());
  EXPECT_FALSE(this->draws().AddDraw(draw, {"town-4", ""}).ok());
  this->Reopen();
  DrawVisit visit;
  visit.subject = Named(kHousehold);
  visit.at = At(2'000);
  visit.actor = "v17";
  ASSERT_TRUE(this->draws().AddVisit(Div("520502001"), In("2026-11"), visit).ok());
  EXPECT_FALSE(this->draws().AddVisit(Div("520502001"), In("2026-12"), visit).ok());
  EXPECT_THAT(this->Entries(),
              ElementsAre("cases/520502001 1 draw town-3", "cases/520502001 2 visit v17"));
}

TYPED_TEST(AuditLogTest, CountsWhatWasAddedByKind) {
  this->Append(Admin(), {Act(AuditKind::kStart, 1'000), Act(AuditKind::kStart, 1'000)});
  CommitOk(this->store(), Opening(kHousehold, 101, 1'000));
  EXPECT_THAT(this->log().Added(),
              ElementsAre(std::pair(AuditKind::kJudgement, 1u), std::pair(AuditKind::kStart, 2u)));
}

TYPED_TEST(AuditLogTest, AScanStopsWhereItIsToldTo) {
  for (int i = 0; i < 5; ++i) this->Append(Admin(), {Act(AuditKind::kStart, 1'000)});
  int seen = 0;
  ASSERT_TRUE(this->log().ScanAudit("", "\xff", [&](auto, auto) { return ++seen < 3; }).ok());
  EXPECT_EQ(seen, 3);
  seen = 0;
  ASSERT_TRUE(this->log()
                  .ScanAudit(AuditKey(Admin(), 2), AuditKey(Admin(), 4),
                             [&](auto, auto) { return ++seen > 0; })
                  .ok());
  EXPECT_EQ(seen, 2);
}

// Writers of the same and of other chains, commits and cases and acts, all at once.
TYPED_TEST(AuditLogTest, ManyWritersLeaveSoundChains) {
  std::vector<std::jthread> writers;
  for (int writer = 0; writer < 4; ++writer) {
    writers.emplace_back([this, writer] {
      const std::string village = "52050200" + std::to_string(1 + writer % 2) + "001/";
      for (int i = 1; i <= 25; ++i) {
        const std::string subject = village + std::to_string(100 * writer + i);
        EXPECT_TRUE(this->store().Commit(Opening(subject, 101, 1'000)).ok());
        EXPECT_TRUE(this->book().AddToCase(Named(subject), 0, std::vector<CaseEvent>(1)).ok());
        const AuditRecord act = Act(AuditKind::kStart, 1'000);
        EXPECT_TRUE(this->log().Append(Admin(), {&act, 1}).ok());
      }
    });
  }
  writers.clear();
  this->Reopen();
  EXPECT_EQ(this->Entries().size(), 300u);
}

}  // namespace
}  // namespace shouwang
