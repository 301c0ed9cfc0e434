// The bytes of a block: all that is known of up to 256 neighbouring subjects in one calendar year
// (which, its key says: block_key.h). It is what compactions fold the parts of a pile into
// (pile.h); what a batch adds is written as sheets (sheet_format.h). Version 5:
//
//   byte      version, 5
//   head      varint length, then one frame of zstd (compression.h) of what is listed below,
//             kMostHeadBytes of it at most
//   bits      the last of the streams, which zstd would not make shorter
//   checksum  4 bytes, low first: CRC-32C of all before it
//
// The head:
//
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
//   subjects  their numbers within the group, at least one (low_numbers.h), then two lists in
//             subject order: varint index into axes, of each; varint index into sets, of each
//   waypoints for each 32nd subject but the first, how far the streams have come before it: a
//             varint of each, less that of the waypoint before
//   streams   varint length of each but the last of the eight: widths, highs, constants, steps,
//             lengths, bitmaps, lows, bits
//   tags      for each set: of its first indicator the tag of each subject that has the set, then
//             of its second, ...
//   then the streams but for the last: for each subject in turn, for each indicator of its set in
//   turn, the presence bits into `bitmaps` where its tag says so, then its values (column.h)
//
// An axis is what a subject's reports of the year were: entries of (date, arrival), ascending by
// date; several arrivals may share a date. A point refers to its entry, so that a value's arrival
// costs nothing of its own. Subjects of one village nearly always share one axis and one set.
//
// The presence bits of a tag: 0 a point at every entry; 1 at the same entries as the column before;
// 2 a bitmap follows, one bit an entry, low bits first, filled up to a byte with zeros. A column
// has at most one point a date.
//
// Version 4, which stores of formats 3 to 6 have, and which is written where a head is longer or
// there is no memory to compress it (so a fold of one alone may give it again): the version, the
// head as it is, with the length of `bits` behind those of the other streams, then `bits` and the
// checksum.
//
// Version 1, which stores of formats 1 and 2 have, differs from that from the subjects on:
//
//   subjects  varint count, 1 to 256, then four lists in subject order:
//               byte   number within the group less that before it less 1 (the first: as it is)
//               varint index into axes, of each
//               varint index into sets, of each
//               varint bytes of its body, of each
//   bodies    of each subject: its tags, then of each column the presence bits and the values, with
//             one stream for all four
//   checksum  as above
#pragma once

#include <cstddef>
#include <cstdint>

namespace shouwang {

inline constexpr uint8_t kOldBlockVersion = 1;
inline constexpr uint8_t kUncompressedBlockVersion = 4;
inline constexpr uint8_t kBlockVersion = 5;
// A village's year of monthly reports takes some 15 kB.
inline constexpr size_t kMostHeadBytes = size_t{64} << 20;
// A subject is read without reading more than this many before it.
inline constexpr size_t kSubjectsPerWaypoint = 32;

enum class Presence : uint8_t { kEvery = 0, kAsBefore = 1, kBitmap = 2 };

}  // namespace shouwang
