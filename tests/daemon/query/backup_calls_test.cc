#include "daemon/query/backup_calls.h"

#include <shouwang/v1/admin.grpc.pb.h>

#include "absl/synchronization/notification.h"
#include "daemon/journal/acts.h"
#include "tests/daemon/journal/failing_log.h"
#include "tests/daemon/query/query_server.h"

namespace shouwang::query {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

// Backups that take as long as the test wants, to see what a caller sees meanwhile. (That backups
// are backups is tested in storage/rocks and daemon/app.)
class GatedBackups final : public Backups {
 public:
  absl::StatusOr<Backup> Create(Progress progress) override {
    progress({.bytes = 1, .of_bytes = 10});
    begun_.Notify();
    gate_.WaitForNotification();
    progress({.bytes = 9, .of_bytes = 10});
    created_ = true;
    ended_.Notify();
    if (!outcome.ok()) return outcome;
    return Backup{.id = 3, .taken_at = At(1'790'000'000'000), .bytes = 10, .files = 2};
  }
  std::vector<Backup> List() const override {
    return {{.id = 1, .bytes = 5, .files = 1, .batches = 7}, {.id = 2, .damaged = true}};
  }
  absl::StatusOr<Backup> Verify(uint32_t id, Progress) override {
    if (id == 2) return absl::DataLossError("verifying backup 2: 000012.sst differs");
    return Backup{.id = id};
  }
  void Stop() override {}

  void WaitUntilBegun() { begun_.WaitForNotification(); }
  void Open() { gate_.Notify(); }
  void WaitUntilEnded() { ended_.WaitForNotification(); }
  bool created() const { return created_; }

  absl::Status outcome;

 private:
  absl::Notification begun_;
  absl::Notification gate_;
  absl::Notification ended_;
  std::atomic<bool> created_ = false;
};

class BackupCallsTest : public QueryServer {
 protected:
  BackupCallsTest() { backups_ = &gated_; }
  ~BackupCallsTest() override { Down(); }

  GatedBackups gated_;
};

TEST_F(BackupCallsTest, TellsHowFarItIsAndThenTheBackup) {
  Up();
  grpc::ClientContext context;
  const auto reader = Stub<v1::AdminService>()->CreateBackup(&context, {});
  v1::CreateBackupResponse response;
  ASSERT_TRUE(reader->Read(&response));
  EXPECT_EQ(response.bytes_done(), 1u);
  EXPECT_EQ(response.bytes_total(), 10u);
  EXPECT_FALSE(response.has_backup());
  gated_.Open();
  while (reader->Read(&response)) {
  }
  EXPECT_TRUE(reader->Finish().ok());
  EXPECT_EQ(response.backup().id(), 3u);
  EXPECT_EQ(response.backup().taken_at_ms(), 1'790'000'000'000);
  EXPECT_EQ(response.backup().bytes(), 10u);
  EXPECT_EQ(response.backup().files(), 2u);
}

TEST_F(BackupCallsTest, ACallerWhoLeavesDoesNotEndIt) {
  Up();
  grpc::ClientContext context;
  const auto reader = Stub<v1::AdminService>()->CreateBackup(&context, {});
  gated_.WaitUntilBegun();
  context.TryCancel();
  EXPECT_EQ(reader->Finish().error_code(), grpc::StatusCode::CANCELLED);
  EXPECT_FALSE(gated_.created());
  gated_.Open();
  gated_.WaitUntilEnded();
  EXPECT_TRUE(gated_.created());
}

TEST_F(BackupCallsTest, AFaultIsTheStatusOfTheCall) {
  gated_.outcome = absl::UnavailableError("taking a backup: the disk is full");
  gated_.Open();
  Up();
  grpc::ClientContext create;
  const auto creating = Stub<v1::AdminService>()->CreateBackup(&create, {});
  v1::CreateBackupResponse response;
  while (creating->Read(&response)) EXPECT_FALSE(response.has_backup());
  const grpc::Status full = creating->Finish();
  EXPECT_EQ(full.error_code(), grpc::StatusCode::UNAVAILABLE);
  EXPECT_THAT(full.error_message(), HasSubstr("the disk is full"));
  grpc::ClientContext verify;
  v1::VerifyBackupRequest request;
  request.set_id(2);
  const auto verifying = Stub<v1::AdminService>()->VerifyBackup(&verify, request);
  v1::VerifyBackupResponse verified;
  EXPECT_FALSE(verifying->Read(&verified));
  EXPECT_EQ(verifying->Finish().error_code(), grpc::StatusCode::DATA_LOSS);
}

// As after a start on a disk that was full.
TEST_F(BackupCallsTest, IsRecordedWithWhoAskedBehindTheActsThatWait) {
  FailingLog log;
  acts_ = std::make_unique<ActJournal>(ActJournal::Parts{
      .log = &log, .registry = &registry_, .notice = {}, .between_tries = std::chrono::hours(24)});
  log.SetFailing(true);
  acts_->Record(StartAct("1.0", "digest", At(kNowMs)));
  log.SetFailing(false);
  gated_.Open();
  Up();
  grpc::ClientContext context;
  context.AddMetadata("shouwang-actor", "county-3");
  const auto reader = Stub<v1::AdminService>()->CreateBackup(&context, {});
  v1::CreateBackupResponse response;
  while (reader->Read(&response)) {
  }
  EXPECT_TRUE(reader->Finish().ok());
  std::vector<std::string> acts;
  const auto keep = [&](const AuditEntry& entry, bool) {
    acts.push_back(std::string(AuditKindName(entry.record.kind)) + " " + entry.record.actor);
    return true;
  };
  ASSERT_TRUE(ReadAudit(log, {}, {}, keep).ok());
  EXPECT_THAT(acts, ElementsAre("start ", "backup county-3"));
  Down();
  query_.reset();
  acts_.reset();
}

TEST_F(BackupCallsTest, ListsWhileOneIsTaken) {
  Up();
  grpc::ClientContext create;
  const auto creating = Stub<v1::AdminService>()->CreateBackup(&create, {});
  gated_.WaitUntilBegun();
  grpc::ClientContext list;
  v1::ListBackupsResponse response;
  ASSERT_TRUE(Stub<v1::AdminService>()->ListBackups(&list, {}, &response).ok());
  std::vector<std::pair<uint32_t, bool>> listed;
  for (const v1::Backup& backup : response.backups()) {
    listed.emplace_back(backup.id(), backup.damaged());
  }
  EXPECT_THAT(listed, ElementsAre(std::pair(1u, false), std::pair(2u, true)));
  gated_.Open();
}

TEST_F(BackupCallsTest, WithoutBackupsEveryCallIsRefused) {
  backups_ = nullptr;
  Up();
  grpc::ClientContext list;
  v1::ListBackupsResponse response;
  EXPECT_EQ(Stub<v1::AdminService>()->ListBackups(&list, {}, &response).error_code(),
            grpc::StatusCode::FAILED_PRECONDITION);
  grpc::ClientContext verify;
  const auto verifying = Stub<v1::AdminService>()->VerifyBackup(&verify, {});
  v1::VerifyBackupResponse verified;
  EXPECT_FALSE(verifying->Read(&verified));
  EXPECT_EQ(verifying->Finish().error_code(), grpc::StatusCode::FAILED_PRECONDITION);
}

}  // namespace
}  // namespace shouwang::query
