#include "daemon/journal/acts.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "storage/audit/audit_chain.h"
#include "storage/memory/memory_audit_log.h"

namespace shouwang {
namespace {

using testing::ElementsAre;
using testing::Eq;

Instant At(int64_t ms) { return Instant(std::chrono::milliseconds(ms)); }

Rulebook RulebookOf(std::string_view catalogue, std::string_view policy) {
  Rulebook rulebook;
  rulebook.files = {{"catalogue", "/etc/catalogue.yaml", Sha256(catalogue)},
                    {"policy", "/etc/policy.yaml", Sha256(policy)}};
  return rulebook;
}

TEST(ActsTest, APolicyTellsItsFilesAndTheirHashes) {
  const Rulebook rulebook = RulebookOf("c", "p");
  const AuditRecord record = PolicyAct(rulebook, At(5));
  EXPECT_EQ(record.kind, AuditKind::kPolicy);
  EXPECT_EQ(record.at, At(5));
  EXPECT_THAT(
      record.facts,
      ElementsAre(AuditFact{"digest", DigestOf(rulebook)},
                  AuditFact{"catalogue", "/etc/catalogue.yaml sha256:" + HashText(Sha256("c"))},
                  AuditFact{"policy", "/etc/policy.yaml sha256:" + HashText(Sha256("p"))}));
  EXPECT_TRUE(CheckAuditRecord({AuditChainKind::kAdmin, {}}, record).ok());
}

TEST(ActsTest, TheDigestIsThatOfTheFilesWhereverTheyLie) {
  Rulebook moved = RulebookOf("c", "p");
  moved.files[0].path = "/elsewhere";
  EXPECT_EQ(DigestOf(moved), DigestOf(RulebookOf("c", "p")));
  EXPECT_NE(DigestOf(RulebookOf("c", "q")), DigestOf(RulebookOf("c", "p")));
  EXPECT_NE(DigestOf(RulebookOf("p", "c")), DigestOf(RulebookOf("c", "p")));
}

TEST(ActsTest, TheLastPolicyIsFoundAgain) {
  MemoryAuditLog log;
  EXPECT_THAT(*LastPolicyDigest(log), Eq(std::nullopt));
  const Rulebook first = RulebookOf("c", "p");
  const Rulebook second = RulebookOf("c", "q");
  ASSERT_TRUE(AppendAct(&log, PolicyAct(first, At(1))).ok());
  ASSERT_TRUE(AppendAct(&log, StartAct("1.0", "x", At(2))).ok());
  EXPECT_EQ(*LastPolicyDigest(log), DigestOf(first));
  ASSERT_TRUE(AppendAct(&log, PolicyAct(second, At(3))).ok());
  ASSERT_TRUE(AppendAct(&log, StopAct(At(4))).ok());
  EXPECT_EQ(*LastPolicyDigest(log), DigestOf(second));
  log.Put(AuditKey({AuditChainKind::kAdmin, {}}, 2), std::string(40, 'x'));
  EXPECT_EQ(LastPolicyDigest(log).status().code(), absl::StatusCode::kDataLoss);
}

TEST(ActsTest, EveryActIsTakenWhateverItsWords) {
  MemoryAuditLog log;
  Rulebook large;
  for (int i = 0; i < 100; ++i) large.files.push_back({"policy", std::string(9'000, 'p'), {}});
  Retention retention;
  retention.first_year = {{1, 2024}};
  const Backup backup{.id = 3, .taken_at = At(1'000), .bytes = 5, .files = 1, .batches = 9};
  for (const AuditRecord& act :
       {PolicyAct(large, At(1)), PolicyRefusedAct(std::string(9'000, 'w'), At(1)),
        StartAct("1.0", "digest", At(1)), StopAct(At(1)), RetentionBeganAct(retention, At(1)),
        RetentionDoneAct(retention, {}, At(1)), BackupAct("create", backup, At(1)),
        BackupAct("verify", absl::DataLossError("damaged"), At(1)),
        RestoreAct("/backups", backup, At(1))}) {
    EXPECT_TRUE(AppendAct(&log, act).ok()) << AuditKindName(act.kind);
  }
}

TEST(ActsTest, ARetentionTellsFromWhenItKeepsAndWhatItDropped) {
  Retention retention;
  retention.first_year = {{1, 2024}, {2, 2023}};
  EXPECT_THAT(RetentionBeganAct(retention, At(1)).facts,
              ElementsAre(AuditFact{"event", "began"}, AuditFact{"all_kept_from", "2024-01-01"}));
  EXPECT_THAT(
      RetentionDoneAct(retention, {.observations = 7, .superseded = 2, .forgotten = 1}, At(1))
          .facts,
      ElementsAre(AuditFact{"event", "done"}, AuditFact{"all_kept_from", "2024-01-01"},
                  AuditFact{"observations", "7"}, AuditFact{"superseded", "2"},
                  AuditFact{"forgotten_subjects", "1"}));
}

TEST(ActsTest, ABackupTellsHowItEnded) {
  EXPECT_THAT(
      BackupAct("create", Backup{.id = 3, .bytes = 5, .batches = 9}, At(1)).facts,
      ElementsAre(AuditFact{"operation", "create"}, AuditFact{"outcome", "ok"},
                  AuditFact{"id", "3"}, AuditFact{"bytes", "5"}, AuditFact{"batches", "9"}));
  EXPECT_THAT(BackupAct("verify", absl::DataLossError("file 7 is damaged"), At(1)).facts,
              ElementsAre(AuditFact{"operation", "verify"}, AuditFact{"outcome", "failed"},
                          AuditFact{"reason", "file 7 is damaged"}));
}

}  // namespace
}  // namespace shouwang
