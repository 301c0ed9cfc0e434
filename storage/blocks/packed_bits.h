// Numbers of one width, one behind the other, low bits first: what packed columns of blocks and
// columns of sheets are. Pure functions.
#pragma once

#include <cstddef>
#include <cstdint>

#include "storage/blocks/bytes.h"

namespace shouwang {

// Bytes that may be read behind the last number, whatever they are.
inline constexpr size_t kBytesBehindBits = 2 * sizeof(uint64_t);

// store(i, number) for each of `count` numbers of `width` (0 to 56) bits. Eight of a small width
// are whole bytes and lie in one or two words, from which a loop over lanes (lane_loops.h) takes
// them together.
template <typename Store>
inline void ForEachNumber(const char* bits, size_t width, size_t count, Store store) {
  const uint64_t mask = (uint64_t{1} << width) - 1;
  size_t first = 0;
  if (width <= 8) {
    for (; first + 8 <= count; first += 8, bits += width) {
      const uint64_t word = LoadWord(bits);
      for (size_t i = 0; i < 8; ++i) store(first + i, word >> (i * width) & mask);
    }
  } else if (width <= 16) {
    for (; first + 8 <= count; first += 8, bits += width) {
      const uint64_t low = LoadWord(bits);
      const uint64_t high = LoadWord(bits + width / 2) >> (width % 2 * 4);
      for (size_t i = 0; i < 4; ++i) store(first + i, low >> (i * width) & mask);
      for (size_t i = 0; i < 4; ++i) store(first + 4 + i, high >> (i * width) & mask);
    }
  }
  for (size_t bit = 0; first < count; ++first, bit += width) {
    store(first, LoadWord(bits + bit / 8) >> (bit % 8) & mask);
  }
}

}  // namespace shouwang
