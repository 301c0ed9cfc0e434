#include "daemon/risk/policy.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <set>

#include "daemon/risk/feature.h"
#include "daemon/risk/policy_file.h"

namespace shouwang::risk {
namespace {

// Raised when the same files and observations would give other warnings than before, so that what
// an older daemon concluded is evaluated again.
constexpr std::string_view kSemantics = "risk 1";

uint64_t FingerprintOf(const std::vector<Policy>& policies, const Catalogue& catalogue) {
  uint64_t fingerprint = Fingerprint(kSemantics);
  for (const Indicator& indicator : catalogue.All()) {
    fingerprint = Fingerprint(fmt::format("{} {} {} {}\n", indicator.id, indicator.name,
                                          indicator.decimals, KindName(indicator.applies_to)),
                              fingerprint);
  }
  for (const Policy& policy : policies) {
    fingerprint = Fingerprint(fmt::format("{:016x}\n", policy.fingerprint), fingerprint);
  }
  // 0 is what a SubjectRisk says that was never evaluated.
  return fingerprint == 0 ? 1 : fingerprint;
}

// A rule keeps its id and its name through the years: stored warnings know the id, metrics and
// dashboards the name.
void CheckRulesKeepTheirNames(const Policy& earlier, const Policy& later,
                              const std::string& later_path, Problems* problems) {
  for (const Rule& rule : later.rules) {
    if (const Rule* same = earlier.FindRule(rule.id); same != nullptr && same->name != rule.name) {
      problems->Add(later_path, 0,
                    fmt::format("rule id {} is '{}' here and '{}' in policy {}", rule.id, rule.name,
                                same->name, earlier.version));
    }
    if (const Rule* same = earlier.FindRule(rule.name); same != nullptr && same->id != rule.id) {
      problems->Add(later_path, 0,
                    fmt::format("rule '{}' has id {} here and {} in policy {}", rule.name, rule.id,
                                same->id, earlier.version));
    }
  }
}

template <typename Item>
const Item* FindByName(const std::vector<Item>& items, std::string_view name) {
  const auto it = std::ranges::find(items, name, &Item::name);
  return it == items.end() ? nullptr : &*it;
}

}  // namespace

const Rule* Policy::FindRule(RuleId id) const {
  const auto it = std::ranges::find(rules, id, &Rule::id);
  return it == rules.end() ? nullptr : &*it;
}
const Rule* Policy::FindRule(std::string_view name) const { return FindByName(rules, name); }
const Feature* Policy::FindFeature(std::string_view name) const {
  return FindByName(features, name);
}
const Constant* Policy::FindConstant(std::string_view name) const {
  return FindByName(constants, name);
}

PolicySet PolicySet::Load(const std::vector<std::string>& paths, const Catalogue& catalogue,
                          Problems* problems) {
  if (paths.empty()) problems->Add("policies", 0, "no policy file is named");
  struct Named {
    std::string path;
    Policy policy;
  };
  std::vector<Named> read;
  for (const std::string& path : paths) {
    Named named{path, ReadPolicy(path, catalogue, problems)};
    for (const Named& other : read) {
      // A version of 0 is that of a file which could not be read: its own faults are enough.
      if (other.policy.version == 0 || named.policy.version == 0) continue;
      if (other.policy.effective_from == named.policy.effective_from) {
        problems->Add(path, 0,
                      fmt::format("is effective from {} as {} is; one of them must go",
                                  named.policy.effective_from.ToString(), other.path));
      }
      if (other.policy.version == named.policy.version) {
        problems->Add(path, 0,
                      fmt::format("has version {} as {} has", named.policy.version, other.path));
      }
      CheckRulesKeepTheirNames(other.policy, named.policy, path, problems);
    }
    read.push_back(std::move(named));
  }
  std::vector<Policy> policies;
  policies.reserve(read.size());
  for (Named& named : read) policies.push_back(std::move(named.policy));
  return PolicySet(std::move(policies), catalogue);
}

PolicySet PolicySet::With(const std::string& name, const std::string& text,
                          const Catalogue& catalogue, Problems* problems) const {
  Policy added = ParsePolicy(name, text, catalogue, problems);
  std::vector<Policy> policies;
  for (const Policy& policy : policies_) {
    CheckRulesKeepTheirNames(policy, added, name, problems);
    const bool stays =
        policy.version != added.version && policy.effective_from != added.effective_from;
    if (stays) policies.push_back(policy);
  }
  policies.push_back(std::move(added));
  return PolicySet(std::move(policies), catalogue);
}

PolicySet::PolicySet(std::vector<Policy> policies, const Catalogue& catalogue)
    : policies_(std::move(policies)) {
  std::ranges::stable_sort(policies_, {}, &Policy::effective_from);
  for (const Policy& policy : policies_) {
    for (const Feature& feature : policy.features) {
      lookback_months_ = std::max(lookback_months_, LookbackMonths(feature));
    }
  }
  fingerprint_ = FingerprintOf(policies_, catalogue);
}

const Policy& PolicySet::InForce(Date date) const {
  if (policies_.empty()) {
    // Load without a problem gives at least one policy.
    fmt::print(stderr, "a policy set without a policy was asked which is in force\n");
    std::abort();
  }
  const auto after = std::ranges::upper_bound(policies_, date, {}, &Policy::effective_from);
  return after == policies_.begin() ? *after : *(after - 1);
}

std::vector<IndicatorId> PolicySet::IndicatorsRead() const {
  std::set<IndicatorId> read;
  for (const Policy& policy : policies_) {
    for (const Feature& feature : policy.features) {
      for (const auto& some : {feature.of, feature.minus, feature.total}) {
        read.insert(some.begin(), some.end());
      }
      if (feature.per) read.insert(*feature.per);
    }
  }
  return {read.begin(), read.end()};
}

std::string PolicySet::RuleName(RuleId id) const {
  for (auto policy = policies_.rbegin(); policy != policies_.rend(); ++policy) {
    if (const Rule* rule = policy->FindRule(id); rule != nullptr) return rule->name;
  }
  return "";
}

}  // namespace shouwang::risk
