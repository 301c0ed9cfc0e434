// Private to BlockReader: the columns of one subject, one after another. One thread.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <span>
#include <string_view>

#include "absl/status/status.h"
#include "storage/blocks/block_reader.h"

namespace shouwang {

class BlockReader::Columns {
 public:
  // Reads on from the cursor, which stands before the subject.
  Columns(BlockReader* block, size_t index)
      : block_(*block),
        subject_(block->subjects_[index]),
        axis_(block->EntriesOf(block->axes_[subject_.axis].entries)),
        set_(block->sets_[subject_.set]),
        cursor_(block->cursor_),
        in_(block->old_ ? ColumnReaders(cursor_.streams.data()) : ColumnReaders(&cursor_.streams)) {
  }

  // Goes on to the next column. False behind the last, or where something is damaged.
  bool Next() {
    if (column_ == set_.size()) {
      ++cursor_.subject;
      return !Ends() && Fail("bytes are left over");
    }
    tag_ = static_cast<uint8_t>(subject_.tags[column_++ * subject_.tag_step]);
    return ReadPresence(static_cast<Presence>((tag_ >> kPresenceShift) & 3)) ||
           Fail("bad presence");
  }

  IndicatorId indicator() const { return block_.indicators_[set_.begin + column_ - 1]; }
  // Whether the column has a point at every entry of the axis; else at entries().
  bool every() const { return every_; }
  std::span<const uint32_t> entries() const { return std::span(entries_).first(count_); }

  // The column's values, `every` of the axis or one for each of entries().
  bool ReadInto(int64_t* values) {
    return ReadColumn(tag_, in_, std::span(values, Count())) || Fail("bad values");
  }
  bool ReadInto(int32_t* cells) {
    return ReadColumn(tag_, in_, std::span(cells, Count())) || Fail("bad values");
  }
  bool Skip() { return SkipColumn(tag_, in_, Count()) || Fail("bad values"); }

  absl::Status status() const {
    if (fault_.empty()) return absl::OkStatus();
    const auto offset = static_cast<size_t>(in_[Stream::kBitmaps].at() - block_.head_.data());
    return block_.Damaged(offset, fault_);
  }

 private:
  size_t Count() const { return every_ ? axis_.size() : count_; }

  // Whether all is read where all has to be: of an old block a body, else the streams.
  bool Ends() const {
    if (block_.old_) return cursor_.streams[0].done();
    return cursor_.subject < block_.subjects_.size() ||
           std::ranges::all_of(cursor_.streams, &ByteReader::done);
  }

  bool Fail(std::string_view fault) {
    fault_ = fault;
    // Nothing can be read on from here.
    cursor_.subject = block_.subjects_.size();
    return false;
  }

  bool ReadPresence(Presence presence) {
    if (presence == Presence::kAsBefore) return column_ > 1;
    every_ = presence == Presence::kEvery;
    if (every_) return !axis_.empty() && block_.axes_[subject_.axis].each_day_once;
    const std::string_view bitmap = in_[Stream::kBitmaps].Bytes((axis_.size() + 7) / 8);
    count_ = 0;
    int32_t day = -1;
    for (size_t at = 0; at < bitmap.size(); ++at) {
      for (auto bits = static_cast<uint8_t>(bitmap[at]); bits != 0;
           bits = static_cast<uint8_t>(bits & (bits - 1))) {
        const size_t entry = at * 8 + static_cast<size_t>(__builtin_ctz(bits));
        // At most one point a date, so never more than there are days.
        if (entry >= axis_.size() || axis_[entry].day <= day) return false;
        day = axis_[entry].day;
        entries_[count_++] = static_cast<uint32_t>(entry);
      }
    }
    return count_ > 0;
  }

  const BlockReader& block_;
  const BlockSubject& subject_;
  const std::span<const Entry> axis_;
  const Extent set_;
  Cursor& cursor_;
  const ColumnReaders in_;
  size_t column_ = 0;
  uint8_t tag_ = 0;
  bool every_ = false;
  size_t count_ = 0;
  std::array<uint32_t, kMaxColumnPoints> entries_;
  std::string_view fault_;
};

}  // namespace shouwang
