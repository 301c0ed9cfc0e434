#include "storage/vocabulary/history.h"

#include <algorithm>
#include <tuple>

namespace shouwang {

bool Supersedes(const Arrival& arrival, int64_t value, const Arrival& current,
                int64_t current_value) {
  return std::tuple(arrival.reported_at, arrival.source, value) >
         std::tuple(current.reported_at, current.source, current_value);
}

std::span<const Point> History::Of(IndicatorId indicator) const {
  const auto it = std::ranges::lower_bound(columns_, indicator, {}, &Column::indicator);
  if (it == columns_.end() || it->indicator != indicator) return {};
  return it->points;
}

std::span<const Point> History::Of(IndicatorId indicator, DateRange range) const {
  const std::span<const Point> points = Of(indicator);
  const auto first = std::ranges::lower_bound(points, range.from, {}, &Point::date);
  const auto last = std::ranges::upper_bound(points, range.to, {}, &Point::date);
  if (first >= last) return {};
  return {first, last};
}

const Point* History::At(IndicatorId indicator, Date date) const {
  const std::span<const Point> points = Of(indicator);
  const auto it = std::ranges::lower_bound(points, date, {}, &Point::date);
  return it == points.end() || it->date != date ? nullptr : &*it;
}

std::vector<Date> History::Dates() const {
  std::vector<Date> dates;
  for (const Column& column : columns_) {
    for (const Point& point : column.points) dates.push_back(point.date);
  }
  std::ranges::sort(dates);
  dates.erase(std::unique(dates.begin(), dates.end()), dates.end());
  return dates;
}

size_t History::PointCount() const {
  size_t count = 0;
  for (const Column& column : columns_) count += column.points.size();
  return count;
}

void History::Put(IndicatorId indicator, Date date, int64_t value, const Arrival& arrival) {
  auto column = std::ranges::lower_bound(columns_, indicator, {}, &Column::indicator);
  if (column == columns_.end() || column->indicator != indicator) {
    column = columns_.insert(column, Column{indicator, {}});
  }
  const Point point{date, InternArrival(arrival), value};
  std::vector<Point>& points = column->points;
  if (points.empty() || points.back().date < date) {
    points.push_back(point);
    return;
  }
  const auto it = std::ranges::lower_bound(points, date, {}, &Point::date);
  if (it->date == date) {
    *it = point;
  } else {
    points.insert(it, point);
  }
}

void History::Erase(IndicatorId indicator, Date date) {
  const auto column = std::ranges::lower_bound(columns_, indicator, {}, &Column::indicator);
  if (column == columns_.end() || column->indicator != indicator) return;
  std::erase_if(column->points, [&](const Point& point) { return point.date == date; });
  if (column->points.empty()) columns_.erase(column);
}

uint32_t History::AddArrival(const Arrival& arrival) {
  if (arrivals_.empty() || arrivals_.back() != arrival) arrivals_.push_back(arrival);
  return static_cast<uint32_t>(arrivals_.size() - 1);
}

std::span<Point> History::Append(IndicatorId indicator, size_t count) {
  auto column = columns_.end();
  if (!columns_.empty() && columns_.back().indicator >= indicator) {
    column = std::ranges::lower_bound(columns_, indicator, {}, &Column::indicator);
  }
  if (column == columns_.end() || column->indicator != indicator) {
    column = columns_.insert(column, Column{indicator, {}});
  }
  column->points.resize(column->points.size() + count);
  return std::span(column->points).last(count);
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
