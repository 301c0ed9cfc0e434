// What is known of one subject: a table of its reporting dates by its indicators, each cell with
// the arrival that brought it.
//
// Which of two reports of one cell (subject, indicator, date) stands is decided by what the reports
// say, never by when they came in: the later `reported_at`, then the higher Source, then the higher
// value (see Supersedes). So any order of arrival gives the same history.
//
// The table is dense: a column has a place for every date, kAbsent where there is no point.
// Subjects report most of their indicators on the same dates, so little is wasted, and windows of
// all features begin and end at the same rows.
//
// A History is a value, owned by one thread at a time. Reset keeps its memory, so that loading one
// household after another does not allocate once it is warm.
#pragma once

#include <compare>
#include <cstdint>
#include <limits>
#include <optional>
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
  friend auto operator<=>(const Point&, const Point&) = default;
};

// Whether a report (arrival, value) takes the place of a current one.
bool Supersedes(const Arrival& arrival, int64_t value, const Arrival& current,
                int64_t current_value);

class History {
 public:
  // Of a cell without a point; beyond every value.
  static constexpr int64_t kAbsent = std::numeric_limits<int64_t>::min();

  History() = default;
  explicit History(Subject subject) : subject_(subject) {}

  const Subject& subject() const { return subject_; }
  bool empty() const { return dates_.empty(); }
  // The reporting dates: every date that has a point, ascending, each once.
  std::span<const Date> dates() const { return dates_; }
  // Every indicator that has a point, ascending, each once.
  std::span<const IndicatorId> indicators() const { return indicators_; }
  // One value a date, kAbsent where the indicator has no point; empty where it has none at all.
  std::span<const int64_t> Column(IndicatorId indicator) const;
  // The same of indicators()[position].
  std::span<const int64_t> ColumnAt(size_t position) const {
    return {cells_.data() + position * stride_, dates_.size()};
  }

  // The points of an indicator, by date, all of them or those of [range.from, range.to]. Made for
  // the call.
  std::vector<Point> Of(IndicatorId indicator) const { return Of(indicator, DateRange{}); }
  std::vector<Point> Of(IndicatorId indicator, DateRange range) const;
  // nullopt where nothing is known.
  std::optional<Point> At(IndicatorId indicator, Date date) const;
  const Arrival& ArrivalOf(const Point& point) const { return arrivals_[point.arrival]; }
  std::span<const Arrival> arrivals() const { return arrivals_; }
  size_t PointCount() const;

  // Puts the point of (indicator, date), in the place of one that stands there. Appending in date
  // order is cheap.
  void Put(IndicatorId indicator, Date date, int64_t value, const Arrival& arrival);
  void Erase(IndicatorId indicator, Date date);

  // The points of `first` and after.
  History From(Date first) const;
  // What it keeps in memory.
  int64_t Bytes() const;

  // Forgets all points.
  void Reset(const Subject& subject);

  // For stores, which hold whole rows in order already. The index of `arrival` for AppendRow; only
  // the one added last is looked at for an equal.
  uint32_t AddArrival(const Arrival& arrival);
  // Makes room for so many rows more, and columns in all, so that appending them moves nothing.
  void Reserve(size_t rows, size_t columns);
  // Adds a date later than all there and returns its row; the caller fills at least one cell of it.
  // Cells that are not given another arrival have this one.
  size_t AppendRow(Date date, uint32_t arrival);
  // The cells of an indicator for the caller to fill, added (all kAbsent) where there are none; the
  // caller fills at least one. Good until the next AppendRow, AppendColumn or Put. `hint` is where
  // the column is looked for first, and then holds its position plus one: so columns that are asked
  // for in ascending order are found at once.
  std::span<int64_t> AppendColumn(IndicatorId indicator, size_t* hint);
  // Gives the cell at (row, indicator) an arrival other than its row's.
  void SetArrival(size_t row, IndicatorId indicator, uint32_t arrival);

  // For stores too, which write the whole table: the arrival of the cells of each row, as an index
  // of arrivals(), and the cells that have another, by (date, indicator).
  std::span<const uint32_t> row_arrivals() const { return row_arrivals_; }
  struct Exception {
    Date date;
    IndicatorId indicator = 0;
    uint32_t arrival = 0;
  };
  std::span<const Exception> exceptions() const { return exceptions_; }

 private:
  uint32_t InternArrival(const Arrival& arrival);
  uint32_t ArrivalAt(size_t row, IndicatorId indicator) const;
  // Where the exception of a cell is, or where it belongs.
  size_t FindException(Date date, IndicatorId indicator) const;
  bool IsException(size_t at, Date date, IndicatorId indicator) const {
    return at < exceptions_.size() && exceptions_[at].date == date &&
           exceptions_[at].indicator == indicator;
  }
  void RemoveException(Date date, IndicatorId indicator);
  size_t RowOf(Date date, uint32_t arrival);
  size_t ColumnOf(IndicatorId indicator);
  // Gives every column places for so many rows, where it has fewer.
  void Widen(size_t rows);
  void EraseRow(size_t row);
  int64_t* Cells(size_t column) { return cells_.data() + column * stride_; }

  Subject subject_;
  std::vector<Date> dates_;
  std::vector<uint32_t> row_arrivals_;
  std::vector<IndicatorId> indicators_;
  std::vector<int64_t> cells_;  // column by column, stride_ places each
  size_t stride_ = 0;
  std::vector<Exception> exceptions_;  // by (date, indicator)
  std::vector<Arrival> arrivals_;
};

}  // namespace shouwang
