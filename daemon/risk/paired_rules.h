// The rules of one kind of subject under two policy sets: for every pair of policies that may be in
// force on one day, one program that decides both.
//
// One owner, one thread.
#pragma once

#include <array>
#include <map>
#include <memory>
#include <span>
#include <vector>

#include "daemon/risk/policy.h"
#include "daemon/risk/program.h"

namespace shouwang::risk {

enum Side : size_t { kBefore = 0, kAfter = 1 };
inline constexpr std::array<Side, 2> kSides = {kBefore, kAfter};

class PairedRules {
 public:
  // A rule in one policy.
  struct Part {
    bool there = false;
    Register when = 0;
    Register clear = 0;
    int hold_months = 0;
    friend bool operator==(const Part&, const Part&) = default;
  };
  struct Pair {
    const Policy* after = nullptr;
    std::unique_ptr<Program> program;
    std::array<std::vector<Part>, 2> parts;  // by side and rule
    // By rule: the features that both sides read, as indices of program->features().
    std::vector<std::vector<size_t>> features;
    // The holds that rules have, each the longer of both sides, ascending, each once; by rule which
    // of them it has.
    std::vector<int> holds;
    std::vector<size_t> hold_of;
  };

  // `before`, `after` and `catalogue` outlive it.
  PairedRules(const PolicySet& before, const PolicySet& after, const Catalogue& catalogue,
              SubjectKind kind);
  // Of `after`, the rules of `both` that are not the same on both sides; the side before has none.
  PairedRules(const PairedRules& both, const PolicySet& after, const Catalogue& catalogue,
              SubjectKind kind);

  // Of both sets, ascending. "By rule" means by position here.
  const std::vector<RuleId>& rules() const { return rules_; }
  // Whether the rule is the same on both sides, whatever the day.
  bool IsSame(size_t rule) const { return same_[rule]; }
  // Months.
  int longest_hold() const { return longest_hold_; }
  std::span<const Pair> pairs() const { return pairs_; }
  Pair& PairOn(Date day);

  // From here on subjects have reported no other indicators (ascending) than these.
  void Narrow(std::span<const IndicatorId> reported);
  // Whether any rule can ever open for one of them, and whether this one can.
  bool AnyMayOpen() const { return any_may_open_; }
  bool MayOpen(Side side, size_t rule) const { return may_open_[side][rule]; }

 private:
  void AddPair(const Policy& before, const Policy& after, const Catalogue& catalogue,
               SubjectKind kind);
  void Place(const std::vector<CompiledRule>& compiled, Side side, Pair* pair);
  // What follows from the parts of all pairs.
  void Complete();

  std::vector<RuleId> rules_;
  std::vector<bool> same_;
  int longest_hold_ = 0;
  std::vector<Date> from_;  // of each of pairs_
  std::vector<Pair> pairs_;
  // What Narrow was told last.
  bool narrowed_ = false;
  std::vector<IndicatorId> reported_;
  std::array<std::vector<bool>, 2> may_open_;
  bool any_may_open_ = false;
};

// The indicators that any of the rules read, and how many months before the date judged.
std::map<IndicatorId, int> MonthsRead(std::span<const PairedRules> kinds);

}  // namespace shouwang::risk
