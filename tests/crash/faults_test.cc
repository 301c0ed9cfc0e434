// What the real daemon does when its disk or its clock fails. Faults are the real thing where they
// can be had (a full tmpfs, damaged files), and a preloaded library (fault_shim.cc) elsewhere.
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <grpcpp/grpcpp.h>
#include <gtest/gtest.h>
#include <sched.h>
#include <shouwang/v1/series.grpc.pb.h>
#include <sys/mount.h>

#include <csignal>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>

#include "daemon/wire/status.h"
#include "storage/blocks/block_key.h"
#include "storage/rocks/database.h"
#include "storage/rocks/records.h"
#include "storage/vocabulary/date.h"
#include "tests/crash/fault_home.h"

namespace shouwang::crash {
namespace {

using app::ChannelTo;
using app::DaemonProcess;
using app::Ended;
using testing::AllOf;
using testing::HasSubstr;

constexpr auto kUnavailable = static_cast<int>(absl::StatusCode::kUnavailable);
constexpr auto kDataLoss = static_cast<int>(absl::StatusCode::kDataLoss);

// The points of one household; -1 where it has never reported, -2 for damage.
int PointsOf(int port, int village, uint32_t number) {
  grpc::ClientContext context;
  v1::GetHistoryRequest request;
  v1::GetHistoryResponse response;
  request.add_subjects(fmt::format("{}/{}", VillageOf(village), number));
  const grpc::Status status =
      v1::SeriesService::NewStub(ChannelTo(port))->GetHistory(&context, request, &response);
  if (status.error_code() == grpc::StatusCode::NOT_FOUND) return -1;
  if (status.error_code() == grpc::StatusCode::DATA_LOSS) return -2;
  EXPECT_TRUE(status.ok()) << status.error_message();
  int points = 0;
  const int32_t january = Date::Parse("2024-01-01").value().days();
  for (const v1::Series& series : response.histories(0).series()) {
    for (const v1::Point& point : series.points()) {
      EXPECT_EQ(point.value(),
                static_cast<int64_t>(number) * 7'919 % 90'000'000 + point.date() - january);
      ++points;
    }
  }
  return points;
}

// What a collector is told where the disk does not take its batch.
void ExpectTryAgain(const v1::Receipt& receipt, const std::string& why) {
  EXPECT_EQ(receipt.error().code(), kUnavailable) << receipt.error().message();
  EXPECT_THAT(receipt.error().message(), HasSubstr(why));
  EXPECT_EQ(wire::RetryMs(wire::FromProto(receipt.error())), 1'000);
}

TEST(FaultTest, NoReceiptIsSentForACommitWhoseFsyncFailed) {
  const FaultHome home;
  {
    FaultyDaemon daemon(home);
    ASSERT_EQ(daemon.NextNotice(), "READY=1");
    const int port = daemon.GrpcPort();
    EXPECT_EQ(Submit(port, Wages("before", 1, 1, 3)).accepted(), 3u);
    home.Ask("fsync");
    ExpectTryAgain(Submit(port, Wages("during", 1, 4, 3)), "the disk failed");
    v1::GetStatusResponse status = StatusOf(port);
    EXPECT_FALSE(status.writable());
    EXPECT_THAT(status.read_only_reason(),
                AllOf(HasSubstr("then restart the daemon"), HasSubstr("Input/output error")));
    EXPECT_TRUE(Within([&] { return Shows(daemon.MetricsPort(), "shouwang_store_writable 0"); }));
    // What the kernel dropped is not on the disk because a later fsync says OK: no more commits.
    home.Withdraw("fsync");
    ExpectTryAgain(Submit(port, Wages("after", 1, 7, 3)), "then restart the daemon");
    EXPECT_EQ(PointsOf(port, 1, 1), 1) << "what was receipted is served";
    EXPECT_EQ(PointsOf(port, 1, 4), -1) << "what was not, is not";
    daemon.Signal(SIGTERM);
    EXPECT_THAT(daemon.Wait().err, HasSubstr("event=store.fault message=\"no commits: "));
  }
  FaultyDaemon daemon(home);
  ASSERT_EQ(daemon.NextNotice(), "READY=1");
  EXPECT_TRUE(StatusOf(daemon.GrpcPort()).writable());
  EXPECT_EQ(Submit(daemon.GrpcPort(), Wages("during", 1, 4, 3)).accepted(), 3u);
  EXPECT_EQ(StatusOf(daemon.GrpcPort()).observations(), 6u);
  EXPECT_EQ(PointsOf(daemon.GrpcPort(), 1, 7), -1);
}

TEST(FaultTest, WhatIsKnownIsNeverKnownEarlierThoughTheClockIsSetBackADay) {
  const FaultHome home;
  int64_t last = 0;
  const auto expect_later = [&](const DaemonProcess& daemon, const std::string& id, uint32_t n) {
    const v1::Receipt receipt = Submit(daemon.GrpcPort(), Wages(id, 1, n, 1));
    EXPECT_FALSE(receipt.has_error()) << receipt.error().message();
    EXPECT_GT(receipt.known_at_ms(), last) << id;
    last = receipt.known_at_ms();
  };
  {
    FaultyDaemon daemon(home);
    ASSERT_EQ(daemon.NextNotice(), "READY=1");
    expect_later(daemon, "before", 1);
    home.Ask("clock");
    expect_later(daemon, "set back", 2);
    daemon.Signal(SIGKILL);
    daemon.Wait();
  }
  FaultyDaemon daemon(home);
  ASSERT_EQ(daemon.NextNotice(), "READY=1");
  EXPECT_LT(StatusOf(daemon.GrpcPort()).started_at_ms(), last - 80'000'000) << "the clock is back";
  expect_later(daemon, "set back and restarted", 3);
}

// A file system of its own, some megabytes large; gone with the process.
class SmallDisk {
 public:
  explicit SmallDisk(const std::string& folder) : folder_(folder) {
    std::filesystem::create_directories(folder);
    if (unshare(CLONE_NEWNS) != 0 || mount("none", "/", nullptr, MS_REC | MS_PRIVATE, "") != 0 ||
        mount("tmpfs", folder.c_str(), "tmpfs", 0, "size=48m") != 0) {
      why_not_ = std::strerror(errno);
    }
  }
  ~SmallDisk() {
    if (why_not_.empty()) umount2(folder_.c_str(), MNT_DETACH);
  }
  SmallDisk(const SmallDisk&) = delete;
  SmallDisk& operator=(const SmallDisk&) = delete;
  const std::string& why_not() const { return why_not_; }

  // Leaves no byte free.
  void Fill() const {
    std::ofstream file(folder_ + "/filler", std::ios::binary);
    const std::string chunk(4096, 'x');
    while (file.write(chunk.data(), static_cast<std::streamsize>(chunk.size())).flush()) {
    }
  }
  // Of a disk that was filled.
  void Free(uint64_t bytes) const {
    const std::string filler = folder_ + "/filler";
    std::filesystem::resize_file(filler, std::filesystem::file_size(filler) - bytes);
  }
  void Free() const { std::filesystem::remove(folder_ + "/filler"); }

 private:
  const std::string folder_;
  std::string why_not_;
};

TEST(FaultTest, AFullDiskRefusesWholeBatchesAndTakesThemAgainOnceThereIsSpace) {
  const FaultHome home;
  const SmallDisk disk(home.Path("data"));
  if (!disk.why_not().empty()) GTEST_SKIP() << "cannot mount a tmpfs: " << disk.why_not();
  constexpr uint32_t kHouseholds = 200;
  constexpr int kDays = 20;
  uint64_t stored = 0;
  uint32_t first = 1;
  const auto next = [&] {
    return Wages(fmt::format("from {}", first), 1, first, kHouseholds, kDays);
  };
  {
    DaemonProcess daemon(home);
    ASSERT_EQ(daemon.NextNotice(), "READY=1");
    const int port = daemon.GrpcPort();
    EXPECT_EQ(Submit(port, next()).accepted(), kHouseholds * kDays);
    disk.Fill();
    // What the log had reserved beforehand may still be written.
    v1::Receipt receipt;
    while (!receipt.has_error()) {
      stored += uint64_t{kHouseholds} * kDays;
      first += kHouseholds;
      receipt = Submit(port, next());
    }
    ExpectTryAgain(receipt, "the disk is full");
    const v1::GetStatusResponse status = StatusOf(port);
    EXPECT_FALSE(status.writable());
    EXPECT_THAT(status.read_only_reason(), HasSubstr("the disk is full"));
    EXPECT_EQ(status.observations(), stored);
    EXPECT_EQ(PointsOf(port, 1, first), -1) << "nothing of the refused batch is there";
    EXPECT_EQ(PointsOf(port, 1, first - 1), kDays);
    EXPECT_TRUE(Within([&] { return Shows(daemon.MetricsPort(), "shouwang_store_writable 0"); }));

    disk.Free();
    EXPECT_TRUE(Within([&] { return !Submit(port, next()).has_error(); })) << "without a restart";
    stored += uint64_t{kHouseholds} * kDays;
    EXPECT_TRUE(StatusOf(port).writable());
    EXPECT_TRUE(Within([&] { return Shows(daemon.MetricsPort(), "shouwang_store_writable 1"); }));
    EXPECT_EQ(StatusOf(port).observations(), stored);
    daemon.Signal(SIGKILL);
    daemon.Wait();
  }
  DaemonProcess daemon(home);
  ASSERT_EQ(daemon.NextNotice(), "READY=1");
  EXPECT_EQ(StatusOf(daemon.GrpcPort()).observations(), stored);
  EXPECT_TRUE(Submit(daemon.GrpcPort(), next()).repeated());
  for (uint32_t number = 1; number < first + kHouseholds; number += kHouseholds - 1) {
    EXPECT_EQ(PointsOf(daemon.GrpcPort(), 1, number), kDays);
  }
}

TEST(FaultTest, AStartOnAFullDiskIsRefusedInWordsAndLosesNothing) {
  const FaultHome home;
  const SmallDisk disk(home.Path("data"));
  if (!disk.why_not().empty()) GTEST_SKIP() << "cannot mount a tmpfs: " << disk.why_not();
  constexpr int kDays = 20;
  {
    DaemonProcess daemon(home);
    ASSERT_EQ(daemon.NextNotice(), "READY=1");
    EXPECT_EQ(Submit(daemon.GrpcPort(), Wages("1", 1, 1, 200, kDays)).accepted(), 200u * kDays);
    disk.Fill();
    daemon.Signal(SIGKILL);
    daemon.Wait();
  }
  disk.Fill();
  {
    DaemonProcess daemon(home);
    const app::Ended ended = daemon.Wait();
    EXPECT_GT(ended.exit_code, 0);
    EXPECT_THAT(ended.err,
                AllOf(HasSubstr("data_dir"), HasSubstr("the disk is full: 0 KiB are free"),
                      HasSubstr("free space and start again")));
  }
  // Room to open, but no more than the reserve, a sixteenth: what is there is served.
  disk.Free(2 << 20);
  DaemonProcess daemon(home);
  ASSERT_EQ(daemon.NextNotice(), "READY=1");
  EXPECT_FALSE(StatusOf(daemon.GrpcPort()).writable());
  EXPECT_EQ(PointsOf(daemon.GrpcPort(), 1, 200), kDays);
  disk.Free();
  EXPECT_TRUE(Within([&] { return StatusOf(daemon.GrpcPort()).writable(); }));
}

// Puts bytes that are no block behind one of a village of a store that nobody has open.
void DamageBlock(const std::string& data, const Subject& subject) {
  RocksOptions options;
  options.path = data;
  const auto database = rocks::Database::Open(options);
  ASSERT_TRUE(database.ok()) << database.status();
  std::string key;
  AppendBlockKey(BlockKey::Of(subject, Date::Parse("2024-01-01").value()), &key);
  rocksdb::WriteBatch batch;
  batch.Merge((*database)->Handle(rocks::Family::kBlocks), key, "\x01 not a block");
  ASSERT_TRUE((*database)->Write(&batch, "test").ok());
}

TEST(FaultTest, ADamagedBlockIsTheOnlyThingThatIsNotServed) {
  const FaultHome home;
  home.Write("divisions.csv", home.Read("divisions.csv") + "520502001002,二村\n");
  {
    DaemonProcess daemon(home);
    ASSERT_EQ(daemon.NextNotice(), "READY=1");
    Submit(daemon.GrpcPort(), Wages("1", 1, 1, 3));
    Submit(daemon.GrpcPort(), Wages("2", 2, 1, 3));
    daemon.Signal(SIGTERM);
    ASSERT_EQ(daemon.Wait().exit_code, 0);
  }
  DamageBlock(home.Path("data"), Subject::Parse("520502001001/1").value());
  DaemonProcess daemon(home);
  ASSERT_EQ(daemon.NextNotice(), "READY=1");
  const int port = daemon.GrpcPort();
  EXPECT_EQ(PointsOf(port, 1, 1), -2);
  EXPECT_EQ(PointsOf(port, 2, 1), 1);
  const v1::Receipt hit = Submit(port, Wages("3", 1, 1, 3, 2));
  EXPECT_EQ(hit.error().code(), kDataLoss);
  EXPECT_EQ(wire::RetryMs(wire::FromProto(hit.error())), std::nullopt);
  EXPECT_EQ(Submit(port, Wages("4", 2, 1, 3, 2)).accepted(), 3u);
  EXPECT_TRUE(StatusOf(port).writable());
  EXPECT_TRUE(Within([&] {
    const std::string scrape = metrics::HttpGet(daemon.MetricsPort(), "/metrics");
    return scrape.find("\nshouwang_store_damage_total 0\n") == std::string::npos &&
           scrape.find("\nshouwang_store_damage_total ") != std::string::npos;
  }));
}

void DamageTally(const std::string& data, std::string_view township) {
  RocksOptions options;
  options.path = data;
  const auto database = rocks::Database::Open(options);
  ASSERT_TRUE(database.ok()) << database.status();
  rocksdb::WriteBatch batch;
  batch.Put((*database)->Handle(rocks::Family::kTallies),
            rocks::TallyKey({RollupView::kSettlement, Division::Parse(township).value(), {}}), "x");
  ASSERT_TRUE((*database)->Write(&batch, "test").ok());
}

TEST(FaultTest, ADamagedTallyIsToldOfAndTheRestOfTheStatusToo) {
  const FaultHome home;
  home.Write("divisions.csv", home.Read("divisions.csv") + "520502002,二街道\n520502002001,三村\n");
  {
    DaemonProcess daemon(home);
    ASSERT_EQ(daemon.NextNotice(), "READY=1");
    EXPECT_EQ(Submit(daemon.GrpcPort(), Wages("1", 1, 1, 3)).accepted(), 3u);
    v1::SubmitRequest other = Wages("2", 1, 1, 2);
    other.mutable_batch()->set_township("520502002");
    other.mutable_batch()->mutable_sections(0)->set_place("520502002001");
    EXPECT_EQ(Submit(daemon.GrpcPort(), other).accepted(), 2u);
    EXPECT_EQ(StatusOf(daemon.GrpcPort()).figures_damage(), "");
    daemon.Signal(SIGTERM);
    ASSERT_EQ(daemon.Wait().exit_code, 0);
  }
  DamageTally(home.Path("data"), "520502001");
  DaemonProcess daemon(home);
  ASSERT_EQ(daemon.NextNotice(), "READY=1");
  const v1::GetStatusResponse status = StatusOf(daemon.GrpcPort());
  EXPECT_THAT(status.figures_damage(), AllOf(HasSubstr("tallies record"), HasSubstr("is damaged")));
  EXPECT_EQ(status.households(), 2u) << "those of the other township";
  EXPECT_EQ(status.batches(), 2u);
  EXPECT_TRUE(status.writable());
  EXPECT_GT(status.damage(), 0u);
  EXPECT_EQ(status.failed_compactions(), 0u);
}

TEST(FaultTest, ASecondDaemonOnTheSameDataSaysWhoHasIt) {
  const FaultHome home;
  DaemonProcess first(home);
  ASSERT_EQ(first.NextNotice(), "READY=1");
  const Ended second = app::RunDaemon(home, {"--config", home.Path("shouwangd.yaml")});
  EXPECT_EQ(second.exit_code, 1);
  EXPECT_THAT(second.err, HasSubstr("is in use by another process; stop it first"));
  EXPECT_EQ(Submit(first.GrpcPort(), Wages("1", 1, 1, 3)).accepted(), 3u);
}

}  // namespace
}  // namespace shouwang::crash
