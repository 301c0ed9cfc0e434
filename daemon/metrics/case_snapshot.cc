#include "daemon/metrics/case_snapshot.h"

#include <map>
#include <memory>
#include <utility>

#include "daemon/metrics/case_figures.h"
#include "daemon/metrics/place_count.h"

namespace shouwang::metrics {
namespace {

absl::StatusOr<std::map<Division, PlaceCount>> ReadHouseholds(const Store& store,
                                                              DivisionLevel depth) {
  const auto tallies = store.ReadTallies(RollupView::kSettlement, Division());
  if (!tallies.ok()) return tallies.status();
  std::map<Division, PlaceCount> households;
  for (const Tally& tally : *tallies) {
    for (const DivisionLevel level : kCaseLevels) {
      if (level <= depth) households[tally.place.township.At(level)].Add(tally);
    }
  }
  return households;
}

}  // namespace

CaseSnapshot::CaseSnapshot(const FigureSettings& settings, const CaseSnapshotParts& parts)
    : settings_(settings),
      store_(parts.store),
      desk_(parts.desk),
      draws_(parts.draws),
      board_(parts.board),
      rulebook_(parts.rulebook),
      now_(parts.now),
      families_(EmptyCaseFamilies()) {}

absl::Status CaseSnapshot::Refresh(const std::stop_token& stop) {
  const auto started = std::chrono::steady_clock::now();
  const Instant now = now_();
  const Date today = DateOf(now);
  const std::shared_ptr<const Rulebook> rulebook = rulebook_->Get();
  CaseFigures figures(settings_, *rulebook, today);
  auto taken_on = std::make_shared<cases::TakenOnCount>();
  absl::Status status =
      desk_->ScanRecords(*rulebook, Division(), Subject(), now,
                         [&](const Case& record, const cases::CaseStanding& standing,
                             const cases::Deadlines& deadlines) {
                           figures.Add(record, standing, deadlines);
                           taken_on->Add(standing, deadlines, today);
                           return !stop.stop_requested();
                         });
  if (stop.stop_requested()) return absl::CancelledError("the daemon stops");
  if (!status.ok()) return status;
  // What is taken on is told even where the draws cannot be read.
  board_->Set(std::move(taken_on));
  status =
      draws_->ScanDraws(Division(), figures.FirstMonth(), today.month(), [&](const Draw& draw) {
        figures.Add(draw);
        return true;
      });
  if (!status.ok()) return status;
  const auto households = ReadHouseholds(*store_, settings_.depth);
  if (!households.ok()) return households.status();
  std::vector<prometheus::MetricFamily> families = figures.Families(*households);
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - started;
  CaseFigures::AddReading(std::chrono::duration<double>(now.time_since_epoch()).count(),
                          took.count(), &families);
  absl::MutexLock lock(&mutex_);
  families_ = std::move(families);
  return absl::OkStatus();
}

void CaseSnapshot::Start(std::chrono::milliseconds refresh,
                         std::function<void(const absl::Status&)> fault) {
  thread_.Start(
      {.every = refresh, .rest_factor = kRestFactor},
      [this](const std::stop_token& stop) { return Refresh(stop); }, std::move(fault));
}

std::vector<prometheus::MetricFamily> CaseSnapshot::Collect() const {
  absl::MutexLock lock(&mutex_);
  return families_;
}

}  // namespace shouwang::metrics
