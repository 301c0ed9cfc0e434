// The smallest changes that would clear a warning: for each feature that a clearing condition
// names, and for each value reported last behind a sum, mean or last of it, the least change of
// that one alone, everything else as it is, with which the condition holds.
//
// Changes are counted in steps: of a reported value, the indicator's smallest unit, within its
// valid range; of a feature, what words can say of it (0.01 of its unit, 0.01 % of a ratio, or the
// indicator's smallest unit where the feature is one value). Every change told was tried: with it
// the condition holds, with one step less it does not. Where the condition turns but once in that
// direction, no smaller one exists; where it turns to and fro, the one found is the first seen
// while the distance is doubled from one step on.
//
// What a condition can be cleared by is found once; a ClearingCondition belongs to one thread.
#pragma once

#include <cstdint>
#include <utility>
#include <vector>

#include "daemon/risk/evaluator.h"
#include "daemon/risk/program.h"
#include "storage/vocabulary/decimal.h"
#include "storage/vocabulary/history.h"

namespace shouwang::risk {

class ClearingCondition {
 public:
  // Of a rule of `program`, which is the one that is given below and gets no rules more; it and
  // `catalogue` outlive the condition.
  ClearingCondition(const CompiledRule& rule, const Program& program, const Catalogue& catalogue);

  // For the subject at the date that `program` took last, into lane 0, and decided; `history` is
  // what it has open. The smallest change first, one for each feature and reported value that can
  // do it alone. Empty where none can, and where the condition holds already. At most as many as a
  // condition can name features and their indicators.
  //
  // Lane 0 is left as it was; a few after it, and what the program is to decide (Want), are not.
  std::vector<ClearingChange> SmallestChanges(const History& history, Date date, Program* program);

  // Where an input may go, counted in steps of 10 to the -decimals.
  struct Range {
    int decimals = 0;
    int64_t least = -kMaxScaledValue;
    int64_t most = kMaxScaledValue;
  };

 private:
  // A feature that the condition itself names.
  struct Named {
    const CompiledFeature* compiled = nullptr;
    Range range;
    Tape::Branch branch;
  };
  using Reported = std::pair<IndicatorId, Date>;

  std::vector<Reported> ReportedLast(const History& history, const Program& program) const;
  void AddNamed(Date date, const Program& program, std::vector<ClearingChange>* changes);
  void AddReported(const History& history, Program* program,
                   std::vector<ClearingChange>* changes) const;

  const Catalogue* catalogue_;
  Register clears_ = 0;
  std::vector<Named> named_;
  // What the condition is made of, as indices of Program::features(), and of these the sums, means
  // and lasts.
  std::vector<size_t> features_;
  std::vector<const CompiledFeature*> by_report_;
};

}  // namespace shouwang::risk
