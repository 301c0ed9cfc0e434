// The real program: backups taken while it runs, stores made of them, stores checked, values
// dropped for their age.
#include <gmock/gmock.h>
#include <grpcpp/grpcpp.h>
#include <gtest/gtest.h>
#include <shouwang/v1/admin.grpc.pb.h>

#include <csignal>
#include <filesystem>
#include <fstream>

#include <nlohmann/json.hpp>

#include "tests/daemon/app/bare_call.h"
#include "tests/daemon/app/daemon_process.h"
#include "tests/daemon/app/report_calls.h"
#include "tests/daemon/metrics/http_get.h"

namespace shouwang::app {
namespace {

using metrics::HttpGet;
using testing::AllOf;
using testing::HasSubstr;

std::string WithBackups() { return Home::ConfigText() + "backup: {dir: backups, keep: 2}\n"; }

v1::Backup TakeBackup(int port) {
  grpc::ClientContext context;
  const auto stub = v1::AdminService::NewStub(ChannelTo(port));
  const auto reader = stub->CreateBackup(&context, {});
  v1::CreateBackupResponse response;
  while (reader->Read(&response)) {
  }
  const grpc::Status status = reader->Finish();
  EXPECT_TRUE(status.ok()) << status.error_message();
  EXPECT_EQ(response.bytes_done(), response.bytes_total());
  return response.backup();
}

TEST(CareTest, ABackupTakenWhileItRunsBecomesAStoreThatIsTheSame) {
  const Home home;
  home.Write("shouwangd.yaml", WithBackups());
  DaemonProcess daemon(home);
  ASSERT_EQ(daemon.NextNotice(), "READY=1");
  EXPECT_THAT(HttpGet(daemon.MetricsPort(), "/metrics"),
              AllOf(HasSubstr("shouwang_backup_configured 1"),
                    HasSubstr("shouwang_backup_last_success_timestamp_seconds 0")));
  EXPECT_EQ(TakeBackup(daemon.GrpcPort()).id(), 1u);
  EXPECT_EQ(ReportOne(daemon.GrpcPort()).accepted(), 1u);
  const v1::Backup second = TakeBackup(daemon.GrpcPort());
  EXPECT_EQ(second.id(), 2u);
  EXPECT_EQ(second.batches(), 1u);
  EXPECT_GT(second.bytes(), 0u);

  const auto stub = v1::AdminService::NewStub(ChannelTo(daemon.GrpcPort()));
  grpc::ClientContext verify_context;
  const auto reader = stub->VerifyBackup(&verify_context, {});
  v1::VerifyBackupResponse verified;
  while (reader->Read(&verified)) {
  }
  EXPECT_TRUE(reader->Finish().ok());
  EXPECT_EQ(verified.backup().id(), 2u);
  grpc::ClientContext list_context;
  v1::ListBackupsResponse listed;
  EXPECT_TRUE(stub->ListBackups(&list_context, {}, &listed).ok());
  EXPECT_EQ(listed.backups_size(), 2);
  EXPECT_THAT(HttpGet(daemon.MetricsPort(), "/metrics"),
              AllOf(HasSubstr("shouwang_backup_operations_total{operation=\"create\",outcome="
                              "\"ok\"} 2"),
                    HasSubstr("shouwang_backup_operations_total{operation=\"verify\",outcome="
                              "\"ok\"} 1")));

  // Onto the running store: refused. Elsewhere: the first backup, then the latest.
  const Ended onto =
      RunDaemon(home, {"--restore", home.Path("backups"), "--config", home.Path("shouwangd.yaml")});
  EXPECT_EQ(onto.exit_code, 1);
  EXPECT_THAT(onto.err, HasSubstr("is not empty"));
  const Ended first = RunDaemon(home, {"--restore", home.Path("backups"), "--backup-id", "1",
                                       "--data-dir", home.Path("first"), "--json"});
  EXPECT_EQ(first.exit_code, 0) << first.err;
  EXPECT_EQ(nlohmann::json::parse(first.out).at("backup"), 1);
  const Ended latest =
      RunDaemon(home, {"--restore", home.Path("backups"), "--data-dir", home.Path("latest")});
  EXPECT_EQ(latest.exit_code, 0) << latest.err;
  EXPECT_THAT(latest.out, HasSubstr("is backup 2 of " + home.Path("backups")));
  daemon.Signal(SIGTERM);
  EXPECT_EQ(daemon.Wait().exit_code, 0);

  home.Write("shouwangd.yaml", Home::ConfigText());
  DaemonProcess restored(home, {"--data-dir", home.Path("latest")});
  ASSERT_EQ(restored.NextNotice(), "READY=1");
  EXPECT_EQ(StatusOf(restored.GrpcPort()).warnings_open(), 1u);
  EXPECT_EQ(ReportOne(restored.GrpcPort()).repeated(), true);
  DaemonProcess older(home, {"--data-dir", home.Path("first")});
  ASSERT_EQ(older.NextNotice(), "READY=1");
  EXPECT_EQ(StatusOf(older.GrpcPort()).observations(), 0u);
  EXPECT_EQ(ReportOne(older.GrpcPort()).accepted(), 1u);
}

TEST(CareTest, WithoutAFolderBackupsAreRefusedWithWhatToDo) {
  const Home home;
  DaemonProcess daemon(home);
  ASSERT_EQ(daemon.NextNotice(), "READY=1");
  grpc::ClientContext context;
  const auto reader =
      v1::AdminService::NewStub(ChannelTo(daemon.GrpcPort()))->CreateBackup(&context, {});
  v1::CreateBackupResponse response;
  EXPECT_FALSE(reader->Read(&response));
  const grpc::Status status = reader->Finish();
  EXPECT_EQ(status.error_code(), grpc::StatusCode::FAILED_PRECONDITION);
  EXPECT_THAT(status.error_message(), HasSubstr("set backup.dir"));
}

TEST(CareTest, BackupsInsideTheDataDirectoryAreRefusedAtStart) {
  const Home home;
  home.Write("shouwangd.yaml", Home::ConfigText() + "backup: {dir: data/backups}\n");
  const Ended ended = RunDaemon(home, {"--config", home.Path("shouwangd.yaml")});
  EXPECT_EQ(ended.exit_code, 1);
  EXPECT_THAT(ended.err, HasSubstr("must be two folders, neither in the other"));
}

TEST(CareTest, VerifySaysThatAStoreIsSoundOrWhatIsDamaged) {
  const Home home;
  const std::vector<std::string> verify = {"--verify", "--data-dir", home.Path("data")};
  EXPECT_THAT(RunDaemon(home, verify).err, HasSubstr("has no store"));
  {
    DaemonProcess daemon(home);
    ASSERT_EQ(daemon.NextNotice(), "READY=1");
    EXPECT_EQ(ReportOne(daemon.GrpcPort()).accepted(), 1u);
    const Ended in_use = RunDaemon(home, verify);
    EXPECT_EQ(in_use.exit_code, 1);
    EXPECT_THAT(in_use.err, HasSubstr("stop it first"));
    daemon.Signal(SIGTERM);
    EXPECT_EQ(daemon.Wait().exit_code, 0);
  }
  const Ended sound = RunDaemon(home, {"--verify", "--config", home.Path("shouwangd.yaml")});
  EXPECT_EQ(sound.exit_code, 0) << sound.err;
  EXPECT_THAT(sound.out, AllOf(HasSubstr("tallies against values"), HasSubstr("is sound\n")));
  // A log that ends before its last commit has lost what was receipted; verify cannot know of it,
  // but a byte changed in it is found.
  for (const auto& entry : std::filesystem::directory_iterator(home.Path("data"))) {
    if (entry.path().extension() != ".log") continue;
    std::fstream log(entry.path(), std::ios::in | std::ios::out | std::ios::binary);
    log.seekp(20);
    log.put('\x7f');
  }
  std::vector<std::string> json = verify;
  json.push_back("--json");
  const Ended damaged = RunDaemon(home, json);
  EXPECT_EQ(damaged.exit_code, 1);
  EXPECT_THAT(damaged.out + damaged.err, HasSubstr("orrupt"));
}

TEST(CareTest, ValuesPastTheRetentionGoAndAreNotTakenAgain) {
  const Home home;
  {
    DaemonProcess daemon(home);
    ASSERT_EQ(daemon.NextNotice(), "READY=1");
    EXPECT_EQ(ReportOne(daemon.GrpcPort()).accepted(), 1u);
    EXPECT_THAT(HttpGet(daemon.MetricsPort(), "/metrics"),
                HasSubstr("shouwang_retention_progress_ratio 1"));
    daemon.Signal(SIGTERM);
    ASSERT_EQ(daemon.Wait().exit_code, 0);
  }
  home.Write("shouwangd.yaml", Home::ConfigText() + "retention: {monthly: 12}\n");
  {
    DaemonProcess daemon(home);
    ASSERT_EQ(daemon.NextNotice(), "READY=1");
    v1::GetStatusResponse status = StatusOf(daemon.GrpcPort());
    while (status.observations() > 0) status = StatusOf(daemon.GrpcPort());
    EXPECT_EQ(status.households(), 0u);
    EXPECT_EQ(status.warnings_open(), 0u);
    EXPECT_EQ(status.batches(), 1u);
    daemon.Signal(SIGTERM);
    ASSERT_EQ(daemon.Wait().exit_code, 0);
  }
  const Ended sound = RunDaemon(home, {"--verify", "--data-dir", home.Path("data")});
  EXPECT_EQ(sound.exit_code, 0) << sound.out << sound.err;
  // What was closed stays closed.
  home.Write("shouwangd.yaml", Home::ConfigText());
  DaemonProcess daemon(home);
  ASSERT_EQ(daemon.NextNotice(), "READY=1");
  const v1::Receipt again = ReportOne(daemon.GrpcPort(), "second");
  EXPECT_EQ(again.accepted(), 0u);
  ASSERT_EQ(again.rejections_size(), 1);
  EXPECT_EQ(again.rejections(0).reason(), v1::REJECTION_REASON_NOT_KEPT);
}

}  // namespace
}  // namespace shouwang::app
