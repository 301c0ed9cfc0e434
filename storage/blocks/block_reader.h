// Reads one block (block_format.h). Opening checks the checksum and every table; what is read after
// that is checked value by value, so that no bytes, however damaged, lead to a wrong index or a
// large allocation.
//
// Holds views into the bytes it was opened on, which must outlive its use; opening another block
// keeps its memory. One thread opens it, any may read.
// Failures: DataLoss naming the block and the offset.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "storage/blocks/block_format.h"
#include "storage/blocks/block_key.h"
#include "storage/blocks/bytes.h"
#include "storage/vocabulary/history.h"

namespace shouwang {

class BlockReader {
 public:
  // `bytes` is the block that `key` names. After a failure nothing may be read.
  absl::Status Open(std::string_view bytes, const BlockKey& key);

  // Subjects are numbered 0, 1, ... in ascending order.
  size_t size() const { return subjects_.size(); }
  // The subject's number within its group.
  uint8_t At(size_t index) const { return subjects_[index].low; }
  // nullopt where the block has nothing of the subject.
  std::optional<size_t> Find(uint8_t low) const;

  // Puts the subject's points within `range` into `history`, in the place of those that stand
  // there; quickest where all of them are later than what it holds.
  absl::Status Read(size_t index, DateRange range, History* history) const;

 private:
  struct Entry {
    int32_t day = 0;  // of the year
    uint32_t arrival = 0;
  };
  // [begin, end) of entries_ or indicators_.
  struct Extent {
    size_t begin = 0;
    size_t end = 0;
  };
  struct Axis {
    Extent entries;
    bool each_day_once = true;
  };
  struct BlockSubject {
    uint8_t low = 0;
    uint32_t axis = 0;
    uint32_t set = 0;
    size_t body = 0;  // offset into bytes_
    size_t size = 0;
  };
  // The columns of one subject, one after another, decoded into wherever they are wanted.
  class Columns;

  bool ReadArrivals(ByteReader* in);
  bool ReadAxes(ByteReader* in);
  bool ReadSets(ByteReader* in);
  bool ReadSubjects(ByteReader* in);
  std::span<const Entry> EntriesOf(const Extent& extent) const {
    return std::span(entries_).subspan(extent.begin, extent.end - extent.begin);
  }
  absl::Status ReadBehind(const BlockSubject& subject, Extent wanted, History* history) const;
  absl::Status ReadShared(const BlockSubject& subject, Extent wanted, History* history) const;
  absl::Status ReadAmong(const BlockSubject& subject, Extent wanted, History* history) const;
  absl::Status Damaged(size_t offset, std::string_view what) const;

  BlockKey key_;
  int32_t first_day_ = 0;
  std::string_view bytes_;  // without the checksum
  std::vector<Arrival> arrivals_;
  std::vector<Entry> entries_;
  std::vector<Axis> axes_;
  std::vector<IndicatorId> indicators_;
  std::vector<Extent> sets_;
  std::vector<BlockSubject> subjects_;
  std::array<int16_t, kSubjectsPerGroup> index_of_low_;  // -1: none
};

}  // namespace shouwang
