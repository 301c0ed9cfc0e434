#include "daemon/query/warning_selection.h"

#include <fmt/format.h>

#include "daemon/query/answers.h"

namespace shouwang::query {
namespace {

// Of each list of a filter.
constexpr int kMaxEntries = 1000;

bool TooLong(int size, std::string_view field, FieldCheck* check) {
  if (size <= kMaxEntries) return false;
  check->Fault(field, fmt::format("{} entries are over the limit of {}", size, kMaxEntries));
  return true;
}

}  // namespace

WarningSelection WarningSelection::Of(const v1::WarningFilter& filter, const Rulebook& rulebook,
                                      FieldCheck* check) {
  WarningSelection selection;
  selection.region_ = check->Region("filter.region", filter.region(), rulebook.reg.divisions);
  if (TooLong(filter.rules_size(), "filter.rules", check) ||
      TooLong(filter.severities_size(), "filter.severities", check) ||
      TooLong(filter.risk_kinds_size(), "filter.risk_kinds", check)) {
    return selection;
  }
  for (int i = 0; i < filter.rules_size(); ++i) {
    if (const risk::Rule* rule = FindRule(rulebook.policies, filter.rules(i))) {
      selection.rules_.insert(rule->id);
    } else {
      check->Fault(fmt::format("filter.rules[{}]", i),
                   fmt::format("no policy has a rule '{}'", filter.rules(i).substr(0, 64)));
    }
  }
  for (int i = 0; i < filter.severities_size(); ++i) {
    const int severity = filter.severities(i);
    if (severity < v1::SEVERITY_YELLOW || severity > v1::SEVERITY_RED) {
      check->Fault(fmt::format("filter.severities[{}]", i),
                   fmt::format("{} is no severity (1 yellow, 2 orange, 3 red)", severity));
    } else {
      selection.severities_.insert(static_cast<Severity>(severity));
    }
  }
  for (int i = 0; i < filter.risk_kinds_size(); ++i) {
    const absl::StatusOr<RiskKind> kind = ParseRiskKind(filter.risk_kinds(i).substr(0, 64));
    if (kind.ok()) {
      selection.kinds_.insert(*kind);
    } else {
      check->Fault(fmt::format("filter.risk_kinds[{}]", i), std::string(kind.status().message()));
    }
  }
  switch (filter.kind()) {
    case v1::SUBJECT_KIND_UNSPECIFIED:
      break;
    case v1::SUBJECT_KIND_HOUSEHOLD:
      selection.subject_kind_ = SubjectKind::kHousehold;
      break;
    case v1::SUBJECT_KIND_SITE:
      selection.subject_kind_ = SubjectKind::kSite;
      break;
    default:
      check->Fault("filter.kind",
                   fmt::format("{} is no kind of subject", static_cast<int>(filter.kind())));
  }
  if (filter.opened_from() != 0) {
    selection.opened_from_ = check->Day("filter.opened_from", filter.opened_from());
  }
  return selection;
}

bool WarningSelection::Matches(const Warning& warning) const {
  const uint64_t place = warning.subject.place;
  return place >= region_.FirstVillageCode() && place < region_.EndVillageCode() &&
         (rules_.empty() || rules_.contains(warning.rule)) &&
         (severities_.empty() || severities_.contains(warning.severity)) &&
         (kinds_.empty() || kinds_.contains(warning.kind)) &&
         (!subject_kind_ || *subject_kind_ == warning.subject.kind) &&
         warning.opened_on >= opened_from_;
}

}  // namespace shouwang::query
