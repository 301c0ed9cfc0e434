// The points of one or several indicators joined by date: at each usable date the sum of `plus`
// less the sum of `minus`, and the sum of `total`, exact in the smallest unit. What the windows of
// features slide over.
//
// A value, owned by one thread; Build reuses its memory, so a fold over many subjects does not
// allocate once it is warm.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "storage/vocabulary/history.h"

namespace shouwang::risk {

class Series {
 public:
  struct Term {
    IndicatorId indicator = 0;
    int64_t factor = 1;  // to the series' decimals; negative for `minus`
    bool in_total = false;
    friend bool operator==(const Term&, const Term&) = default;
  };
  struct Shape {
    std::vector<Term> terms;
    bool missing_is_zero = false;
    friend bool operator==(const Shape&, const Shape&) = default;
  };

  // The usable dates in (after, through]: those on which every term has a point, or any if
  // `missing_is_zero`.
  void Build(const Shape& shape, const History& history, Date after, Date through);

  size_t size() const { return dates_.size(); }
  const std::vector<Date>& dates() const { return dates_; }
  int64_t value(size_t i) const { return values_[i]; }
  // Sums over [begin, end), exact (the checks of a policy bound them to 63 bits).
  int64_t Sum(size_t begin, size_t end) const {
    return static_cast<int64_t>(running_[end] - running_[begin]);
  }
  int64_t Total(size_t begin, size_t end) const {
    return static_cast<int64_t>(running_total_[end] - running_total_[begin]);
  }

 private:
  struct Cursor {
    std::vector<Point> points;
    const Point* next = nullptr;
    const Point* end = nullptr;
    const Term* term = nullptr;
  };

  void AppendOne(const Cursor& cursor);
  bool AppendNext(bool missing_is_zero);
  void Append(Date date, uint64_t value, uint64_t total);

  std::vector<Cursor> cursors_;
  std::vector<Date> dates_;
  std::vector<int64_t> values_;
  // Running sums before each date, modulo 2^64: differences are exact whatever came before.
  std::vector<uint64_t> running_;
  std::vector<uint64_t> running_total_;
};

}  // namespace shouwang::risk
