#include "daemon/metrics/division_snapshot.h"

#include <fmt/format.h>

#include <utility>

namespace shouwang::metrics {

absl::StatusOr<std::shared_ptr<DivisionSnapshot>> DivisionSnapshot::Of(
    const FigureSettings& settings, const Store* store, const CurrentRulebook* rulebook,
    std::function<Instant()> now, const Reporters* reporters) {
  if (settings.depth < DivisionLevel::kProvince || settings.depth > DivisionLevel::kTownship) {
    return absl::InvalidArgumentError(
        fmt::format("metrics.depth: {} is not allowed; province, prefecture, county and township "
                    "are (a village's figures would be too many series and too small cells)",
                    LevelName(settings.depth)));
  }
  return std::shared_ptr<DivisionSnapshot>(
      new DivisionSnapshot(settings, store, rulebook, std::move(now), reporters));
}

DivisionSnapshot::DivisionSnapshot(const FigureSettings& settings, const Store* store,
                                   const CurrentRulebook* rulebook, std::function<Instant()> now,
                                   const Reporters* reporters)
    : settings_(settings),
      store_(store),
      rulebook_(rulebook),
      now_(std::move(now)),
      reporters_(reporters) {}

absl::Status DivisionSnapshot::ReadFigures(Gauges* gauges, absl::Status* damage) const {
  const Instant now = now_();
  const Date today = DateOf(now);
  const std::shared_ptr<const Rulebook> rulebook = rulebook_->Get();
  if (absl::Status s = AddDivisionFigures(*store_, *rulebook, settings_, today, gauges); !s.ok()) {
    return s;
  }
  if (absl::Status s = AddReportingFigures(*store_, *rulebook, settings_, today, gauges); !s.ok()) {
    return s;
  }
  if (reporters_ != nullptr) {
    *damage = AddReporterFigures(*reporters_, *rulebook, settings_, today, gauges);
    if (!damage->ok() && !absl::IsDataLoss(*damage)) return *damage;
  }
  if (absl::Status s = AddSiteFigures(*store_, *rulebook, settings_, today, gauges); !s.ok()) {
    return s;
  }
  AddRules(*rulebook, today, gauges);
  gauges->Add(Gauge::kRefreshTimestamp, {},
              std::chrono::duration<double>(now.time_since_epoch()).count());
  return absl::OkStatus();
}

absl::Status DivisionSnapshot::Refresh() {
  const auto started = std::chrono::steady_clock::now();
  Gauges gauges;
  absl::Status damage;
  absl::Status status = ReadFigures(&gauges, &damage);
  // After reading, so that damage which was just met is counted.
  Gauges store;
  AddStoreFigures(store_->Statistics(), &store);
  gauges.Replace(store);
  gauges.Add(Gauge::kRefreshDuration, {},
             std::chrono::duration<double>(std::chrono::steady_clock::now() - started).count());
  absl::MutexLock lock(&mutex_);
  if (!status.ok()) {
    gauges_.Replace(store);
    return status;
  }
  gauges_ = std::move(gauges);
  return damage;
}

void DivisionSnapshot::Start(std::chrono::milliseconds refresh,
                             std::function<void(const absl::Status&)> fault) {
  thread_.Start(
      {.every = refresh, .at_once = false}, [this](const std::stop_token&) { return Refresh(); },
      std::move(fault));
}

std::vector<prometheus::MetricFamily> DivisionSnapshot::Collect() const {
  absl::MutexLock lock(&mutex_);
  return gauges_.families();
}

}  // namespace shouwang::metrics
