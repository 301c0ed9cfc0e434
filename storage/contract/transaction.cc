#include "storage/contract/transaction.h"

#include <fmt/format.h>

#include <algorithm>
#include <tuple>

#include "storage/contract/store.h"
#include "storage/vocabulary/decimal.h"

namespace shouwang {
namespace {

constexpr uint64_t kEndOfPlaces = 1'000'000'000'000;

// Sums wrap rather than overflow: a delta and its opposite must cancel whatever lies between.
int64_t Add(int64_t a, int64_t b) {
  return static_cast<int64_t>(static_cast<uint64_t>(a) + static_cast<uint64_t>(b));
}

bool CanBe(const Subject& subject) {
  return subject.place < kEndOfPlaces && subject.number > 0 && subject.kind <= SubjectKind::kSite;
}

bool CanBe(Date date) { return Date::Min() <= date && date <= Date::Max(); }

bool CanBe(const RollupPlace& place) {
  if (place.township.level() != DivisionLevel::kTownship) return false;
  if (place.view == RollupView::kSite) {
    return CanBe(place.site) && place.site.kind == SubjectKind::kSite &&
           place.site.In(DivisionLevel::kTownship) == place.township;
  }
  return place.view < RollupView::kSite && place.site == Subject{};
}

bool CanBe(const HistogramPlace& place) {
  if (place.view == RollupView::kSite)
    return CanBe(RollupPlace{place.view, place.division, place.site});
  const DivisionLevel level = place.division.level();
  return place.view < RollupView::kSite && place.site == Subject{} &&
         (level == DivisionLevel::kTownship || level == DivisionLevel::kCounty);
}

absl::Status Refused(std::string_view what, std::string_view why) {
  return absl::InvalidArgumentError(fmt::format("transaction refused: {}: {}", what, why));
}

absl::Status CheckObservation(const Observation& observation, std::string_view what) {
  if (!CanBe(observation.subject)) {
    return Refused(what, fmt::format("no such subject: place {}, number {}",
                                     observation.subject.place, observation.subject.number));
  }
  const auto refused = [&](std::string_view why) {
    return Refused(
        fmt::format("{} of {}, indicator {} on {}", what, observation.subject.ToString(),
                    observation.indicator,
                    CanBe(observation.date) ? observation.date.ToString()
                                            : fmt::format("day {}", observation.date.days())),
        why);
  };
  if (observation.indicator == kAnyIndicator) return refused("indicator 0 is no indicator");
  if (!CanBe(observation.date)) return refused("date outside 1900 to 2199");
  if (observation.value > kMaxScaledValue || observation.value < -kMaxScaledValue) {
    return refused(
        fmt::format("value {} is beyond the limit of {}", observation.value, kMaxScaledValue));
  }
  const Source source = observation.arrival.source;
  if (source < Source::kSelfDeclaration || source > Source::kDepartmentScreening) {
    return refused(fmt::format("no such source: {}", static_cast<int>(source)));
  }
  return absl::OkStatus();
}

absl::Status CheckObservations(const ObservationList& list) {
  for (const ObservationList::Report& report : list.reports()) {
    const auto check = [&](const ObservationList::Cell& cell) {
      return CheckObservation({report.subject, cell.indicator, report.date, cell.value,
                               list.arrivals()[report.arrival]},
                              "observation");
    };
    // What a report's cells share is checked with the first of them.
    const std::span<const ObservationList::Cell> cells = list.CellsOf(report);
    if (cells.empty()) continue;
    if (absl::Status status = check(cells[0]); !status.ok()) return status;
    for (const ObservationList::Cell& cell : cells) {
      if (cell.indicator != kAnyIndicator && cell.value <= kMaxScaledValue &&
          cell.value >= -kMaxScaledValue) {
        continue;
      }
      return check(cell);
    }
  }
  return absl::OkStatus();
}

absl::Status CheckPlace(const RollupPlace& place, std::string_view what) {
  if (CanBe(place)) return absl::OkStatus();
  return Refused(what, fmt::format("division '{}' and site {}/{} are no place of view {}",
                                   place.township.ToString(), place.site.place, place.site.number,
                                   static_cast<int>(place.view)));
}

absl::Status CheckWarning(const Warning& warning) {
  if (CanBe(warning.subject) && warning.rule > 0 && CanBe(warning.opened_on)) {
    return absl::OkStatus();
  }
  return Refused("warning", fmt::format("place {}, number {}, rule {}, opened on day {}",
                                        warning.subject.place, warning.subject.number, warning.rule,
                                        warning.opened_on.days()));
}

absl::Status CheckSubjects(const Transaction& transaction) {
  for (const Residence& residence : transaction.residences) {
    if (!CanBe(residence.household) || !CanBe(residence.site) || !CanBe(residence.since)) {
      return Refused("residence", fmt::format("household {}/{}, site {}/{}, since day {}",
                                              residence.household.place, residence.household.number,
                                              residence.site.place, residence.site.number,
                                              residence.since.days()));
    }
  }
  for (const SubjectRisk& risk : transaction.risks) {
    if (!CanBe(risk.subject)) {
      return Refused("risk", fmt::format("no such subject: place {}, number {}", risk.subject.place,
                                         risk.subject.number));
    }
  }
  return absl::OkStatus();
}

absl::Status CheckCounts(const Transaction& transaction) {
  for (const RollupDelta& delta : transaction.rollups) {
    if (absl::Status status = CheckPlace(delta.place, "rollup"); !status.ok()) return status;
    if (delta.month < Date::Min().month() || delta.month > Date::Max().month()) {
      return Refused("rollup",
                     fmt::format("month {} is outside 1900 to 2199", delta.month.index()));
    }
  }
  for (const PlaceHistogram& delta : transaction.histograms) {
    if (!CanBe(delta.place)) {
      return Refused("histogram",
                     fmt::format("division '{}' and site {}/{} are no place of view {}",
                                 delta.place.division.ToString(), delta.place.site.place,
                                 delta.place.site.number, static_cast<int>(delta.place.view)));
    }
    if (!CanBe(Date::FirstOf(delta.month))) {
      return Refused("histogram",
                     fmt::format("month {} is outside 1900 to 2199", delta.month.index()));
    }
    const auto entries = delta.histogram.entries();
    if (!entries.empty() &&
        (entries.front().bucket < -kLastBucket || entries.back().bucket > kLastBucket)) {
      return Refused("histogram",
                     fmt::format("buckets {} to {} are beyond the limit of {}",
                                 entries.front().bucket, entries.back().bucket, kLastBucket));
    }
  }
  for (const Tally& tally : transaction.tallies) {
    if (absl::Status status = CheckPlace(tally.place, "tally"); !status.ok()) return status;
  }
  return absl::OkStatus();
}

}  // namespace

void AddTally(const Tally& delta, Tally* total) {
  total->households = Add(total->households, delta.households);
  total->sites = Add(total->sites, delta.sites);
  total->observations = Add(total->observations, delta.observations);
  total->latest_observed_on = std::max(total->latest_observed_on, delta.latest_observed_on);
  total->latest_known_at = std::max(total->latest_known_at, delta.latest_known_at);
  const auto key = [](const Tally::OpenWarnings& w) { return std::tuple(w.rule, w.severity); };
  for (const Tally::OpenWarnings& change : delta.warnings) {
    auto it = std::ranges::lower_bound(total->warnings, key(change), {}, key);
    if (it == total->warnings.end() || key(*it) != key(change)) {
      it = total->warnings.insert(it, Tally::OpenWarnings{change.rule, change.severity, 0});
    }
    it->count = Add(it->count, change.count);
    if (it->count == 0) total->warnings.erase(it);
  }
}

absl::Status CheckQuery(const HistogramQuery& query) {
  if (query.view == RollupView::kSite || query.level == DivisionLevel::kCounty ||
      query.level == DivisionLevel::kTownship) {
    return absl::OkStatus();
  }
  return absl::InvalidArgumentError(
      "histograms are kept for counties and townships; sum those of a larger division");
}

absl::Status CheckTransaction(const Transaction& transaction) {
  for (const BatchRecord& batch : transaction.batches) {
    if (batch.number == 0) return Refused("batch", "number 0 is no batch number");
    if (batch.request_id.size() > kMaxRequestIdBytes) {
      return Refused("batch", fmt::format("request id of {} bytes; the limit is {}",
                                          batch.request_id.size(), kMaxRequestIdBytes));
    }
  }
  if (absl::Status status = CheckObservations(transaction.observations); !status.ok()) {
    return status;
  }
  for (const SupersededValue& superseded : transaction.superseded) {
    if (absl::Status status = CheckObservation(superseded.observation, "superseded value");
        !status.ok()) {
      return status;
    }
  }
  if (absl::Status status = CheckSubjects(transaction); !status.ok()) return status;
  for (const std::vector<Warning>* warnings : {&transaction.opened, &transaction.closed}) {
    for (const Warning& warning : *warnings) {
      if (absl::Status status = CheckWarning(warning); !status.ok()) return status;
    }
  }
  return CheckCounts(transaction);
}

}  // namespace shouwang
