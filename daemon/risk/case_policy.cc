#include "daemon/risk/case_policy.h"

#include <algorithm>

namespace shouwang::risk {

bool Measure::Fits(RiskKind kind) const { return std::ranges::find(fits, kind) != fits.end(); }

const StateTerms* CasePolicy::TermsOf(CaseState state) const {
  const auto it = std::ranges::find(states, state, &StateTerms::state);
  return it == states.end() ? nullptr : &*it;
}

const Measure* CasePolicy::FindMeasure(std::string_view name) const {
  const auto it = std::ranges::find(measures, name, &Measure::name);
  return it == measures.end() ? nullptr : &*it;
}

std::span<const Role> CasePolicy::RolesOf(CaseState from, CaseState to) const {
  for (const CaseMove& move : moves) {
    if (move.from == from && move.to == to) return move.roles;
  }
  return {};
}

Role CasePolicy::OwnerOf(CaseState state) const {
  for (const CaseState to : StatesAfter(state)) {
    const std::span<const Role> roles = RolesOf(state, to);
    if (!roles.empty()) return *std::ranges::min_element(roles);
  }
  return Role::kVillage;
}

}  // namespace shouwang::risk
