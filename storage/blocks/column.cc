#include "storage/blocks/column.h"

#include <algorithm>
#include <array>
#include <cstring>

#include "storage/vocabulary/decimal.h"

namespace shouwang {
namespace {

enum Coding : uint8_t { kConstant = 0, kDeltas = 1, kRuns = 2, kPacked = 3 };

constexpr std::array<int64_t, 7> kPowersOfTen = {1, 10, 100, 1000, 10'000, 100'000, 1'000'000};
constexpr int kMaxPackedBits = 56;

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

// The largest e such that 10^e divides every value; 0 where all are 0.
uint8_t CommonPowerOfTen(std::span<const int64_t> values) {
  uint8_t exponent = kPowersOfTen.size() - 1;
  bool any = false;
  for (const int64_t value : values) {
    if (value == 0) continue;
    any = true;
    while (exponent > 0 && value % kPowersOfTen[exponent] != 0) --exponent;
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

bool ReadDeltas(ByteReader* body, std::span<int64_t> values) {
  uint64_t value = 0;
  for (int64_t& out : values) {
    value += static_cast<uint64_t>(body->ZigZag());
    out = static_cast<int64_t>(value);
  }
  return !body->failed();
}

bool ReadRuns(ByteReader* body, std::span<int64_t> values) {
  uint64_t value = 0;
  for (size_t i = 0; i < values.size();) {
    value += static_cast<uint64_t>(body->ZigZag());
    const uint64_t more = body->Varint();
    if (body->failed() || more >= values.size() - i) return false;
    std::fill_n(values.begin() + static_cast<std::ptrdiff_t>(i), more + 1,
                static_cast<int64_t>(value));
    i += more + 1;
  }
  return true;
}

bool ReadPacked(ByteReader* body, std::span<int64_t> values) {
  const auto least = static_cast<uint64_t>(body->ZigZag());
  const int width = body->Byte();
  if (width < 1 || width > kMaxPackedBits) return false;
  const std::string_view bytes = body->Bytes((values.size() * static_cast<size_t>(width) + 7) / 8);
  if (body->failed()) return false;
  const uint64_t mask = (uint64_t{1} << width) - 1;
  uint64_t bits = 0;
  int held = 0;
  const char* at = bytes.data();
  for (int64_t& value : values) {
    while (held < width) {
      bits |= static_cast<uint64_t>(static_cast<uint8_t>(*at++)) << held;
      held += 8;
    }
    value = static_cast<int64_t>(least + (bits & mask));
    bits >>= width;
    held -= width;
  }
  return true;
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
  bool read = false;
  switch (tag & 3) {
    case kConstant:
      std::ranges::fill(values, body->ZigZag());
      read = !body->failed();
      break;
    case kDeltas:
      read = ReadDeltas(body, values);
      break;
    case kRuns:
      read = ReadRuns(body, values);
      break;
    default:
      read = ReadPacked(body, values);
      break;
  }
  if (!read) return false;
  const int64_t limit = kMaxScaledValue / kPowersOfTen[exponent];
  int64_t least = 0;
  int64_t most = 0;
  for (const int64_t value : values) {
    least = std::min(least, value);
    most = std::max(most, value);
  }
  if (least < -limit || most > limit) return false;
  if (exponent > 0) {
    for (int64_t& value : values) value *= kPowersOfTen[exponent];
  }
  return true;
}

}  // namespace shouwang
