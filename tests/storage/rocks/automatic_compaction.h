// A compaction of blocks that RocksDB makes by itself, when a test wants it.
#pragma once

#include <gtest/gtest.h>
#include <rocksdb/db.h>

#include <chrono>
#include <thread>

#include "storage/rocks/database.h"

namespace shouwang {

inline size_t FlushedTablesOfBlocks(const rocks::Database& database) {
  rocksdb::ColumnFamilyMetaData family;
  database.db().GetColumnFamilyMetaData(database.Handle(rocks::Family::kBlocks), &family);
  return family.levels[0].files.size();
}

// Flushes what there is of blocks, and returns when all that was flushed is compacted.
inline void AwaitACompactionOfBlocks(const rocks::Database& database) {
  rocksdb::ColumnFamilyHandle* const blocks = database.Handle(rocks::Family::kBlocks);
  ASSERT_TRUE(database.db().Flush({}, blocks).ok());
  ASSERT_TRUE(database.db()
                  .SetOptions(blocks, {{"level0_file_num_compaction_trigger", "1"},
                                       {"disable_auto_compactions", "false"}})
                  .ok());
  const auto limit = std::chrono::steady_clock::now() + std::chrono::seconds(30);
  while (FlushedTablesOfBlocks(database) > 0 && std::chrono::steady_clock::now() < limit) {
    std::this_thread::yield();
  }
  ASSERT_EQ(FlushedTablesOfBlocks(database), 0u);
  ASSERT_TRUE(database.db().SetOptions(blocks, {{"disable_auto_compactions", "true"}}).ok());
}

}  // namespace shouwang
