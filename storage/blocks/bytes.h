// Varints and a bounded reader: the alphabet that everything on disk is written in.
//
// varint    7 bits a byte, low bits first, the high bit set on all but the last; at most 10 bytes
// zigzag    a signed number as a varint: 0, -1, 1, -2, ... become 0, 1, 2, 3, ...
//
// A ByteReader never reads past its end: the first read that would fails it, and from then on every
// read gives 0, so a caller may check once after a run of reads. A value; one thread at a time.
#pragma once

#include <bit>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>

namespace shouwang {

inline constexpr size_t kMaxVarintBytes = 10;

inline uint64_t ZigZag(int64_t value) {
  return (static_cast<uint64_t>(value) << 1) ^ static_cast<uint64_t>(value >> 63);
}
inline int64_t UnZigZag(uint64_t value) {
  return static_cast<int64_t>((value >> 1) ^ (0 - (value & 1)));
}

// Differences that are written wrap around, and the sums that undo them too, whatever the bytes.
inline int64_t WrappingAdd(int64_t a, int64_t b) {
  return static_cast<int64_t>(static_cast<uint64_t>(a) + static_cast<uint64_t>(b));
}
inline int64_t WrappingSubtract(int64_t a, int64_t b) {
  return static_cast<int64_t>(static_cast<uint64_t>(a) - static_cast<uint64_t>(b));
}

inline size_t VarintBytes(uint64_t value) {
  return (static_cast<size_t>(64 - __builtin_clzll(value | 1)) + 6) / 7;
}

// Writes at `out`, which has room for kMaxVarintBytes; returns the end of what was written.
inline char* PutVarint(uint64_t value, char* out) {
  while (value >= 0x80) {
    *out++ = static_cast<char>(value | 0x80);
    value >>= 7;
  }
  *out++ = static_cast<char>(value);
  return out;
}

inline void AppendVarint(uint64_t value, std::string* out) {
  char buffer[kMaxVarintBytes];
  out->append(buffer, static_cast<size_t>(PutVarint(value, buffer) - buffer));
}
inline void AppendZigZag(int64_t value, std::string* out) { AppendVarint(ZigZag(value), out); }

// Reads a varint whose kMaxVarintBytes may all be read; nullptr for one that is longer.
inline const char* GetVarint(const char* at, uint64_t* value) {
  uint64_t byte = static_cast<uint8_t>(*at++);
  *value = byte & 0x7f;
  for (int shift = 7; byte >= 0x80; shift += 7) {
    byte = static_cast<uint8_t>(*at++);
    if (shift == 63 && byte > 1) return nullptr;
    *value |= (byte & 0x7f) << shift;
  }
  return at;
}

// Eight bytes, low byte first.
inline uint64_t LoadWord(const char* at) {
  uint64_t word = 0;
  std::memcpy(&word, at, sizeof word);
  if constexpr (std::endian::native == std::endian::big) word = __builtin_bswap64(word);
  return word;
}

// Likewise, with zeros in the place of those from `end` on.
inline uint64_t LoadWord(const char* at, const char* end) {
  if (end - at >= 8) return LoadWord(at);
  uint64_t word = 0;
  for (int shift = 0; at < end; shift += 8) {
    word |= static_cast<uint64_t>(static_cast<uint8_t>(*at++)) << shift;
  }
  return word;
}

// A varint length and then the bytes.
inline void AppendBytes(std::string_view bytes, std::string* out) {
  AppendVarint(bytes.size(), out);
  out->append(bytes);
}

class ByteReader {
 public:
  ByteReader() : ByteReader(std::string_view()) {}
  // `bytes` must outlive the reader.
  explicit ByteReader(std::string_view bytes)
      : begin_(bytes.data()), at_(bytes.data()), end_(bytes.data() + bytes.size()) {}

  bool failed() const { return failed_; }
  // Where the next read begins, or where the first failed one did.
  size_t offset() const { return static_cast<size_t>(at_ - begin_); }
  size_t remaining() const { return failed_ ? 0 : static_cast<size_t>(end_ - at_); }
  bool done() const { return !failed_ && at_ == end_; }

  uint8_t Byte() {
    if (remaining() < 1) return Fail();
    return static_cast<uint8_t>(*at_++);
  }

  uint64_t Varint() {
    if (!failed_ && at_ < end_ && static_cast<uint8_t>(*at_) < 0x80) {
      return static_cast<uint8_t>(*at_++);
    }
    return LongVarint();
  }

  int64_t ZigZag() { return UnZigZag(Varint()); }

  // Empty and failed if there are fewer than `count`.
  std::string_view Bytes(size_t count) {
    if (remaining() < count) {
      Fail();
      return {};
    }
    const std::string_view bytes(at_, count);
    at_ += count;
    return bytes;
  }

  // What is left, and how to go on after what was read of it.
  const char* at() const { return at_; }
  const char* end() const { return failed_ ? at_ : end_; }
  void GoOnAt(const char* at) { at_ = at; }

  // What AppendBytes wrote.
  std::string_view LengthAndBytes() { return Bytes(Varint()); }

  uint8_t Fail() {
    failed_ = true;
    return 0;
  }

 private:
  uint64_t LongVarint() {
    uint64_t value = 0;
    const char* at = at_;
    for (int shift = 0; !failed_ && at < end_ && shift < 64; shift += 7) {
      const uint64_t byte = static_cast<uint8_t>(*at++);
      if (shift == 63 && byte > 1) break;
      value |= (byte & 0x7f) << shift;
      if (byte < 0x80) {
        at_ = at;
        return value;
      }
    }
    return Fail();
  }

  const char* begin_;
  const char* at_;
  const char* end_;
  bool failed_ = false;
};

}  // namespace shouwang
