#include "storage/blocks/column.h"

#include <algorithm>
#include <array>
#include <bit>

#include "storage/blocks/packed_bits.h"
#include "storage/vocabulary/decimal.h"
#include "storage/vocabulary/group_window.h"
#include "storage/vocabulary/lane_loops.h"

namespace shouwang {
namespace {

enum Coding : uint8_t { kConstant = 0, kDeltas = 1, kRuns = 2, kPacked = 3 };

constexpr std::array<int64_t, 7> kPowersOfTen = {1, 10, 100, 1000, 10'000, 100'000, 1'000'000};
constexpr uint8_t kByFive = 0x80;
// In the place of an exponent.
constexpr uint8_t kAllZero = 7;
// Of fewer different values in a row that 5 divides, it does so by chance.
constexpr size_t kFewRuns = 4;
constexpr size_t kMaxPackedBits = 56;

struct Shape {
  int64_t least = 0;
  int64_t most = 0;
  size_t runs = 1;
};

Shape ShapeOf(std::span<const int64_t> values) {
  Shape shape{values[0], values[0]};
  for (size_t i = 1; i < values.size(); ++i) {
    shape.least = std::min(shape.least, values[i]);
    shape.most = std::max(shape.most, values[i]);
    shape.runs += values[i] != values[i - 1] ? 1 : 0;
  }
  return shape;
}

// What the codings take that are written number by number.
struct Cost {
  size_t deltas_bytes = 0;
  size_t runs_bytes = 0;
};

Cost CostOf(std::span<const int64_t> values) {
  Cost cost;
  int64_t previous = 0;
  size_t run = 0;
  for (size_t i = 0; i < values.size(); ++i) {
    const size_t bytes = VarintBytes(ZigZag(values[i] - previous));
    cost.deltas_bytes += bytes;
    if (i == 0 || values[i] != previous) {
      if (run > 0) cost.runs_bytes += VarintBytes(run - 1);
      cost.runs_bytes += bytes;
      run = 0;
    }
    ++run;
    previous = values[i];
  }
  cost.runs_bytes += VarintBytes(run - 1);
  return cost;
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
  uint64_t ones = 0;
  for (const int64_t value : values) ones |= static_cast<uint64_t>(value);
  if (ones == 0) return 0;
  // Nor does a power of ten divide what its power of two does not.
  auto exponent = static_cast<uint8_t>(
      std::min<size_t>(kPowersOfTen.size() - 1, static_cast<size_t>(std::countr_zero(ones))));
  for (size_t i = 0; exponent > 0 && i < values.size(); ++i) {
    exponent = PowerOfTenIn(values[i], exponent);
  }
  return exponent;
}

// Division by 2^twos 5^fives of what they divide, without dividing: by shifting, and multiplying
// with the number that makes 5^fives 1 modulo 2^64.
class ExactDivision {
 public:
  constexpr ExactDivision(int twos, int fives) : twos_(twos) {
    for (; fives > 0; --fives) inverse_ *= kInverseOfFive;
  }
  int64_t operator()(int64_t value) const {
    return static_cast<int64_t>(static_cast<uint64_t>(value >> twos_) * inverse_);
  }

 private:
  static constexpr uint64_t kInverseOfFive = 0xcccc'cccc'cccc'cccd;
  static_assert(kInverseOfFive * 5 == 1);
  int twos_;
  uint64_t inverse_ = 1;
};

// Halves of round amounts are as common as round ones.
bool AreFives(std::span<const int64_t> values) {
  return std::ranges::all_of(values, [](int64_t value) { return value % 5 == 0; });
}

uint8_t WriteConstant(int64_t value, ColumnStreams* out) {
  if (value == 0) return kConstant | kAllZero << 2;
  const uint8_t exponent = CommonPowerOfTen({&value, 1});
  AppendZigZag(value / kPowersOfTen[exponent], &(*out)[Stream::kConstants]);
  return static_cast<uint8_t>(kConstant | exponent << 2);
}

void WriteDeltas(std::span<const int64_t> values, std::string* out) {
  int64_t previous = 0;
  for (const int64_t value : values) {
    AppendZigZag(value - previous, out);
    previous = value;
  }
}

void WriteRuns(std::span<const int64_t> values, ColumnStreams* out) {
  int64_t previous = 0;
  for (size_t i = 0; i < values.size();) {
    size_t end = i + 1;
    while (end < values.size() && values[end] == values[i]) ++end;
    AppendZigZag(values[i] - previous, &(*out)[Stream::kSteps]);
    AppendVarint(end - i - 1, &(*out)[Stream::kLengths]);
    previous = values[i];
    i = end;
  }
}

void WriteLeast(int64_t least, ColumnStreams* out) {
  const uint64_t number = ZigZag(least);
  (*out)[Stream::kLows].push_back(static_cast<char>(number));
  AppendVarint(number >> 8, &(*out)[Stream::kHighs]);
}

void WriteBits(std::span<const int64_t> values, int64_t least, int width, std::string* out) {
  std::array<char, kMaxColumnPoints * sizeof(int64_t)> buffer;
  char* at = buffer.data();
  uint64_t bits = 0;
  int held = 0;
  for (const int64_t value : values) {
    bits |= static_cast<uint64_t>(value - least) << held;
    held += width;
    while (held >= 8) {
      *at++ = static_cast<char>(bits);
      bits >>= 8;
      held -= 8;
    }
  }
  if (held > 0) *at++ = static_cast<char>(bits);
  out->append(buffer.data(), static_cast<size_t>(at - buffer.data()));
}

// Values of a column as they were before they were divided, held to their limit.
class Scale {
 public:
  constexpr explicit Scale(int64_t factor) : factor_(factor), limit_(kMaxScaledValue / factor) {}
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

// By power of ten, and whether by five, too: no column waits for a division.
constexpr std::array<std::array<Scale, 2>, kPowersOfTen.size()> kScales = [] {
  return []<size_t... kExponents>(std::index_sequence<kExponents...>) {
    return std::array<std::array<Scale, 2>, sizeof...(kExponents)>{
        {{Scale(kPowersOfTen[kExponents]), Scale(kPowersOfTen[kExponents] * 5)}...}};
  }
  (std::make_index_sequence<kPowersOfTen.size()>{});
}();

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

bool ReadRuns(const ColumnReaders& in, const Scale& scale, std::span<int64_t> values) {
  ByteReader& steps = in[Stream::kSteps];
  ByteReader& lengths = in[Stream::kLengths];
  uint64_t value = 0;
  for (size_t i = 0; i < values.size();) {
    value += static_cast<uint64_t>(steps.ZigZag());
    const uint64_t more = lengths.Varint();
    if (steps.failed() || lengths.failed()) return false;
    if (scale.IsBeyond(value) || more >= values.size() - i) return false;
    const int64_t scaled = scale.Times(value);
    for (const size_t end = i + more + 1; i < end; ++i) values[i] = scaled;
  }
  return true;
}

bool ReadLeast(const ColumnReaders& in, uint64_t* least) {
  ByteReader& highs = in[Stream::kHighs];
  if (in.is_one()) {
    *least = static_cast<uint64_t>(highs.ZigZag());
    return !highs.failed();
  }
  ByteReader& lows = in[Stream::kLows];
  const uint64_t high = highs.Varint();
  *least = static_cast<uint64_t>(UnZigZag(high << 8 | lows.Byte()));
  return !highs.failed() && !lows.failed() && high >> 56 == 0;
}

// A packed column but for its numbers.
struct Packed {
  uint64_t least = 0;
  size_t width = 0;
  uint64_t mask = 0;
  const char* bits = nullptr;
  const char* end = nullptr;  // of all that may be read
  // Whether whole words may be read (most columns are not the last in the block) and no number of
  // this width would make a value beyond the limit.
  bool plain = false;
};

bool OpenPacked(const ColumnReaders& in, const Scale& scale, size_t count, Packed* packed) {
  if (!ReadLeast(in, &packed->least) || scale.IsBeyond(packed->least)) return false;
  packed->width = in[Stream::kWidths].Byte();
  if (packed->width < 1 || packed->width > kMaxPackedBits) return false;
  packed->mask = (uint64_t{1} << packed->width) - 1;
  ByteReader& bits = in[Stream::kBits];
  packed->bits = bits.Bytes((count * packed->width + 7) / 8).data();
  packed->end = bits.end();
  packed->plain =
      bits.remaining() >= kBytesBehindBits && !scale.IsBeyond(packed->least + packed->mask);
  return !bits.failed();
}

template <typename Number>
SHOUWANG_LANE_LOOPS void Unpack(const Packed& packed, const Scale& scale,
                                std::span<Number> values) {
  Number* __restrict const out = values.data();
  ForEachNumber(packed.bits, packed.width, values.size(),
                [out, scale, least = packed.least](size_t i, uint64_t more) {
                  out[i] = static_cast<Number>(scale.Times(least + more));
                });
}

bool UnpackChecked(const Packed& packed, const Scale& scale, std::span<int64_t> values) {
  if (packed.plain) {
    Unpack(packed, scale, values);
    return true;
  }
  bool beyond = false;
  for (size_t i = 0; i < values.size(); ++i) {
    const size_t bit = i * packed.width;
    const uint64_t word = LoadWord(packed.bits + bit / 8, packed.end);
    const uint64_t value = packed.least + (word >> (bit % 8) & packed.mask);
    beyond |= scale.IsBeyond(value);
    values[i] = scale.Times(value);
  }
  return !beyond;
}

bool SkipVarints(ByteReader* in, size_t count) {
  for (; count > 0; --count) in->Varint();
  return !in->failed();
}

bool SkipRuns(const ColumnReaders& in, size_t count) {
  ByteReader& steps = in[Stream::kSteps];
  ByteReader& lengths = in[Stream::kLengths];
  for (size_t i = 0; i < count;) {
    steps.Varint();
    const uint64_t more = lengths.Varint();
    if (steps.failed() || lengths.failed() || more >= count - i) return false;
    i += more + 1;
  }
  return true;
}

bool SkipPacked(const ColumnReaders& in, size_t count) {
  in[Stream::kHighs].Varint();
  in[Stream::kLows].Byte();
  const size_t width = in[Stream::kWidths].Byte();
  if (width < 1 || width > kMaxPackedBits) return false;
  in[Stream::kBits].Bytes((count * width + 7) / 8);
  return !in[Stream::kHighs].failed() && !in[Stream::kLows].failed() && !in[Stream::kBits].failed();
}

}  // namespace

uint8_t WriteColumn(std::span<const int64_t> values, ColumnStreams* out) {
  // Most columns of counts do not change in a year.
  if (std::ranges::all_of(values, [&](int64_t value) { return value == values[0]; })) {
    return WriteConstant(values[0], out);
  }
  std::array<int64_t, kMaxColumnPoints> divided;
  const uint8_t exponent = CommonPowerOfTen(values);
  auto scale = static_cast<uint8_t>(exponent << 2);
  const auto divide = [&](ExactDivision division) {
    std::ranges::transform(values, divided.begin(), division);
    values = std::span(divided).first(values.size());
  };
  if (exponent > 0) divide(ExactDivision(exponent, exponent));
  Shape shape = ShapeOf(values);
  if (shape.runs >= kFewRuns && AreFives(values)) {
    scale |= kByFive;
    divide(ExactDivision(0, 1));
    shape.least /= 5;
    shape.most /= 5;
  }
  const int width = 64 - __builtin_clzll(static_cast<uint64_t>(shape.most - shape.least));
  const size_t packed_bytes =
      VarintBytes(ZigZag(shape.least)) + 1 + (values.size() * static_cast<size_t>(width) + 7) / 8;
  // A delta takes a byte at least, a run two.
  const bool surely = packed_bytes < std::min(values.size(), 2 * shape.runs);
  const Cost cost = surely ? Cost{values.size(), 2 * shape.runs} : CostOf(values);
  if (packed_bytes < std::min(cost.runs_bytes, cost.deltas_bytes)) {
    WriteLeast(shape.least, out);
    (*out)[Stream::kWidths].push_back(static_cast<char>(width));
    WriteBits(values, shape.least, width, &(*out)[Stream::kBits]);
    return kPacked | scale;
  }
  if (cost.runs_bytes < cost.deltas_bytes) {
    WriteRuns(values, out);
    return kRuns | scale;
  }
  WriteDeltas(values, &(*out)[Stream::kSteps]);
  return kDeltas | scale;
}

bool ReadColumn(uint8_t tag, const ColumnReaders& in, std::span<int64_t> values) {
  const size_t exponent = (tag >> 2) & 7;
  if (exponent == kAllZero) {
    std::ranges::fill(values, 0);
    return (tag & (kByFive | 3)) == kConstant && !in.is_one();
  }
  const Scale& scale = kScales[exponent][tag >> 7];
  switch (tag & 3) {
    case kConstant:
      return ReadConstant(&in[Stream::kConstants], scale, values);
    case kDeltas:
      return ReadDeltas(&in[Stream::kSteps], scale, values);
    case kRuns:
      return ReadRuns(in, scale, values);
    default:
      Packed packed;
      return OpenPacked(in, scale, values.size(), &packed) && UnpackChecked(packed, scale, values);
  }
}

bool ReadColumn(uint8_t tag, const ColumnReaders& in, std::span<int32_t> cells) {
  const size_t exponent = (tag >> 2) & 7;
  const bool is_constant = (tag & 3) == kConstant;
  std::array<int64_t, kMaxColumnPoints> buffer;
  const std::span values = std::span(buffer).first(is_constant ? 1 : cells.size());
  if ((tag & 3) == kPacked && exponent != kAllZero) {
    const Scale& scale = kScales[exponent][tag >> 7];
    Packed packed;
    if (!OpenPacked(in, scale, cells.size(), &packed)) return false;
    if (packed.plain && GroupWindow::Fits(scale.Times(packed.least)) &&
        GroupWindow::Fits(scale.Times(packed.least + packed.mask))) {
      Unpack(packed, scale, cells);
      return true;
    }
    if (!UnpackChecked(packed, scale, values)) return false;
  } else if (!ReadColumn(tag, in, values)) {
    return false;
  }
  const auto cell_of = [](int64_t value) {
    return GroupWindow::Fits(value) ? static_cast<int32_t>(value) : GroupWindow::kAbsent;
  };
  if (is_constant) {
    std::ranges::fill(cells, cell_of(values[0]));
  } else {
    std::ranges::transform(values, cells.begin(), cell_of);
  }
  return true;
}

bool SkipColumn(uint8_t tag, const ColumnReaders& in, size_t count) {
  switch (tag & 3) {
    case kConstant:
      return ((tag >> 2) & 7) == kAllZero || SkipVarints(&in[Stream::kConstants], 1);
    case kDeltas:
      return SkipVarints(&in[Stream::kSteps], count);
    case kRuns:
      return SkipRuns(in, count);
    default:
      return SkipPacked(in, count);
  }
}

}  // namespace shouwang
