// Which subjects of a group something is about, by their numbers within the group (0 to 255),
// ascending. On disk:
//
//   varint how many, n, 0 to 256; nothing more where it is 0
//   byte   the first
//   byte   0: the others follow it one by one; 1: listed, n - 1 bytes
//
// A view into the bytes it was read from, which must outlive it. A value; any thread.
#pragma once

#include <algorithm>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "storage/blocks/block_key.h"
#include "storage/blocks/bytes.h"

namespace shouwang {

class LowNumbers {
 public:
  // False for bytes that AppendLowNumbers never writes.
  bool Read(ByteReader* in) {
    size_ = in->Varint();
    others_ = {};
    first_ = 0;
    if (in->failed() || size_ > kSubjectsPerGroup) return false;
    if (size_ == 0) return true;
    first_ = in->Byte();
    const uint8_t listed = in->Byte();
    if (listed == 0) return !in->failed() && first_ + size_ <= kSubjectsPerGroup;
    if (listed != 1 || size_ < 2) return false;
    others_ = in->Bytes(size_ - 1);
    uint8_t before = first_;
    for (const char other : others_) {
      if (static_cast<uint8_t>(other) <= before) return false;
      before = static_cast<uint8_t>(other);
    }
    return !in->failed();
  }

  friend bool operator==(const LowNumbers&, const LowNumbers&) = default;

  size_t size() const { return size_; }
  uint8_t At(size_t index) const {
    if (index == 0 || others_.empty()) return static_cast<uint8_t>(first_ + index);
    return static_cast<uint8_t>(others_[index - 1]);
  }
  // Where the number stands.
  std::optional<size_t> Find(uint8_t low) const {
    if (size_ == 0 || low < first_) return std::nullopt;
    if (low == first_) return 0;
    if (others_.empty()) {
      const auto index = static_cast<size_t>(low - first_);
      return index < size_ ? std::optional(index) : std::nullopt;
    }
    const auto it = std::ranges::lower_bound(
        others_, low, {}, [](char other) { return static_cast<uint8_t>(other); });
    if (it == others_.end() || static_cast<uint8_t>(*it) != low) return std::nullopt;
    return static_cast<size_t>(it - others_.begin()) + 1;
  }

 private:
  size_t size_ = 0;
  uint8_t first_ = 0;
  std::string_view others_;  // where they are listed
};

inline void AppendLowNumbers(std::span<const uint8_t> lows, std::string* out) {
  AppendVarint(lows.size(), out);
  if (lows.empty()) return;
  const bool one_by_one = static_cast<size_t>(lows.back() - lows.front()) + 1 == lows.size();
  out->push_back(static_cast<char>(lows.front()));
  out->push_back(one_by_one ? '\0' : '\1');
  if (one_by_one) return;
  for (const uint8_t low : lows.subspan(1)) out->push_back(static_cast<char>(low));
}

}  // namespace shouwang
