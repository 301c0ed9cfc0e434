#include "storage/vocabulary/history.h"

#include <algorithm>
#include <tuple>

namespace shouwang {
namespace {

// Places of a column at first: a year of monthly reports and some.
constexpr size_t kFirstStride = 16;

size_t StrideFor(size_t rows) { return std::max(kFirstStride, (rows + 8) / 8 * 8); }

}  // namespace

bool Supersedes(const Arrival& arrival, int64_t value, const Arrival& current,
                int64_t current_value) {
  return std::tuple(arrival.reported_at, arrival.source, value) >
         std::tuple(current.reported_at, current.source, current_value);
}

std::span<const int64_t> History::Column(IndicatorId indicator) const {
  const auto it = std::ranges::lower_bound(indicators_, indicator);
  if (it == indicators_.end() || *it != indicator) return {};
  return ColumnAt(static_cast<size_t>(it - indicators_.begin()));
}

std::vector<Point> History::Of(IndicatorId indicator, DateRange range) const {
  std::vector<Point> points;
  const std::span<const int64_t> cells = Column(indicator);
  if (cells.empty()) return points;
  const auto first = std::ranges::lower_bound(dates_, range.from);
  for (auto row = static_cast<size_t>(first - dates_.begin());
       row < dates_.size() && dates_[row] <= range.to; ++row) {
    if (cells[row] == kAbsent) continue;
    points.push_back({dates_[row], ArrivalAt(row, indicator), cells[row]});
  }
  return points;
}

std::optional<Point> History::At(IndicatorId indicator, Date date) const {
  const auto it = std::ranges::lower_bound(dates_, date);
  if (it == dates_.end() || *it != date) return std::nullopt;
  const std::span<const int64_t> cells = Column(indicator);
  const auto row = static_cast<size_t>(it - dates_.begin());
  if (cells.empty() || cells[row] == kAbsent) return std::nullopt;
  return Point{date, ArrivalAt(row, indicator), cells[row]};
}

size_t History::PointCount() const {
  size_t count = 0;
  for (size_t column = 0; column < indicators_.size(); ++column) {
    const int64_t* cells = cells_.data() + column * stride_;
    for (size_t row = 0; row < dates_.size(); ++row) count += cells[row] != kAbsent ? 1 : 0;
  }
  return count;
}

void History::Put(IndicatorId indicator, Date date, int64_t value, const Arrival& arrival) {
  const uint32_t index = InternArrival(arrival);
  const size_t row = RowOf(date, index);
  const size_t column = ColumnOf(indicator);
  Cells(column)[row] = value;
  RemoveException(date, indicator);
  if (row_arrivals_[row] != index) SetArrival(row, indicator, index);
}

void History::Erase(IndicatorId indicator, Date date) {
  const auto row_at = std::ranges::lower_bound(dates_, date);
  const auto column_at = std::ranges::lower_bound(indicators_, indicator);
  if (row_at == dates_.end() || *row_at != date) return;
  if (column_at == indicators_.end() || *column_at != indicator) return;
  const auto row = static_cast<size_t>(row_at - dates_.begin());
  const auto column = static_cast<size_t>(column_at - indicators_.begin());
  Cells(column)[row] = kAbsent;
  RemoveException(date, indicator);
  if (std::all_of(Cells(column), Cells(column) + dates_.size(),
                  [](int64_t cell) { return cell == kAbsent; })) {
    cells_.erase(cells_.begin() + static_cast<ptrdiff_t>(column * stride_),
                 cells_.begin() + static_cast<ptrdiff_t>((column + 1) * stride_));
    indicators_.erase(column_at);
  }
  for (size_t c = 0; c < indicators_.size(); ++c) {
    if (Cells(c)[row] != kAbsent) return;
  }
  EraseRow(row);
}

void History::EraseRow(size_t row) {
  for (size_t column = 0; column < indicators_.size(); ++column) {
    int64_t* cells = Cells(column);
    std::copy(cells + row + 1, cells + dates_.size(), cells + row);
    cells[dates_.size() - 1] = kAbsent;
  }
  dates_.erase(dates_.begin() + static_cast<ptrdiff_t>(row));
  row_arrivals_.erase(row_arrivals_.begin() + static_cast<ptrdiff_t>(row));
}

History History::From(Date first) const {
  History kept(subject_);
  const auto from = std::ranges::lower_bound(dates_, first);
  const auto begin = static_cast<size_t>(from - dates_.begin());
  for (size_t row = begin; row < dates_.size(); ++row) {
    kept.AppendRow(dates_[row], kept.InternArrival(arrivals_[row_arrivals_[row]]));
  }
  size_t hint = 0;
  for (size_t column = 0; column < indicators_.size(); ++column) {
    const std::span<const int64_t> cells = ColumnAt(column).subspan(begin);
    if (std::ranges::all_of(cells, [](int64_t cell) { return cell == kAbsent; })) continue;
    std::ranges::copy(cells, kept.AppendColumn(indicators_[column], &hint).begin());
  }
  for (const Exception& exception : exceptions_) {
    if (exception.date < first) continue;
    kept.exceptions_.push_back(
        {exception.date, exception.indicator, kept.InternArrival(arrivals_[exception.arrival])});
  }
  return kept;
}

int64_t History::Bytes() const {
  return static_cast<int64_t>(
      sizeof(History) + dates_.capacity() * sizeof(Date) +
      row_arrivals_.capacity() * sizeof(uint32_t) + indicators_.capacity() * sizeof(IndicatorId) +
      cells_.capacity() * sizeof(int64_t) + exceptions_.capacity() * sizeof(Exception) +
      arrivals_.capacity() * sizeof(Arrival));
}

void History::Reset(const Subject& subject) {
  subject_ = subject;
  // The next one is expected to be as long.
  if (!dates_.empty()) stride_ = StrideFor(dates_.size());
  dates_.clear();
  row_arrivals_.clear();
  indicators_.clear();
  cells_.clear();
  exceptions_.clear();
  arrivals_.clear();
}

uint32_t History::AddArrival(const Arrival& arrival) {
  if (arrivals_.empty() || arrivals_.back() != arrival) arrivals_.push_back(arrival);
  return static_cast<uint32_t>(arrivals_.size() - 1);
}

size_t History::AppendRow(Date date, uint32_t arrival) {
  Widen(dates_.size() + 1);
  dates_.push_back(date);
  row_arrivals_.push_back(arrival);
  return dates_.size() - 1;
}

std::span<int64_t> History::AppendColumn(IndicatorId indicator, size_t* hint) {
  size_t column = *hint;
  if (column >= indicators_.size() || indicators_[column] != indicator) {
    column = ColumnOf(indicator);
  }
  *hint = column + 1;
  return {Cells(column), dates_.size()};
}

void History::SetArrival(size_t row, IndicatorId indicator, uint32_t arrival) {
  const size_t at = FindException(dates_[row], indicator);
  if (IsException(at, dates_[row], indicator)) {
    exceptions_[at].arrival = arrival;
    return;
  }
  exceptions_.insert(exceptions_.begin() + static_cast<ptrdiff_t>(at),
                     {dates_[row], indicator, arrival});
}

uint32_t History::ArrivalAt(size_t row, IndicatorId indicator) const {
  if (exceptions_.empty()) return row_arrivals_[row];
  const size_t at = FindException(dates_[row], indicator);
  return IsException(at, dates_[row], indicator) ? exceptions_[at].arrival : row_arrivals_[row];
}

size_t History::FindException(Date date, IndicatorId indicator) const {
  const auto before = [](const Exception& a, const std::pair<Date, IndicatorId>& b) {
    return std::tie(a.date, a.indicator) < std::tie(b.first, b.second);
  };
  const auto it =
      std::lower_bound(exceptions_.begin(), exceptions_.end(), std::pair(date, indicator), before);
  return static_cast<size_t>(it - exceptions_.begin());
}

void History::RemoveException(Date date, IndicatorId indicator) {
  if (exceptions_.empty()) return;
  const size_t at = FindException(date, indicator);
  if (IsException(at, date, indicator)) {
    exceptions_.erase(exceptions_.begin() + static_cast<ptrdiff_t>(at));
  }
}

// A new row takes `arrival` as its own.
size_t History::RowOf(Date date, uint32_t arrival) {
  if (dates_.empty() || dates_.back() < date) return AppendRow(date, arrival);
  const auto it = std::ranges::lower_bound(dates_, date);
  const auto row = static_cast<size_t>(it - dates_.begin());
  if (*it == date) return row;
  Widen(dates_.size() + 1);
  for (size_t column = 0; column < indicators_.size(); ++column) {
    int64_t* cells = Cells(column);
    std::copy_backward(cells + row, cells + dates_.size(), cells + dates_.size() + 1);
    cells[row] = kAbsent;
  }
  dates_.insert(it, date);
  row_arrivals_.insert(row_arrivals_.begin() + static_cast<ptrdiff_t>(row), arrival);
  return row;
}

size_t History::ColumnOf(IndicatorId indicator) {
  auto it = indicators_.end();
  if (!indicators_.empty() && indicators_.back() >= indicator) {
    it = std::ranges::lower_bound(indicators_, indicator);
  }
  const auto column = static_cast<size_t>(it - indicators_.begin());
  if (it != indicators_.end() && *it == indicator) return column;
  indicators_.insert(it, indicator);
  cells_.insert(cells_.begin() + static_cast<ptrdiff_t>(column * stride_), stride_, kAbsent);
  return column;
}

void History::Reserve(size_t rows, size_t columns) {
  // Many small reservations must not move everything each time.
  const auto reserve = [](size_t size, auto* items) {
    if (size > items->capacity()) items->reserve(std::max(size, items->capacity() * 2));
  };
  rows += dates_.size();
  reserve(rows, &dates_);
  reserve(rows, &row_arrivals_);
  reserve(rows, &arrivals_);
  reserve(columns, &indicators_);
  Widen(rows);
  reserve(columns * stride_, &cells_);
}

// By a quarter at least, so that many small steps are few moves, and by no more, as many histories
// are kept in memory at once.
void History::Widen(size_t rows) {
  if (rows <= stride_) return;
  const size_t stride = std::max(StrideFor(rows), stride_ + (stride_ / 4 + 7) / 8 * 8);
  cells_.resize(indicators_.size() * stride, kAbsent);
  // In place, the last column first, so that a history that was warm does not allocate.
  for (size_t column = indicators_.size(); column-- > 0;) {
    int64_t* from = cells_.data() + column * stride_;
    int64_t* to = cells_.data() + column * stride;
    if (column > 0) std::copy_backward(from, from + dates_.size(), to + dates_.size());
    std::fill(to + dates_.size(), to + stride, kAbsent);
  }
  stride_ = stride;
}

uint32_t History::InternArrival(const Arrival& arrival) {
  // Points of one report come together, so the one searched for is nearly always the last.
  const auto it = std::find(arrivals_.rbegin(), arrivals_.rend(), arrival);
  if (it != arrivals_.rend()) {
    return static_cast<uint32_t>(arrivals_.rend() - it) - 1;
  }
  arrivals_.push_back(arrival);
  return static_cast<uint32_t>(arrivals_.size() - 1);
}

}  // namespace shouwang
