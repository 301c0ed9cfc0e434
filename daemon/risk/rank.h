// The rank of a household among those with open warnings: which visit matters most. Everything in
// it is told, sign by sign, and every weight is the policy's (`worklist:`).
//
//   rank = points of the worst severity                           severity
//        + dimension  x (kinds of risk - 1)                       dimensions
//        + month_open x min(months, months_at_most)               persistence
//        + trend      x the share lost: max(0, min(1, -trend_feature))   trend
//        + below_line x probability of income below the line      below_line
//
// months are whole months since the oldest open warning opened. The probability is that of the
// year's end (projection.h); where the history is too short, vulnerability_feature's value between
// 0 and 1; where that is unknown too, unknown_share, as for an unknown trend: unknown is not safe.
// Features are those at the household's last report.
//
// A Ranker belongs to one thread; its policy and catalogue outlive it.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "daemon/risk/policy.h"
#include "daemon/risk/program.h"
#include "daemon/risk/projection.h"
#include "daemon/risk/words.h"
#include "storage/vocabulary/history.h"
#include "storage/vocabulary/warning.h"

namespace shouwang::risk {

// What a sign adds to the rank.
struct RankTerm {
  std::string_view name;  // "severity", "dimensions", "persistence", "trend", "below_line"
  double points = 0;
};

struct HouseholdRank {
  Subject subject;
  double rank = 0;  // the sum of the terms
  std::vector<RankTerm> terms;
  Severity worst = Severity::kYellow;
  std::vector<RiskKind> kinds;  // each once
  int months_open = 0;
  std::optional<double> trend;
  std::optional<double> vulnerability;
  std::optional<Projection> projection;
  ProjectionLack lack = ProjectionLack::kNone;
};

class Ranker {
 public:
  // `policy.worklist` is set.
  Ranker(const Policy& policy, const Catalogue& catalogue);

  // `open` are all of a household's open warnings, at least one; `history` what it reported, of
  // LookbackMonths at least.
  HouseholdRank Rank(const History& history, std::span<const Warning> open, Date today);
  // How far before today a history may be read.
  int LookbackMonths() const { return lookback_months_; }

  // The reasons in one line.
  std::string Line(const HouseholdRank& rank, Language language) const;

 private:
  std::optional<double> ValueOf(const std::string& feature) const;

  const Policy& policy_;
  const WorklistPolicy& worklist_;
  const Catalogue& catalogue_;
  const double line_;
  Program program_;
  int lookback_months_ = 0;
};

}  // namespace shouwang::risk
