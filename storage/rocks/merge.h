// Private to storage/rocks: how RocksDB folds the parts of one key.
#pragma once

#include <rocksdb/merge_operator.h>

#include <memory>
#include <span>
#include <string>
#include <string_view>

namespace shouwang::rocks {

// Folds parts, the oldest first, into one; must be associative and must not fail.
using FoldFunction = std::string (*)(std::string_view key, std::span<const std::string_view> parts);

// `name` must not change over the life of a store.
std::shared_ptr<rocksdb::MergeOperator> MakeMergeOperator(const char* name, FoldFunction fold);

}  // namespace shouwang::rocks
