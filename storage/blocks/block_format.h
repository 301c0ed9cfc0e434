// The bytes of a block: all that is known of up to 256 neighbouring subjects in one calendar year
// (which, its key says: block_key.h). It is what compactions fold the parts of a pile into
// (pile.h); what a batch adds is written as sheets (sheet_format.h). Version 1:
//
//   byte      version, 1
//   arrivals  varint count, then each as
//               zigzag known_at, ms, less that of the arrival before it (the first less 0)
//               zigzag reported_at less known_at, ms
//               zigzag batch less that of the arrival before it
//               byte   source, 1 to 3
//   axes      varint count, then each: varint entries, then for each entry
//               varint day of the year (0 for 1 January) less that of the entry before it
//               zigzag index into arrivals less that of the entry before it (the first less 0)
//   sets      varint count, then each: varint size, then the indicator ids ascending, each as
//               varint difference to the one before it (the first to 0)
//   subjects  varint count, 1 to 256, then four lists in subject order:
//               byte   number within the group less that before it less 1 (the first: as it is)
//               varint index into axes, of each
//               varint index into sets, of each
//               varint bytes of its body, of each
//   bodies    of each subject: a tag for each indicator of its set, then for each indicator
//               the presence bits where its tag says so, then its values (column.h)
//   checksum  4 bytes, low first: CRC-32C of all before it
//
// An axis is what a subject's reports of the year were: entries of (date, arrival), ascending by
// date; several arrivals may share a date. A point refers to its entry, so that a value's arrival
// costs nothing of its own. Subjects of one village nearly always share one axis and one set.
//
// The presence bits of a tag: 0 a point at every entry; 1 at the same entries as the column before;
// 2 a bitmap follows, one bit an entry, low bits first, filled up to a byte with zeros. A column
// has at most one point a date.
//
#pragma once

#include <cstdint>

namespace shouwang {

inline constexpr uint8_t kBlockVersion = 1;

enum class Presence : uint8_t { kEvery = 0, kAsBefore = 1, kBitmap = 2 };

}  // namespace shouwang
