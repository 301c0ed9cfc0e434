// Reads one block (block_format.h). Opening checks the checksum and every table; what is read after
// that is checked value by value, so that no bytes, however damaged, lead to a wrong index or a
// large allocation.
//
// Holds views into the bytes it was opened on, which must outlive its use; opening another block
// keeps its memory. Owned by one thread at a time.
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
#include "storage/blocks/column.h"
#include "storage/blocks/indicator_choice.h"
#include "storage/vocabulary/group_window.h"
#include "storage/vocabulary/history.h"

namespace shouwang {

class BlockReader {
 public:
  BlockReader() = default;
  // A copy would view the other's memory.
  BlockReader(BlockReader&&) = default;
  BlockReader& operator=(BlockReader&&) = default;

  // `bytes` is the block that `key` names. After a failure nothing may be read.
  absl::Status Open(std::string_view bytes, const BlockKey& key);

  // Subjects are numbered 0, 1, ... in ascending order.
  size_t size() const { return subjects_.size(); }
  // The subject's number within its group.
  uint8_t At(size_t index) const { return subjects_[index].low; }
  // Every indicator that some subject has, maybe more than once, in no order.
  std::span<const IndicatorId> indicators() const { return indicators_; }
  // nullopt where the block has nothing of the subject.
  std::optional<size_t> Find(uint8_t low) const;

  // Puts the subject's points within `range` into `history`, in the place of those that stand
  // there; quickest where all of them are later than what it holds, and where subjects are read in
  // ascending order.
  absl::Status Read(size_t index, DateRange range, History* history) {
    return Read(index, range, {}, history);
  }
  // The same of the indicators wanted (ascending; empty: all), but for what is not read the quick
  // way. Days that have only others become rows all the same.
  absl::Status Read(size_t index, DateRange range, std::span<const IndicatorId> wanted,
                    History* history);
  // Puts the points of all subjects within `range` into `window`, whose group has the block, in the
  // place of those that stand there: of the indicators wanted (ascending; empty: all). Days that
  // have only others become rows all the same. False where that does not fit (a value, or more
  // dates or indicators than a window may have); the window is then of no use.
  absl::StatusOr<bool> ReadInto(DateRange range, std::span<const IndicatorId> wanted,
                                GroupWindow* window);

 private:
  struct Entry {
    int32_t day = 0;  // of the year
    uint32_t arrival = 0;
  };
  // [begin, end) of entries_ or indicators_.
  struct Extent {
    size_t begin = 0;
    size_t end = 0;
    size_t size() const { return end - begin; }
  };
  struct Axis {
    Extent entries;
    bool each_day_once = true;
  };
  struct BlockSubject {
    uint8_t low = 0;
    uint32_t axis = 0;
    uint32_t set = 0;
    const char* tags = nullptr;  // the first
    size_t tag_step = 1;         // to that of the next indicator
    std::string_view body;       // of version 1: what follows the tags
  };
  // How far the streams have been read.
  struct Cursor {
    size_t subject = 0;
    std::array<ByteReader, kStreams> streams;  // of version 1: the first, the body
  };
  using Offsets = std::array<size_t, kStreams>;
  // The columns of one subject, one after another, decoded into wherever they are wanted.
  class Columns;

  bool ReadArrivals(ByteReader* in);
  bool ReadAxes(ByteReader* in);
  bool ReadSets(ByteReader* in);
  bool ReadLists(ByteReader* in);
  bool ReadSubjects(ByteReader* in);
  bool ReadOldSubjects(ByteReader* in);
  bool ReadWaypoints(ByteReader* in);
  bool ReadTags(ByteReader* in);
  // Puts the cursor before the subject.
  absl::Status GoTo(size_t index);
  std::span<const Entry> EntriesOf(const Extent& extent) const {
    return std::span(entries_).subspan(extent.begin, extent.size());
  }
  absl::Status ReadBehind(size_t index, Extent wanted, IndicatorChoice choice, History* history);
  absl::Status ReadShared(size_t index, Extent wanted, IndicatorChoice choice, History* history);
  absl::Status ReadAmong(size_t index, Extent wanted, History* history);
  // The entries of an axis within `range`.
  Extent EntriesIn(const Axis& axis, DateRange range) const;
  void AddLanes(DateRange range, GroupWindow* window);
  bool AddRowsAndColumns(DateRange range, std::span<const IndicatorId> wanted, GroupWindow* window);
  void FindRows(DateRange range, GroupWindow* window);
  absl::Status ReadLane(size_t index, Extent wanted, size_t lane, GroupWindow* window, bool* fits);
  absl::Status Damaged(size_t offset, std::string_view what) const;

  BlockKey key_;
  int32_t first_day_ = 0;
  bool old_ = false;  // version 1
  // Whether the head was compressed, and is in decompressed_ now.
  bool compressed_ = false;
  std::vector<char> decompressed_;
  std::string_view head_;  // where it was not compressed, all but the checksum
  std::vector<Arrival> arrivals_;
  std::vector<Entry> entries_;
  std::vector<Axis> axes_;
  std::vector<IndicatorId> indicators_;
  std::vector<Extent> sets_;
  std::vector<BlockSubject> subjects_;
  std::array<int16_t, kSubjectsPerGroup> index_of_low_;  // -1: none
  std::vector<Offsets> waypoints_;
  std::array<std::string_view, kStreams> streams_;
  Cursor cursor_;
  // While a window is filled: the rows of entries_, the columns of indicators_, the lanes of
  // subjects_.
  struct WindowRow {
    size_t row = 0;
    int32_t* cells = nullptr;  // of the first column
  };
  static constexpr uint32_t kNotWanted = static_cast<uint32_t>(-1);
  std::vector<WindowRow> window_rows_;
  std::vector<uint32_t> window_columns_;
  std::vector<uint32_t> window_lanes_;
};

}  // namespace shouwang
