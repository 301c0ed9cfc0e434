// Observations, kept report by report: the subject, the date and the arrival once, then a cell for
// each indicator. What a transaction carries.
//
//   list.BeginReport(subject, date, list.AddArrival(arrival));
//   list.AddCell(indicator, value);
//
// A value, owned by one thread at a time. Clear keeps its memory.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <span>
#include <vector>

#include "storage/vocabulary/history.h"

namespace shouwang {

class ObservationList {
 public:
  struct Cell {
    IndicatorId indicator = 0;
    int64_t value = 0;
    friend auto operator<=>(const Cell&, const Cell&) = default;
  };
  // Some or all of what one subject reported for one date.
  struct Report {
    Subject subject;
    Date date;
    uint32_t arrival = 0;  // index into arrivals()
    uint32_t begin = 0;    // [begin, end) of the cells
    uint32_t end = 0;
  };

  ObservationList() = default;
  ObservationList(std::initializer_list<Observation> observations) {
    for (const Observation& observation : observations) push_back(observation);
  }

  // How many observations.
  size_t size() const { return cells_.size(); }
  bool empty() const { return cells_.empty(); }
  std::span<const Arrival> arrivals() const { return arrivals_; }
  std::span<const Report> reports() const { return reports_; }
  std::span<const Cell> CellsOf(const Report& report) const {
    return std::span(cells_).subspan(report.begin, report.end - report.begin);
  }
  // The one at `index`, in the order they were added. A search.
  Observation operator[](size_t index) const;

  // Only the arrival added last is looked at for an equal.
  uint32_t AddArrival(const Arrival& arrival) {
    if (arrivals_.empty() || arrivals_.back() != arrival) arrivals_.push_back(arrival);
    return static_cast<uint32_t>(arrivals_.size() - 1);
  }
  // Cells added from now on belong to this report. A report without a cell does not stay.
  void BeginReport(const Subject& subject, Date date, uint32_t arrival) {
    if (!reports_.empty() && reports_.back().begin == reports_.back().end) reports_.pop_back();
    const auto at = static_cast<uint32_t>(cells_.size());
    reports_.push_back({subject, date, arrival, at, at});
  }
  void AddCell(IndicatorId indicator, int64_t value) {
    cells_.push_back({indicator, value});
    ++reports_.back().end;
  }
  void AddCells(std::span<const Cell> cells) {
    cells_.insert(cells_.end(), cells.begin(), cells.end());
    reports_.back().end += static_cast<uint32_t>(cells.size());
  }
  // One observation, to the report before it where it belongs there.
  void push_back(const Observation& observation);

  void Reserve(size_t reports, size_t cells) {
    reports_.reserve(reports);
    cells_.reserve(cells);
  }
  void Clear() {
    arrivals_.clear();
    reports_.clear();
    cells_.clear();
  }

 private:
  std::vector<Arrival> arrivals_;
  std::vector<Report> reports_;
  std::vector<Cell> cells_;
};

}  // namespace shouwang
