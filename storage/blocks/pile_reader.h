// Reads what the parts of a pile (pile.h) of blocks and sheets say together: of two of one cell the
// later part's stands.
//
// Holds views into the bytes it was opened on, which must outlive its use; opening another pile
// keeps its memory. Owned by one thread at a time.
// Failures: DataLoss naming the block, for a part that is damaged; all parts are looked at, even
// those outside the range.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "storage/blocks/block_key.h"
#include "storage/blocks/block_reader.h"
#include "storage/blocks/sheet_reader.h"
#include "storage/vocabulary/group_window.h"
#include "storage/vocabulary/history.h"

namespace shouwang {

class PileReader {
 public:
  // Opens the parts of `piles`, the oldest first, all of the block that `key` names; of what they
  // hold, only what lies within `range` will be read. After a failure nothing may be read.
  absl::Status Open(std::span<const std::string_view> piles, const BlockKey& key, DateRange range);

  // The parts, within the range or not.
  std::span<const std::string_view> parts() const { return parts_; }
  // From here to the next Open mostly points of these indicators are read (ascending, outliving
  // their use; empty: all). Days that have only others become rows all the same.
  void ReadOnly(std::span<const IndicatorId> indicators) { wanted_ = indicators; }
  // Whether there is anything of the subject with this number within the group, in the range.
  // (A block may say yes although all of it lies outside.)
  bool Has(uint8_t low) const;
  // Appends every indicator that there is a point of, and maybe others, in no order.
  void AddIndicators(std::vector<IndicatorId>* indicators) const;
  // Puts what there is of the subject with this number within the group into `history`, which may
  // hold other years.
  absl::Status Read(uint8_t low, History* history);
  // Puts what there is of all subjects into `window`, of the group that has the block, which may
  // hold other years; of the indicators of ReadOnly, and within `range`, too. False where it does
  // not fit (a value, or more dates or indicators than a window may have); the window is then of no
  // use.
  absl::StatusOr<bool> ReadInto(DateRange range, GroupWindow* window);
  absl::StatusOr<bool> ReadInto(GroupWindow* window) { return ReadInto(range_, window); }

 private:
  // Parts that are read together: one block, or sheets of ascending dates with the same columns.
  struct Run {
    bool sheets = false;
    size_t begin = 0;  // of blocks_ or sheets_
    size_t end = 0;
  };
  struct Line {
    const SheetReader* sheet = nullptr;
    size_t index = 0;
  };

  absl::Status OpenSheet(std::string_view part, const BlockKey& key);
  absl::Status OpenBlock(std::string_view part, const BlockKey& key);
  void PutLine(const Line& line, History* history) const;
  void ReadSheets(const Run& run, uint8_t low, History* history);
  bool ReadSheet(const SheetReader& sheet, GroupWindow* window);
  void FindLanes(const LowNumbers& subjects, GroupWindow* window);
  void MakeOthersAbsent(const SheetReader& sheet, size_t row, GroupWindow* window) const;

  DateRange range_;
  std::span<const IndicatorId> wanted_;
  std::vector<std::string_view> parts_;
  std::vector<Run> runs_;
  // The first block_count_ and sheet_count_ are open; the others are kept for their memory.
  std::vector<BlockReader> blocks_;
  std::vector<SheetReader> sheets_;
  size_t block_count_ = 0;
  size_t sheet_count_ = 0;
  std::vector<Line> lines_;
  // Where the window at hand has what a sheet has: its subjects, its columns.
  static constexpr size_t kNotWanted = static_cast<size_t>(-1);
  std::optional<LowNumbers> lanes_of_;  // whose lanes these are
  std::vector<uint16_t> lanes_;
  GroupWindow::LaneSet lane_set_;
  bool in_a_row_ = false;  // one beside the other, in the order of the subjects
  std::vector<size_t> columns_;
};

}  // namespace shouwang
