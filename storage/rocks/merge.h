// Private to storage/rocks: how the parts that commits write to one key become one value.
//
// Where folding costs much and reading parts costs little, they are only gathered into a pile
// (storage/blocks/pile.h) while someone waits, which is copying, and folded by compactions.
#pragma once

#include <rocksdb/options.h>

#include <cstddef>
#include <span>
#include <string>
#include <string_view>

namespace shouwang::rocks {

// Folds parts, the oldest first, into one; must be associative and must not fail.
using FoldFunction = std::string (*)(std::string_view key, std::span<const std::string_view> parts);

// A flush folds a pile of more parts than this; fewer it leaves to the next compaction.
inline constexpr size_t kMostPartsOfFlush = 64;

// Every read folds. `join` takes parts behind which there may be older ones, where that makes a
// difference. `name` must not change over the life of a store.
void FoldAlways(const char* name, FoldFunction fold, rocksdb::ColumnFamilyOptions* options);
void FoldAlways(const char* name, FoldFunction fold, FoldFunction join,
                rocksdb::ColumnFamilyOptions* options);

// Reads find a pile of parts, each of them a value or a pile that both functions take. A compaction
// puts what `add` makes of them in the place of a pile that it adds to, and what `fold` makes of
// them in the place of one that it does not add to, or where it was asked for (`Store::Compact`).
// Either may leave a pile; a snapshot may still need older parts beside.
void FoldInCompactions(const char* name, FoldFunction fold, FoldFunction add,
                       rocksdb::ColumnFamilyOptions* options);

}  // namespace shouwang::rocks
