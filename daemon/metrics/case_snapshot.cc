#include "daemon/metrics/case_snapshot.h"

#include <algorithm>
#include <array>
#include <initializer_list>
#include <map>
#include <string>
#include <utility>

#include "absl/time/time.h"
#include "daemon/metrics/place_count.h"

namespace shouwang::metrics {
namespace {

constexpr std::array<DivisionLevel, 4> kLevels = {DivisionLevel::kProvince,
                                                  DivisionLevel::kPrefecture,
                                                  DivisionLevel::kCounty, DivisionLevel::kTownship};
constexpr size_t kStates = static_cast<size_t>(CaseState::kDismissed) + 1;

enum Family : size_t { kCases, kOverdue, kWithoutMeasure, kTimestamp, kDuration };

std::vector<prometheus::MetricFamily> EmptyFamilies() {
  constexpr std::array<std::pair<const char*, const char*>, 5> kWords = {{
      {"shouwang_cases", "Cases of households by state, where they live."},
      {"shouwang_cases_overdue", "Cases past the last day for their next step or the decision."},
      {"shouwang_cases_without_measure",
       "Registered and supported cases with a risk kind that no measure taken fits."},
      {"shouwang_cases_refresh_timestamp_seconds", "When the figures of cases were last read."},
      {"shouwang_cases_refresh_duration_seconds", "How long reading the figures of cases took."},
  }};
  std::vector<prometheus::MetricFamily> families;
  for (const auto& [name, help] : kWords) {
    prometheus::MetricFamily family;
    family.name = name;
    family.help = help;
    family.type = prometheus::MetricType::Gauge;
    families.push_back(std::move(family));
  }
  return families;
}

void Add(std::initializer_list<std::pair<const char*, std::string>> labels, double value,
         prometheus::MetricFamily* family) {
  prometheus::ClientMetric metric;
  for (const auto& [name, text] : labels) metric.label.push_back({name, text});
  metric.gauge.value = value;
  family->metric.push_back(std::move(metric));
}

struct CaseCount {
  std::array<int64_t, kStates> cases{};
  std::array<int64_t, kStates> overdue{};
  int64_t without_measure = 0;
  bool any = false;
};

void AddDivision(const std::string& code, const CaseCount& count,
                 std::vector<prometheus::MetricFamily>* families) {
  for (const CaseState state : AllCaseStates()) {
    const auto index = static_cast<size_t>(state);
    const std::string name(CaseStateName(state));
    Add({{"division", code}, {"state", name}}, static_cast<double>(count.cases[index]),
        &(*families)[kCases]);
    if (!IsUnderWay(state)) continue;
    Add({{"division", code}, {"state", name}}, static_cast<double>(count.overdue[index]),
        &(*families)[kOverdue]);
  }
  Add({{"division", code}}, static_cast<double>(count.without_measure),
      &(*families)[kWithoutMeasure]);
}

absl::StatusOr<std::map<Division, PlaceCount>> ReadHouseholds(const Store& store,
                                                              DivisionLevel depth) {
  const auto tallies = store.ReadTallies(RollupView::kSettlement, Division());
  if (!tallies.ok()) return tallies.status();
  std::map<Division, PlaceCount> households;
  for (const Tally& tally : *tallies) {
    for (const DivisionLevel level : kLevels) {
      if (level <= depth) households[tally.place.township.At(level)].Add(tally);
    }
  }
  return households;
}

}  // namespace

CaseSnapshot::CaseSnapshot(const FigureSettings& settings, const Store* store,
                           const cases::CaseDesk* desk, const CurrentRulebook* rulebook,
                           std::function<Instant()> now)
    : settings_(settings),
      store_(store),
      desk_(desk),
      rulebook_(rulebook),
      now_(std::move(now)),
      families_(EmptyFamilies()) {}

CaseSnapshot::~CaseSnapshot() { Stop(); }

absl::Status CaseSnapshot::Refresh(const std::stop_token& stop) {
  const auto started = std::chrono::steady_clock::now();
  const Instant now = now_();
  const Date today = DateOf(now);
  const std::shared_ptr<const Rulebook> rulebook = rulebook_->Get();
  std::map<Division, CaseCount> counts;
  absl::Status status = desk_->Scan(
      *rulebook, Division(), Subject(), now,
      [&](const cases::CaseStanding& standing, const cases::Deadlines& deadlines) {
        const auto index = static_cast<size_t>(standing.state);
        const bool overdue = deadlines.DaysOver(today) > 0;
        const bool lacks = !cases::KindsWithoutMeasure(standing, rulebook->policies).empty();
        for (const DivisionLevel level : kLevels) {
          if (level > settings_.depth) break;
          CaseCount& count = counts[standing.subject.In(level)];
          count.any = true;
          ++count.cases[index];
          count.overdue[index] += overdue ? 1 : 0;
          count.without_measure += lacks ? 1 : 0;
        }
        return !stop.stop_requested();
      });
  if (stop.stop_requested()) return absl::CancelledError("the daemon stops");
  if (!status.ok()) return status;
  const auto households = ReadHouseholds(*store_, settings_.depth);
  if (!households.ok()) return households.status();

  std::vector<prometheus::MetricFamily> families = EmptyFamilies();
  const bool kept = rulebook->policies.InForce(today).cases.has_value();
  for (const DivisionLevel level : kLevels) {
    if (level > settings_.depth) break;
    for (const Division& division : rulebook->reg.divisions.Within(Division(), level)) {
      const auto found = households->find(division);
      if (found != households->end() && found->second.TooSmall(settings_.min_cell)) continue;
      const CaseCount& count = counts[division];
      if (kept || count.any) AddDivision(division.ToString(), count, &families);
    }
  }
  Add({}, std::chrono::duration<double>(now.time_since_epoch()).count(), &families[kTimestamp]);
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - started;
  Add({}, took.count(), &families[kDuration]);
  absl::MutexLock lock(&mutex_);
  families_ = std::move(families);
  return absl::OkStatus();
}

void CaseSnapshot::Work(std::chrono::milliseconds refresh,
                        const std::function<void(const absl::Status&)>& fault,
                        const std::stop_token& stop) {
  while (true) {
    const auto started = std::chrono::steady_clock::now();
    const absl::Status status = Refresh(stop);
    if (stop.stop_requested()) return;
    if (!status.ok()) fault(status);
    const std::chrono::nanoseconds took = std::chrono::steady_clock::now() - started;
    const std::chrono::nanoseconds rest =
        std::max<std::chrono::nanoseconds>(refresh, took * kRestFactor);
    absl::MutexLock lock(&mutex_);
    if (mutex_.AwaitWithTimeout(absl::Condition(&stopping_), absl::FromChrono(rest))) return;
  }
}

void CaseSnapshot::Start(std::chrono::milliseconds refresh,
                         std::function<void(const absl::Status&)> fault) {
  thread_ = std::jthread([this, refresh, fault = std::move(fault)](const std::stop_token& stop) {
    Work(refresh, fault, stop);
  });
}

void CaseSnapshot::Stop() {
  {
    absl::MutexLock lock(&mutex_);
    stopping_ = true;
  }
  if (!thread_.joinable()) return;
  thread_.request_stop();
  thread_.join();
}

std::vector<prometheus::MetricFamily> CaseSnapshot::Collect() const {
  absl::MutexLock lock(&mutex_);
  return families_;
}

}  // namespace shouwang::metrics
