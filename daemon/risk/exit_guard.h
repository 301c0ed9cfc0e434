// The exit guard (风险消除): whether a policy's conditions for marking a household as out of risk
// hold, each with its numbers. Three-valued as rules are; what is unknown does not hold.
//
// Pure. Compiles the conditions at each call, some milliseconds: exits are rare.
#pragma once

#include <vector>

#include "daemon/risk/evaluator.h"
#include "daemon/risk/policy.h"
#include "storage/vocabulary/history.h"

namespace shouwang::risk {

// What kCaseFigures stand for, in their order.
struct CaseFigures {
  int measures = 0;
  int targeted_measures = 0;
  int months_supported = 0;
  int open_warnings = 0;
};

struct ExitFinding {
  const ExitCondition* condition = nullptr;  // of the policy given
  // kTrue: it holds, and has for its `hold_months`.
  Truth truth = Truth::kUnknown;
  // The latest day on which it does not; the day judged where it holds.
  Date date;
  // As they were on that day.
  std::vector<Comparison> comparisons;
};

// Every condition of `policy.cases` (which must be there), in the policy's order, judged on `today`
// whether or not the household reported then, so that one that fell silent is unknown. A condition
// with a hold is judged by the same policy on today's date less the hold, on every reporting date
// since and on `today`: the line is this year's throughout.
std::vector<ExitFinding> JudgeExit(const Policy& policy, const Catalogue& catalogue,
                                   const History& history, const CaseFigures& figures, Date today);

}  // namespace shouwang::risk
