#include "daemon/cases/missed.h"

namespace shouwang::cases {

std::optional<Proportion> MissedEstimate::Recall() const {
  const auto found = static_cast<double>(confirmed);
  const auto of = [&](double missed) { return found + missed > 0 ? found / (found + missed) : 1; };
  if (confirmed == 0 && missed() == 0) return std::nullopt;
  return Proportion{of(missed()), of(missed_high()), of(missed_low())};
}

void MissedCount::Add(const Draw& draw) {
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
    stratum.at_risk += visit->outcome == VisitOutcome::kAtRisk ? 1 : 0;
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
    estimate.at_risk += stratum.at_risk;
    estimate.confirmed += stratum.confirmed;
    share += unflagged * static_cast<double>(stratum.at_risk) / visited;
    variance += unflagged * unflagged / visited;
  }
  if (estimate.visited == 0) return std::nullopt;
  const auto all = static_cast<double>(estimate.unflagged);
  estimate.share = all > 0 ? Wilson(share / all, all * all / variance, confidence) : Proportion();
  return estimate;
}

}  // namespace shouwang::cases
