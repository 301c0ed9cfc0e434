#include "daemon/incidents/onsets.h"

#include <algorithm>
#include <tuple>

namespace shouwang::incidents {
namespace {

struct Span {
  Onset onset;
  Date until;
};

}  // namespace

std::vector<Onset> OnsetsOf(const SubjectRisk& risk) {
  std::vector<Span> spans;
  for (const RuleState& state : risk.states) {
    if (!state.opened_on) continue;
    spans.push_back({{state.kind, *state.opened_on, state.severity, state.rule}, Date::Max()});
  }
  for (const Episode& episode : risk.episodes) {
    spans.push_back(
        {{episode.kind, episode.opened_on, episode.severity, episode.rule}, episode.cleared_on});
  }
  std::ranges::sort(spans, [](const Span& a, const Span& b) {
    return std::tuple(a.onset.kind, a.onset.on, b.onset.severity, a.onset.rule) <
           std::tuple(b.onset.kind, b.onset.on, a.onset.severity, b.onset.rule);
  });
  std::vector<Onset> onsets;
  Date until = Date::Min();
  for (const Span& span : spans) {
    const bool same_kind = !onsets.empty() && onsets.back().kind == span.onset.kind;
    if (!same_kind || span.onset.on > until) {
      onsets.push_back(span.onset);
      until = span.until;
    } else {
      until = std::max(until, span.until);
    }
  }
  return onsets;
}

}  // namespace shouwang::incidents
