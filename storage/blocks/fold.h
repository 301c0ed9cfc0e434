// One block from the parts of a pile, which compactions put in their place: a later cell takes the
// place of an earlier one. Folding is associative, so parts may be folded among themselves first.
// Pure; any thread.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>

#include "storage/blocks/block_key.h"

namespace shouwang {

// Folds the parts of `piles`, the oldest first; not empty. A block alone is given back as it is.
// Never fails: where a part is damaged, the result keeps all parts as they are (pile.h), reading
// it gives DataLoss, and later folds add to it.
std::string FoldPiles(const BlockKey& key, std::span<const std::string_view> piles);

// A pile that has no more parts is as well left as it is (README.md).
inline constexpr size_t kFewParts = 6;

// What a compaction puts in the place of `piles` that it adds to: a pile (pile.h, of one part, too)
// of the same parts where they are few, of today's versions, and none but the first a block;
// otherwise their fold.
std::string AddToPile(const BlockKey& key, std::span<const std::string_view> piles);

}  // namespace shouwang
