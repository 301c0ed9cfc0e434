// The values of one subject and indicator over a year: n values, 1 to 366, as a tag byte and what
// its coding writes to streams, which all columns of a block share (block_format.h): zstd packs
// bytes of one kind better than all kinds mixed. Pure functions.
//
//   tag        bits 0..1  coding: 0 constant, 1 deltas, 2 runs, 3 packed
//              bits 2..4  e: every value was divided by 10^e (0 to 6) before coding, none was lost;
//                         7, of a constant: every value is 0
//              bits 5..6  presence, of the block format (block_format.h)
//              bit  7     and then by 5
//   constant   constants  zigzag value; nothing where the tag says 0
//   deltas     steps      n zigzags, each the difference to the value before it (the first to 0)
//   runs       steps      of each run until n, zigzag difference to the run before (the first to 0)
//              lengths    and varint length - 1
//   packed     lows       the least value as a zigzag number: its low 8 bits as a byte,
//              highs      varint the rest
//              widths     a byte w (1 to 56)
//              bits       n numbers of w bits, value less least, low bits first, filled up to a
//                         whole byte with zeros
//
// In blocks of version 1 all streams are one, a run's two numbers follow one another, the least
// value of a packed column is a varint and stands first, then w, then the bits; e is never 7 and
// bit 7 never set.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string>

#include "storage/blocks/bytes.h"

namespace shouwang {

inline constexpr size_t kMaxColumnPoints = 366;
inline constexpr uint8_t kPresenceShift = 5;

// In the order that they have in a block.
enum class Stream : uint8_t {
  kWidths,
  kHighs,
  kConstants,
  kSteps,
  kLengths,
  kBitmaps,  // of the block format
  kLows,
  kBits
};
inline constexpr size_t kStreams = 8;

class ColumnStreams {
 public:
  std::string& operator[](Stream stream) { return bytes_[static_cast<size_t>(stream)]; }
  const std::array<std::string, kStreams>& all() const { return bytes_; }

 private:
  std::array<std::string, kStreams> bytes_;
};

// Where to go on reading in each stream.
class ColumnReaders {
 public:
  explicit ColumnReaders(std::array<ByteReader, kStreams>* streams)
      : streams_(streams->data()), is_one_(false) {}
  // Of a block of version 1.
  explicit ColumnReaders(ByteReader* all) : streams_(all), is_one_(true) {}

  bool is_one() const { return is_one_; }
  ByteReader& operator[](Stream stream) const {
    return streams_[is_one_ ? 0 : static_cast<size_t>(stream)];
  }

 private:
  ByteReader* streams_;
  bool is_one_;
};

// Appends the shortest form and returns the tag but for its presence bits. Values lie within
// kMaxScaledValue.
uint8_t WriteColumn(std::span<const int64_t> values, ColumnStreams* out);

// Reads values.size() values; false for bytes that WriteColumn never writes: truncated, or a value
// beyond kMaxScaledValue.
bool ReadColumn(uint8_t tag, const ColumnReaders& in, std::span<int64_t> values);
// The same into cells of a window (storage/vocabulary/group_window.h): GroupWindow::kAbsent, which
// no value is, in the place of a value that does not fit.
bool ReadColumn(uint8_t tag, const ColumnReaders& in, std::span<int32_t> cells);
// Goes on behind a column of `count` values, not of version 1. False for some of the bytes that
// ReadColumn refuses.
bool SkipColumn(uint8_t tag, const ColumnReaders& in, size_t count);

}  // namespace shouwang
