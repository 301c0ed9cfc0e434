// Several subjects' histories side by side: a row for each date that any of them has, a lane for
// each subject, and for each indicator the cells of a row together. Neighbours report on the same
// few dates, so nearly all rows are full, and one step is taken for many subjects at once.
//
//   abreast.Open(histories, indicators, after, through);   // or some lanes of a GroupWindow
//   abreast.dates();                 // of the rows
//   abreast.Column(0, first_row);    // of indicators[0]; stride() cells for each row
//
// One owner, one thread. Keeps its memory: once warm, nothing allocates.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <vector>

#include "daemon/risk/tape.h"
#include "storage/vocabulary/group_window.h"
#include "storage/vocabulary/history.h"

namespace shouwang::risk {

class Abreast {
 public:
  // At most Tape::kLanes histories, with their rows of (after, through]. They stay as they are
  // until the next Open.
  void Open(std::span<const History* const> histories, std::span<const IndicatorId> indicators,
            Date after, Date through);
  // Lanes [first_lane, first_lane + count) of `window`, at most Tape::kLanes, likewise;
  // `first_lane` is a multiple of GroupWindow::kLanesTogether.
  void Open(const GroupWindow& window, size_t first_lane, size_t count,
            std::span<const IndicatorId> indicators, Date after, Date through);

  // Ascending, each once.
  std::span<const Date> dates() const { return dates_; }
  // Cells in a row: as many as there are histories, rounded up to a multiple of 8. What the surplus
  // lanes hold is nobody's.
  size_t stride() const { return stride_; }
  size_t count() const { return count_; }
  // Whether any of the histories, or the window, has a column of it.
  bool Has(size_t position) const { return cells_[position].is_there; }
  // The cells of an indicator by row and lane, History::kAbsent where there is no point. Those of
  // rows before `first_row` are not to be looked at; asked for again, later rows stay what they
  // are. Good until the next Open.
  const int64_t* Column(size_t position, size_t first_row);

 private:
  // One history's rows.
  struct Lane {
    const History* history = nullptr;
    size_t first = 0;  // rows [first, first + count) of the history
    size_t count = 0;
    // Which of dates() each is; empty where it has all of them.
    std::vector<uint32_t> rows;
  };
  struct Cells {
    std::vector<int64_t> cells;
    size_t read_from = 0;  // rows from here on are there
    bool is_there = false;
    size_t column = 0;  // of the window
  };

  void FindDates(Date after, Date through);
  void FindRows(Lane* lane);
  void FindColumns(std::span<const IndicatorId> indicators);
  void Begin(size_t count, size_t indicators);
  void Read(size_t position, size_t first_row, size_t end_row);
  void ReadWindow(size_t position, size_t first_row, size_t end_row);
  void ReadLane(const Lane& lane, const int64_t* column, size_t first_row, size_t end_row,
                int64_t* out) const;

  size_t count_ = 0;
  size_t stride_ = 0;
  // The window, or nullptr: histories; its first row and lane of interest.
  const GroupWindow* window_ = nullptr;
  size_t window_row_ = 0;
  size_t window_lane_ = 0;
  std::array<Lane, Tape::kLanes> lanes_;
  std::vector<Date> dates_;
  std::vector<Date> merged_;
  // By indicator and lane: the history's column from the lane's first row on; nullptr: none.
  std::vector<const int64_t*> columns_;
  std::vector<Cells> cells_;  // by indicator
  // Where the indicators are in the histories that were looked at last.
  std::vector<IndicatorId> known_;
  std::vector<size_t> positions_;
};

}  // namespace shouwang::risk
