// The latest dates of a group of neighbours side by side: for each date a row, and in it for each
// indicator the cells of all subjects together. What judging many subjects at once reads, in a
// third of the memory that as many histories take and in the order in which it is read.
//
// It says what was reported, not by whom or when: enough for dates that are only looked back at.
// Cells have 32 bits. A value that does not fit, or subjects that share few of their dates, are for
// histories (Fits, IsDense).
//
// Columns and lanes are in the order in which they were added. A value, owned by one thread at a
// time; Reset keeps its memory.
#pragma once

#include <array>
#include <bitset>
#include <cstdint>
#include <limits>
#include <optional>
#include <span>
#include <vector>

#include "storage/vocabulary/date.h"
#include "storage/vocabulary/history.h"
#include "storage/vocabulary/indicator.h"
#include "storage/vocabulary/subject.h"

namespace shouwang {

class GroupWindow {
 public:
  using LaneSet = std::bitset<kSubjectsPerGroup>;
  // Of a cell without a point.
  static constexpr int32_t kAbsent = std::numeric_limits<int32_t>::min();
  // Lanes of a row are rounded up to a multiple of this.
  static constexpr size_t kLanesTogether = 16;
  // Stores read no more dates into a window than this, and no more indicators.
  static constexpr size_t kMostRows = 128;
  static constexpr size_t kMostColumns = 256;

  // Whether a cell can hold the value.
  static bool Fits(int64_t value) {
    return value > kAbsent && value <= std::numeric_limits<int32_t>::max();
  }

  GroupWindow() { Reset({}); }
  explicit GroupWindow(const SubjectGroup& group) { Reset(group); }

  const SubjectGroup& group() const { return group_; }
  // The reporting dates, ascending, each once. DropLane may leave some that nobody reported on.
  std::span<const Date> dates() const { return dates_; }
  // Every indicator that has a column, each once.
  std::span<const IndicatorId> indicators() const { return indicators_; }
  // Lanes, those that were dropped and not given away again included: kSubjectsPerGroup at most.
  size_t size() const { return size_; }
  // Lanes that are a subject's.
  size_t held() const { return size_ - dropped_.size(); }
  // Cells in a row of one indicator: size() or more, a multiple of kLanesTogether.
  size_t stride() const { return stride_; }
  // In one row: cells from those of one column to those of the next.
  size_t column_step() const { return step_ * kLanesTogether; }
  // nullopt where nothing is known of the subject with this number within the group.
  std::optional<size_t> LaneOf(uint8_t low) const {
    const int16_t lane = lane_of_low_[low];
    return lane < 0 ? std::nullopt : std::optional(static_cast<size_t>(lane));
  }
  // The lanes that reported on the row's date.
  const LaneSet& ReportedOn(size_t row) const { return rows_[row].reported; }
  // The same of 64 lanes from `first_lane` on, a bit each.
  uint64_t ReportedOn(size_t row, size_t first_lane) const {
    static constexpr LaneSet kLow(~uint64_t{0});
    return ((rows_[row].reported >> first_lane) & kLow).to_ullong();
  }
  // stride() cells; what lanes that did not report hold is kAbsent.
  const int32_t* Cells(size_t row, size_t column) const {
    return rows_[row].cells[column * step_].data();
  }
  std::optional<size_t> ColumnOf(IndicatorId indicator) const;
  // Whether at least half of all places of (date, lane held) are reports. Of nothing: true.
  bool IsDense() const;
  // Whether three quarters of the lanes held reported on each of the latest dates. Of nothing:
  // true.
  bool IsEven() const;
  // What it keeps in memory.
  int64_t Bytes() const;

  // Forgets everything.
  void Reset(const SubjectGroup& group);
  // Makes room for so many lanes in all, so that adding them moves nothing.
  void ReserveLanes(size_t lanes);
  // A lane for the subject with this number within the group, which has none: without any date yet.
  size_t AddLane(uint8_t low);
  // The lane of the subject, added where there is none.
  size_t LaneFor(uint8_t low) {
    const std::optional<size_t> lane = LaneOf(low);
    return lane ? *lane : AddLane(low);
  }
  // From here on nothing is known of the subject; its lane is the next that is added.
  void DropLane(uint8_t low);
  // The row of the date, added where there is none; other rows may move.
  size_t AddRow(Date date) { return Add(date, /*absent=*/true).row; }
  // The same, for who puts into all Cells of a new row: what these hold is unspecified.
  struct BareRow {
    size_t row = 0;
    bool is_new = false;
  };
  BareRow AddBareRow(Date date) { return Add(date, /*absent=*/false); }
  // The column of the indicator, added where there is none. `hint` is where it is looked for first,
  // and then holds its position plus one: columns asked for in the order that they have are found
  // at once.
  size_t AddColumn(IndicatorId indicator, size_t* hint);
  // A report of the lane on the row's date; its values are put into Cells, in the place of what is
  // there. Good until the next Add or Reserve.
  void NoteReport(size_t row, size_t lane) { rows_[row].reported.set(lane); }
  void NoteReports(size_t row, const LaneSet& lanes) { rows_[row].reported |= lanes; }
  int32_t* Cells(size_t row, size_t column) { return rows_[row].cells[column * step_].data(); }
  // A history whose subject is of the group and has no lane: all its dates, and its points of
  // `wanted` (ascending; empty: all). False, and nothing is added, where a value does not fit.
  bool Add(const History& history, std::span<const IndicatorId> wanted = {});
  // Forgets the dates before `first`.
  void DropBefore(Date first);

 private:
  // A line of the processor's cache.
  struct alignas(64) Line {
    std::array<int32_t, kLanesTogether> cells;
    int32_t* data() { return cells.data(); }
    const int32_t* data() const { return cells.data(); }
  };
  static const Line kAbsentLine;
  struct Row {
    LaneSet reported;
    std::vector<Line> cells;  // step_ for each column
  };

  void Widen(size_t stride);
  BareRow Add(Date date, bool absent);

  SubjectGroup group_;
  std::vector<Date> dates_;
  std::vector<Row> rows_;  // as many as dates_; the others are kept for their memory
  std::vector<IndicatorId> indicators_;
  size_t size_ = 0;
  size_t stride_ = 0;
  // Lines from one column to the next: what stride_ takes, and one more where the cells of one lane
  // would else lie on so few sets of a processor's cache that they displace each other.
  size_t step_ = 0;
  std::vector<size_t> dropped_;                         // lanes
  std::array<int16_t, kSubjectsPerGroup> lane_of_low_;  // -1: none
};

}  // namespace shouwang
