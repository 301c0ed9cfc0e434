// A store that is young: what it has flushed is not folded table by table.
#include "storage/rocks/young_families.h"

#include <chrono>
#include <thread>

#include "storage/rocks/database.h"
#include "tests/storage/contract/store_contract.h"

namespace shouwang {
namespace {

using rocks::Family;

class YoungFamiliesTest : public testing::Test {
 protected:
  rocksdb::DB& db() const { return store_->database().db(); }
  rocksdb::ColumnFamilyHandle* blocks() const { return store_->database().Handle(Family::kBlocks); }

  // Reports a month of a household, as a table of its own.
  void FlushAReport() {
    const Date date = On("2020-01-31").PlusMonths(months_++);
    CommitOk(*store_, {.observations = {Observe("520502001001/1", 1, date.ToString(), months_)}});
    ASSERT_TRUE(db().Flush(rocksdb::FlushOptions(), blocks()).ok());
  }
  void AskWithASnapshot() {
    const std::unique_ptr<Snapshot> snapshot = store_->TakeSnapshot();
    FlushAReport();
  }

  // Of those that wait.
  std::vector<std::string> NamesOfTables() const {
    rocksdb::ColumnFamilyMetaData family;
    db().GetColumnFamilyMetaData(blocks(), &family);
    std::vector<std::string> names;
    for (const rocksdb::SstFileMetaData& table : family.levels[0].files) {
      names.push_back(table.name);
    }
    return names;
  }
  bool CompactsByItself() const { return !db().GetOptions(blocks()).disable_auto_compactions; }
  size_t Enough() const {
    return static_cast<size_t>(db().GetOptions(blocks()).level0_file_num_compaction_trigger);
  }
  void Reopen() {
    store_.reset();
    store_ = OpenRocks(SmallRocks(directory_.path()));
  }

  TemporaryDirectory directory_;
  std::unique_ptr<RocksStore> store_ = OpenRocks(SmallRocks(directory_.path()));
  int months_ = 0;
};

TEST_F(YoungFamiliesTest, ASnapshotGivenBackDoesNotFoldTheOldestTableAlone) {
  FlushAReport();
  const std::vector<std::string> flushed = NamesOfTables();
  AskWithASnapshot();
  AskWithASnapshot();
  EXPECT_FALSE(CompactsByItself());
  EXPECT_THAT(NamesOfTables(), testing::SizeIs(3));
  EXPECT_THAT(NamesOfTables(), testing::Contains(flushed[0])) << "as it was flushed";
  Reopen();
  EXPECT_FALSE(CompactsByItself());
}

TEST_F(YoungFamiliesTest, EnoughTablesAreFoldedTogetherAndTheStoreIsNotYoungAgain) {
  const size_t enough = Enough();
  for (size_t table = 0; table < enough; ++table) FlushAReport();
  EXPECT_FALSE(CompactsByItself());
  FlushAReport();  // the commit that finds enough of them
  EXPECT_TRUE(CompactsByItself());
  const auto limit = std::chrono::steady_clock::now() + std::chrono::seconds(30);
  while (NamesOfTables().size() >= enough && std::chrono::steady_clock::now() < limit) {
    std::this_thread::yield();
  }
  EXPECT_LT(NamesOfTables().size(), enough);
  Reopen();
  EXPECT_TRUE(CompactsByItself());
  const auto histories = store_->LoadHistories(std::vector{Named("520502001001/1")}, DateRange{});
  ASSERT_TRUE(histories.ok()) << histories.status();
  EXPECT_EQ((*histories)[0].PointCount(), static_cast<size_t>(months_));
}

TEST_F(YoungFamiliesTest, AnOpenedStoreWithEnoughTablesIsNotYoung) {
  const size_t enough = Enough();
  for (size_t table = 0; table < enough; ++table) FlushAReport();
  Reopen();
  EXPECT_TRUE(CompactsByItself());
}

// Until a store has been brought to this version's format, another version may have to read it.
TEST_F(YoungFamiliesTest, NothingIsCompactedBeforeItIsAllowed) {
  const size_t enough = Enough();
  for (size_t table = 0; table < enough; ++table) FlushAReport();
  store_.reset();
  const auto database = rocks::Database::Open(SmallRocks(directory_.path()));
  ASSERT_TRUE(database.ok()) << database.status();
  const auto compacts = [&] {
    return !(*database)
                ->db()
                .GetOptions((*database)->Handle(Family::kBlocks))
                .disable_auto_compactions;
  };
  rocksdb::WriteBatch batch;
  batch.Put((*database)->Handle(Family::kMeta), "something", "written by a step");
  ASSERT_TRUE((*database)->Write(&batch, "test").ok());
  EXPECT_FALSE(compacts());
  (*database)->AllowCompactions();
  EXPECT_TRUE(compacts());
}

}  // namespace
}  // namespace shouwang
