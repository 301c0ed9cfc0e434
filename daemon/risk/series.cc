#include "daemon/risk/series.h"

#include <algorithm>

namespace shouwang::risk {

void Series::Append(Date date, uint64_t value, uint64_t total) {
  dates_.push_back(date);
  values_.push_back(static_cast<int64_t>(value));
  running_.push_back(running_.back() + value);
  running_total_.push_back(running_total_.back() + total);
}

void Series::Build(const Shape& shape, const History& history, Date after, Date through) {
  cursors_.clear();
  dates_.clear();
  values_.clear();
  running_.assign(1, 0);
  running_total_.assign(1, 0);
  for (const Term& term : shape.terms) {
    std::vector<Point> points = history.Of(term.indicator, {after + 1, through});
    if (points.empty() && !shape.missing_is_zero) return;
    const Point* first = points.data();
    const size_t count = points.size();
    cursors_.push_back({std::move(points), first, first + count, &term});
  }
  if (cursors_.size() == 1) {
    AppendOne(cursors_.front());
    return;
  }
  while (AppendNext(shape.missing_is_zero)) {
  }
}

// Most series have one term: its points as they are.
void Series::AppendOne(const Cursor& cursor) {
  const auto factor = static_cast<uint64_t>(cursor.term->factor);
  for (const Point* point = cursor.next; point != cursor.end; ++point) {
    const uint64_t scaled = static_cast<uint64_t>(point->value) * factor;
    Append(point->date, cursor.term->in_total ? 0 : scaled, cursor.term->in_total ? scaled : 0);
  }
}

// Takes the earliest date that a cursor stands on; false where all are at their ends.
bool Series::AppendNext(bool missing_is_zero) {
  Date date = Date::Max() + 1;
  for (const Cursor& cursor : cursors_) {
    if (cursor.next != cursor.end) date = std::min(date, cursor.next->date);
  }
  if (date > Date::Max()) return false;
  // Unsigned, as sums of damaged data may wrap; the checks of a policy keep those of good data
  // inside 63 bits.
  uint64_t value = 0;
  uint64_t total = 0;
  bool complete = true;
  for (Cursor& cursor : cursors_) {
    if (cursor.next == cursor.end || cursor.next->date != date) {
      complete = false;
      continue;
    }
    const uint64_t scaled =
        static_cast<uint64_t>(cursor.next->value) * static_cast<uint64_t>(cursor.term->factor);
    (cursor.term->in_total ? total : value) += scaled;
    ++cursor.next;
  }
  if (complete || missing_is_zero) Append(date, value, total);
  return true;
}

}  // namespace shouwang::risk
