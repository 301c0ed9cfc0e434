// Which block an observation lies in: the subjects of one place and kind whose numbers share
// number / 256, and one calendar year. A value; any thread.
//
//   bytes  0..4   place, the 12 digits as a number, high byte first
//          5      kind: 0 household, 1 site
//          6..8   number / 256, high byte first
//          9..10  year, high byte first
//
// Bytes order as (place, kind, group, year), which is subject order: a region of divisions is one
// range of keys, and a group's years lie side by side.
#pragma once

#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "storage/vocabulary/date.h"
#include "storage/vocabulary/subject.h"

namespace shouwang {

inline constexpr size_t kGroupKeyBytes = 9;
// Bytes 0..8 as above.
void AppendGroupKey(const SubjectGroup& group, std::string* out);
// nullopt unless `bytes` begins with a group key.
std::optional<SubjectGroup> ParseGroupKey(std::string_view bytes);

struct BlockKey {
  SubjectGroup group;
  int32_t year = 0;

  static BlockKey Of(const Subject& subject, Date date) {
    return {SubjectGroup::Of(subject), date.year()};
  }
  Date FirstDay() const;
  // "block 520502001001 household 0 to 255, 2026".
  std::string ToString() const;
  friend auto operator<=>(const BlockKey&, const BlockKey&) = default;
};

inline constexpr size_t kBlockKeyBytes = 11;
void AppendBlockKey(const BlockKey& key, std::string* out);
// nullopt unless `bytes` is one whole key.
std::optional<BlockKey> ParseBlockKey(std::string_view bytes);

// A number of `bytes` bytes, high byte first, so that bytes order as numbers do.
void AppendBigEndian(uint64_t value, int bytes, std::string* out);
uint64_t ReadBigEndian(std::string_view bytes);

}  // namespace shouwang
