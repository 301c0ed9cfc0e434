// What is known of one subject: for each indicator its points in time order, each with the arrival
// that brought it.
//
// Which of two reports of one cell (subject, indicator, date) stands is decided by what the reports
// say, never by when they came in: the later `reported_at`, then the higher Source, then the higher
// value (see Supersedes). So any order of arrival gives the same history.
//
// A History is a value, owned by one thread at a time.
#pragma once

#include <compare>
#include <cstdint>
#include <span>
#include <vector>

#include "storage/vocabulary/date.h"
#include "storage/vocabulary/indicator.h"
#include "storage/vocabulary/subject.h"

namespace shouwang {

// Where a value came from. `known_at` and `batch` are those of the commit that made the value
// current; a later report of the same value moves `reported_at` and `source` only.
struct Arrival {
  Instant reported_at;
  Instant known_at;
  // The batch's number in this store, 1 and up.
  uint64_t batch = 0;
  Source source = Source::kCadreVisit;
  friend auto operator<=>(const Arrival&, const Arrival&) = default;
};

// One value of one indicator for one subject on one date.
struct Observation {
  Subject subject;
  IndicatorId indicator = 0;
  Date date;
  // Scaled by the indicator's decimals.
  int64_t value = 0;
  Arrival arrival;
  friend auto operator<=>(const Observation&, const Observation&) = default;
};

struct Point {
  Date date;
  // Index into History::arrivals().
  uint32_t arrival = 0;
  int64_t value = 0;
};

// Whether a report (arrival, value) takes the place of a current one.
bool Supersedes(const Arrival& arrival, int64_t value, const Arrival& current,
                int64_t current_value);

class History {
 public:
  struct Column {
    IndicatorId indicator = 0;
    std::vector<Point> points;  // by date, each date once
  };

  History() = default;
  explicit History(Subject subject) : subject_(subject) {}

  const Subject& subject() const { return subject_; }
  bool empty() const { return columns_.empty(); }
  // By indicator; no column is empty.
  std::span<const Column> columns() const { return columns_; }
  // Empty where nothing is known.
  std::span<const Point> Of(IndicatorId indicator) const;
  // The points of [range.from, range.to].
  std::span<const Point> Of(IndicatorId indicator, DateRange range) const;
  // nullptr where nothing is known.
  const Point* At(IndicatorId indicator, Date date) const;
  const Arrival& ArrivalOf(const Point& point) const { return arrivals_[point.arrival]; }
  std::span<const Arrival> arrivals() const { return arrivals_; }
  // Every date that has a point, ascending, each once.
  std::vector<Date> Dates() const;
  size_t PointCount() const;

  // Puts the point of (indicator, date), in the place of one that stands there. Appending in date
  // order is cheap.
  void Put(IndicatorId indicator, Date date, int64_t value, const Arrival& arrival);
  void Erase(IndicatorId indicator, Date date);

  // For stores, which hold columns in order already. The index of `arrival` for Point::arrival;
  // only the one added last is looked at for an equal.
  uint32_t AddArrival(const Arrival& arrival);
  // Makes room for `count` > 0 points behind those of `indicator`; the caller fills all of them at
  // once, ascending and later than what stands.
  std::span<Point> Append(IndicatorId indicator, size_t count);

 private:
  uint32_t InternArrival(const Arrival& arrival);

  Subject subject_;
  std::vector<Column> columns_;
  std::vector<Arrival> arrivals_;
};

}  // namespace shouwang
