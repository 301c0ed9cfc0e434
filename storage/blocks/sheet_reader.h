// Reads one sheet (sheet_format.h). Opening checks the checksum, every table and the bounds of
// every value, so that reading after that cannot fail.
//
// Holds views into the bytes it was opened on, which must outlive its use; opening another sheet
// keeps its memory. One thread opens it, any may read.
// Failures: DataLoss naming the block and the offset.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "storage/blocks/block_key.h"
#include "storage/blocks/bytes.h"
#include "storage/blocks/low_numbers.h"
#include "storage/blocks/sheet_format.h"
#include "storage/vocabulary/group_window.h"
#include "storage/vocabulary/history.h"

namespace shouwang {

class SheetReader {
 public:
  // `bytes` is a sheet of the block that `key` names. After a failure nothing may be read.
  absl::Status Open(std::string_view bytes, const BlockKey& key);

  Date date() const { return date_; }
  const Arrival& arrival() const { return arrival_; }
  std::span<const IndicatorId> indicators() const { return indicators_; }
  // Subjects are numbered 0, 1, ... in ascending order.
  const LowNumbers& subjects() const { return subjects_; }
  size_t size() const { return subjects_.size(); }
  // The subject's number within its group.
  uint8_t At(size_t index) const { return subjects_.At(index); }
  // nullopt where the sheet has nothing of the subject.
  std::optional<size_t> Find(uint8_t low) const { return subjects_.Find(low); }

  // The values of indicators()[column] into the window's cells of one row and column: that of
  // subject i into cells[lanes[i]]. False where one does not fit.
  bool ReadInto(size_t column, std::span<const uint16_t> lanes, int32_t* cells) const;
  // Quicker, where neighbours have neighbouring lanes: that of subject i into cells[i]. False, and
  // nothing is put, for columns that must be read as above: those that not every subject has, whose
  // values might not fit, and the last of the sheet.
  bool ReadInto(size_t column, int32_t* cells) const;

  // Whether every subject has a value of indicators()[column].
  bool IsFull(size_t column) const { return columns_[column].bitmap == nullptr; }

  // The value of indicators()[column] for the subject `index`; History::kAbsent where there is
  // none.
  int64_t ValueAt(size_t column, size_t index) const {
    const Column& c = columns_[column];
    size_t place = index;
    if (c.bitmap != nullptr) {
      if ((c.bitmap[index / 8] >> (index % 8) & 1) == 0) return History::kAbsent;
      place = CountBits(c.bitmap, index);
    }
    const size_t bit = place * c.width;
    return c.least + static_cast<int64_t>(LoadWord(c.values + bit / 8, end_) >> (bit % 8) & c.mask);
  }

 private:
  struct Column {
    const char* values = nullptr;
    const char* bitmap = nullptr;  // nullptr: every subject has a value
    uint64_t mask = 0;
    int64_t least = 0;
    uint32_t width = 0;
  };

  // How many of the first `count` bits are set.
  static size_t CountBits(const char* bits, size_t count);
  bool ReadArrival(ByteReader* in);
  bool ReadIndicators(ByteReader* in);
  bool ReadColumns(ByteReader* in);
  bool ReadColumn(ByteReader* in, Column* column);

  Date date_;
  Arrival arrival_;
  const char* end_ = nullptr;  // of the sheet with its checksum
  LowNumbers subjects_;
  std::vector<IndicatorId> indicators_;
  std::vector<Column> columns_;
};

}  // namespace shouwang
