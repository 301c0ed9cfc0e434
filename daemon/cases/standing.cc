#include "daemon/cases/standing.h"

#include <algorithm>

namespace shouwang::cases {
namespace {

void AddKind(RiskKind kind, std::vector<RiskKind>* kinds) {
  const auto it = std::ranges::lower_bound(*kinds, kind);
  if (it == kinds->end() || *it != kind) kinds->insert(it, kind);
}

void Take(const CaseEvent& event, CaseStanding* standing) {
  switch (event.kind) {
    case CaseEventKind::kOpened:
      ++standing->round;
      standing->opened_at = event.at;
      standing->category.reset();
      standing->reason.clear();
      standing->cause.reset();
      standing->measures.clear();
      standing->kinds.clear();
      break;
    case CaseEventKind::kMoved:
      standing->reason = event.reason;
      standing->cause = event.cause;
      if (event.category) standing->category = event.category;
      break;
    case CaseEventKind::kMeasure:
      standing->measures.push_back(
          {event.measure, event.measured_on, event.at, event.role, event.actor, event.note});
      return;
  }
  standing->state = event.state;
  standing->entered_at = event.at;
  for (const CaseWarning& warning : event.warnings) AddKind(warning.kind, &standing->kinds);
}

// When the first of the warnings that no earlier round has seen became a clue.
std::optional<Instant> NewClue(const CaseStanding& standing, std::span<const Warning> open,
                               const Clues& clues) {
  std::optional<Instant> first;
  for (const Warning& warning : open) {
    const std::optional<Instant> began = clues.BeganAt(warning);
    if (!began || (standing.round > 0 && warning.known_at <= standing.entered_at)) continue;
    first = std::min(first.value_or(*began), *began);
  }
  return first;
}

CaseWarning ToCaseWarning(const Warning& warning) {
  return {warning.rule, warning.kind, warning.severity, warning.opened_on};
}

// The round of which the book has nothing yet: with the warnings that were known at its clue, as
// those that came later had no part in it.
CaseEvent ImpliedOpening(Instant clue_at, std::span<const Warning> open) {
  CaseEvent opening;
  opening.at = clue_at;
  for (const Warning& warning : open) {
    if (warning.known_at <= clue_at) opening.warnings.push_back(ToCaseWarning(warning));
  }
  return opening;
}

bool Fits(const TakenMeasure& taken, RiskKind kind, const risk::PolicySet& policies) {
  const risk::Measure* measure = FindMeasure(policies, taken.name);
  return measure != nullptr && measure->Fits(kind);
}

}  // namespace

CaseStanding StandingOf(const Case& record, std::span<const Warning> open, const Clues& clues) {
  CaseStanding standing;
  standing.subject = record.subject;
  standing.revision = record.revision();
  for (const CaseEvent& event : record.events) Take(event, &standing);
  if (!IsUnderWay(standing.state) && record.subject.kind == SubjectKind::kHousehold) {
    if (const auto clue_at = NewClue(standing, open, clues)) {
      standing.implied = ImpliedOpening(*clue_at, open);
      Take(*standing.implied, &standing);
    }
  }
  for (const Warning& warning : open) {
    standing.warnings.push_back(ToCaseWarning(warning));
    if (IsUnderWay(standing.state)) AddKind(warning.kind, &standing.kinds);
  }
  return standing;
}

const risk::Measure* FindMeasure(const risk::PolicySet& policies, std::string_view name) {
  const std::vector<risk::Policy>& all = policies.All();
  for (auto policy = all.rbegin(); policy != all.rend(); ++policy) {
    if (!policy->cases) continue;
    if (const risk::Measure* measure = policy->cases->FindMeasure(name)) return measure;
  }
  return nullptr;
}

std::vector<RiskKind> KindsWithoutMeasure(const CaseStanding& standing,
                                          const risk::PolicySet& policies) {
  std::vector<RiskKind> kinds;
  if (standing.state != CaseState::kRegistered && standing.state != CaseState::kSupported) {
    return kinds;
  }
  for (const RiskKind kind : standing.kinds) {
    const auto fits = [&](const TakenMeasure& taken) { return Fits(taken, kind, policies); };
    if (std::ranges::none_of(standing.measures, fits)) kinds.push_back(kind);
  }
  return kinds;
}

risk::CaseFigures FiguresOf(const CaseStanding& standing, const risk::PolicySet& policies,
                            Date today) {
  risk::CaseFigures figures;
  figures.measures = static_cast<int>(standing.measures.size());
  for (const TakenMeasure& taken : standing.measures) {
    const auto fits = [&](RiskKind kind) { return Fits(taken, kind, policies); };
    if (std::ranges::any_of(standing.kinds, fits)) ++figures.targeted_measures;
  }
  figures.open_warnings = static_cast<int>(standing.warnings.size());
  if (standing.state == CaseState::kSupported) {
    const Date since = standing.entered_on();
    int months = today.month().index() - since.month().index();
    if (since.PlusMonths(months) > today) --months;
    figures.months_supported = std::max(months, 0);
  }
  return figures;
}

}  // namespace shouwang::cases
