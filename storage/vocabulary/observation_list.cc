#include "storage/vocabulary/observation_list.h"

#include <algorithm>

namespace shouwang {

Observation ObservationList::operator[](size_t index) const {
  const auto report = std::ranges::upper_bound(reports_, index, {}, &Report::end);
  const Cell& cell = cells_[index];
  return {report->subject, cell.indicator, report->date, cell.value, arrivals_[report->arrival]};
}

void ObservationList::push_back(const Observation& observation) {
  const uint32_t arrival = AddArrival(observation.arrival);
  if (reports_.empty() || reports_.back().subject != observation.subject ||
      reports_.back().date != observation.date || reports_.back().arrival != arrival) {
    BeginReport(observation.subject, observation.date, arrival);
  }
  AddCell(observation.indicator, observation.value);
}

}  // namespace shouwang
