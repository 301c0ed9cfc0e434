// The backup commands as they are run.
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "tests/collectors/ctl/fake_daemon.h"
#include "tests/collectors/run_program.h"

namespace shouwang::ctl {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;

class BackupCommandsTest : public ::testing::Test {
 protected:
  BackupCommandsTest() {
    v1::Backup damaged;
    damaged.set_id(4);
    damaged.set_damaged(true);
    v1::Backup sound;
    sound.set_id(5);
    sound.set_taken_at_ms(1'790'000'000'000);
    sound.set_bytes(3 << 20);
    sound.set_files(12);
    sound.set_batches(77);
    daemon_.backups = {damaged, sound};
  }
  Ended RunCtl(const std::string& arguments) {
    return RunProgram("shouwangctl", fmt::format("--server {} {}", daemon_.address(), arguments));
  }

  FakeDaemon daemon_;
};

TEST_F(BackupCommandsTest, CreateSaysWhatWasTaken) {
  const Ended ended = RunCtl("backup create");
  EXPECT_EQ(ended.code, 0) << ended.out;
  EXPECT_EQ(ended.out, "backup 5 taken: 3.0 MiB in 12 files, up to batch 77\n");
  const auto json = nlohmann::json::parse(RunCtl("backup create --json").out);
  EXPECT_EQ(json.at("id"), 5);
  EXPECT_EQ(json.at("taken_at"), "2026-09-21T14:13:20.000Z");
  EXPECT_EQ(json.at("bytes"), 3 << 20);
  EXPECT_EQ(json.at("damaged"), false);
}

TEST_F(BackupCommandsTest, VerifyTakesTheLatestOrTheOneNamed) {
  EXPECT_THAT(RunCtl("backup verify").out, HasSubstr("backup 5 is sound"));
  EXPECT_EQ(daemon_.verify_request.id(), 0u);
  EXPECT_EQ(RunCtl("backup verify 4").code, 0);
  EXPECT_EQ(daemon_.verify_request.id(), 4u);
}

TEST_F(BackupCommandsTest, ListShowsThemAndWhichAreDamaged) {
  const Ended ended = RunCtl("backup list");
  EXPECT_EQ(ended.code, 0) << ended.out;
  EXPECT_THAT(ended.out, AllOf(HasSubstr("BACKUP"), HasSubstr("damaged"), HasSubstr("77")));
  daemon_.backups.clear();
  EXPECT_EQ(RunCtl("backup list").out, "no backups yet: shouwangctl backup create\n");
}

TEST_F(BackupCommandsTest, AFaultIsToldAndExitsWith1) {
  daemon_.failure = {grpc::StatusCode::DATA_LOSS, "verifying backup 5: 000012.sst differs"};
  for (const char* command : {"backup create", "backup verify", "backup list"}) {
    const Ended ended = RunCtl(command);
    EXPECT_EQ(ended.code, 1);
    EXPECT_THAT(ended.out, HasSubstr("000012.sst differs"));
  }
}

TEST_F(BackupCommandsTest, HelpSaysHowToRestore) {
  EXPECT_THAT(RunCtl("backup --help").out, HasSubstr("shouwangd --restore BACKUP_DIR"));
}

}  // namespace
}  // namespace shouwang::ctl
