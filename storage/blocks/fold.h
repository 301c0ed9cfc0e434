// One block from the parts of a pile, which compactions put in their place: a later cell takes the
// place of an earlier one. Folding is associative, so parts may be folded among themselves first.
// Pure; any thread.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "storage/blocks/block_key.h"

namespace shouwang {

// Folds the parts of `piles`, the oldest first; not empty. A block alone is given back as it is.
// Never fails: where a part is damaged, the result keeps all parts as they are (pile.h), reading
// it gives DataLoss, and later folds add to it.
std::string FoldPiles(const BlockKey& key, std::span<const std::string_view> piles);

}  // namespace shouwang
