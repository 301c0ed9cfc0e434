#include "daemon/query/whatif_counts.h"

#include <fmt/format.h>

#include <algorithm>
#include <bitset>
#include <iterator>
#include <optional>
#include <string>

#include "daemon/query/answers.h"
#include "daemon/wire/convert.h"

namespace shouwang::query {
namespace {

absl::flat_hash_map<RuleId, size_t> KindsOf(const risk::PolicySet& policies) {
  const std::array<RiskKind, kRiskKinds>& all = AllRiskKinds();
  absl::flat_hash_map<RuleId, size_t> kinds;
  // The latest policy last. Kinds are parsed, so there are no others than these.
  for (const risk::Policy& policy : policies.All()) {
    for (const risk::Rule& rule : policy.rules) {
      kinds[rule.id] = static_cast<size_t>(std::ranges::find(all, rule.kind) - all.begin());
    }
  }
  return kinds;
}

// The message that has room for another row.
v1::WhatIfResponse* Room(std::vector<v1::WhatIfResponse>* answer) {
  if (answer->empty() ||
      answer->back().places_size() + answer->back().rules_size() + answer->back().subjects_size() >=
          kWhatIfRowsInMessage) {
    answer->emplace_back();
  }
  return &answer->back();
}

}  // namespace

void WhatIfCounts::Sum::Add(const Sum& other, uint64_t times) {
  entering += times * other.entering;
  leaving += times * other.leaving;
  staying += times * other.staying;
  visits += times * other.visits;
  households_entering += times * other.households_entering;
  households_leaving += times * other.households_leaving;
}

void WhatIfCounts::Sum::Fill(v1::WhatIfCounts* out) const {
  out->set_entering(entering);
  out->set_leaving(leaving);
  out->set_staying(staying);
  out->set_visits(visits);
  out->set_households_entering(households_entering);
  out->set_households_leaving(households_leaving);
}

void WhatIfCounts::Place::Add(const Place& other, uint64_t times) {
  sum.Add(other.sum, times);
  for (size_t kind = 0; kind < kinds.size(); ++kind) {
    if (other.kinds[kind].any()) kinds[kind].Add(other.kinds[kind], times);
  }
}

WhatIfCounts::WhatIfCounts(const WhatIfQuestion& question)
    : question_(&question),
      kinds_before_(KindsOf(question.rulebook->policies)),
      kinds_after_(KindsOf(question.after)) {}

void WhatIfCounts::FindChange(Rules before, Rules after) {
  change_ = {};
  std::ranges::set_difference(after, before, std::back_inserter(change_.entering));
  std::ranges::set_difference(before, after, std::back_inserter(change_.leaving));
}

void WhatIfCounts::Sort(SubjectKind kind_of_subject, Rules before, Rules after) {
  place_ = {};
  FindChange(before, after);
  for (const RuleId rule : change_.entering) ++place_.kinds[kinds_after_.at(rule)].entering;
  for (const RuleId rule : change_.leaving) ++place_.kinds[kinds_before_.at(rule)].leaving;
  for (const RuleId rule : after) {
    if (std::ranges::binary_search(before, rule)) ++place_.kinds[kinds_after_.at(rule)].staying;
  }
  for (const Sum& sum : place_.kinds) place_.sum.Add(sum);
  if (kind_of_subject != SubjectKind::kHousehold) return;
  const auto settle = [](bool had, bool has, Sum* sum) {
    sum->visits = sum->entering > 0 ? 1 : 0;
    sum->households_entering = has && !had ? 1 : 0;
    sum->households_leaving = had && !has ? 1 : 0;
  };
  std::bitset<kRiskKinds> had;
  std::bitset<kRiskKinds> has;
  for (const RuleId rule : before) had.set(kinds_before_.at(rule));
  for (const RuleId rule : after) has.set(kinds_after_.at(rule));
  for (size_t kind = 0; kind < kRiskKinds; ++kind) {
    if (place_.kinds[kind].any()) settle(had.test(kind), has.test(kind), &place_.kinds[kind]);
  }
  settle(!before.empty(), !after.empty(), &place_.sum);
}

bool WhatIfCounts::Add(const Subject& subject, const risk::Standing& standing) {
  const bool household = subject.kind == SubjectKind::kHousehold;
  ++(household ? households_ : site_count_);
  if (standing.judged_by->version != question_->version) ++not_reached_;
  if (standing.before.empty() && standing.after.empty()) return false;
  if (const Division township = subject.In(DivisionLevel::kTownship); township != township_) {
    Settle();
    township_ = township;
  }
  key_.assign({static_cast<RuleId>(subject.kind), static_cast<RuleId>(standing.before.size())});
  key_.insert(key_.end(), standing.before.begin(), standing.before.end());
  key_.insert(key_.end(), standing.after.begin(), standing.after.end());
  ++outcomes_[key_];
  if (!household && !question_->as_of) AddAtSite(subject, subject, standing);
  if (standing.before == standing.after) return false;
  ++changed_;
  if (question_->list_limit > 0) {
    FindChange(standing.before, standing.after);
    changes_[subject] = change_;
    if (changes_.size() > question_->list_limit) changes_.erase(std::prev(changes_.end()));
  }
  return true;
}

void WhatIfCounts::Settle() {
  for (const auto& [key, times] : outcomes_) {
    const Rules rules = Rules(key).subspan(2);
    const Rules before = rules.first(key[1]);
    const Rules after = rules.subspan(key[1]);
    const auto kind = static_cast<SubjectKind>(key[0]);
    Sort(kind, before, after);
    townships_[township_].Add(place_, times);
    const uint64_t one = kind == SubjectKind::kHousehold ? 1 : 0;
    for (const RuleId rule : change_.entering) {
      rules_[rule].Add({.entering = 1, .visits = one, .households_entering = one}, times);
    }
    for (const RuleId rule : change_.leaving) {
      rules_[rule].Add({.leaving = 1, .households_leaving = one}, times);
    }
    for (const RuleId rule : after) {
      if (std::ranges::binary_search(before, rule)) rules_[rule].Add({.staying = 1}, times);
    }
  }
  outcomes_.clear();
}

void WhatIfCounts::AddAtSite(const Subject& site, const Subject& household,
                             const risk::Standing& standing) {
  Sort(household.kind, standing.before, standing.after);
  const auto changes_only = [](Sum* sum) {
    sum->staying = 0;
    sum->households_entering = 0;
    sum->households_leaving = 0;
  };
  changes_only(&place_.sum);
  for (Sum& sum : place_.kinds) changes_only(&sum);
  if (place_.sum.any()) sites_[site].Add(place_);
}

void WhatIfCounts::Merge(WhatIfCounts other) {
  other.Settle();
  for (const auto& [township, place] : other.townships_) townships_[township].Add(place);
  for (const auto& [site, place] : other.sites_) sites_[site].Add(place);
  for (const auto& [rule, sum] : other.rules_) rules_[rule].Add(sum);
  changes_.insert(other.changes_.begin(), other.changes_.end());
  while (changes_.size() > question_->list_limit) changes_.erase(std::prev(changes_.end()));
  households_ += other.households_;
  site_count_ += other.site_count_;
  not_reached_ += other.not_reached_;
  changed_ += other.changed_;
}

std::string WhatIfCounts::NameOf(RuleId rule) const {
  const std::string name = question_->after.RuleName(rule);
  return name.empty() ? question_->rulebook->policies.RuleName(rule) : name;
}

void WhatIfCounts::FillPlaces(std::vector<v1::WhatIfResponse>* answer) const {
  const Register& reg = question_->rulebook->reg;
  const auto fill = [&](const Place& place, std::string code, std::string name) {
    v1::WhatIfPlace* out = Room(answer)->add_places();
    out->set_place(std::move(code));
    out->set_name(std::move(name));
    place.sum.Fill(out->mutable_counts());
    for (size_t kind = 0; kind < kRiskKinds; ++kind) {
      if (!place.kinds[kind].any()) continue;
      v1::WhatIfKind* of_kind = out->add_kinds();
      of_kind->set_risk_kind(std::string(RiskKindName(AllRiskKinds()[kind])));
      place.kinds[kind].Fill(of_kind->mutable_counts());
    }
  };
  for (std::optional<DivisionLevel> level = question_->region.level(); level;
       level = LevelBelow(*level)) {
    const bool lowest = *level >= DivisionLevel::kTownship;
    std::map<Division, Place> divisions;
    for (const auto& [township, place] : townships_) {
      // A region that is smaller than its township is the whole of what was judged.
      divisions[*level > DivisionLevel::kTownship ? question_->region : township.At(*level)].Add(
          place);
    }
    for (const auto& [division, place] : divisions) {
      fill(place, division.ToString(), reg.divisions.PathOf(division));
    }
    if (lowest) break;
  }
  for (const auto& [site, place] : sites_) {
    const Site* known = reg.sites.Find(site);
    fill(place, site.ToString(), known == nullptr ? "" : known->name_zh);
  }
}

void WhatIfCounts::FillRules(std::vector<v1::WhatIfResponse>* answer) const {
  for (const auto& [id, sum] : rules_) {
    v1::WhatIfRule* out = Room(answer)->add_rules();
    const risk::Rule* before = FindRule(question_->rulebook->policies, id);
    const risk::Rule* after = FindRule(question_->after, id);
    const risk::Rule& rule = after == nullptr ? *before : *after;
    out->set_rule(rule.name);
    out->set_title_zh(rule.title_zh);
    out->set_title_en(rule.title_en);
    out->set_risk_kind(std::string(RiskKindName(rule.kind)));
    out->set_severity(wire::ToProto(rule.severity));
    sum.Fill(out->mutable_counts());
    out->set_only_new(before == nullptr);
    out->set_only_loaded(after == nullptr);
  }
}

void WhatIfCounts::FillSubjects(std::vector<v1::WhatIfResponse>* answer) const {
  for (const auto& [subject, change] : changes_) {
    v1::WhatIfSubject* out = Room(answer)->add_subjects();
    out->set_subject(subject.ToString());
    for (const RuleId rule : change.entering) out->add_entering(NameOf(rule));
    for (const RuleId rule : change.leaving) out->add_leaving(NameOf(rule));
  }
}

void WhatIfCounts::FillSummary(uint64_t took_ms, v1::WhatIfSummary* out) const {
  Place all;
  for (const auto& [township, place] : townships_) all.Add(place);
  all.sum.Fill(out->mutable_counts());
  out->set_households(households_);
  out->set_sites(site_count_);
  out->set_not_reached(not_reached_);
  out->set_subjects_changed(changed_);
  for (const uint32_t version : question_->replaced_versions) out->add_replaced_versions(version);
  out->set_policy_version(question_->version);
  out->set_effective_from(question_->policy().effective_from.days());
  out->set_took_ms(took_ms);
}

std::vector<v1::WhatIfResponse> WhatIfCounts::ToAnswer(uint64_t took_ms) {
  Settle();
  std::vector<v1::WhatIfResponse> answer;
  FillPlaces(&answer);
  FillRules(&answer);
  FillSubjects(&answer);
  if (answer.empty()) answer.emplace_back();
  FillSummary(took_ms, answer.back().mutable_summary());
  return answer;
}

}  // namespace shouwang::query
