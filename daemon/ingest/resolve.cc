#include "daemon/ingest/resolve.h"

namespace shouwang::ingest {

Resolution Resolve(const Observation& report, History* history, Transaction* transaction) {
  const std::optional<Point> standing = history->At(report.indicator, report.date);
  if (!standing) {
    history->Put(report.indicator, report.date, report.value, report.arrival);
    transaction->observations.push_back(report);
    return {Outcome::kAccepted, report.value};
  }
  const int64_t old_value = standing->value;
  const Arrival old_arrival = history->ArrivalOf(*standing);
  if (!Supersedes(report.arrival, report.value, old_arrival, old_value)) {
    if (old_value == report.value) return {Outcome::kUnchanged, 0};
    transaction->superseded.push_back({report, report.arrival.known_at});
    return {Outcome::kSuperseded, 0};
  }
  Observation stands = report;
  if (old_value == report.value) {
    stands.arrival.known_at = old_arrival.known_at;
    stands.arrival.batch = old_arrival.batch;
  } else {
    Observation replaced = report;
    replaced.value = old_value;
    replaced.arrival = old_arrival;
    transaction->superseded.push_back({replaced, report.arrival.known_at});
  }
  history->Put(stands.indicator, stands.date, stands.value, stands.arrival);
  transaction->observations.push_back(stands);
  return {old_value == report.value ? Outcome::kUnchanged : Outcome::kCorrected,
          report.value - old_value};
}

}  // namespace shouwang::ingest
