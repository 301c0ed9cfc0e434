#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <fstream>
#include <map>
#include <random>
#include <thread>

#include "absl/synchronization/notification.h"
#include "absl/time/time.h"
#include "storage/rocks/database.h"
#include "storage/rocks/restore.h"
#include "storage/rocks/rocks_backups.h"
#include "storage/rocks/rocks_case_book.h"
#include "storage/rocks/rocks_deliveries.h"
#include "storage/rocks/rocks_draw_book.h"
#include "storage/rocks/rocks_trimming.h"
#include "tests/storage/contract/store_contract.h"

namespace shouwang {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

void Ignore(const BackupProgress&) {}

std::vector<uint32_t> IdsOf(const std::vector<Backup>& backups) {
  std::vector<uint32_t> ids;
  ids.reserve(backups.size());
  for (const Backup& backup : backups) ids.push_back(backup.id);
  return ids;
}

// A store and its backups, side by side in one folder.
class RocksBackupsTest : public testing::Test {
 protected:
  std::string Path(const std::string& name) const { return directory_.path() + "/" + name; }
  std::string BackupPath() const { return Path("backups"); }

  std::unique_ptr<RocksBackups> OpenBackups(const RocksStore& store, int keep = 14) {
    auto backups = RocksBackups::Open({.directory = BackupPath(), .keep = keep}, &store);
    EXPECT_TRUE(backups.ok()) << backups.status();
    return backups.ok() ? *std::move(backups) : nullptr;
  }

  TemporaryDirectory directory_;
};

// Transaction n of a township, each part of which says n; a township has at most one writer.
Transaction Numbered(int township, uint64_t number, int n) {
  const std::string place = "52050200" + std::to_string(township);
  const std::string household = place + "001/" + std::to_string(n % 700 + 1);
  BatchRecord batch;
  batch.number = number;
  batch.request_id = place + " " + std::to_string(n);
  batch.township = Div(place);
  batch.receipt = "receipt " + std::to_string(n);
  Transaction transaction;
  transaction.batches = {batch};
  const Arrival arrival{At(n), At(n + 1), number, Source::kCadreVisit};
  for (const char* date : {"2024-05-31", "2025-05-31", "2026-05-31"}) {
    transaction.observations.push_back(Observe(household, 1, date, n, arrival));
  }
  transaction.superseded = {{Observe(household, 1, "2026-05-31", n - 1, arrival), At(n + 1)}};
  SubjectRisk risk;
  risk.subject = Named(household);
  risk.policy_fingerprint = static_cast<uint64_t>(n);
  transaction.risks = {risk};
  transaction.opened = {WarningOf(household, 1, "2026-05-31")};
  transaction.closed = {
      WarningOf(place + "001/" + std::to_string((n + 350) % 700 + 1), 1, "2026-05-31")};
  transaction.rollups = {{Settled(place), 1, In("2026-05"), 1, n}};
  PlaceHistogram histogram{{RollupView::kSettlement, Div(place), {}}, 1, In("2026-05"), {}};
  histogram.histogram.Add(BucketOf(n), 1);
  transaction.histograms = {histogram};
  Tally tally;
  tally.place = Settled(place);
  tally.households = 1;
  tally.observations = n;
  transaction.tallies = {tally};
  return transaction;
}

// All that a store holds of a township, as text.
std::vector<std::string> ContentOf(const Store& store, int township, int last) {
  const std::string place = "52050200" + std::to_string(township);
  std::vector<std::string> content;
  for (const Row& row : Scanned(store, Div(place))) {
    const auto& [subject, indicator, date, value, arrival] = row;
    content.push_back(fmt::format("{} {} {} by {}", subject, date, value, arrival.batch));
  }
  EXPECT_TRUE(store
                  .ScanStates(Div(place),
                              [&](const Subject& subject, const SubjectState& state) {
                                content.push_back(subject.ToString() + " judged " +
                                                  std::to_string(state.risk->policy_fingerprint));
                                const auto superseded = store.LoadSuperseded(subject);
                                EXPECT_TRUE(superseded.ok());
                                for (const SupersededValue& value : *superseded) {
                                  content.push_back("was " +
                                                    std::to_string(value.observation.value));
                                }
                                return true;
                              })
                  .ok());
  for (const Warning& warning : OpenWarnings(store, place)) {
    content.push_back("warning " + warning.subject.ToString());
  }
  RollupQuery query;
  query.region = Div(place);
  query.indicator = 1;
  query.from = query.to = In("2026-05");
  const auto rollups = store.ReadRollups(query);
  EXPECT_TRUE(rollups.ok());
  for (const RollupCell& cell : *rollups) {
    content.push_back(std::to_string(cell.count) + " add up to " + std::to_string(cell.sum));
  }
  HistogramQuery spread;
  spread.level = DivisionLevel::kTownship;
  spread.region = Div(place);
  spread.indicator = 1;
  spread.from = spread.to = In("2026-05");
  const auto histograms = store.ReadHistograms(spread);
  EXPECT_TRUE(histograms.ok());
  for (const PlaceHistogram& histogram : *histograms) {
    for (const Histogram::Entry& entry : histogram.histogram.entries()) {
      content.push_back(std::to_string(entry.count) + " in bucket " + std::to_string(entry.bucket));
    }
  }
  const auto tallies = store.ReadTallies(RollupView::kSettlement, Div(place));
  EXPECT_TRUE(tallies.ok());
  for (const Tally& tally : *tallies) {
    content.push_back(std::to_string(tally.households) + " households, " +
                      std::to_string(tally.observations));
  }
  for (int n = 1; n <= last; ++n) {
    const auto receipt = store.FindReceipt(place + " " + std::to_string(n));
    EXPECT_TRUE(receipt.ok());
    content.push_back(receipt->value_or("no receipt"));
  }
  return content;
}

// All of a family, as bytes.
std::map<std::string, std::string> RecordsOf(const std::string& path, rocks::Family family) {
  RocksOptions options = SmallRocks(path);
  options.read_only = true;
  const auto database = rocks::Database::Open(options);
  EXPECT_TRUE(database.ok()) << database.status();
  std::map<std::string, std::string> records;
  const auto keep = [&](std::string_view key, std::string_view value) {
    return records.emplace(key, value).second;
  };
  EXPECT_TRUE((*database)->Scan(family, "", "\xff\xff", keep).ok());
  return records;
}

// Whoever writes a township writes 1, 2, 3, ... in order, so a consistent backup holds a prefix:
// its content is that of a store that got just those.
TEST_F(RocksBackupsTest, ABackupUnderLoadHoldsAPrefixOfEachWritersCommitsWhole) {
  constexpr int kWriters = 3;
  std::array<std::atomic<int>, kWriters> returned{};
  std::array<int, kWriters> before{};
  std::array<int, kWriters> after{};
  {
    const std::unique_ptr<RocksStore> store = OpenRocks(SmallRocks(Path("data")));
    const std::unique_ptr<RocksBackups> backups = OpenBackups(*store);
    std::atomic<bool> enough = false;
    std::vector<std::jthread> writers;
    writers.reserve(kWriters);
    for (int w = 0; w < kWriters; ++w) {
      writers.emplace_back([&, w] {
        for (int n = 1; !enough || n < 200; ++n) {
          CommitOk(*store, Numbered(w + 1, store->ReserveBatchNumbers(1), n));
          returned[static_cast<size_t>(w)] = n;
          returned[static_cast<size_t>(w)].notify_all();
        }
      });
    }
    for (int round = 0; round < 3; ++round) {
      const int seen = returned[0];
      returned[0].wait(seen);
      for (size_t w = 0; w < kWriters; ++w) before[w] = returned[w];
      const auto backup = backups->Create(&Ignore);
      ASSERT_TRUE(backup.ok()) << backup.status();
      EXPECT_EQ(backup->id, static_cast<uint32_t>(round + 1));
      for (size_t w = 0; w < kWriters; ++w) after[w] = returned[w] + 1;
    }
    enough = true;
  }
  const auto restored = RestoreBackup(BackupPath(), 0, Path("restored"), &Ignore);
  ASSERT_TRUE(restored.ok()) << restored.status();
  EXPECT_EQ(restored->id, 3u);
  const std::unique_ptr<RocksStore> store = OpenRocks(SmallRocks(Path("restored")));
  for (int w = 0; w < kWriters; ++w) {
    const std::string place = "52050200" + std::to_string(w + 1);
    int last = 0;
    while (store->FindReceipt(place + " " + std::to_string(last + 1))->has_value()) ++last;
    EXPECT_GE(last, before[static_cast<size_t>(w)]);
    EXPECT_LE(last, after[static_cast<size_t>(w)]);
    TemporaryDirectory other;
    const std::unique_ptr<RocksStore> model = OpenRocks(SmallRocks(other.path()));
    for (int n = 1; n <= last; ++n) {
      const auto number = store->FindReceipt(place + " " + std::to_string(n));
      ASSERT_TRUE(number.ok());
      CommitOk(*model, Numbered(w + 1, static_cast<uint64_t>(n), n));
    }
    std::vector<std::string> found = ContentOf(*store, w + 1, last);
    // The numbers of batches depend on who asked first.
    for (std::string& line : found) line = line.substr(0, line.find(" by "));
    std::vector<std::string> expected = ContentOf(*model, w + 1, last);
    for (std::string& line : expected) line = line.substr(0, line.find(" by "));
    EXPECT_EQ(found, expected) << "township " << w + 1;
  }
}

TEST_F(RocksBackupsTest, ARestoredStoreHasEveryRecordOfEveryFamily) {
  {
    const std::unique_ptr<RocksStore> store = OpenRocks(SmallRocks(Path("data")));
    CommitOk(*store, Numbered(1, 1, 1));
    // Part in data files, part in the log, piles of several parts.
    ASSERT_TRUE(store->Compact().ok());
    CommitOk(*store, Numbered(1, 2, 2));
    CommitOk(*store, Numbered(2, 3, 702));
    ASSERT_TRUE(
        store->BindCatalogue(*Catalogue::Of({Indicator{.id = 1, .name = "wage", .max = 9}})).ok());
    ASSERT_TRUE(RocksTrimming(store.get()).KeepRetention({{{{1, 2020}}}, true}).ok());
    const std::vector<CaseEvent> opening(1);
    RocksCaseBook book(store.get());
    ASSERT_TRUE(book.AddToCase(Named("520502001001/1"), 0, opening).ok());
    const Delivery told{.receiver = "http://127.0.0.1:9093",
                        .group = {Div("520502001"), "income", Severity::kRed, RiskKind::kIncome}};
    ASSERT_TRUE(RocksDeliveries(store.get()).Record(std::vector<Delivery>{told}).ok());
    Draw draw;
    draw.township = Div("520502001");
    draw.month = In("2026-03");
    draw.drawn_at = At(1);
    draw.policy_version = 1;
    draw.households = 2;
    draw.unflagged = 1;
    draw.drawn = {Named("520502001001/2")};
    ASSERT_TRUE(RocksDrawBook(store.get()).AddDraw(draw).ok());
    ASSERT_TRUE(OpenBackups(*store)->Create(&Ignore).ok());
  }
  ASSERT_TRUE(RestoreBackup(BackupPath(), 0, Path("restored"), &Ignore).ok());
  for (size_t family = 0; family < rocks::kFamilies; ++family) {
    const auto records = RecordsOf(Path("restored"), static_cast<rocks::Family>(family));
    EXPECT_FALSE(records.empty()) << family;
    EXPECT_EQ(records, RecordsOf(Path("data"), static_cast<rocks::Family>(family))) << family;
  }
}

TEST_F(RocksBackupsTest, ASecondBackupCopiesOnlyWhatIsNew) {
  const std::unique_ptr<RocksStore> store = OpenRocks(SmallRocks(Path("data")));
  const std::unique_ptr<RocksBackups> backups = OpenBackups(*store);
  std::mt19937_64 random(1);
  Transaction large;
  for (int household = 1; household <= 20'000; ++household) {
    large.observations.push_back(Observe("520502001001/" + std::to_string(household), 1,
                                         "2026-01-31", static_cast<int64_t>(random() >> 25)));
  }
  CommitOk(*store, large);
  ASSERT_TRUE(store->Compact().ok());
  const auto first = backups->Create(&Ignore);
  ASSERT_TRUE(first.ok()) << first.status();
  const auto bytes_of = [&] {
    uint64_t bytes = 0;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(BackupPath())) {
      if (entry.is_regular_file()) bytes += entry.file_size();
    }
    return bytes;
  };
  const uint64_t once = bytes_of();
  EXPECT_GT(once, 80'000u);
  CommitOk(*store, {.observations = {Observe("520502002001/1", 1, "2026-01-31", 1)}});
  const auto second = backups->Create(&Ignore);
  ASSERT_TRUE(second.ok()) << second.status();
  EXPECT_GT(second->bytes, first->bytes);
  // Manifests and options, with a section for each family, of a store without data are that large.
  EXPECT_LT(bytes_of() - once, 70'000u);
}

TEST_F(RocksBackupsTest, OnlySoManyAreKeptAndIdsAreNeverGivenAgain) {
  const std::unique_ptr<RocksStore> store = OpenRocks(SmallRocks(Path("data")));
  {
    const std::unique_ptr<RocksBackups> backups = OpenBackups(*store, 2);
    EXPECT_THAT(backups->List(), IsEmpty());
    for (int n = 1; n <= 3; ++n) {
      CommitOk(*store, Numbered(1, static_cast<uint64_t>(n), n));
      const auto backup = backups->Create(&Ignore);
      ASSERT_TRUE(backup.ok()) << backup.status();
      EXPECT_EQ(backup->batches, static_cast<uint64_t>(n));
    }
    EXPECT_THAT(IdsOf(backups->List()), ElementsAre(2, 3));
  }
  const std::unique_ptr<RocksBackups> again = OpenBackups(*store, 2);
  ASSERT_TRUE(again->Create(&Ignore).ok());
  EXPECT_THAT(IdsOf(again->List()), ElementsAre(3, 4));
  EXPECT_THAT(IdsOf(*ListBackups(BackupPath())), ElementsAre(3, 4));
  const auto old = RestoreBackup(BackupPath(), 3, Path("restored"), &Ignore);
  ASSERT_TRUE(old.ok()) << old.status();
  EXPECT_EQ(OpenRocks(SmallRocks(Path("restored")))->Statistics().batches, 3u);
}

// Flips a bit in the middle of a data file of the backups.
void DamageABackup(const std::string& path) {
  for (const auto& entry : std::filesystem::directory_iterator(path + "/shared_checksum")) {
    std::fstream file(entry.path(), std::ios::in | std::ios::out | std::ios::binary);
    file.seekg(static_cast<std::streamoff>(entry.file_size() / 2));
    const auto byte = static_cast<char>(file.get() ^ 1);
    file.seekp(static_cast<std::streamoff>(entry.file_size() / 2));
    file.put(byte);
    return;
  }
}

TEST_F(RocksBackupsTest, AFlippedBitIsFoundByVerifyAndStopsARestore) {
  const std::unique_ptr<RocksStore> store = OpenRocks(SmallRocks(Path("data")));
  const std::unique_ptr<RocksBackups> backups = OpenBackups(*store);
  CommitOk(*store, Numbered(1, 1, 1));
  ASSERT_TRUE(backups->Create(&Ignore).ok());
  const auto sound = backups->Verify(0, &Ignore);
  ASSERT_TRUE(sound.ok()) << sound.status();
  EXPECT_EQ(sound->id, 1u);
  DamageABackup(BackupPath());
  const auto damaged = backups->Verify(1, &Ignore);
  EXPECT_EQ(damaged.status().code(), absl::StatusCode::kDataLoss) << damaged.status();
  EXPECT_THAT(std::string(damaged.status().message()), HasSubstr("verifying backup 1"));
  const auto restored = RestoreBackup(BackupPath(), 1, Path("restored"), &Ignore);
  EXPECT_EQ(restored.status().code(), absl::StatusCode::kDataLoss) << restored.status();
  // What was copied until then is not taken for a store.
  const auto opened = RocksStore::Open(SmallRocks(Path("restored")));
  EXPECT_EQ(opened.status().code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_THAT(std::string(opened.status().message()), HasSubstr("did not come to its end"));
}

TEST_F(RocksBackupsTest, AFileThatIsGoneShowsInTheList) {
  const std::unique_ptr<RocksStore> store = OpenRocks(SmallRocks(Path("data")));
  const std::unique_ptr<RocksBackups> backups = OpenBackups(*store);
  CommitOk(*store, Numbered(1, 1, 1));
  ASSERT_TRUE(backups->Create(&Ignore).ok());
  std::filesystem::remove(*std::filesystem::directory_iterator(BackupPath() + "/shared_checksum"));
  ASSERT_EQ(backups->List().size(), 1u);
  EXPECT_TRUE(backups->List()[0].damaged);
  EXPECT_EQ(backups->Verify(1, &Ignore).status().code(), absl::StatusCode::kDataLoss);
  EXPECT_EQ(backups->Verify(0, &Ignore).status().code(), absl::StatusCode::kDataLoss);
  EXPECT_EQ(backups->Verify(7, &Ignore).status().code(), absl::StatusCode::kNotFound);
}

TEST_F(RocksBackupsTest, ARestoreNeverTouchesAFolderThatHoldsAnything) {
  {
    const std::unique_ptr<RocksStore> store = OpenRocks(SmallRocks(Path("data")));
    ASSERT_TRUE(OpenBackups(*store)->Create(&Ignore).ok());
  }
  const auto refused = RestoreBackup(BackupPath(), 0, Path("data"), &Ignore);
  EXPECT_EQ(refused.status().code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_THAT(std::string(refused.status().message()), HasSubstr("is not empty"));
  EXPECT_NE(OpenRocks(SmallRocks(Path("data"))), nullptr);
  // What a restore that was cut off left is taken away by the next.
  std::filesystem::create_directories(Path("restored/restoring"));
  std::ofstream(Path("restored/restoring/000009.sst")) << "half";
  EXPECT_EQ(RocksStore::Open(SmallRocks(Path("restored"))).status().code(),
            absl::StatusCode::kFailedPrecondition);
  ASSERT_TRUE(RestoreBackup(BackupPath(), 0, Path("restored"), &Ignore).ok());
  EXPECT_NE(OpenRocks(SmallRocks(Path("restored"))), nullptr);
  EXPECT_EQ(RestoreBackup(Path("nowhere"), 0, Path("other"), &Ignore).status().code(),
            absl::StatusCode::kNotFound);
}

TEST_F(RocksBackupsTest, BackupsAndStoreMustNotLieInEachOther) {
  const std::unique_ptr<RocksStore> store = OpenRocks(SmallRocks(Path("data")));
  for (const std::string& bad : {Path("data"), Path("data/backups"), directory_.path()}) {
    const auto backups = RocksBackups::Open({.directory = bad}, store.get());
    EXPECT_EQ(backups.status().code(), absl::StatusCode::kInvalidArgument) << bad;
  }
  const std::unique_ptr<RocksBackups> first = OpenBackups(*store);
  const auto second = RocksBackups::Open({.directory = BackupPath()}, store.get());
  EXPECT_EQ(second.status().code(), absl::StatusCode::kUnavailable);
}

TEST_F(RocksBackupsTest, OneRunsAtATimeAndAStopEndsIt) {
  const std::unique_ptr<RocksStore> store = OpenRocks(SmallRocks(Path("data")));
  // Held back, it copies in small pieces and looks for a stop between them.
  const std::unique_ptr<RocksBackups> backups = *RocksBackups::Open(
      {.directory = BackupPath(), .max_bytes_per_second = 4 << 20}, store.get());
  std::mt19937_64 random(1);
  Transaction large;
  for (int household = 1; household <= 40'000; ++household) {
    for (IndicatorId indicator = 1; indicator <= 10; ++indicator) {
      large.observations.push_back(Observe("520502001001/" + std::to_string(household), indicator,
                                           "2026-01-31", static_cast<int64_t>(random() >> 25)));
    }
  }
  CommitOk(*store, large);
  ASSERT_TRUE(store->Compact().ok());
  absl::Notification begun;
  absl::Notification seen;
  std::jthread creating([&] {
    const auto backup = backups->Create([&](const BackupProgress& progress) {
      EXPECT_GT(progress.bytes, 0u);
      EXPECT_GE(progress.of_bytes, progress.bytes);
      if (!begun.HasBeenNotified()) begun.Notify();
      seen.WaitForNotification();
    });
    EXPECT_EQ(backup.status().code(), absl::StatusCode::kUnavailable) << backup.status();
  });
  ASSERT_TRUE(begun.WaitForNotificationWithTimeout(absl::Minutes(1)));
  EXPECT_EQ(backups->Create(&Ignore).status().code(), absl::StatusCode::kUnavailable);
  EXPECT_EQ(backups->Verify(0, &Ignore).status().code(), absl::StatusCode::kUnavailable);
  EXPECT_THAT(backups->List(), IsEmpty());
  backups->Stop();
  seen.Notify();
  creating.join();
  EXPECT_THAT(backups->List(), IsEmpty());
  EXPECT_EQ(backups->Create(&Ignore).status().code(), absl::StatusCode::kUnavailable);
}

}  // namespace
}  // namespace shouwang
