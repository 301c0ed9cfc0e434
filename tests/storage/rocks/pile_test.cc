// How parts gather under a key of the `blocks` family, and when they become one block.
#include "storage/blocks/pile.h"

#include <gtest/gtest.h>

#include "storage/blocks/block_format.h"
#include "storage/blocks/fold.h"
#include "storage/blocks/sheet_writer.h"
#include "storage/rocks/database.h"
#include "storage/rocks/format.h"
#include "storage/rocks/merge.h"
#include "tests/storage/blocks/old_block.h"
#include "tests/storage/contract/store_contract.h"
#include "tests/storage/rocks/automatic_compaction.h"

namespace shouwang {
namespace {

const BlockKey kKey = BlockKey::Of(Named("520502001001/1"), On("2026-01-31"));

std::string KeyBytes() {
  std::string bytes;
  AppendBlockKey(kKey, &bytes);
  return bytes;
}

class PileTest : public testing::Test {
 protected:
  // Opens the engine below the store.
  std::unique_ptr<rocks::Database> Open() {
    auto database = rocks::Database::Open(SmallRocks(directory_.path()));
    EXPECT_TRUE(database.ok()) << database.status();
    return *std::move(database);
  }

  // The parts of the one block that tests write to.
  static std::vector<std::string> Parts(const rocks::Database& database) {
    const auto value = database.Get(rocks::Family::kBlocks, KeyBytes());
    EXPECT_TRUE(value.ok()) << value.status();
    std::vector<std::string_view> parts;
    SplitPile(**value, &parts);
    return {parts.begin(), parts.end()};
  }

  static std::string Sheet(uint32_t household, std::string_view date, int64_t value) {
    ObservationList list;
    list.push_back(Observe("520502001001/" + std::to_string(household), 1, date, value));
    return std::string(SheetWriter().Write(kKey, list, list.reports()));
  }

  static void Merge(const rocks::Database& database, std::string_view value) {
    rocksdb::WriteBatch batch;
    batch.Merge(database.Handle(rocks::Family::kBlocks), KeyBytes(), rocks::SliceOf(value));
    ASSERT_TRUE(database.Write(&batch, "test").ok());
  }

  static void Flush(const rocks::Database& database) {
    ASSERT_TRUE(database.db().Flush({}, database.Handle(rocks::Family::kBlocks)).ok());
  }

  // Values on both sides of the block, so that a compaction writes it anew and does not only move
  // its table.
  static void WriteNeighbours(const rocks::Database& database) {
    rocksdb::WriteBatch batch;
    for (const int32_t year : {kKey.year - 1, kKey.year + 1}) {
      std::string key;
      AppendBlockKey({kKey.group, year}, &key);
      batch.Put(database.Handle(rocks::Family::kBlocks), key, "");
    }
    ASSERT_TRUE(database.Write(&batch, "test").ok());
    Flush(database);
  }

  static void Compact(const rocks::Database& database) {
    rocksdb::CompactRangeOptions options;
    options.bottommost_level_compaction = rocksdb::BottommostLevelCompaction::kForce;
    ASSERT_TRUE(
        database.db()
            .CompactRange(options, database.Handle(rocks::Family::kBlocks), nullptr, nullptr)
            .ok());
  }

  TemporaryDirectory directory_;
};

bool IsBlock(std::string_view part) { return static_cast<uint8_t>(part[0]) == kBlockVersion; }

TEST_F(PileTest, ReadsAndFlushesOnlyGatherPartsAndACompactionFoldsThem) {
  const std::unique_ptr<rocks::Database> database = Open();
  const std::vector<std::string> sheets = {Sheet(1, "2026-01-31", 1), Sheet(2, "2026-02-28", 2),
                                           Sheet(1, "2026-02-28", 3)};
  Merge(*database, sheets[0]);
  EXPECT_EQ(Parts(*database), (std::vector<std::string>{sheets[0]}));
  Merge(*database, sheets[1]);
  Flush(*database);
  Merge(*database, sheets[2]);
  EXPECT_EQ(Parts(*database), sheets);
  Flush(*database);
  EXPECT_EQ(Parts(*database), sheets);
  Compact(*database);
  ASSERT_EQ(Parts(*database).size(), 1u);
  EXPECT_EQ(Parts(*database)[0],
            FoldPiles(kKey, std::vector<std::string_view>(sheets.begin(), sheets.end())));
  // And what comes after is added to the block.
  Merge(*database, sheets[0]);
  EXPECT_EQ(Parts(*database).size(), 2u);
  Compact(*database);
  ASSERT_EQ(Parts(*database).size(), 1u);
  EXPECT_TRUE(IsBlock(Parts(*database)[0]));
}

TEST_F(PileTest, OneSheetAloneBecomesABlockToo) {
  const std::unique_ptr<rocks::Database> database = Open();
  Merge(*database, Sheet(1, "2026-01-31", 1));
  Compact(*database);
  ASSERT_EQ(Parts(*database).size(), 1u);
  EXPECT_TRUE(IsBlock(Parts(*database)[0]));
}

// Many of them would cost each month what a year costs to fold.
TEST_F(PileTest, ACompactionThatRocksMakesLeavesFewSheets) {
  const std::unique_ptr<rocks::Database> database = Open();
  std::vector<std::string> sheets;
  for (const std::string_view date : {"2026-01-31", "2026-02-28", "2026-03-31"}) {
    sheets.push_back(Sheet(1, date, 1));
    Merge(*database, sheets.back());
    AwaitACompactionOfBlocks(*database);
    EXPECT_EQ(Parts(*database), sheets);
  }
  while (sheets.size() <= kMostPartsLeft) {
    sheets.push_back(Sheet(static_cast<uint32_t>(sheets.size()), "2026-04-30", 1));
    Merge(*database, sheets.back());
  }
  AwaitACompactionOfBlocks(*database);
  ASSERT_EQ(Parts(*database).size(), 1u);
  EXPECT_EQ(Parts(*database)[0],
            FoldPiles(kKey, std::vector<std::string_view>(sheets.begin(), sheets.end())));
}

// A commit that writes a pile anew puts it, and others may add to it before it is flushed.
TEST_F(PileTest, AFlushLeavesFewSheetsBehindAPutValue) {
  const std::unique_ptr<rocks::Database> database = Open();
  std::vector<std::string> parts = {FoldPiles(
      kKey, std::vector<std::string_view>{Sheet(1, "2026-01-31", 1), Sheet(2, "2026-01-31", 1)})};
  rocksdb::WriteBatch batch;
  batch.Put(database->Handle(rocks::Family::kBlocks), KeyBytes(), parts[0]);
  ASSERT_TRUE(database->Write(&batch, "test").ok());
  parts.push_back(Sheet(1, "2026-02-28", 2));
  Merge(*database, parts.back());
  Flush(*database);
  EXPECT_EQ(Parts(*database), parts);
  AwaitACompactionOfBlocks(*database);
  Compact(*database);
  ASSERT_EQ(Parts(*database).size(), 1u);
  EXPECT_TRUE(IsBlock(Parts(*database)[0]));
}

TEST_F(PileTest, APileThatACompactionDoesNotAddToIsFolded) {
  const std::unique_ptr<rocks::Database> database = Open();
  const std::string january = Sheet(1, "2026-01-31", 1);
  Merge(*database, january);
  Flush(*database);
  WriteNeighbours(*database);
  AwaitACompactionOfBlocks(*database);
  EXPECT_EQ(Parts(*database), std::vector<std::string>{january});
  WriteNeighbours(*database);
  AwaitACompactionOfBlocks(*database);
  ASSERT_EQ(Parts(*database).size(), 1u);
  EXPECT_TRUE(IsBlock(Parts(*database)[0]));
  // One comes by at least so often.
  constexpr uint64_t kThirtyDays = 30 * 24 * 3600;
  EXPECT_EQ(database->db()
                .GetOptions(database->Handle(rocks::Family::kBlocks))
                .periodic_compaction_seconds,
            kThirtyDays);
}

// A value that stands is never merged with again, so a compaction has to look at it by itself.
TEST_F(PileTest, APileThatWasPutIsFoldedAsWell) {
  const std::unique_ptr<rocks::Database> database = Open();
  const std::string january = Sheet(1, "2026-01-31", 1);
  const std::string february = Sheet(1, "2026-02-28", 2);
  rocksdb::WriteBatch batch;
  batch.Put(database->Handle(rocks::Family::kBlocks), KeyBytes(),
            JoinPiles(std::vector<std::string_view>{january, february}));
  ASSERT_TRUE(database->Write(&batch, "test").ok());
  EXPECT_EQ(Parts(*database).size(), 2u);
  Compact(*database);
  ASSERT_EQ(Parts(*database).size(), 1u);
  EXPECT_TRUE(IsBlock(Parts(*database)[0]));
}

TEST_F(PileTest, ABlockOfAnOlderVersionIsWrittenAnewWhereACompactionMeetsIt) {
  for (const std::string& old : {OldBlock(), UncompressedBlock()}) {
    const std::unique_ptr<rocks::Database> database = Open();
    rocksdb::WriteBatch batch;
    batch.Put(database->Handle(rocks::Family::kBlocks), KeyBytes(), old);
    ASSERT_TRUE(database->Write(&batch, "test").ok());
    Flush(*database);
    EXPECT_EQ(Parts(*database), std::vector<std::string>{old});
    WriteNeighbours(*database);
    AwaitACompactionOfBlocks(*database);
    EXPECT_EQ(Parts(*database),
              std::vector<std::string>{FoldPiles(kKey, std::vector<std::string_view>{old})});
    EXPECT_TRUE(IsBlock(Parts(*database)[0]));
  }
}

TEST_F(PileTest, AFlushFoldsALongPile) {
  const std::unique_ptr<rocks::Database> database = Open();
  for (uint32_t i = 1; i <= rocks::kMostPartsOfFlush + 1; ++i) {
    Merge(*database, Sheet(i, "2026-01-31", i));
  }
  EXPECT_EQ(Parts(*database).size(), rocks::kMostPartsOfFlush + 1);
  Flush(*database);
  ASSERT_EQ(Parts(*database).size(), 1u);
  EXPECT_TRUE(IsBlock(Parts(*database)[0]));
}

TEST_F(PileTest, TheLogsRecoveryLosesNoPart) {
  std::vector<std::string> sheets;
  {
    const std::unique_ptr<rocks::Database> database = Open();
    for (uint32_t i = 1; i <= 5; ++i) {
      sheets.push_back(Sheet(i, "2026-01-31", i));
      Merge(*database, sheets.back());
    }
  }
  const std::unique_ptr<rocks::Database> database = Open();
  EXPECT_EQ(Parts(*database), sheets);
}

// Formats 1 and 2 kept blocks of version 1, and up to 6 of version 4; they become blocks of today
// in compactions.
TEST_F(PileTest, AStoreOfAFormatBeforeIsReadAndMarked) {
  {
    const std::unique_ptr<rocks::Database> database = Open();
    Merge(*database, OldBlock());
    rocksdb::WriteBatch batch;
    batch.Put(database->Handle(rocks::Family::kMeta), "format", "2");
    ASSERT_TRUE(database->Write(&batch, "test").ok());
  }
  {
    RocksOptions reading = SmallRocks(directory_.path());
    reading.read_only = true;
    EXPECT_EQ(ScannedSubjects(*OpenRocks(reading), "").size(), 2u);
  }
  {
    const std::unique_ptr<RocksStore> store = OpenRocks(SmallRocks(directory_.path()));
    CommitOk(*store, {.observations = {Observe("520502001001/17", 1, "2026-02-15", 2)}});
    ASSERT_TRUE(store->Compact().ok());
    const auto history = store->LoadHistories(std::vector<Subject>{Named("520502001001/17")}, {});
    ASSERT_TRUE(history.ok()) << history.status();
    EXPECT_EQ((*history)[0].PointCount(), 53u);
    EXPECT_EQ((*history)[0].At(1, *Date::Parse("2026-12-31"))->value, 400);
  }
  const std::unique_ptr<rocks::Database> database = Open();
  EXPECT_EQ(**database->Get(rocks::Family::kMeta, "format"),
            std::to_string(rocks::NewestFormat(rocks::FormatSteps())));
  const std::vector<std::string> parts = Parts(*database);
  ASSERT_EQ(parts.size(), 1u);
  EXPECT_EQ(static_cast<uint8_t>(parts[0][0]), kBlockVersion);
}

}  // namespace
}  // namespace shouwang
