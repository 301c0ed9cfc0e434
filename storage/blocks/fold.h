// One block from the parts of a pile, which compactions put in their place once there are more than
// a few: a later cell takes the place of an earlier one. Folding is associative, so parts may be
// folded among themselves first.
// Pure; any thread.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>

#include "storage/blocks/block_key.h"

namespace shouwang {

// Folds the parts of `piles`, the oldest first; not empty. A block of today's version alone is
// given back as it is. Never fails: where a part is damaged, the result keeps all parts as they are
// (pile.h), reading it gives DataLoss, and later folds add to it.
std::string FoldPiles(const BlockKey& key, std::span<const std::string_view> piles);

// A pile that has no more parts is as well left as it is (README.md).
inline constexpr size_t kMostPartsLeft = 12;

// For compactions that add to a pile: the fold of `piles`, but where they have few parts, of
// today's versions and none but the first a block, a pile of just these (pile.h, version 3 also for
// one).
std::string FoldIfMany(const BlockKey& key, std::span<const std::string_view> piles);

// Whether a part is a block of an older version, which a fold of it alone makes one of today, where
// it can be compressed.
bool IsOldBlock(std::string_view part);

}  // namespace shouwang
