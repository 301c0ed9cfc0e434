// What an Evaluator has inside: the programs of its policies, made when a subject of their kind is
// first judged, and the memory that is reused from subject to subject.
//
// Included by evaluator.cc and explain.cc only.
#pragma once

#include <array>
#include <map>
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

  // Rows [first, last) of one passage, whose lanes begin at `lane`.
  struct Stretch {
    const Passage* passage = nullptr;
    size_t first = 0;
    size_t last = 0;
    size_t lane = 0;
  };

  Engine(const PolicySet& p, const Catalogue& c)
      : policies(p), catalogue(c), programs(p.All().size()) {}

  Program& ProgramOf(const Policy& policy, SubjectKind kind);
  // Of that rule alone, kept from its first use on.
  Program& ProgramOf(const Policy& policy, const Rule& rule);
  void Begin(const Passage& passage);
  // Takes the rows of the passage after `after` into lanes, deciding whenever they are full.
  void TakeAll(const Passage& passage, Date after);
  // Decides what was taken and folds it, stretch by stretch.
  void Flush();
  void Fold(const Stretch& stretch);
  void TakeUp(Date date, SubjectRisk* risk);
  void Judge(const CompiledRule& rule, size_t lane, Date date, Progress* p,
             SubjectRisk* risk) const;
  void PutDown(SubjectRisk* risk) const;

  const PolicySet& policies;
  const Catalogue& catalogue;
  // By policy and SubjectKind.
  std::vector<std::array<std::unique_ptr<Program>, 2>> programs;
  std::map<const Rule*, Program> rule_programs;
  std::vector<Progress> progress;  // by rule of the program at work
  // What was taken and not yet decided, all of it by `program`.
  Program* program = nullptr;
  std::vector<Stretch> stretches;
  size_t lanes = 0;
};

Truth TruthOf(double value);

}  // namespace shouwang::risk
