#include "daemon/cases/clues.h"

#include <algorithm>

namespace shouwang::cases {
namespace {

constexpr std::array<Severity, 3> kSeverities = {Severity::kYellow, Severity::kOrange,
                                                 Severity::kRed};

size_t IndexOf(Severity severity) { return static_cast<size_t>(severity) - 1; }

bool MakesClue(const risk::Policy& policy, Severity severity) {
  return policy.cases && severity >= policy.cases->from_severity;
}

// `in_force` is one of `all`.
std::optional<Instant> Since(Severity severity, const std::vector<risk::Policy>& all,
                             const risk::Policy* in_force) {
  const risk::Policy* policy = in_force;
  if (!MakesClue(*policy, severity)) return std::nullopt;
  while (policy != all.data() && MakesClue(*(policy - 1), severity)) --policy;
  if (policy == all.data()) return Instant::min();
  return EndOf(policy->effective_from - 1) + std::chrono::milliseconds(1);
}

}  // namespace

std::optional<Instant> Clues::BeganAt(const Warning& warning) const {
  const std::optional<Instant>& from = since[IndexOf(warning.severity)];
  return from ? std::optional(std::max(*from, warning.known_at)) : std::nullopt;
}

Clues CluesOn(const risk::PolicySet& policies, Date today) {
  Clues clues;
  const risk::Policy* in_force = &policies.InForce(today);
  for (const Severity severity : kSeverities) {
    clues.since[IndexOf(severity)] = Since(severity, policies.All(), in_force);
  }
  return clues;
}

}  // namespace shouwang::cases
