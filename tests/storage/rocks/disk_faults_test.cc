// What the store does when bytes on its disk change behind its back.
#include "storage/rocks/disk_faults.h"

#include <gtest/gtest.h>

#include <fstream>
#include <mutex>
#include <random>

#include "tests/storage/contract/store_contract.h"

namespace shouwang {
namespace {

using rocksdb::BackgroundErrorReason;
using rocksdb::Status;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

constexpr int kVillages = 24;
constexpr int kHouseholds = 255;  // 1 to 255: one group
constexpr int kMonths = 6;

std::string VillageOf(int village) { return std::to_string(520502001001 + village); }

int64_t ValueOf(int village, int household, int month) {
  std::mt19937_64 random(static_cast<uint64_t>(village * 100'000 + household * 100 + month));
  return static_cast<int64_t>(random() % 1'000'000'000);
}

// Values that do not compress, so that the data file has many blocks.
void FillStore(const std::string& path) {
  const std::unique_ptr<RocksStore> store = OpenRocks(SmallRocks(path));
  for (int village = 0; village < kVillages; ++village) {
    Transaction transaction;
    for (int household = 1; household <= kHouseholds; ++household) {
      for (int month = 0; month < kMonths; ++month) {
        transaction.observations.push_back(Observe(
            VillageOf(village) + "/" + std::to_string(household), 1,
            "2026-0" + std::to_string(month + 1) + "-28", ValueOf(village, household, month)));
      }
    }
    CommitOk(*store, transaction);
  }
  ASSERT_TRUE(store->Compact().ok());
}

// The file with the blocks: by far the largest.
std::filesystem::path LargestFile(const std::string& path) {
  std::filesystem::path largest;
  for (const auto& entry : std::filesystem::directory_iterator(path)) {
    if (entry.path().extension() != ".sst") continue;
    if (largest.empty() || entry.file_size() > std::filesystem::file_size(largest)) largest = entry;
  }
  return largest;
}

void FlipByte(const std::filesystem::path& path, uintmax_t at) {
  std::fstream file(path, std::ios::in | std::ios::out | std::ios::binary);
  file.seekg(static_cast<std::streamoff>(at));
  const auto byte = static_cast<char>(file.get() ^ 0x40);
  file.seekp(static_cast<std::streamoff>(at));
  file.put(byte);
}

// A group's window says what its histories say, or DataLoss where these do, whatever its neighbours
// are and the reader met before it.
void ExpectWindow(int village, bool served, WindowReader* reader) {
  GroupWindow window({520502001001 + static_cast<uint64_t>(village), SubjectKind::kHousehold, 0});
  const absl::StatusOr<bool> fits = reader->Fill({On("2026-01-01"), Date::Max()}, {}, &window);
  if (!fits.ok()) {
    EXPECT_EQ(fits.status().code(), absl::StatusCode::kDataLoss) << fits.status();
    EXPECT_FALSE(served) << fits.status();
    return;
  }
  ASSERT_TRUE(*fits);
  ASSERT_EQ(window.held(), static_cast<size_t>(kHouseholds));
  ASSERT_EQ(window.dates().size(), static_cast<size_t>(kMonths));
  for (int household = 1; household <= kHouseholds; ++household) {
    const size_t lane = *window.LaneOf(static_cast<uint8_t>(household));
    for (size_t month = 0; month < window.dates().size(); ++month) {
      EXPECT_EQ(window.Cells(month, 0)[lane], ValueOf(village, household, static_cast<int>(month)));
    }
  }
}

// How many villages are served as they were; the others must give DataLoss.
int CountServed(const Store& store) {
  const std::unique_ptr<WindowReader> reader = store.ReadWindows();
  int served = 0;
  for (int village = 0; village < kVillages; ++village) {
    std::vector<Subject> subjects;
    for (int household = 1; household <= kHouseholds; ++household) {
      subjects.push_back(Named(VillageOf(village) + "/" + std::to_string(household)));
    }
    const auto loaded = store.LoadHistories(subjects, {On("2026-01-01"), On("2026-12-31")});
    ExpectWindow(village, loaded.ok(), reader.get());
    if (!loaded.ok()) {
      EXPECT_EQ(loaded.status().code(), absl::StatusCode::kDataLoss) << loaded.status();
      continue;
    }
    ++served;
    for (int household = 1; household <= kHouseholds; ++household) {
      const auto points = (*loaded)[static_cast<size_t>(household - 1)].Of(1);
      EXPECT_EQ(points.size(), static_cast<size_t>(kMonths));
      for (size_t month = 0; month < points.size(); ++month) {
        EXPECT_EQ(points[month].value, ValueOf(village, household, static_cast<int>(month)));
      }
    }
  }
  return served;
}

TEST(DiskFaultsTest, AFlippedByteIsNeverAWrongValueAndTheRestIsServed) {
  TemporaryDirectory whole;
  FillStore(whole.path());
  const std::filesystem::path name = LargestFile(whole.path()).filename();
  const uintmax_t size = std::filesystem::file_size(whole.path() / name);
  ASSERT_GT(size, 100'000u);
  std::mt19937_64 random(11);
  int hit = 0;
  for (int i = 0; i < 12; ++i) {
    TemporaryDirectory damaged;
    std::filesystem::copy(whole.path(), damaged.path(), std::filesystem::copy_options::recursive);
    // The last ones lie among indices and footer.
    FlipByte(damaged.path() / name,
             i < 8 ? random() % (size - 20'000) : size - 1 - random() % 3'000);
    const auto store = RocksStore::Open(SmallRocks(damaged.path()));
    if (!store.ok()) {
      EXPECT_EQ(store.status().code(), absl::StatusCode::kDataLoss) << store.status();
      EXPECT_THAT(std::string(store.status().message()), HasSubstr(damaged.path()));
      continue;
    }
    const int served = CountServed(**store);
    if (i < 8) {
      EXPECT_GE(served, kVillages / 2) << "one unit of the file is hit, not all of it";
    }
    EXPECT_EQ((*store)->Statistics().damage > 0, served < kVillages);
    hit += served < kVillages ? 1 : 0;
  }
  EXPECT_GE(hit, 6) << "most bytes of the file are values";
}

// RocksDB would stop all writes at a compaction that cannot read its input, and again after each
// start.
TEST(DiskFaultsTest, ADamagedFileThatCompactionMeetsDoesNotStopCommits) {
  TemporaryDirectory directory;
  FillStore(directory.path());
  const std::filesystem::path file = LargestFile(directory.path());
  FlipByte(file, std::filesystem::file_size(file) / 3);
  std::mutex mutex;
  std::vector<std::string> notices;
  RocksOptions options = SmallRocks(directory.path());
  options.notice = [&](const std::string& what) {
    const std::lock_guard lock(mutex);
    notices.push_back(what);
  };
  const std::unique_ptr<RocksStore> store = OpenRocks(options);
  const int served = CountServed(*store);
  EXPECT_LT(served, kVillages);
  const uint64_t before = store->Statistics().damage;
  // Reads and rewrites the file.
  EXPECT_EQ(store->Compact().code(), absl::StatusCode::kDataLoss);
  EXPECT_GT(store->Statistics().damage, before);
  EXPECT_EQ(store->Statistics().read_only_reason, "");
  CommitOk(*store, {.observations = {Observe("520502001099/1", 1, "2026-01-31", 10)}});
  EXPECT_EQ(CountServed(*store), served);
  const std::lock_guard lock(mutex);
  EXPECT_THAT(notices, testing::Each(testing::StartsWith("damaged: ")));
  EXPECT_THAT(notices, testing::Contains(HasSubstr(file.filename().string())));
}

Status Severe(const Status& status, Status::Severity severity) { return {status, severity}; }

TEST(DiskFaultsTest, AFullDiskStopsCommitsUntilRecoveryIsCompleted) {
  std::vector<std::string> notices;
  rocks::DiskFaults faults([&](const std::string& what) { notices.push_back(what); });
  EXPECT_EQ(faults.ReadOnlyReason(), "");
  Status error = Severe(Status::NoSpace("While appending to file: x.log"), Status::kHardError);
  faults.OnBackgroundError(BackgroundErrorReason::kWriteCallback, &error);
  EXPECT_THAT(faults.ReadOnlyReason(),
              HasSubstr("commits go on some seconds after space is freed"));
  EXPECT_FALSE(error.ok()) << "RocksDB has to stop";
  bool recovers = true;
  faults.OnErrorRecoveryBegin(BackgroundErrorReason::kWriteCallback, error, &recovers);
  EXPECT_TRUE(recovers);
  faults.OnErrorRecoveryCompleted(error);
  EXPECT_EQ(faults.ReadOnlyReason(), "");
  EXPECT_THAT(notices, ElementsAre(HasSubstr("no commits: the disk is full"), "commits go on"));
}

// The record may be whole in the log: going on beside it could apply it in part after a kill.
TEST(DiskFaultsTest, AFullDiskThatOnlyTheFsyncMeetsIsNotRecoveredFromWithoutARestart) {
  rocks::DiskFaults faults(nullptr);
  Status error = Severe(Status::NoSpace("While fdatasync: x.log"), Status::kHardError);
  faults.OnBackgroundError(BackgroundErrorReason::kWriteCallback, &error);
  EXPECT_THAT(faults.ReadOnlyReason(), HasSubstr("then restart the daemon"));
  bool recovers = true;
  faults.OnErrorRecoveryBegin(BackgroundErrorReason::kWriteCallback, error, &recovers);
  EXPECT_FALSE(recovers);
}

TEST(DiskFaultsTest, ACompactionThatCannotReadIsCountedAndNothingStops) {
  rocks::DiskFaults faults(nullptr);
  Status error = Severe(Status::Corruption("block checksum mismatch"), Status::kUnrecoverableError);
  faults.OnBackgroundError(BackgroundErrorReason::kCompaction, &error);
  EXPECT_TRUE(error.ok());
  EXPECT_EQ(faults.ReadOnlyReason(), "");
  EXPECT_EQ(faults.damage(), 1u);
  EXPECT_EQ(faults.failed_compactions(), 1u);
}

TEST(DiskFaultsTest, TheSameDamageIsToldOnceInARowAndCountedEachTime) {
  std::vector<std::string> notices;
  rocks::DiskFaults faults([&](const std::string& what) { notices.push_back(what); });
  for (const char* what : {"a", "a", "b", "a"}) faults.CountDamage(what);
  EXPECT_EQ(faults.damage(), 4u);
  EXPECT_EQ(faults.failed_compactions(), 0u);
  EXPECT_THAT(notices, ElementsAre("damaged: a", "damaged: b", "damaged: a"));
}

TEST(DiskFaultsTest, ASoftErrorStopsNothing) {
  std::vector<std::string> notices;
  rocks::DiskFaults faults([&](const std::string& what) { notices.push_back(what); });
  Status error = Severe(Status::NoSpace("While appending"), Status::kSoftError);
  faults.OnBackgroundError(BackgroundErrorReason::kCompaction, &error);
  EXPECT_EQ(faults.ReadOnlyReason(), "");
  EXPECT_THAT(notices, IsEmpty());
}

}  // namespace
}  // namespace shouwang
