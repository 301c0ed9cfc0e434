// When a subject was newly warned of a kind of risk: an onset. A second rule of the kind, or a
// worse one, on top of a warning that is open is no onset; one after all of the kind have cleared
// is.
//
// Pure; any thread.
#pragma once

#include <vector>

#include "storage/vocabulary/warning.h"

namespace shouwang::incidents {

struct Onset {
  RiskKind kind = RiskKind::kIncome;
  Date on;
  // Of what opened on that day: the worst, and of those the first by number.
  Severity severity = Severity::kYellow;
  RuleId rule = 0;
  friend bool operator==(const Onset&, const Onset&) = default;
};

// By (kind, day). A warning that clears on the day another one opens does not part the two.
std::vector<Onset> OnsetsOf(const SubjectRisk& risk);

}  // namespace shouwang::incidents
