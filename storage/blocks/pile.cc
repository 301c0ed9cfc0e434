#include "storage/blocks/pile.h"

#include "storage/blocks/bytes.h"

namespace shouwang {
namespace {

// Whether `pile` lists parts whose lengths add up.
bool ListsParts(std::string_view pile) {
  if (!HasVersion(pile, kPileVersion)) return false;
  ByteReader in(pile.substr(1));
  do {
    in.LengthAndBytes();
  } while (in.remaining() > 0);
  return in.done();
}

}  // namespace

bool HasVersion(std::string_view part, uint8_t version) {
  return !part.empty() && static_cast<uint8_t>(part[0]) == version;
}

void SplitPile(std::string_view pile, std::vector<std::string_view>* parts) {
  if (!ListsParts(pile)) {
    parts->push_back(pile);
    return;
  }
  ByteReader in(pile.substr(1));
  while (in.remaining() > 0) parts->push_back(in.LengthAndBytes());
}

void AppendPart(std::string_view part, std::string* pile) {
  if (pile->empty()) pile->push_back(static_cast<char>(kPileVersion));
  AppendBytes(part, pile);
}

std::string JoinPiles(std::span<const std::string_view> piles) {
  if (piles.size() == 1) return std::string(piles[0]);
  std::string joined;
  size_t size = 1;
  for (const std::string_view pile : piles) size += pile.size() + kMaxVarintBytes;
  joined.reserve(size);
  joined.push_back(static_cast<char>(kPileVersion));
  for (const std::string_view pile : piles) {
    if (ListsParts(pile)) {
      joined.append(pile.substr(1));
    } else {
      AppendBytes(pile, &joined);
    }
  }
  return joined;
}

std::string KeepDamaged(std::span<const std::string_view> piles) {
  std::vector<std::string_view> parts;
  for (const std::string_view pile : piles) SplitPile(pile, &parts);
  std::string kept;
  if (!parts.empty() && HasVersion(parts[0], kDamagedVersion)) {
    kept = parts[0];
    parts.erase(parts.begin());
  } else {
    kept.push_back(static_cast<char>(kDamagedVersion));
  }
  for (const std::string_view part : parts) AppendBytes(part, &kept);
  return kept;
}

}  // namespace shouwang
