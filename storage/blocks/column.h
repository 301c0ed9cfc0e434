// The values of one subject and indicator over a year: n values, 1 to 366, as a tag byte and a
// body. Pure functions; nothing is allocated.
//
//   tag   bits 0..1  coding: 0 constant, 1 deltas, 2 runs, 3 packed
//         bits 2..4  e: every value was divided by 10^e (0 to 6) before coding, none was lost
//         bits 5..6  presence, of the block format (block_format.h)
//         bit  7     0
//   body  constant   zigzag value
//         deltas     n zigzags, each the difference to the value before it (the first to 0)
//         runs       pairs (zigzag difference to the run before, varint length - 1) until n
//         packed     zigzag least value, a byte w (1 to 56), then n numbers of w bits, value less
//                    least, low bits first, filled up to a whole byte with zeros
#pragma once

#include <cstdint>
#include <span>

#include "storage/blocks/bytes.h"

namespace shouwang {

inline constexpr size_t kMaxColumnPoints = 366;
inline constexpr size_t kMaxColumnBytes = (kMaxColumnPoints + 1) * kMaxVarintBytes;
inline constexpr uint8_t kPresenceShift = 5;

// Writes the shortest body at `out`, which has room for kMaxColumnBytes; returns its end. Values
// lie within kMaxScaledValue. Sets the tag but for its presence bits.
char* WriteColumn(std::span<const int64_t> values, uint8_t* tag, char* out);

// Reads values.size() values; false for bytes that WriteColumn never writes: truncated, a bit 7, or
// a value beyond kMaxScaledValue.
bool ReadColumn(uint8_t tag, ByteReader* body, std::span<int64_t> values);

}  // namespace shouwang
