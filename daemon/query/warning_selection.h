// Which warnings a caller asked for: a WarningFilter, checked once and cheap to apply.
// A value; any thread once made.
#pragma once

#include <shouwang/v1/risk.pb.h>

#include <optional>
#include <set>

#include "daemon/query/field_check.h"
#include "daemon/rulebook/rulebook.h"
#include "storage/vocabulary/warning.h"

namespace shouwang::query {

class WarningSelection {
 public:
  // Unknown regions, rules, severities and risk kinds are faults of `check`; the selection must
  // then not be used. A rule of any loaded policy is known.
  static WarningSelection Of(const v1::WarningFilter& filter, const Rulebook& rulebook,
                             FieldCheck* check);

  const Division& region() const { return region_; }
  bool Matches(const Warning& warning) const;

 private:
  Division region_;
  std::set<RuleId> rules_;  // empty: any, and so for the next two
  std::set<Severity> severities_;
  std::set<RiskKind> kinds_;
  std::optional<SubjectKind> subject_kind_;
  Date opened_from_ = Date::Min();
};

}  // namespace shouwang::query
