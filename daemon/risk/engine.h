// What an Evaluator has inside: the programs of its policies, made when a subject of their kind is
// first judged, and the memory that is reused from subject to subject.
//
// Included by evaluator.cc and explain.cc only.
#pragma once

#include <array>
#include <bitset>
#include <map>
#include <memory>
#include <span>
#include <vector>

#include "daemon/risk/clearing.h"
#include "daemon/risk/evaluator.h"
#include "daemon/risk/policy_file.h"
#include "daemon/risk/program.h"
#include "daemon/risk/rule_words.h"

namespace shouwang::risk {

struct Evaluator::Engine {
  // Rows [first, last) of one passage, whose lanes begin at `lane`.
  struct Stretch {
    const Passage* passage = nullptr;
    size_t first = 0;
    size_t last = 0;
    size_t lane = 0;
  };

  Engine(const PolicySet& p, const Catalogue& c)
      : policies(p), catalogue(c), programs(p.All().size()) {}

  // Of a lane, by position in the program's rules: those whose `when` is true or unknown.
  using Marks = std::bitset<kMaxRules>;

  Program& ProgramOf(const Policy& policy, SubjectKind kind);
  // Made when first asked for.
  const ProgramWords& WordsOf(const Program& of);
  ClearingCondition& ClearingOf(const CompiledRule& rule, const Program& of);
  void Begin(const SubjectRisk* prior, const Subject& subject, SubjectRisk* judged);
  // The first row of the passage that is to be judged.
  static size_t FirstNewRow(const Passage& passage);
  // Judges the passages side by side, date by date, if they have most dates in common.
  bool JudgeAbreast(std::span<const Passage> passages);
  // Passages of one stretch of Tape::kLanes lanes, from `first_lane` on.
  void JudgeLanes(const GroupWindow& window, size_t first_lane,
                  std::span<const LanePassage> passages);
  // What is to be judged of them: dates, and for each the lanes as bits.
  void GatherNewDates(const GroupWindow& window, size_t first_lane,
                      std::span<const LanePassage> passages);
  void GatherNewDates(std::span<const Passage> passages);
  // Takes the rows of the passage that are to be judged into lanes, deciding whenever they are
  // full.
  void TakeAll(const Passage& passage);
  // Decides what was taken and folds it, stretch by stretch.
  void Flush();
  // Decides lanes [0, lanes) and marks them.
  void Decide(size_t lanes);
  // What `lane` decided of `date`.
  void Fold(size_t lane, Date date, SubjectRisk* risk);
  // One rule of the program, with the state that it had (nullptr: none) and whether the lane is
  // marked for it.
  void FoldRule(const CompiledRule& rule, const RuleState* before, bool marked, size_t lane,
                Date date, SubjectRisk* risk);

  const PolicySet& policies;
  const Catalogue& catalogue;
  // By policy and SubjectKind.
  std::vector<std::array<std::unique_ptr<Program>, 2>> programs;
  std::map<const Program*, ProgramWords> words;
  std::map<const Rule*, ClearingCondition> clearing_conditions;
  std::array<Marks, Tape::kLanes> marks;  // of the program at work
  std::vector<RuleState> states;          // as they will be
  // What was taken and not yet decided, all of it by `program`.
  Program* program = nullptr;
  std::vector<Stretch> stretches;
  size_t lanes = 0;
  // Of passages side by side: their histories, the next row of each, and the dates to judge.
  std::vector<const History*> histories;
  std::vector<size_t> next_rows;
  std::vector<Date> dates;
  // Of lanes side by side: by date, those to judge; by lane, its passage.
  std::vector<uint64_t> lanes_to_judge;
  std::array<const LanePassage*, Tape::kLanes> passages_by_lane{};
};

Truth TruthOf(double value);

}  // namespace shouwang::risk
