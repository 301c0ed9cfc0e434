#include "storage/blocks/fold.h"

#include <algorithm>
#include <vector>

#include "storage/blocks/block_format.h"
#include "storage/blocks/block_writer.h"
#include "storage/blocks/bytes.h"
#include "storage/blocks/pile.h"
#include "storage/blocks/pile_reader.h"
#include "storage/blocks/sheet_format.h"

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

bool AreSheets(std::span<const std::string_view> parts) {
  return std::ranges::all_of(parts,
                             [](std::string_view part) { return HasVersion(part, kSheetVersion); });
}

}  // namespace

std::string FoldPiles(const BlockKey& key, std::span<const std::string_view> piles) {
  if (piles.size() == 1 &&
      (HasVersion(piles[0], kBlockVersion) || HasVersion(piles[0], kDamagedVersion))) {
    return std::string(piles[0]);
  }
  std::string folded = FoldSound(key, piles);
  return folded.empty() ? KeepDamaged(piles) : folded;
}

bool IsOldBlock(std::string_view part) {
  return HasVersion(part, kOldBlockVersion) || HasVersion(part, kUncompressedBlockVersion);
}

std::string FoldIfMany(const BlockKey& key, std::span<const std::string_view> piles) {
  std::vector<std::string_view> parts;
  size_t bytes = 1;
  for (const std::string_view pile : piles) {
    SplitPile(pile, &parts);
    bytes += pile.size() + kMaxVarintBytes;
  }
  const std::span<const std::string_view> added =
      std::span(parts).subspan(HasVersion(parts[0], kBlockVersion) ? 1 : 0);
  const bool few = !added.empty() && parts.size() <= kMostPartsLeft && AreSheets(added);
  if (!few) return FoldPiles(key, piles);
  std::string pile;
  pile.reserve(bytes);
  for (const std::string_view part : parts) AppendPart(part, &pile);
  return pile;
}

}  // namespace shouwang
