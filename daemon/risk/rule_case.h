// Tests of a policy as its author writes them: observations in, warnings out.
//
//   policies: [guizhou_2026.yaml]   # files of a folder that the caller names
//   subject: household              # or site
//   first_month: 2024-07            # values stand on the last day of each month from here on
//   base:                           # what every test starts from; a test's own series replace it
//     wage_income: 4000x24          # 24 months of 4000
//   tests:
//     - name: dropout_warns_until_back_at_school
//       series: {dropouts: 0x20 1x2 _ 0}        # "_": nothing reported
//       expect: {school_dropout: cleared 2026-03-31 2026-06-30}
//
// `expect` says how a rule stands after the last date: "open DATE", "cleared OPENED CLEARED" (once
// for each episode, joined by ", "), "unknown" (not open, and not decided) or "quiet" (not open,
// never was, and known). A rule that is not named must be quiet or unknown.
//
// Pure but for reading the file; any thread.
#pragma once

#include <string>
#include <vector>

#include "daemon/risk/evaluator.h"
#include "storage/files/yaml.h"

namespace shouwang::risk {

// Months of values in a series at most.
inline constexpr int kMaxSeriesMonths = 600;

struct RuleCase {
  struct Expectation {
    std::string rule;
    std::string standing;
  };
  std::string name;
  int line = 0;
  History history;
  std::vector<Expectation> expect;  // by rule
};

struct RuleCaseFile {
  std::string path;
  std::vector<std::string> policies;  // as written
  std::vector<RuleCase> cases;
};

// Unknown keys and indicators, values that don't parse or lie outside an indicator's range, months
// and standings that can't be read, and a name given twice go to `problems` with file and line.
RuleCaseFile ReadRuleCases(const std::string& path, const Catalogue& catalogue, Problems* problems);

// A rule that stands otherwise than expected, and why.
struct RuleDifference {
  std::string rule;
  std::string expected;
  std::string found;
  // The rule's explanation on the last date; empty where the policy has no such rule.
  std::string text_zh;
  std::string text_en;
};

// Empty: the case holds. `policies` are those of the evaluator.
std::vector<RuleDifference> RunCase(const RuleCase& rule_case, const PolicySet& policies,
                                    Evaluator* evaluator);

}  // namespace shouwang::risk
