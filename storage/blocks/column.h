// The values of one subject and indicator over a year: n values, 1 to 366, as a tag byte and what
// its coding writes to each of four streams, which all columns of a block share (block_format.h):
// zstd packs bytes of one kind better than all kinds mixed. Pure functions.
//
//   tag        bits 0..1  coding: 0 constant, 1 deltas, 2 runs, 3 packed
//              bits 2..4  e: every value was divided by 10^e (0 to 6) before coding, none was lost
//              bits 5..6  presence, of the block format (block_format.h)
//              bit  7     and then by 5; never set in blocks of version 1
//   constant   constants  zigzag value
//   deltas     others     n zigzags, each the difference to the value before it (the first to 0)
//   runs       others     pairs (zigzag difference to the run before, varint length - 1) until n
//   packed     others     zigzag least value
//              widths     a byte w (1 to 56)
//              bits       n numbers of w bits, value less least, low bits first, filled up to a
//                         whole byte with zeros
#pragma once

#include <cstdint>
#include <span>
#include <string>

#include "storage/blocks/bytes.h"

namespace shouwang {

inline constexpr size_t kMaxColumnPoints = 366;
inline constexpr uint8_t kPresenceShift = 5;

struct ColumnStreams {
  std::string constants;
  std::string widths;
  std::string others;
  std::string bits;
};

// Where to go on reading in each stream. Blocks of version 1 have one stream for all.
struct ColumnReaders {
  ByteReader* constants;
  ByteReader* widths;
  ByteReader* others;
  ByteReader* bits;
};

// Appends the shortest form and returns the tag but for its presence bits. Values lie within
// kMaxScaledValue.
uint8_t WriteColumn(std::span<const int64_t> values, ColumnStreams* out);

// Reads values.size() values; false for bytes that WriteColumn never writes: truncated, or a value
// beyond kMaxScaledValue.
bool ReadColumn(uint8_t tag, const ColumnReaders& in, std::span<int64_t> values);
// Goes on behind a column of `count` values. False for some of the bytes that ReadColumn refuses.
bool SkipColumn(uint8_t tag, const ColumnReaders& in, size_t count);

}  // namespace shouwang
