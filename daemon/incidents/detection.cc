#include "daemon/incidents/detection.h"

#include <algorithm>

#include "daemon/incidents/chronicle.h"
#include "daemon/incidents/false_discovery.h"
#include "daemon/incidents/tail.h"

namespace shouwang::incidents {
namespace {

class Detection {
 public:
  Detection(const OnsetTable& table, const risk::IncidentPolicy& policy,
            std::span<const PolicyChange> changes)
      : table_(table),
        policy_(policy),
        changes_(changes),
        chronicle_(&table, policy.hold_months),
        past_(table.places().size(), 0),
        parts_(table.places().size(), 0),
        counts_(table.kinds().size()),
        expected_(table.kinds().size()) {
    for (size_t k = 0; k < table.kinds().size(); ++k) {
      models_.emplace_back(&table, policy.half_life_months, policy.hold_months);
    }
  }

  Findings Run();

 private:
  struct Candidate {
    size_t kind = 0;
    Excess excess;
  };
  void CountParts(int month);
  bool IsJudged(size_t place, int month) const;
  void Judge(int month);
  void JudgeKind(size_t kind, int month, std::vector<Candidate>* candidates);
  void Follow(int month, std::span<const Candidate> excesses, double p_limit);
  void ForgetOtherRules(int month);
  bool KnowsTop(size_t kind) const {
    return models_[kind].months_of_top() >=
           std::max(policy_.least_past_months, kLeastPastMonthsOfTop);
  }
  bool PolicyChanges(int month) const {
    return std::ranges::find(changes_, table_.first() + month, &PolicyChange::month) !=
           changes_.end();
  }

  const OnsetTable& table_;
  const risk::IncidentPolicy& policy_;
  const std::span<const PolicyChange> changes_;
  Chronicle chronicle_;
  std::vector<KindModel> models_;
  std::vector<int> past_;   // months with exposure, by place
  std::vector<int> parts_;  // divisions one below with exposure in the month
  std::vector<bool> judged_;
  std::vector<std::vector<int64_t>> counts_;     // by kind, of the month
  std::vector<std::vector<Expected>> expected_;  // likewise
  Findings findings_;
};

void Detection::CountParts(int month) {
  std::ranges::fill(parts_, 0);
  for (size_t p = 1; p < parts_.size(); ++p) {
    const TablePlace& place = table_.places()[p];
    if (!place.place.IsSite() && table_.exposure(p, month) > 0) {
      ++parts_[static_cast<size_t>(place.parent)];
    }
  }
}

bool Detection::IsJudged(size_t place, int month) const {
  // What has one part only is judged as that part; a small place can't have enough members.
  if (table_.exposure(place, month) <= 0 || parts_[place] == 1) return false;
  if (table_.places()[place].households < policy_.min_members) return false;
  if (place != 0) return past_[place] >= policy_.least_past_months;
  if (PolicyChanges(month)) return false;
  for (size_t kind = 0; kind < models_.size(); ++kind) {
    if (KnowsTop(kind)) return true;
  }
  return false;
}

void Detection::ForgetOtherRules(int month) {
  for (const PolicyChange& change : changes_) {
    if (change.month != table_.first() + month) continue;
    for (size_t kind = 0; kind < models_.size(); ++kind) {
      const auto found = std::ranges::find(change.kinds, table_.kinds()[kind]);
      if (found != change.kinds.end()) models_[kind].ForgetTop();
    }
  }
}

void Detection::JudgeKind(size_t kind, int month, std::vector<Candidate>* candidates) {
  std::vector<int64_t>& counts = counts_[kind];
  table_.FillCounts(kind, month, &counts);
  const std::vector<double> as_they_are(counts.begin(), counts.end());
  models_[kind].Expect(month, PolicyChanges(month), as_they_are, &expected_[kind]);
  for (size_t p = 0; p < counts.size(); ++p) {
    const Expected& expected = expected_[kind][p];
    if (p == 0 && !KnowsTop(kind)) continue;
    if (!judged_[p] || counts[p] < policy_.min_members || expected.mean <= 0) continue;
    if (static_cast<double>(counts[p]) < policy_.min_ratio * expected.mean) continue;
    const double p_value = UpperTail(counts[p], expected.mean, expected.variation);
    candidates->push_back({kind, {.place = p, .p_value = p_value}});
  }
}

void Detection::Judge(int month) {
  CountParts(month);
  ForgetOtherRules(month);
  const size_t places = table_.places().size();
  judged_.assign(places, false);
  findings_.judged = 0;
  findings_.unjudged = 0;
  for (size_t p = 0; p < places; ++p) {
    judged_[p] = IsJudged(p, month);
    findings_.judged += judged_[p] ? 1 : 0;
    findings_.unjudged += !judged_[p] && parts_[p] != 1 ? 1 : 0;
  }
  findings_.tests = 0;
  std::vector<Candidate> candidates;
  for (size_t kind = 0; kind < models_.size(); ++kind) {
    findings_.tests += static_cast<uint64_t>(findings_.judged);
    if (judged_[0] && !KnowsTop(kind)) --findings_.tests;
    JudgeKind(kind, month, &candidates);
  }
  std::vector<double> p_values;
  p_values.reserve(candidates.size());
  for (const Candidate& candidate : candidates) p_values.push_back(candidate.excess.p_value);
  const std::vector<double> q_values = QValues(p_values, findings_.tests);
  double p_limit = 0;
  std::vector<Candidate> excesses;
  for (size_t i = 0; i < candidates.size(); ++i) {
    if (q_values[i] > policy_.false_discovery_rate) continue;
    candidates[i].excess.q_value = q_values[i];
    p_limit = std::max(p_limit, p_values[i]);
    excesses.push_back(candidates[i]);
  }
  Follow(month, excesses, p_limit);
}

void Detection::Follow(int month, std::span<const Candidate> excesses, double p_limit) {
  for (size_t kind = 0; kind < models_.size(); ++kind) {
    std::vector<bool> in_excess(counts_[kind].size(), false);
    std::vector<size_t> places;
    std::vector<Excess> of_kind;
    for (const Candidate& candidate : excesses) {
      if (candidate.kind != kind) continue;
      in_excess[candidate.excess.place] = true;
      places.push_back(candidate.excess.place);
      of_kind.push_back(candidate.excess);
    }
    const MonthOfKind what{table_, kind, month, counts_[kind], expected_[kind]};
    const std::vector<size_t> told = Attribute(what, places, p_limit, policy_);
    std::erase_if(of_kind, [&](const Excess& excess) {
      return !std::ranges::binary_search(told, excess.place);
    });
    chronicle_.Add(what, of_kind);
    if (!PolicyChanges(month)) {
      models_[kind].Learn(month, counts_[kind], expected_[kind], in_excess);
    }
  }
}

Findings Detection::Run() {
  for (int month = 0; month < table_.months(); ++month) {
    Judge(month);
    for (size_t p = 0; p < past_.size(); ++p) past_[p] += table_.exposure(p, month) > 0 ? 1 : 0;
  }
  findings_.through = table_.first() + (table_.months() - 1);
  findings_.counted = CountedMonths(table_);
  const int kept_from = table_.months() - policy_.kept_months;
  findings_.incidents = std::move(chronicle_).Close(kept_from, &findings_.left_out);
  return std::move(findings_);
}

}  // namespace

Findings FindIncidents(const OnsetTable& table, const risk::IncidentPolicy& policy,
                       std::span<const PolicyChange> changes) {
  if (table.places().empty()) {
    Findings findings;
    findings.through = table.first() + (table.months() - 1);
    return findings;
  }
  return Detection(table, policy, changes).Run();
}

int MonthsToRead(const risk::IncidentPolicy& policy) {
  const int to_learn =
      std::max({2 * policy.half_life_months, policy.least_past_months, kLeastPastMonthsOfTop});
  return policy.kept_months + to_learn;
}

}  // namespace shouwang::incidents
