// The figures of cases, counted in one look through them and through the draws: by division down to
// the depth of the settings, with small cells left out. daemon/cases says what each is.
//
// A value, filled by one thread.
#pragma once

#include <prometheus/metric_family.h>

#include <array>
#include <map>
#include <vector>

#include "daemon/cases/desk.h"
#include "daemon/cases/missed.h"
#include "daemon/cases/verification.h"
#include "daemon/metrics/figures.h"
#include "daemon/metrics/place_count.h"

namespace shouwang::metrics {

// Every family of cases, with its HELP and without a series.
std::vector<prometheus::MetricFamily> EmptyCaseFamilies();

// Levels that have series of their own, down to the depth of the settings.
inline constexpr std::array<DivisionLevel, 4> kCaseLevels = {
    DivisionLevel::kProvince, DivisionLevel::kPrefecture, DivisionLevel::kCounty,
    DivisionLevel::kTownship};

class CaseFigures {
 public:
  CaseFigures(const FigureSettings& settings, const Rulebook& rulebook, Date today);
  CaseFigures(const CaseFigures&) = delete;
  CaseFigures& operator=(const CaseFigures&) = delete;

  void Add(const Case& record, const cases::CaseStanding& standing,
           const cases::Deadlines& deadlines);
  // After all cases, which say what became of those drawn.
  void Add(const Draw& draw);
  // The first month whose draws the estimates read.
  Month FirstMonth() const;

  // `households` of each division; one with too few of them is left out.
  std::vector<prometheus::MetricFamily> Families(
      const std::map<Division, PlaceCount>& households) const;
  // When the figures were read and how long that took, both seconds.
  static void AddReading(double at, double took, std::vector<prometheus::MetricFamily>* families);

 private:
  static constexpr size_t kStates = static_cast<size_t>(CaseState::kDismissed) + 1;
  static constexpr size_t kLevels = static_cast<size_t>(Role::kPrefecture) + 1;
  struct Count {
    std::array<int64_t, kStates> cases{};
    std::array<int64_t, kStates> overdue{};
    std::array<int64_t, kLevels> escalated{};
    std::map<RiskKind, int64_t> lacking;  // a measure that fits this kind
    int64_t without_measure = 0;          // of any kind
    cases::Verification verification;
    cases::MissedCount missed;
    bool any = false;
  };

  // The count of what the subject lies in; cases come in subject order, so mostly that of the one
  // before.
  Count& CountOf(const Subject& subject, size_t level);
  void AddCounts(const std::string& code, const Count& count,
                 std::vector<prometheus::MetricFamily>* families) const;
  void AddFindings(const std::string& code, const Count& count,
                   std::vector<prometheus::MetricFamily>* families) const;

  const FigureSettings settings_;
  const Rulebook& rulebook_;
  const Date today_;
  const risk::Policy& policy_;  // in force
  std::map<Division, Count> counts_;
  std::array<std::map<Division, Count>::value_type*, kCaseLevels.size()> latest_{};
  cases::DismissedRounds dismissed_;
};

}  // namespace shouwang::metrics
