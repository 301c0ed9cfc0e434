#include "storage/contract/as_of.h"

#include <algorithm>
#include <utility>
#include <vector>

namespace shouwang {

bool StoodAt(const SupersededValue& superseded, Instant instant) {
  return superseded.observation.arrival.known_at <= instant && instant < superseded.until;
}

History AsOf(History history, std::span<const SupersededValue> superseded, Instant instant) {
  const auto known = [&](const Arrival& arrival) { return arrival.known_at <= instant; };
  const auto stood = [&](const SupersededValue& value) { return StoodAt(value, instant); };
  if (std::ranges::all_of(history.arrivals(), known) && std::ranges::none_of(superseded, stood)) {
    return history;
  }
  History then(history.subject());
  for (const IndicatorId indicator : history.indicators()) {
    for (const Point& point : history.Of(indicator)) {
      const Arrival& arrival = history.ArrivalOf(point);
      if (known(arrival)) then.Put(indicator, point.date, point.value, arrival);
    }
  }
  for (const SupersededValue& value : superseded) {
    if (!stood(value)) continue;
    const Observation& old = value.observation;
    const auto other = then.At(old.indicator, old.date);
    if (other && then.ArrivalOf(*other).batch > old.arrival.batch) continue;
    then.Put(old.indicator, old.date, old.value, old.arrival);
  }
  return then;
}

absl::Status TakeBack(const Store& store, Instant instant, std::span<History> histories) {
  for (History& history : histories) {
    const auto superseded = store.LoadSuperseded(history.subject());
    if (!superseded.ok()) return superseded.status();
    history = AsOf(std::move(history), *superseded, instant);
  }
  return absl::OkStatus();
}

}  // namespace shouwang
