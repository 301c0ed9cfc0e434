#include "storage/blocks/column.h"

#include <algorithm>
#include <array>
#include <cstring>

#include "storage/vocabulary/decimal.h"

namespace shouwang {
namespace {

enum Coding : uint8_t { kConstant = 0, kDeltas = 1, kRuns = 2, kPacked = 3 };

constexpr std::array<int64_t, 7> kPowersOfTen = {1, 10, 100, 1000, 10'000, 100'000, 1'000'000};
constexpr size_t kMaxPackedBits = 56;

// What each coding would cost.
struct Shape {
  int64_t least = 0;
  int64_t most = 0;
  size_t runs = 0;
  size_t deltas_bytes = 0;
  size_t runs_bytes = 0;
};

Shape Measure(std::span<const int64_t> values) {
  Shape shape{values[0], values[0]};
  int64_t previous = 0;
  size_t run = 0;
  for (size_t i = 0; i < values.size(); ++i) {
    shape.least = std::min(shape.least, values[i]);
    shape.most = std::max(shape.most, values[i]);
    const size_t bytes = VarintBytes(ZigZag(values[i] - previous));
    shape.deltas_bytes += bytes;
    if (i == 0 || values[i] != previous) {
      if (run > 0) shape.runs_bytes += VarintBytes(run - 1);
      shape.runs_bytes += bytes;
      ++shape.runs;
      run = 0;
    }
    ++run;
    previous = values[i];
  }
  shape.runs_bytes += VarintBytes(run - 1);
  return shape;
}

// The largest e of at most `exponent` such that 10^e divides `value`. Divisors are constants, which
// compilers divide by without dividing.
uint8_t PowerOfTenIn(int64_t value, uint8_t exponent) {
  switch (exponent) {
    case 6:
      if (value % 1'000'000 == 0) return 6;
      [[fallthrough]];
    case 5:
      if (value % 100'000 == 0) return 5;
      [[fallthrough]];
    case 4:
      if (value % 10'000 == 0) return 4;
      [[fallthrough]];
    case 3:
      if (value % 1'000 == 0) return 3;
      [[fallthrough]];
    case 2:
      if (value % 100 == 0) return 2;
      [[fallthrough]];
    case 1:
      if (value % 10 == 0) return 1;
      [[fallthrough]];
    default:
      return 0;
  }
}

// The largest e such that 10^e divides every value; 0 where all are 0.
uint8_t CommonPowerOfTen(std::span<const int64_t> values) {
  uint8_t exponent = kPowersOfTen.size() - 1;
  bool any = false;
  for (const int64_t value : values) {
    if (value == 0) continue;
    any = true;
    exponent = PowerOfTenIn(value, exponent);
    if (exponent == 0) return 0;
  }
  return any ? exponent : uint8_t{0};
}

char* WriteDeltas(std::span<const int64_t> values, char* out) {
  int64_t previous = 0;
  for (const int64_t value : values) {
    out = PutVarint(ZigZag(value - previous), out);
    previous = value;
  }
  return out;
}

char* WriteRuns(std::span<const int64_t> values, char* out) {
  int64_t previous = 0;
  for (size_t i = 0; i < values.size();) {
    size_t end = i + 1;
    while (end < values.size() && values[end] == values[i]) ++end;
    out = PutVarint(ZigZag(values[i] - previous), out);
    out = PutVarint(end - i - 1, out);
    previous = values[i];
    i = end;
  }
  return out;
}

char* WritePacked(std::span<const int64_t> values, int64_t least, int width, char* out) {
  out = PutVarint(ZigZag(least), out);
  *out++ = static_cast<char>(width);
  uint64_t bits = 0;
  int held = 0;
  for (const int64_t value : values) {
    bits |= static_cast<uint64_t>(value - least) << held;
    held += width;
    while (held >= 8) {
      *out++ = static_cast<char>(bits);
      bits >>= 8;
      held -= 8;
    }
  }
  if (held > 0) *out++ = static_cast<char>(bits);
  return out;
}

// Values of a column as they were before they were divided, held to their limit.
class Scale {
 public:
  explicit Scale(size_t exponent)
      : factor_(kPowersOfTen[exponent]), limit_(kMaxScaledValue / kPowersOfTen[exponent]) {}
  bool IsBeyond(uint64_t value) const {
    return value + static_cast<uint64_t>(limit_) > 2 * static_cast<uint64_t>(limit_);
  }
  int64_t Times(uint64_t value) const {
    return static_cast<int64_t>(value * static_cast<uint64_t>(factor_));
  }

 private:
  int64_t factor_;
  int64_t limit_;
};

bool ReadConstant(ByteReader* body, const Scale& scale, std::span<int64_t> values) {
  const auto value = static_cast<uint64_t>(body->ZigZag());
  if (body->failed() || scale.IsBeyond(value)) return false;
  std::ranges::fill(values, scale.Times(value));
  return true;
}

bool ReadDeltas(ByteReader* body, const Scale& scale, std::span<int64_t> values) {
  uint64_t value = 0;
  bool beyond = false;
  if (body->remaining() >= values.size() * kMaxVarintBytes) {
    const char* at = body->at();
    for (int64_t& out : values) {
      uint64_t delta = 0;
      at = GetVarint(at, &delta);
      if (at == nullptr) return false;
      value += static_cast<uint64_t>(UnZigZag(delta));
      beyond |= scale.IsBeyond(value);
      out = scale.Times(value);
    }
    body->GoOnAt(at);
    return !beyond;
  }
  for (int64_t& out : values) {
    value += static_cast<uint64_t>(body->ZigZag());
    beyond |= scale.IsBeyond(value);
    out = scale.Times(value);
  }
  return !beyond && !body->failed();
}

bool ReadRuns(ByteReader* body, const Scale& scale, std::span<int64_t> values) {
  uint64_t value = 0;
  for (size_t i = 0; i < values.size();) {
    value += static_cast<uint64_t>(body->ZigZag());
    const uint64_t more = body->Varint();
    if (body->failed() || scale.IsBeyond(value) || more >= values.size() - i) return false;
    const int64_t scaled = scale.Times(value);
    for (const size_t end = i + more + 1; i < end; ++i) values[i] = scaled;
  }
  return true;
}

bool ReadPacked(ByteReader* body, const Scale& scale, std::span<int64_t> values) {
  const auto least = static_cast<uint64_t>(body->ZigZag());
  const size_t width = body->Byte();
  if (width < 1 || width > kMaxPackedBits || scale.IsBeyond(least)) return false;
  const char* bits = body->Bytes((values.size() * width + 7) / 8).data();
  if (body->failed()) return false;
  const uint64_t mask = (uint64_t{1} << width) - 1;
  bool beyond = false;
  for (size_t i = 0; i < values.size(); ++i) {
    const size_t bit = i * width;
    const uint64_t value = least + (LoadWord(bits + bit / 8, body->end()) >> (bit % 8) & mask);
    beyond |= scale.IsBeyond(value);
    values[i] = scale.Times(value);
  }
  return !beyond;
}

}  // namespace

char* WriteColumn(std::span<const int64_t> values, uint8_t* tag, char* out) {
  if (values.size() == 1) {
    // Most of an operand's columns; looking for a power of ten would cost more than it saves.
    *tag = kConstant;
    return PutVarint(ZigZag(values[0]), out);
  }
  std::array<int64_t, kMaxColumnPoints> divided;
  divided[0] = 0;
  const uint8_t exponent = CommonPowerOfTen(values);
  if (exponent > 0) {
    for (size_t i = 0; i < values.size(); ++i) divided[i] = values[i] / kPowersOfTen[exponent];
    values = std::span(divided).first(values.size());
  }
  const Shape shape = Measure(values);
  const uint8_t scale = static_cast<uint8_t>(exponent << 2);
  if (shape.runs == 1) {
    *tag = kConstant | scale;
    return PutVarint(ZigZag(values[0]), out);
  }
  const int width = 64 - __builtin_clzll(static_cast<uint64_t>(shape.most - shape.least));
  const size_t packed_bytes =
      VarintBytes(ZigZag(shape.least)) + 1 + (values.size() * static_cast<size_t>(width) + 7) / 8;
  if (packed_bytes < std::min(shape.runs_bytes, shape.deltas_bytes)) {
    *tag = kPacked | scale;
    return WritePacked(values, shape.least, width, out);
  }
  if (shape.runs_bytes < shape.deltas_bytes) {
    *tag = kRuns | scale;
    return WriteRuns(values, out);
  }
  *tag = kDeltas | scale;
  return WriteDeltas(values, out);
}

bool ReadColumn(uint8_t tag, ByteReader* body, std::span<int64_t> values) {
  const size_t exponent = (tag >> 2) & 7;
  if ((tag & 0x80) != 0 || exponent >= kPowersOfTen.size()) return false;
  const Scale scale(exponent);
  switch (tag & 3) {
    case kConstant:
      return ReadConstant(body, scale, values);
    case kDeltas:
      return ReadDeltas(body, scale, values);
    case kRuns:
      return ReadRuns(body, scale, values);
    default:
      return ReadPacked(body, scale, values);
  }
}

}  // namespace shouwang
