// What an Evaluator has inside: the programs of its policies, made when a subject of their kind is
// first judged, and the memory that is reused from subject to subject.
//
// Included by evaluator.cc and explain.cc only.
#pragma once

#include <array>
#include <memory>
#include <optional>
#include <vector>

#include "daemon/risk/evaluator.h"
#include "daemon/risk/program.h"

namespace shouwang::risk {

struct Evaluator::Engine {
  // What the fold carries of a rule from date to date.
  struct Progress {
    std::optional<Date> opened_on;
    std::optional<Date> clearing_since;
    bool unknown = false;
    Severity severity = Severity::kYellow;
    RiskKind kind = RiskKind::kIncome;
    uint32_t policy_version = 0;
  };

  Engine(const PolicySet& p, const Catalogue& c)
      : policies(p), catalogue(c), programs(p.All().size()) {}

  Program& ProgramOf(const Policy& policy, SubjectKind kind);
  void CollectDates(const History& history, Date after);
  SubjectRisk Fold(SubjectRisk risk, const History& history, Date after);
  // Folds over dates[first, last), which `program`'s policy judges.
  void FoldUnder(Program& program, const History& history, size_t first, size_t last,
                 SubjectRisk* risk);
  void TakeUp(const Program& program, Date date, SubjectRisk* risk);
  void Judge(const CompiledRule& rule, uint32_t policy_version, Date date, Progress* p,
             SubjectRisk* risk) const;
  void PutDown(const Program& program, SubjectRisk* risk) const;

  const PolicySet& policies;
  const Catalogue& catalogue;
  // By policy and SubjectKind.
  std::vector<std::array<std::unique_ptr<Program>, 2>> programs;
  std::vector<Date> dates;
  std::vector<Progress> progress;  // by rule of the program at work
};

Truth TruthOf(double value);

}  // namespace shouwang::risk
