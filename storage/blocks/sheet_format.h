// The bytes of a sheet: what one arrival brought of up to 256 neighbouring subjects for one date,
// "a village's month". Sheets are what commits write; compactions make a block of them once there
// are more than a few (block_format.h), so they are quick to write and to read first, and small
// second. Version 2, so that a reader tells them from blocks:
//
//   byte      version, 2
//   varint    day of the year (0 for 1 January)
//   arrival   zigzag known_at, ms; zigzag reported_at less known_at, ms; zigzag batch;
//             byte source, 1 to 3
//   subjects  their numbers within the group, at least one (low_numbers.h)
//   columns   varint how many, then the indicator ids ascending, each as varint difference to the
//             one before it (the first to 0), then for each column
//               byte    bits 0..6  width w of a value in bits, 0 to 41
//                       bit  7     not every subject has a value: a bitmap follows
//               zigzag  the least value
//               bitmap  where bit 7 says so: one bit a subject, low bits first, filled up to a byte
//                       with zeros; at least one is set
//               values  of the subjects that have one: value less the least, w bits each, low bits
//                       first, filled up to a byte with zeros
//   checksum  4 bytes, low first: CRC-32C of all before it
//
// Every subject has a value in at least one column. The values of a column lie at fixed places, so
// that one subject is read without its neighbours.
#pragma once

#include <cstdint>

namespace shouwang {

inline constexpr uint8_t kSheetVersion = 2;
// 2 * kMaxScaledValue < 2^41.
inline constexpr int kMaxSheetBits = 41;
inline constexpr uint8_t kSheetBitmap = 0x80;
inline constexpr int32_t kDaysOfYear = 366;

}  // namespace shouwang
