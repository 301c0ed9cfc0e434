#include "daemon/journal/read_journal.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "absl/synchronization/notification.h"
#include "storage/audit/audit_query.h"
#include "tests/daemon/journal/failing_log.h"

namespace shouwang {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

AuditRecord ReadBy(std::string actor) {
  AuditRecord record;
  record.kind = AuditKind::kRead;
  record.actor = std::move(actor);
  return record;
}

class ReadJournalTest : public testing::Test {
 protected:
  ReadJournal::Parts Parts() {
    return {.log = &log_,
            .registry = &registry_,
            .now = [] { return Instant(std::chrono::milliseconds(7'000)); },
            .notice =
                [this](std::string_view what) {
                  absl::MutexLock lock(&mutex_);
                  notices_.emplace_back(what);
                }};
  }
  std::vector<std::string> Actors() const {
    std::vector<std::string> actors;
    EXPECT_TRUE(ReadAudit(log_, {}, {}, [&](const AuditEntry& entry, bool) {
                  EXPECT_EQ(entry.chain.kind, AuditChainKind::kReads);
                  EXPECT_EQ(entry.record.at, Instant(std::chrono::milliseconds(7'000)));
                  actors.push_back(entry.record.actor);
                  return true;
                }).ok());
    return actors;
  }
  std::vector<std::string> Notices() {
    absl::MutexLock lock(&mutex_);
    return notices_;
  }
  double Metric(const std::string& name) {
    for (const prometheus::MetricFamily& family : registry_.Collect()) {
      if (family.name != name) continue;
      return family.type == prometheus::MetricType::Gauge ? family.metric[0].gauge.value
                                                          : family.metric[0].counter.value;
    }
    ADD_FAILURE() << name << " is not there";
    return -1;
  }

  FailingLog log_;
  prometheus::Registry registry_;
  absl::Mutex mutex_;
  std::vector<std::string> notices_ ABSL_GUARDED_BY(mutex_);
};

TEST_F(ReadJournalTest, WritesByItselfWhatIsNoted) {
  ReadJournal journal(Parts());
  ASSERT_TRUE(journal.Note(ReadBy("a")).ok());
  log_.AwaitAppends(1);
  journal.Stop();
  EXPECT_THAT(Actors(), ElementsAre("a"));
  EXPECT_EQ(Metric("shouwang_audit_queue_entries"), 0);
}

TEST_F(ReadJournalTest, WritesAllThatWaitsWhenItIsStopped) {
  ReadJournal journal(Parts());
  for (int i = 0; i < 2'500; ++i) ASSERT_TRUE(journal.Note(ReadBy("a")).ok());
  journal.Stop();
  journal.Stop();
  EXPECT_EQ(Actors().size(), 2'500u);
  EXPECT_LE(log_.largest(), ReadJournal::kMaxTogether);
  EXPECT_THAT(Notices(), IsEmpty());
}

TEST_F(ReadJournalTest, RefusesOnceItIsStopped) {
  ReadJournal journal(Parts());
  journal.Stop();
  EXPECT_EQ(journal.Note(ReadBy("a")).code(), absl::StatusCode::kUnavailable);
}

TEST_F(ReadJournalTest, AtItsBoundTheCallerIsTold) {
  log_.SetFailing(true);
  ReadJournal journal(Parts());
  for (size_t i = 0; i < ReadJournal::kMaxWaiting; ++i) {
    ASSERT_TRUE(journal.Note(ReadBy("a")).ok());
  }
  const absl::Status refused = journal.Note(ReadBy("a"));
  EXPECT_EQ(refused.code(), absl::StatusCode::kResourceExhausted);
  EXPECT_THAT(std::string(refused.message()),
              HasSubstr("10000 reads wait to be recorded, which is the limit"));
  EXPECT_EQ(Metric("shouwang_audit_queue_entries"), 10'000);
}

TEST_F(ReadJournalTest, WhatTheDiskRefusesWaitsAndIsWrittenLater) {
  log_.SetFailing(true);
  ReadJournal journal(Parts());
  ASSERT_TRUE(journal.Note(ReadBy("a")).ok());
  log_.AwaitAppends(2);
  log_.SetFailing(false);
  log_.AwaitAppends(3);
  journal.Stop();
  EXPECT_THAT(Actors(), ElementsAre("a"));
  EXPECT_THAT(Notices(), ElementsAre("reads cannot be recorded and wait: the disk is full",
                                     "reads are recorded again"));
  EXPECT_GE(Metric("shouwang_audit_append_failures_total"), 2);
}

TEST_F(ReadJournalTest, WhatCouldNotBeWrittenBeforeTheEndIsTold) {
  log_.SetFailing(true);
  ReadJournal journal(Parts());
  ASSERT_TRUE(journal.Note(ReadBy("a")).ok());
  ASSERT_TRUE(journal.Note(ReadBy("b")).ok());
  journal.Stop();
  EXPECT_THAT(Notices(), ElementsAre("reads cannot be recorded and wait: the disk is full",
                                     "2 reads were not recorded"));
}

TEST_F(ReadJournalTest, TextsPastTheirBoundsAreCut) {
  ReadJournal journal(Parts());
  AuditRecord record = ReadBy(std::string(100, 'a'));
  record.facts.assign(80, {std::string(100, 'n'), std::string(5'000, 'v')});
  ASSERT_TRUE(journal.Note(record).ok());
  journal.Stop();
  EXPECT_THAT(Actors(), ElementsAre(std::string(64, 'a')));
}

}  // namespace
}  // namespace shouwang
