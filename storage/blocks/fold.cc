#include "storage/blocks/fold.h"

#include "storage/blocks/block_format.h"
#include "storage/blocks/block_writer.h"
#include "storage/blocks/pile.h"
#include "storage/blocks/pile_reader.h"

namespace shouwang {
namespace {

// Empty where a part is damaged.
std::string FoldSound(const BlockKey& key, std::span<const std::string_view> piles) {
  PileReader pile;
  if (!pile.Open(piles, key, DateRange{}).ok()) return {};
  BlockWriter writer(key);
  History history;
  for (uint32_t low = 0; low < kSubjectsPerGroup; ++low) {
    history.Reset(key.group.At(static_cast<uint8_t>(low)));
    if (!pile.Read(static_cast<uint8_t>(low), &history).ok()) return {};
    writer.Add(static_cast<uint8_t>(low), history);
  }
  return writer.empty() ? std::string() : writer.Finish();
}

}  // namespace

std::string FoldPiles(const BlockKey& key, std::span<const std::string_view> piles) {
  if (piles.size() == 1 && !piles[0].empty() &&
      (static_cast<uint8_t>(piles[0][0]) == kBlockVersion ||
       static_cast<uint8_t>(piles[0][0]) == kDamagedVersion)) {
    return std::string(piles[0]);
  }
  std::string folded = FoldSound(key, piles);
  return folded.empty() ? KeepDamaged(piles) : folded;
}

}  // namespace shouwang
