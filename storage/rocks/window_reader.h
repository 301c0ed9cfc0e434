// Private to storage/rocks: the contract's WindowReader. All groups are sought by one iterator of
// RocksDB, made for the first of them. In a table that has groups one after the other it stays in
// the unit that it has read, one for each table, outside of the cache. One thread at a time.
#pragma once

#include <rocksdb/iterator.h>

#include <memory>
#include <span>
#include <string>

#include "storage/blocks/pile_reader.h"
#include "storage/contract/window_reader.h"
#include "storage/rocks/rocks_store.h"

namespace shouwang::rocks {

class RocksWindowReader final : public WindowReader {
 public:
  explicit RocksWindowReader(const RocksStore& store) : store_(store) {}

  absl::StatusOr<bool> Fill(DateRange range, std::span<const IndicatorId> indicators,
                            GroupWindow* window) override;

 private:
  absl::StatusOr<bool> ReadYears(DateRange range, std::span<const IndicatorId> indicators,
                                 GroupWindow* window);

  const RocksStore& store_;
  std::string end_;  // of the group's years, which blocks_ looks at
  rocksdb::Slice end_slice_;
  std::unique_ptr<rocksdb::Iterator> blocks_;
  PileReader pile_;
};

}  // namespace shouwang::rocks
