// Blocks from observations, and blocks from blocks. What a batch adds to a block is an operand, a
// small block of its own; a block is folded with the operands that came after it, a later cell
// taking the place of an earlier one. Folding is associative, so operands may be folded among
// themselves first. Pure; any thread.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "storage/blocks/block_key.h"
#include "storage/vocabulary/observation_list.h"

namespace shouwang {

// The operand for `reports` of `observations`, all of the block that `key` names, not empty, and in
// (subject, date) order; of two of one cell the later stands.
std::string WriteOperand(const BlockKey& key, const ObservationList& observations,
                         std::span<const ObservationList::Report> reports);

// Folds `parts`, the oldest first; not empty. Never fails: where a part is damaged, the result
// keeps all parts as they are, reading it gives DataLoss, and later folds add to it.
std::string FoldBlocks(const BlockKey& key, std::span<const std::string_view> parts);

// The container of parts that do not fold (block_format.h), for other things that fold too.
std::string KeepDamaged(std::span<const std::string_view> parts);

}  // namespace shouwang
