// Piles: a value that commits add to is a sequence of parts, the oldest first. Adding to one is
// copying; what the parts say together is worked out by whoever reads them (pile_reader.h), and by
// compactions, which sooner or later put one part in the place of all (fold.h).
//
//   one part   just its bytes; a part's first byte is its version, of its own format
//   listed     version byte 3, then for each part, one or several, the oldest first, varint length
//              and its bytes. One part is listed where a compaction has left it to a later one to
//              fold (storage/rocks/merge.h), which knows by the version that it can be
//   damaged    version byte 255, then parts likewise: they did not fold and are kept as they came.
//              Reading gives DataLoss; nothing of it is thrown away. It may be a part itself
//
// Pure functions; any thread.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace shouwang {

inline constexpr uint8_t kPileVersion = 3;
inline constexpr uint8_t kDamagedVersion = 255;

// Whether `part` is of this version, its first byte.
bool HasVersion(std::string_view part, uint8_t version);

// Appends the parts of `pile` to `parts`, as views into it. A pile whose lengths do not add up
// is one part, which no reader of parts takes.
void SplitPile(std::string_view pile, std::vector<std::string_view>* parts);

// Adds a part to `pile`, which is empty or was begun by this.
void AppendPart(std::string_view part, std::string* pile);

// The parts of all `piles`, not empty, as one pile.
std::string JoinPiles(std::span<const std::string_view> piles);

// The damaged form of all parts of `piles`.
std::string KeepDamaged(std::span<const std::string_view> piles);

}  // namespace shouwang
