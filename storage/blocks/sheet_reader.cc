#include "storage/blocks/sheet_reader.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "storage/blocks/checksum.h"
#include "storage/blocks/packed_bits.h"
#include "storage/vocabulary/decimal.h"
#include "storage/vocabulary/lane_loops.h"

namespace shouwang {
namespace {

SHOUWANG_LANE_LOOPS void Unpack(const char* bits, size_t width, int32_t least,
                                std::span<int32_t> cells) {
  int32_t* __restrict const out = cells.data();
  ForEachNumber(bits, width, cells.size(),
                [=](size_t i, uint64_t more) { out[i] = least + static_cast<int32_t>(more); });
}

}  // namespace

absl::Status SheetReader::Open(std::string_view bytes, const BlockKey& key) {
  const auto damaged = [&](size_t offset, std::string_view what) {
    return absl::DataLossError(
        fmt::format("{} is damaged: a sheet has {} at byte {}", key.ToString(), what, offset));
  };
  if (!IsSealed(bytes)) return damaged(bytes.size(), "no checksum that matches");
  ByteReader in(bytes.substr(0, bytes.size() - kChecksumBytes));
  end_ = bytes.data() + bytes.size();
  if (in.Byte() != kSheetVersion) return damaged(0, "another version");
  const uint64_t day = in.Varint();
  if (day >= kDaysOfYear) return damaged(in.offset(), "no such day");
  date_ = key.FirstDay() + static_cast<int32_t>(day);
  if (!ReadArrival(&in)) return damaged(in.offset(), "a bad arrival");
  if (!subjects_.Read(&in) || subjects_.size() == 0) return damaged(in.offset(), "bad subjects");
  if (!ReadIndicators(&in)) return damaged(in.offset(), "bad indicators");
  if (!ReadColumns(&in)) return damaged(in.offset(), "bad values");
  return absl::OkStatus();
}

bool SheetReader::ReadArrival(ByteReader* in) {
  const int64_t known_at = in->ZigZag();
  const int64_t reported_at = WrappingAdd(known_at, in->ZigZag());
  const auto batch = static_cast<uint64_t>(in->ZigZag());
  const uint8_t source = in->Byte();
  arrival_ =
      Arrival{Instant(std::chrono::milliseconds(reported_at)),
              Instant(std::chrono::milliseconds(known_at)), batch, static_cast<Source>(source)};
  return !in->failed() && source >= 1 && source <= 3;
}

bool SheetReader::ReadIndicators(ByteReader* in) {
  const uint64_t count = in->Varint();
  if (count < 1 || count > in->remaining()) return false;
  indicators_.clear();
  uint64_t indicator = 0;
  for (uint64_t i = 0; i < count; ++i) {
    const uint64_t step = in->Varint();
    if (step < 1 || step > 65535 - indicator) return false;
    indicator += step;
    indicators_.push_back(static_cast<IndicatorId>(indicator));
  }
  return !in->failed();
}

bool SheetReader::ReadColumns(ByteReader* in) {
  columns_.clear();
  const size_t subjects = subjects_.size();
  bool all = false;
  std::array<char, kSubjectsPerGroup / 8> any{};
  for (size_t i = 0; i < indicators_.size(); ++i) {
    Column& column = columns_.emplace_back();
    if (!ReadColumn(in, &column)) return false;
    if (column.bitmap == nullptr) all = true;
    if (all) continue;
    for (size_t byte = 0; byte < (subjects + 7) / 8; ++byte) {
      any[byte] = static_cast<char>(any[byte] | column.bitmap[byte]);
    }
  }
  return in->done() && (all || CountBits(any.data(), subjects) == subjects);
}

bool SheetReader::ReadColumn(ByteReader* in, Column* column) {
  const uint8_t head = in->Byte();
  column->width = head & ~kSheetBitmap;
  column->least = in->ZigZag();
  if (column->width > kMaxSheetBits) return false;
  column->mask = (uint64_t{1} << column->width) - 1;
  size_t count = subjects_.size();
  if ((head & kSheetBitmap) != 0) {
    const std::string_view bitmap = in->Bytes((subjects_.size() + 7) / 8);
    if (in->failed()) return false;
    column->bitmap = bitmap.data();
    count = CountBits(bitmap.data(), subjects_.size());
    if (count == 0) return false;
  }
  column->values = in->Bytes((count * column->width + 7) / 8).data();
  if (in->failed() || column->least < -kMaxScaledValue || column->least > kMaxScaledValue) {
    return false;
  }
  if (column->least + static_cast<int64_t>(column->mask) <= kMaxScaledValue) return true;
  // Some numbers of this width would be too large; none that is there may be.
  for (size_t place = 0; place < count; ++place) {
    const size_t bit = place * column->width;
    const uint64_t more = LoadWord(column->values + bit / 8, end_) >> (bit % 8) & column->mask;
    if (column->least + static_cast<int64_t>(more) > kMaxScaledValue) return false;
  }
  return true;
}

bool SheetReader::ReadInto(size_t column, std::span<const uint16_t> lanes, int32_t* cells) const {
  const Column& c = columns_[column];
  size_t bit = 0;
  bool fits = true;
  for (size_t index = 0; index < lanes.size(); ++index) {
    if (c.bitmap != nullptr && (c.bitmap[index / 8] >> (index % 8) & 1) == 0) continue;
    const uint64_t more = LoadWord(c.values + bit / 8, end_) >> (bit % 8) & c.mask;
    const int64_t value = c.least + static_cast<int64_t>(more);
    fits = fits && GroupWindow::Fits(value);
    cells[lanes[index]] = static_cast<int32_t>(value);
    bit += c.width;
  }
  return fits;
}

bool SheetReader::ReadInto(size_t column, int32_t* cells) const {
  const Column& c = columns_[column];
  const auto bytes = static_cast<size_t>(end_ - c.values);
  const bool fits =
      GroupWindow::Fits(c.least) && GroupWindow::Fits(c.least + static_cast<int64_t>(c.mask));
  if (c.bitmap != nullptr || !fits || bytes < size() * c.width / 8 + kBytesBehindBits) return false;
  Unpack(c.values, c.width, static_cast<int32_t>(c.least), {cells, size()});
  return true;
}

size_t SheetReader::CountBits(const char* bits, size_t count) {
  size_t set = 0;
  for (; count >= 8; count -= 8) {
    set += static_cast<size_t>(__builtin_popcount(static_cast<uint8_t>(*bits++)));
  }
  if (count > 0) {
    set +=
        static_cast<size_t>(__builtin_popcount(static_cast<uint8_t>(*bits) & ((1U << count) - 1)));
  }
  return set;
}

}  // namespace shouwang
