#include "storage/rocks/young_families.h"

#include <algorithm>

namespace shouwang::rocks {
namespace {

bool IsYoung(rocksdb::DB* db, rocksdb::ColumnFamilyHandle* handle) {
  rocksdb::ColumnFamilyMetaData family;
  db->GetColumnFamilyMetaData(handle, &family);
  size_t waiting = 0;
  for (const rocksdb::LevelMetaData& level : family.levels) {
    if (level.level > 0 && !level.files.empty()) return false;
    waiting += level.files.size();
  }
  const int wanted = db->GetOptions(handle).level0_file_num_compaction_trigger;
  return waiting < static_cast<size_t>(wanted);
}

}  // namespace

void YoungFamilies::Hold(rocksdb::ColumnFamilyHandle* handle) {
  absl::MutexLock lock(&mutex_);
  held_.push_back(handle);
  changed_ = true;
}

void YoungFamilies::LetGo(rocksdb::DB* db) {
  if (!changed_.load(std::memory_order_relaxed) || !changed_.exchange(false)) return;
  absl::MutexLock lock(&mutex_);
  std::erase_if(held_, [&](rocksdb::ColumnFamilyHandle* handle) {
    if (IsYoung(db, handle)) return false;
    if (db->EnableAutoCompaction({handle}).ok()) return true;
    changed_ = true;  // a full disk, for one: the next call tries again
    return false;
  });
}

}  // namespace shouwang::rocks
