#include "storage/vocabulary/group_window.h"

#include <algorithm>
#include <utility>

namespace shouwang {
namespace {

// Of IsEven: half a year of monthly reports.
constexpr size_t kLatestDates = 6;

// Lines a column apart are on every 8th set or less.
constexpr size_t kFewSets = 8;

}  // namespace

constinit const GroupWindow::Line GroupWindow::kAbsentLine = [] {
  Line line;
  line.cells.fill(kAbsent);
  return line;
}();

std::optional<size_t> GroupWindow::ColumnOf(IndicatorId indicator) const {
  const auto it = std::ranges::find(indicators_, indicator);
  if (it == indicators_.end()) return std::nullopt;
  return static_cast<size_t>(it - indicators_.begin());
}

bool GroupWindow::IsDense() const {
  size_t reports = 0;
  for (size_t row = 0; row < dates_.size(); ++row) reports += rows_[row].reported.count();
  return dates_.size() * held() <= 2 * reports;
}

bool GroupWindow::IsEven() const {
  LaneSet even;
  even.set();
  for (size_t row = dates_.size() - std::min(dates_.size(), kLatestDates); row < dates_.size();
       ++row) {
    even &= rows_[row].reported;
  }
  return dates_.empty() || 4 * even.count() >= 3 * held();
}

int64_t GroupWindow::Bytes() const {
  size_t bytes = sizeof(GroupWindow) + dates_.capacity() * sizeof(Date) +
                 indicators_.capacity() * sizeof(IndicatorId) + rows_.capacity() * sizeof(Row);
  for (const Row& row : rows_) bytes += row.cells.capacity() * sizeof(Line);
  return static_cast<int64_t>(bytes);
}

void GroupWindow::Reset(const SubjectGroup& group) {
  group_ = group;
  dates_.clear();
  indicators_.clear();
  size_ = 0;
  stride_ = 0;
  step_ = 0;
  dropped_.clear();
  lane_of_low_.fill(-1);
}

void GroupWindow::ReserveLanes(size_t lanes) {
  const size_t stride = (lanes + kLanesTogether - 1) / kLanesTogether * kLanesTogether;
  if (stride > stride_) Widen(stride);
}

void GroupWindow::Widen(size_t stride) {
  const size_t lines = stride / kLanesTogether;
  const size_t step = lines % kFewSets == 0 ? lines + 1 : lines;
  for (size_t row = 0; row < dates_.size(); ++row) {
    std::vector<Line> cells(indicators_.size() * step, kAbsentLine);
    for (size_t column = 0; column < indicators_.size(); ++column) {
      const Line* from = rows_[row].cells.data() + column * step_;
      std::copy(from, from + stride_ / kLanesTogether, cells.data() + column * step);
    }
    rows_[row].cells = std::move(cells);
  }
  stride_ = stride;
  step_ = step;
}

size_t GroupWindow::AddLane(uint8_t low) {
  if (!dropped_.empty()) {
    const size_t lane = dropped_.back();
    dropped_.pop_back();
    lane_of_low_[low] = static_cast<int16_t>(lane);
    return lane;
  }
  ReserveLanes(size_ + 1);
  lane_of_low_[low] = static_cast<int16_t>(size_);
  return size_++;
}

void GroupWindow::DropLane(uint8_t low) {
  const std::optional<size_t> lane = LaneOf(low);
  if (!lane) return;
  lane_of_low_[low] = -1;
  dropped_.push_back(*lane);
  for (size_t row = 0; row < dates_.size(); ++row) {
    rows_[row].reported.reset(*lane);
    for (size_t column = 0; column < indicators_.size(); ++column) {
      Cells(row, column)[*lane] = kAbsent;
    }
  }
}

GroupWindow::BareRow GroupWindow::Add(Date date, bool absent) {
  auto at = dates_.end();
  if (!dates_.empty() && dates_.back() >= date) at = std::ranges::lower_bound(dates_, date);
  const auto row = static_cast<size_t>(at - dates_.begin());
  if (at != dates_.end() && *at == date) return {row, false};
  if (dates_.size() == rows_.size()) rows_.emplace_back();
  dates_.insert(at, date);
  // One that is not in use goes where the new one belongs.
  const auto begin = rows_.begin() + static_cast<ptrdiff_t>(row);
  const auto unused = rows_.begin() + static_cast<ptrdiff_t>(dates_.size() - 1);
  std::rotate(begin, unused, unused + 1);
  rows_[row].reported.reset();
  if (absent) {
    rows_[row].cells.assign(indicators_.size() * step_, kAbsentLine);
  } else {
    rows_[row].cells.resize(indicators_.size() * step_);
  }
  return {row, true};
}

size_t GroupWindow::AddColumn(IndicatorId indicator, size_t* hint) {
  if (*hint < indicators_.size() && indicators_[*hint] == indicator) return (*hint)++;
  std::optional<size_t> column = ColumnOf(indicator);
  if (!column) {
    column = indicators_.size();
    indicators_.push_back(indicator);
    for (size_t row = 0; row < dates_.size(); ++row) {
      rows_[row].cells.resize(indicators_.size() * step_, kAbsentLine);
    }
  }
  *hint = *column + 1;
  return *column;
}

bool GroupWindow::Add(const History& history, std::span<const IndicatorId> wanted) {
  const std::span<const Date> dates = history.dates();
  const std::span<const IndicatorId> indicators = history.indicators();
  const auto takes = [&](size_t column) {
    return wanted.empty() || std::ranges::binary_search(wanted, indicators[column]);
  };
  for (size_t column = 0; column < indicators.size(); ++column) {
    if (!takes(column)) continue;
    for (const int64_t cell : history.ColumnAt(column)) {
      if (cell != History::kAbsent && !Fits(cell)) return false;
    }
  }
  const size_t lane = AddLane(SubjectGroup::LowOf(history.subject()));
  for (const Date date : dates) AddRow(date);
  size_t row = 0;
  for (size_t i = 0; i < dates.size(); ++i) {
    while (dates_[row] != dates[i]) ++row;
    NoteReport(row, lane);
    size_t hint = 0;
    for (size_t column = 0; column < indicators.size(); ++column) {
      const int64_t cell = history.ColumnAt(column)[i];
      if (cell == History::kAbsent || !takes(column)) continue;
      const size_t own = AddColumn(indicators[column], &hint);
      Cells(row, own)[lane] = static_cast<int32_t>(cell);
    }
  }
  return true;
}

void GroupWindow::DropBefore(Date first) {
  const auto kept = std::ranges::lower_bound(dates_, first);
  const auto count = kept - dates_.begin();
  const auto end = rows_.begin() + static_cast<ptrdiff_t>(dates_.size());
  std::rotate(rows_.begin(), rows_.begin() + count, end);
  dates_.erase(dates_.begin(), kept);
}

}  // namespace shouwang
