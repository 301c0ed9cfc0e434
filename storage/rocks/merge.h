// Private to storage/rocks: how the parts that commits write to one key become one value.
//
// Where folding costs much and reading parts costs little, they are only gathered into a pile
// (storage/blocks/pile.h) while someone waits, which is copying, and folded by compactions, at the
// latest by one that was asked for.
#pragma once

#include <rocksdb/options.h>

#include <cstddef>
#include <span>
#include <string>
#include <string_view>

namespace shouwang::rocks {

// Makes one value of parts, the oldest first; must be associative and must not fail.
using FoldFunction = std::string (*)(std::string_view key, std::span<const std::string_view> parts);

// A flush folds a pile of more parts than this; fewer it leaves to the next compaction.
inline constexpr size_t kMostPartsOfFlush = 64;

// Every read folds. `join` takes parts behind which there may be older ones, where that makes a
// difference. `name` must not change over the life of a store.
void FoldAlways(const char* name, FoldFunction fold, rocksdb::ColumnFamilyOptions* options);
void FoldAlways(const char* name, FoldFunction fold, FoldFunction join,
                rocksdb::ColumnFamilyOptions* options);

// Reads find a pile of parts, each of them a value or a pile that both functions take. `fold`
// leaves one part; `fold_many` may leave a pile (of version 3) for a later compaction. A compaction
// that was asked for folds (RocksStore::Compact). One that RocksDB makes by itself folds many where
// it adds to a pile, or meets parts for the first time; where it meets a pile at the lowest level
// and has nothing to add, it folds, and so it does with one part that `is_old`, if given, takes. A
// snapshot may still need older parts beside.
void FoldInCompactions(const char* name, FoldFunction fold, FoldFunction fold_many,
                       bool (*is_old)(std::string_view part),
                       rocksdb::ColumnFamilyOptions* options);

}  // namespace shouwang::rocks
