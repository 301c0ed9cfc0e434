// The years of one group, sought in flushed tables of which few have anything of it.
#include <gtest/gtest.h>
#include <rocksdb/perf_context.h>

#include <map>

#include "storage/rocks/database.h"
#include "tests/storage/contract/store_contract.h"

namespace shouwang {
namespace {

using rocks::Family;

constexpr int kTables = 12;

class GroupFilterTest : public testing::Test {
 protected:
  // Each table has a third of the groups, of one year or another, and so has the write buffer.
  void SetUp() override {
    for (int table = 0; table <= kTables; ++table) {
      Transaction transaction;
      for (size_t i = static_cast<size_t>(table) % 3; i < subjects_.size(); i += 3) {
        const Date date = On("2020-01-31").PlusMonths(5 * table + static_cast<int>(i));
        transaction.observations.push_back(
            Observe(subjects_[i].ToString(), 1, date.ToString(), table));
        ++expected_[subjects_[i]];
      }
      CommitOk(*store_, transaction);
      if (table == kTables) break;
      ASSERT_TRUE(db().Flush(rocksdb::FlushOptions(), blocks()).ok());
    }
  }
  rocksdb::DB& db() const { return store_->database().db(); }
  rocksdb::ColumnFamilyHandle* blocks() const { return store_->database().Handle(Family::kBlocks); }

  // Dates found by each way there is to read.
  void ExpectAllIsFound() const {
    const DateRange all{On("2019-01-01"), Date::Max()};
    std::vector<History> histories;
    ASSERT_TRUE(
        store_->FillHistories(subjects_, {On("2019-01-01"), On("2026-12-31")}, &histories).ok());
    std::vector<History> further;
    ASSERT_TRUE(store_->FillHistories(subjects_, all, &further).ok());
    std::map<Subject, size_t> scanned;
    ASSERT_TRUE(store_
                    ->ScanHistories(*Division::Parse("520502001"), all,
                                    [&](const History& history) {
                                      scanned[history.subject()] = history.dates().size();
                                      return true;
                                    })
                    .ok());
    const std::unique_ptr<WindowReader> reader = store_->ReadWindows();
    for (size_t i = 0; i < subjects_.size(); ++i) {
      const size_t expected = expected_.at(subjects_[i]);
      EXPECT_EQ(histories[i].dates().size(), expected) << subjects_[i].ToString();
      EXPECT_EQ(further[i].dates().size(), expected) << subjects_[i].ToString();
      EXPECT_EQ(scanned[subjects_[i]], expected) << subjects_[i].ToString();
      GroupWindow window(SubjectGroup::Of(subjects_[i]));
      const absl::StatusOr<bool> fits = reader->Fill(all, {}, &window);
      ASSERT_TRUE(fits.ok() && *fits);
      EXPECT_EQ(window.dates().size(), expected) << subjects_[i].ToString();
    }
  }

  // One of each group, at the ends of villages and between.
  const std::vector<Subject> subjects_ = {
      Named("520502001001/1"),   Named("520502001001/300"), Named("520502001001/5000"),
      Named("520502001001/S3"),  Named("520502001002/1"),   Named("520502001002/999"),
      Named("520502001002/256"), Named("520502001003/600"), Named("520502001003/900")};
  std::map<Subject, size_t> expected_;
  TemporaryDirectory directory_;
  std::unique_ptr<RocksStore> store_ = OpenRocks(SmallRocks(directory_.path()));
};

TEST_F(GroupFilterTest, NothingIsPassedOverThatIsThere) {
  ExpectAllIsFound();
  ASSERT_TRUE(store_->Compact().ok());
  ExpectAllIsFound();
}

TEST_F(GroupFilterTest, WhatIsWithoutTheGroupIsNotSearched) {
  GroupWindow window(SubjectGroup::Of(subjects_[1]));
  rocksdb::get_perf_context()->Reset();
  ASSERT_TRUE(store_->ReadWindows()->Fill({On("2019-01-01"), Date::Max()}, {}, &window).ok());
  EXPECT_GE(rocksdb::get_perf_context()->bloom_sst_miss_count, kTables / 2);
  EXPECT_LE(rocksdb::get_perf_context()->bloom_sst_hit_count, kTables / 2);
  EXPECT_EQ(rocksdb::get_perf_context()->bloom_memtable_miss_count, 1u);
}

}  // namespace
}  // namespace shouwang
