#include "daemon/risk/paired_rules.h"

#include <algorithm>
#include <set>
#include <utility>

namespace shouwang::risk {

PairedRules::PairedRules(const PolicySet& before, const PolicySet& after,
                         const Catalogue& catalogue, SubjectKind kind) {
  std::set<Date> days = {Date::Min()};
  std::set<RuleId> ids;
  for (const PolicySet* set : {&before, &after}) {
    for (const Policy& policy : set->All()) {
      days.insert(policy.effective_from);
      for (const Rule& rule : policy.rules) {
        if (rule.applies_to == kind) ids.insert(rule.id);
      }
    }
  }
  rules_.assign(ids.begin(), ids.end());
  from_.assign(days.begin(), days.end());
  for (const Date day : from_) AddPair(before.InForce(day), after.InForce(day), catalogue, kind);
  Complete();
}

PairedRules::PairedRules(const PairedRules& both, const PolicySet& after,
                         const Catalogue& catalogue, SubjectKind kind)
    : from_(both.from_) {
  for (size_t r = 0; r < both.rules_.size(); ++r) {
    if (!both.same_[r]) rules_.push_back(both.rules_[r]);
  }
  for (const Date day : from_) {
    const Policy& policy = after.InForce(day);
    std::vector<const Rule*> rules;
    for (const Rule& rule : policy.rules) {
      const bool wanted = rule.applies_to == kind && std::ranges::binary_search(rules_, rule.id);
      if (wanted) rules.push_back(&rule);
    }
    Pair& pair = pairs_.emplace_back();
    pair.after = &policy;
    pair.program = std::make_unique<Program>(policy, catalogue, rules);
    Place({}, kBefore, &pair);
    Place(pair.program->rules(), kAfter, &pair);
  }
  Complete();
}

void PairedRules::AddPair(const Policy& before, const Policy& after, const Catalogue& catalogue,
                          SubjectKind kind) {
  Pair& pair = pairs_.emplace_back();
  pair.after = &after;
  pair.program = std::make_unique<Program>(before, catalogue, kind);
  const std::vector<CompiledRule> of_after = pair.program->Add(after, kind);
  Place(pair.program->rules(), kBefore, &pair);
  Place(of_after, kAfter, &pair);
}

void PairedRules::Place(const std::vector<CompiledRule>& compiled, Side side, Pair* pair) {
  pair->parts[side].resize(rules_.size());
  pair->features.resize(rules_.size());
  for (const CompiledRule& c : compiled) {
    const auto at = std::ranges::lower_bound(rules_, c.rule->id);
    const auto r = static_cast<size_t>(at - rules_.begin());
    pair->parts[side][r] = {true, c.when.result, c.clear.result, c.rule->hold_months};
    std::vector<size_t>& features = pair->features[r];
    features.insert(features.end(), c.features.begin(), c.features.end());
    std::ranges::sort(features);
    features.erase(std::unique(features.begin(), features.end()), features.end());
  }
}

void PairedRules::Complete() {
  for (Pair& pair : pairs_) {
    const auto hold_of = [&](size_t r) {
      return std::max(pair.parts[kBefore][r].hold_months, pair.parts[kAfter][r].hold_months);
    };
    std::set<int> holds;
    for (size_t r = 0; r < rules_.size(); ++r) holds.insert(hold_of(r));
    pair.holds.assign(holds.begin(), holds.end());
    for (size_t r = 0; r < rules_.size(); ++r) {
      const auto hold = std::ranges::lower_bound(pair.holds, hold_of(r));
      pair.hold_of.push_back(static_cast<size_t>(hold - pair.holds.begin()));
      longest_hold_ = std::max(longest_hold_, hold_of(r));
    }
  }
  for (size_t r = 0; r < rules_.size(); ++r) {
    same_.push_back(std::ranges::all_of(
        pairs_, [&](const Pair& pair) { return pair.parts[kBefore][r] == pair.parts[kAfter][r]; }));
  }
}

PairedRules::Pair& PairedRules::PairOn(Date day) {
  const auto after = std::ranges::upper_bound(from_, day);
  return pairs_[static_cast<size_t>(after - from_.begin()) - 1];
}

void PairedRules::Narrow(std::span<const IndicatorId> reported) {
  if (narrowed_ && std::ranges::equal(reported, reported_)) return;
  narrowed_ = true;
  reported_.assign(reported.begin(), reported.end());
  any_may_open_ = false;
  for (std::vector<bool>& side : may_open_) side.assign(rules_.size(), false);
  for (const Pair& pair : pairs_) {
    const std::vector<uint8_t> possible = pair.program->PossibleIfOnly(reported);
    for (const Side side : kSides) {
      for (size_t r = 0; r < rules_.size(); ++r) {
        const Part& part = pair.parts[side][r];
        const bool may = part.there && (possible[part.when] & Tape::kMayBeOther) != 0;
        if (may) may_open_[side][r] = any_may_open_ = true;
      }
    }
  }
}

std::map<IndicatorId, int> MonthsRead(std::span<const PairedRules> kinds) {
  std::map<IndicatorId, int> months;
  for (const PairedRules& rules : kinds) {
    for (const PairedRules::Pair& pair : rules.pairs()) pair.program->AddReach(&months);
  }
  return months;
}

}  // namespace shouwang::risk
