#include "daemon/journal/act_journal.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "daemon/journal/acts.h"
#include "storage/audit/audit_query.h"
#include "tests/daemon/journal/failing_log.h"

namespace shouwang {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

Instant At(int64_t ms) { return Instant(std::chrono::milliseconds(ms)); }

class ActJournalTest : public testing::Test {
 protected:
  std::unique_ptr<ActJournal> Open(
      std::chrono::milliseconds between_tries = std::chrono::hours(24)) {
    return std::make_unique<ActJournal>(
        ActJournal::Parts{.log = &log_,
                          .registry = &registry_,
                          .notice = [this](std::string_view what) { notices_.emplace_back(what); },
                          .between_tries = between_tries});
  }
  std::vector<AuditKind> Kinds() {
    std::vector<AuditKind> kinds;
    const absl::Status status =
        ReadAudit(log_, AuditQuery(), std::nullopt, [&](const AuditEntry& entry, bool matches) {
          if (matches) kinds.push_back(entry.record.kind);
          return true;
        });
    EXPECT_TRUE(status.ok()) << status;
    return kinds;
  }

  FailingLog log_;
  prometheus::Registry registry_;
  std::vector<std::string> notices_;  // of a thread that is stopped, or has nothing to tell yet
};

TEST_F(ActJournalTest, WhatIsRecordedIsThereAtOnce) {
  const auto journal = Open();
  journal->Record(StartAct("1.0", "digest", At(1)));
  EXPECT_TRUE(journal->Append(PolicyRefusedAct("why", At(2))).ok());
  EXPECT_THAT(Kinds(), ElementsAre(AuditKind::kStart, AuditKind::kPolicyRefused));
  EXPECT_THAT(notices_, IsEmpty());
}

TEST_F(ActJournalTest, OnAFullDiskAnActWaitsAndGoesBeforeTheNext) {
  const auto journal = Open();
  log_.SetFailing(true);
  journal->Record(StartAct("1.0", "digest", At(1)));
  EXPECT_THAT(notices_, ElementsAre(HasSubstr("cannot be recorded and waits: the disk is full")));
  EXPECT_EQ(journal->Append(PolicyRefusedAct("why", At(2))).code(), absl::StatusCode::kUnavailable);
  EXPECT_THAT(Kinds(), IsEmpty());
  log_.SetFailing(false);
  EXPECT_TRUE(journal->Append(StopAct(At(3))).ok());
  EXPECT_THAT(Kinds(), ElementsAre(AuditKind::kStart, AuditKind::kStop))
      << "what was refused is not recorded";
  EXPECT_EQ(notices_.back(), "acts that waited and are recorded now: 1");
}

TEST_F(ActJournalTest, WhatWaitsIsTriedAgain) {
  log_.SetFailing(true);
  const auto journal = Open(std::chrono::milliseconds(1));
  journal->Record(StartAct("1.0", "digest", At(1)));
  log_.AwaitAppends(3);
  log_.SetFailing(false);
  log_.AwaitTaken(1);
  EXPECT_THAT(Kinds(), ElementsAre(AuditKind::kStart));
}

TEST_F(ActJournalTest, StopTriesOnceMoreAndTellsWhatIsLost) {
  const auto journal = Open();
  log_.SetFailing(true);
  journal->Record(StartAct("1.0", "digest", At(1)));
  journal->Stop();
  EXPECT_EQ(notices_.back(), "acts that are not recorded: 1");
  log_.SetFailing(false);
  journal->Stop();
  EXPECT_THAT(Kinds(), ElementsAre(AuditKind::kStart));
}

TEST_F(ActJournalTest, NoMoreThanTheBoundWait) {
  const auto journal = Open();
  log_.SetFailing(true);
  for (size_t i = 0; i <= ActJournal::kMaxWaiting; ++i) journal->Record(StopAct(At(1)));
  EXPECT_THAT(notices_.back(), HasSubstr("is not recorded, as 100 wait already"));
  log_.SetFailing(false);
  journal->Stop();
  EXPECT_EQ(Kinds().size(), ActJournal::kMaxWaiting);
}

}  // namespace
}  // namespace shouwang
