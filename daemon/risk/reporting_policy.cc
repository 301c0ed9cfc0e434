#include "daemon/risk/reporting_policy.h"

namespace shouwang::risk {

Month Expectation::LastDue(Date on) const {
  const Month before = on.month() - 1;
  return DueOn(before) < on ? before : before - 1;
}

Month Expectation::LastMissable(Date on) const { return LastDue(on - grace_days); }

const SourceExpectation* ReportingPolicy::Find(Source source) const {
  for (const SourceExpectation& expected : sources) {
    if (expected.source == source) return &expected;
  }
  return nullptr;
}

}  // namespace shouwang::risk
