#include "storage/rocks/rocks_store.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <fstream>
#include <limits>
#include <random>
#include <thread>

#include "storage/rocks/database.h"
#include "storage/rocks/records.h"
#include "tests/storage/contract/store_contract.h"

namespace shouwang {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

TEST(RocksStoreTest, ASecondOpenerIsToldWhoHasTheDirectory) {
  TemporaryDirectory directory;
  const std::unique_ptr<RocksStore> first = OpenRocks(SmallRocks(directory.path()));
  const auto second = RocksStore::Open(SmallRocks(directory.path()));
  EXPECT_EQ(second.status().code(), absl::StatusCode::kUnavailable);
  EXPECT_THAT(std::string(second.status().message()),
              HasSubstr("is in use by another process; stop it first"));
}

TEST(RocksStoreTest, AReaderBesideTheWriterSeesWhatWasCommittedAndMayNotCommit) {
  TemporaryDirectory directory;
  const std::unique_ptr<RocksStore> writer = OpenRocks(SmallRocks(directory.path()));
  CommitOk(*writer, {.observations = {Observe("520502001001/1", 1, "2026-01-31", 10)}});
  RocksOptions options = SmallRocks(directory.path());
  options.read_only = true;
  const std::unique_ptr<RocksStore> reader = OpenRocks(options);
  EXPECT_THAT(ScannedSubjects(*reader, ""), ElementsAre("520502001001/1"));
  EXPECT_EQ(
      reader->Commit({.observations = {Observe("520502001001/1", 1, "2026-01-31", 11)}}).code(),
      absl::StatusCode::kFailedPrecondition);
}

TEST(RocksStoreTest, AReaderOfNothingIsToldSo) {
  TemporaryDirectory directory;
  RocksOptions options = SmallRocks(directory.path() + "/missing");
  options.read_only = true;
  const auto reader = RocksStore::Open(options);
  EXPECT_EQ(reader.status().code(), absl::StatusCode::kNotFound);
  EXPECT_THAT(std::string(reader.status().message()), HasSubstr("has no store"));
}

TEST(RocksStoreTest, AnUnknownPartIsRefused) {
  TemporaryDirectory directory;
  {
    const auto database = rocks::Database::Open(SmallRocks(directory.path()));
    ASSERT_TRUE(database.ok()) << database.status();
    rocksdb::ColumnFamilyHandle* handle = nullptr;
    ASSERT_TRUE((*database)->db().CreateColumnFamily({}, "visits", &handle).ok());
    ASSERT_TRUE((*database)->db().DestroyColumnFamilyHandle(handle).ok());
  }
  const auto store = RocksStore::Open(SmallRocks(directory.path()));
  EXPECT_EQ(store.status().code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_THAT(std::string(store.status().message()), HasSubstr("a part 'visits'"));
}

TEST(RocksStoreTest, APathThatCannotBeIsNamed) {
  const auto store = RocksStore::Open(SmallRocks("/proc/version/store"));
  EXPECT_EQ(store.status().code(), absl::StatusCode::kUnavailable);
  EXPECT_THAT(std::string(store.status().message()), HasSubstr("/proc/version/store"));
}

// A bad operand must neither stop the store nor take the rest of it along.
TEST(RocksStoreTest, ADamagedBlockIsNamedAndTheRestIsServed) {
  TemporaryDirectory directory;
  const BlockKey damaged = BlockKey::Of(Named("520502001002/1"), On("2026-01-31"));
  {
    const std::unique_ptr<RocksStore> store = OpenRocks(SmallRocks(directory.path()));
    CommitOk(*store, {.observations = {Observe("520502001001/1", 1, "2026-01-31", 1),
                                       Observe("520502001002/1", 1, "2025-01-31", 1),
                                       Observe("520502001002/1", 1, "2026-01-31", 1),
                                       Observe("520502001003/1", 1, "2026-01-31", 1)}});
  }
  {
    const auto database = rocks::Database::Open(SmallRocks(directory.path()));
    ASSERT_TRUE(database.ok()) << database.status();
    std::string key;
    AppendBlockKey(damaged, &key);
    rocksdb::WriteBatch batch;
    batch.Merge((*database)->Handle(rocks::Family::kBlocks), key, "\x01 not a block");
    ASSERT_TRUE((*database)->Write(&batch, "test").ok());
  }
  const std::unique_ptr<RocksStore> store = OpenRocks(SmallRocks(directory.path()));
  for (int round = 0; round < 2; ++round) {
    const std::vector<Subject> hit = {Named("520502001001/1"), Named("520502001002/1")};
    const auto loaded = store->LoadHistories(hit, {On("2026-01-01"), On("2026-12-31")});
    EXPECT_EQ(loaded.status().code(), absl::StatusCode::kDataLoss);
    EXPECT_THAT(std::string(loaded.status().message()), HasSubstr(damaged.ToString()));
    std::vector<std::string> served;
    const absl::Status status = store->ScanHistories(Div("52"), {}, [&](const History& history) {
      served.push_back(history.subject().ToString());
      return true;
    });
    EXPECT_EQ(status.code(), absl::StatusCode::kDataLoss);
    EXPECT_THAT(served, ElementsAre("520502001001/1", "520502001003/1"));
    // Commits to the same block and compaction go on.
    CommitOk(*store, {.observations = {Observe("520502001002/1", 1, "2026-02-28", 2),
                                       Observe("520502001003/1", 1, "2026-02-28", 2)}});
    ASSERT_TRUE(store->Compact().ok());
  }
}

// Without all of its old values a history could not be taken back rightly.
TEST(RocksStoreTest, ADamagedOldValueLeavesItsGroupOutOfAScanThatLooksBack) {
  TemporaryDirectory directory;
  {
    const std::unique_ptr<RocksStore> store = OpenRocks(SmallRocks(directory.path()));
    CommitOk(*store, {.observations = {Observe("520502001001/1", 1, "2026-01-31", 1),
                                       Observe("520502001002/1", 1, "2026-01-31", 1),
                                       Observe("520502001002/2", 1, "2026-01-31", 1),
                                       Observe("520502001002/256", 1, "2026-01-31", 1)}});
  }
  {
    const auto database = rocks::Database::Open(SmallRocks(directory.path()));
    ASSERT_TRUE(database.ok()) << database.status();
    rocksdb::WriteBatch batch;
    batch.Put((*database)->Handle(rocks::Family::kSuperseded),
              rocks::SubjectKey(Named("520502001002/2")) + "cut off", "");
    ASSERT_TRUE((*database)->Write(&batch, "test").ok());
  }
  const std::unique_ptr<RocksStore> store = OpenRocks(SmallRocks(directory.path()));
  std::vector<std::string> served;
  const absl::Status status = store->ScanWithSuperseded(
      Div("52"), Subject{}, [&](const History& history, std::span<const SupersededValue>) {
        served.push_back(history.subject().ToString());
        return true;
      });
  EXPECT_EQ(status.code(), absl::StatusCode::kDataLoss);
  EXPECT_THAT(std::string(status.message()), HasSubstr("superseded"));
  EXPECT_THAT(served, ElementsAre("520502001001/1", "520502001002/256"));
}

TEST(RocksStoreTest, DamagedStatesAndCountsAreNamed) {
  TemporaryDirectory directory;
  Tally tally;
  tally.place = Settled("520502001");
  {
    const auto database = rocks::Database::Open(SmallRocks(directory.path()));
    ASSERT_TRUE(database.ok()) << database.status();
    std::string group;
    AppendGroupKey(SubjectGroup::Of(Named("520502001001/1")), &group);
    rocksdb::WriteBatch batch;
    for (int i = 0; i < 2; ++i) {
      batch.Merge((*database)->Handle(rocks::Family::kStates), group, "\x01\x05");
      batch.Merge((*database)->Handle(rocks::Family::kTallies), rocks::TallyKey(tally.place), "x");
      batch.Merge((*database)->Handle(rocks::Family::kRollups),
                  rocks::WriteRollupKey({tally.place, 1, 2026}), "\x01");
    }
    ASSERT_TRUE((*database)->Write(&batch, "test").ok());
  }
  const std::unique_ptr<RocksStore> store = OpenRocks(SmallRocks(directory.path()));
  Tally sound;
  sound.place = Settled("520502002");
  sound.households = 7;
  CommitOk(*store, {.rollups = {{tally.place, 1, In("2026-01"), 1, 1},
                                {sound.place, 1, In("2026-01"), 2, 2}},
                    .tallies = {tally, sound}});
  ASSERT_TRUE(store->Compact().ok());
  const auto lost = absl::StatusCode::kDataLoss;
  EXPECT_EQ(store->LoadStates(std::vector<Subject>{Named("520502001001/1")}).status().code(), lost);
  EXPECT_EQ(store->ReadTallies(RollupView::kSettlement, Div("52")).status().code(), lost);
  std::vector<Tally> served;
  const absl::Status scanned = store->ScanTallies(
      RollupView::kSettlement, Div("52"), [&](const Tally& found) { served.push_back(found); });
  EXPECT_EQ(scanned.code(), lost);
  EXPECT_THAT(served, ElementsAre(sound));
  RollupQuery query;
  query.indicator = 1;
  query.from = In("2026-01");
  query.to = In("2026-12");
  EXPECT_EQ(store->ReadRollups(query).status().code(), lost);
  std::vector<RollupCell> read;
  const auto keep = [&](std::span<const RollupCell> year) {
    read.insert(read.end(), year.begin(), year.end());
    return true;
  };
  EXPECT_EQ(store->ScanRollups(query, keep).code(), lost);
  EXPECT_THAT(read, ElementsAre(RollupCell{sound.place, 1, In("2026-01"), 2, 2}));
}

// Flips a byte in the middle of every data file.
void DamageDataFiles(const std::string& path) {
  for (const auto& entry : std::filesystem::directory_iterator(path)) {
    if (entry.path().extension() != ".sst") continue;
    std::fstream file(entry.path(), std::ios::in | std::ios::out | std::ios::binary);
    const auto middle = static_cast<std::streamoff>(entry.file_size() / 4);
    file.seekg(middle);
    const auto byte = static_cast<char>(file.get() ^ 0xff);
    file.seekp(middle);
    file.put(byte);
  }
}

TEST(RocksStoreTest, AFlippedByteOnDiskIsDataLoss) {
  TemporaryDirectory directory;
  {
    const std::unique_ptr<RocksStore> store = OpenRocks(SmallRocks(directory.path()));
    std::mt19937_64 random(5);
    Transaction transaction;
    for (int household = 1; household <= 2'000; ++household) {
      transaction.observations.push_back(Observe("520502001001/" + std::to_string(household), 1,
                                                 "2026-01-31",
                                                 static_cast<int64_t>(random() % 1'000'000'000)));
    }
    CommitOk(*store, transaction);
    ASSERT_TRUE(store->Compact().ok());
  }
  DamageDataFiles(directory.path());
  const auto store = RocksStore::Open(SmallRocks(directory.path()));
  if (!store.ok()) {
    EXPECT_EQ(store.status().code(), absl::StatusCode::kDataLoss) << store.status();
    return;
  }
  const absl::Status status =
      (*store)->ScanHistories(Div(""), {}, [](const History&) { return true; });
  EXPECT_EQ(status.code(), absl::StatusCode::kDataLoss) << status;
}

TEST(RocksStoreTest, CommitsFromSeveralThreadsAllStand) {
  TemporaryDirectory directory;
  const std::unique_ptr<RocksStore> store = OpenRocks(SmallRocks(directory.path()));
  {
    std::vector<std::jthread> writers;
    for (int writer = 1; writer <= 4; ++writer) {
      writers.emplace_back([&store, writer] {
        for (int commit = 0; commit < 50; ++commit) {
          const uint64_t number = store->ReserveBatchNumbers(1);
          BatchRecord batch;
          batch.number = number;
          batch.request_id = std::to_string(number);
          Tally tally;
          tally.place = Settled("520502001");
          tally.observations = 1;
          CommitOk(*store, {.batches = {batch},
                            .observations = {Observe("520502001001/" + std::to_string(writer), 1,
                                                     "2026-01-31", commit)},
                            .tallies = {tally}});
        }
      });
    }
  }
  EXPECT_EQ(store->ReadTallies(RollupView::kSettlement, Div(""))->front().observations, 200);
  EXPECT_EQ(ScannedSubjects(*store, "").size(), 4u);
  EXPECT_EQ(store->Statistics().batches, 200u);
}

TEST(RocksStoreTest, StatisticsTellWhatIsThere) {
  TemporaryDirectory directory;
  const std::unique_ptr<RocksStore> store = OpenRocks(SmallRocks(directory.path()));
  CommitOk(*store, {.observations = {Observe("520502001001/1", 1, "2026-01-31", 10)}});
  const StoreStatistics statistics = store->Statistics();
  EXPECT_THAT(statistics.engine, testing::StartsWith("rocksdb 7."));
  EXPECT_GT(statistics.bytes_on_disk, 0u);
  EXPECT_GT(statistics.memory_bytes, 0u);
  EXPECT_EQ(statistics.batches, 0u);
  EXPECT_FALSE(statistics.write_stalled);
  EXPECT_EQ(statistics.stalled_seconds, 0);
  EXPECT_EQ(statistics.delayed_write_rate, 0u);
  EXPECT_EQ(statistics.cache_limit_bytes, 8u << 20);
  EXPECT_GT(statistics.cache_bytes, 0u);
  EXPECT_GT(statistics.write_buffer_bytes, 0u);
  EXPECT_EQ(statistics.unsorted_files, 0u);
}

// Transaction n touches every family; each of its parts says n.
Transaction Numbered(uint64_t n) {
  const std::string household = "520502001001/" + std::to_string(n);
  BatchRecord batch;
  batch.number = n;
  batch.request_id = "request " + std::to_string(n);
  batch.receipt = "receipt " + std::to_string(n);
  Transaction transaction;
  transaction.batches = {batch};
  transaction.observations = {Observe(household, 1, "2026-01-31", static_cast<int64_t>(n)),
                              Observe("520502001002/1", 1, "2026-01-31", static_cast<int64_t>(n))};
  transaction.superseded = {{transaction.observations[0], At(5)}};
  SubjectRisk risk;
  risk.subject = Named(household);
  risk.policy_fingerprint = n;
  transaction.risks = {risk};
  transaction.opened = {WarningOf(household, 1, "2026-01-31")};
  transaction.rollups = {{Settled("520502001"), 1, In("2026-01"), 1, static_cast<int64_t>(n)}};
  Tally tally;
  tally.place = Settled("520502001");
  tally.households = 1;
  transaction.tallies = {tally};
  return transaction;
}

// How many of 1, 2, 3, ... are there; every part must say the same.
uint64_t CountWhole(const RocksStore& store) {
  uint64_t count = 0;
  while (store.FindBatch(count + 1)->has_value()) ++count;
  for (uint64_t n = 1; n <= count; ++n) {
    EXPECT_EQ(*store.FindReceipt("request " + std::to_string(n)), "receipt " + std::to_string(n));
    const Subject household = Named("520502001001/" + std::to_string(n));
    EXPECT_EQ(store.LoadSuperseded(household)->size(), 1u);
    const auto state = store.LoadStates(std::vector<Subject>{household});
    EXPECT_EQ((*state)[0].risk->policy_fingerprint, n);
  }
  EXPECT_EQ(ScannedSubjects(store, "520502001001").size(), count);
  EXPECT_EQ(OpenWarnings(store, "").size(), count);
  if (count == 0) return 0;
  const auto last = store.LoadHistories(std::vector<Subject>{Named("520502001002/1")}, {});
  EXPECT_EQ((*last)[0].Of(1)[0].value, static_cast<int64_t>(count));
  RollupQuery query;
  query.indicator = 1;
  query.from = query.to = In("2026-01");
  EXPECT_EQ(store.ReadRollups(query)->front().sum, static_cast<int64_t>(count * (count + 1) / 2));
  EXPECT_EQ(store.ReadTallies(RollupView::kSettlement, Div(""))->front().households,
            static_cast<int64_t>(count));
  return count;
}

// Commits from `first` on in a process of its own, which is killed once `enough` commits have
// returned; gives the last number whose commit returned.
uint64_t CommitUntilKilled(const std::string& path, uint64_t first, uint64_t enough) {
  int ends[2];
  EXPECT_EQ(pipe(ends), 0);
  const pid_t child = fork();
  if (child == 0) {
    close(ends[0]);
    absl::StatusOr<std::unique_ptr<RocksStore>> store = RocksStore::Open(SmallRocks(path));
    for (uint64_t n = first; store.ok(); ++n) {
      if (!(*store)->Commit(Numbered(n)).ok()) break;
      if (write(ends[1], &n, sizeof n) != sizeof n) break;
    }
    _exit(1);
  }
  close(ends[1]);
  uint64_t returned = first - 1;
  uint64_t n = 0;
  while (read(ends[0], &n, sizeof n) == sizeof n) {
    returned = n;
    if (n + 1 == first + enough) kill(child, SIGKILL);
  }
  close(ends[0]);
  int status = 0;
  EXPECT_EQ(waitpid(child, &status, 0), child);
  EXPECT_TRUE(WIFSIGNALED(status)) << "the child stopped by itself";
  return returned;
}

TEST(RocksStoreTest, NoCommitThatReturnedIsLostToKillAndNoneIsHalf) {
#ifdef __SANITIZE_THREAD__
  GTEST_SKIP() << "ThreadSanitizer follows no fork of a process that has threads";
#endif
  TemporaryDirectory directory;
  std::mt19937_64 random(3);
  uint64_t whole = 0;
  for (int kill = 0; kill < 6; ++kill) {
    const uint64_t returned = CommitUntilKilled(directory.path(), whole + 1, 1 + random() % 60);
    const std::unique_ptr<RocksStore> store = OpenRocks(SmallRocks(directory.path()));
    whole = CountWhole(*store);
    EXPECT_GE(whole, returned);
    EXPECT_LE(whole, returned + 1);
    if (kill == 3) {
      EXPECT_TRUE(store->Compact().ok());
    }
  }
  EXPECT_GT(whole, 6u);
}

std::filesystem::path LastLog(const std::string& path) {
  std::filesystem::path log;
  for (const auto& entry : std::filesystem::directory_iterator(path)) {
    if (entry.path().extension() == ".log" && (log.empty() || entry.path() > log)) log = entry;
  }
  return log;
}

TEST(RocksStoreTest, ATornLastLogRecordIsAnUnfinishedCommit) {
  TemporaryDirectory directory;
  CommitUntilKilled(directory.path(), 1, 20);
  const std::filesystem::path log = LastLog(directory.path());
  ASSERT_FALSE(log.empty());
  std::filesystem::resize_file(log, std::filesystem::file_size(log) - 3);
  const std::unique_ptr<RocksStore> store = OpenRocks(SmallRocks(directory.path()));
  EXPECT_GE(CountWhole(*store), 19u);
}

TEST(RocksStoreTest, ATearTakesTheLastCommitsAsWholesAndNoneBefore) {
  TemporaryDirectory whole;
  const uint64_t returned = CommitUntilKilled(whole.path(), 1, 40);
  const std::filesystem::path log = LastLog(whole.path()).filename();
  uint64_t last = std::numeric_limits<uint64_t>::max();
  for (const uintmax_t torn : {1, 2, 50, 500, 2'000, 5'000, 9'000}) {
    TemporaryDirectory directory;
    std::filesystem::copy(whole.path(), directory.path());
    const uintmax_t size = std::filesystem::file_size(directory.path() / log);
    ASSERT_GT(size, torn);
    std::filesystem::resize_file(directory.path() / log, size - torn);
    const std::unique_ptr<RocksStore> store = OpenRocks(SmallRocks(directory.path()));
    ASSERT_NE(store, nullptr);
    const uint64_t count = CountWhole(*store);
    EXPECT_LE(count, last);
    // A commit is a kilobyte at most.
    EXPECT_GE(count + 1 + torn / 200, returned) << torn << " bytes are torn";
    last = count;
    CommitOk(*store, Numbered(count + 1));
    EXPECT_EQ(CountWhole(*store), count + 1);
  }
  EXPECT_LT(last, returned);
}

}  // namespace
}  // namespace shouwang
