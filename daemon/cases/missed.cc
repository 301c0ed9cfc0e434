#include "daemon/cases/missed.h"

#include <algorithm>

namespace shouwang::cases {

std::optional<Proportion> MissedEstimate::Recall() const {
  const auto found = static_cast<double>(confirmed);
  const auto of = [&](double missed) { return found + missed > 0 ? found / (found + missed) : 1; };
  if (confirmed == 0 && missed() == 0) return std::nullopt;
  return Proportion{of(missed()), of(missed_high()), of(missed_low())};
}

bool IsConfirmed(const Case& record, Date on) {
  bool warned = false;
  CaseState state = CaseState::kNone;
  for (const CaseEvent& event : record.events) {
    if (event.kind == CaseEventKind::kMeasure || DateOf(event.at) > on) continue;
    if (event.kind == CaseEventKind::kOpened) warned = !event.warnings.empty();
    state = event.state;
  }
  return warned && (state == CaseState::kRegistered || state == CaseState::kSupported);
}

void DismissedRounds::Add(const Case& record) {
  Instant opened_at;
  for (const CaseEvent& event : record.events) {
    if (event.kind == CaseEventKind::kOpened) opened_at = event.at;
    if (event.kind != CaseEventKind::kMoved || event.state != CaseState::kDismissed) continue;
    rounds_[record.subject].push_back({opened_at, event.at});
  }
}

bool DismissedRounds::Has(const Subject& subject, Instant at) const {
  const auto found = rounds_.find(subject);
  return found != rounds_.end() && std::ranges::any_of(found->second, [&](const Round& round) {
           return round.opened_at <= at && at <= round.dismissed_at;
         });
}

void MissedCount::Add(const Draw& draw, const DismissedRounds& dismissed) {
  Stratum& stratum = strata_[draw.township];
  if (!stratum.latest || draw.month >= *stratum.latest) {
    stratum.latest = draw.month;
    stratum.unflagged = draw.unflagged;
  }
  for (const Subject& subject : draw.drawn) {
    ++stratum.drawn;
    const DrawVisit* visit = draw.VisitOf(subject);
    if (visit == nullptr) continue;
    ++stratum.visited;
    if (visit->outcome != VisitOutcome::kAtRisk) continue;
    ++stratum.at_risk;
    stratum.dismissed += dismissed.Has(subject, visit->at) ? 1 : 0;
  }
}

int64_t MissedCount::drawn() const {
  int64_t sum = 0;
  for (const auto& [township, stratum] : strata_) sum += stratum.drawn;
  return sum;
}

int64_t MissedCount::visited() const {
  int64_t sum = 0;
  for (const auto& [township, stratum] : strata_) sum += stratum.visited;
  return sum;
}

int64_t MissedCount::at_risk() const {
  int64_t sum = 0;
  for (const auto& [township, stratum] : strata_) sum += stratum.at_risk;
  return sum;
}

std::optional<MissedEstimate> MissedCount::Estimate(double confidence) const {
  MissedEstimate estimate;
  double share = 0;     // times the unflagged
  double variance = 0;  // of a share of one visit each, times the square of the unflagged
  for (const auto& [township, stratum] : strata_) {
    if (stratum.visited == 0) continue;
    const auto unflagged = static_cast<double>(stratum.unflagged);
    const auto visited = static_cast<double>(stratum.visited);
    ++estimate.townships;
    estimate.unflagged += stratum.unflagged;
    estimate.visited += stratum.visited;
    const int64_t at_risk = stratum.at_risk - stratum.dismissed;
    estimate.at_risk += at_risk;
    estimate.confirmed += stratum.confirmed;
    share += unflagged * static_cast<double>(at_risk) / visited;
    variance += unflagged * unflagged / visited;
  }
  if (estimate.visited == 0) return std::nullopt;
  const auto all = static_cast<double>(estimate.unflagged);
  estimate.share = all > 0 ? Wilson(share / all, all * all / variance, confidence) : Proportion();
  return estimate;
}

}  // namespace shouwang::cases
