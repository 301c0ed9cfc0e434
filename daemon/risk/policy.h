// Policies (政策): dated files of features and rules. Nothing of a policy is compiled in.
//
// A policy file (see daemon/risk/README.md for every key):
//
//   version: 202601
//   effective_from: 2026-01-01
//   title_zh: ...
//   title_en: ...
//   constants:
//     - {name: monitoring_line, value: 8800, unit: yuan, title_zh: ..., title_en: ..., citation:
//     ...}
//   features:
//     - {name: net_income_per_person, kind: sum, of: [wage_income, transfer_income],
//        minus: [operating_cost], per: household_size, window_months: 12, at_least: 9,
//        unit: yuan, title_zh: ..., title_en: ...}
//   rules:
//     - {id: 101, name: income_below_line, kind: income, severity: red, applies_to: household,
//        when: net_income_per_person < monitoring_line,
//        clear_when: net_income_per_person >= monitoring_line, hold_months: 6,
//        title_zh: ..., title_en: ..., measure_zh: ..., measure_en: ..., citation: ...}
//
// A PolicySet is immutable once loaded and safe on any thread; an Evaluator is made from it for
// each thread.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "daemon/risk/case_policy.h"
#include "daemon/risk/incident_policy.h"
#include "daemon/risk/reporting_policy.h"
#include "daemon/risk/screening_policy.h"
#include "storage/files/yaml.h"
#include "storage/vocabulary/date.h"
#include "storage/vocabulary/indicator.h"
#include "storage/vocabulary/warning.h"

namespace shouwang::risk {

// How a feature is computed at a date d over its window, from the points of its indicators there.
// The window is whole calendar months: the one of d, up to d, and the window_months - 1 before it.
// A monthly report has so one place in it, whatever the day of the visit.
// The value of a date is the sum of `of` less the sum of `minus` on that date; indicators missing
// on a date where another one has a point count as 0 if `missing_is_zero`, else the date is left
// out. Fewer than `at_least` usable dates: the feature is unknown.
enum class FeatureKind : uint8_t {
  kLast,  // the value of the latest usable date
  kSum,   // sum over the usable dates
  kMean,  // arithmetic mean
  kMin,
  kMax,
  kChange,  // (S - P) / |P|: S the mean over the window, P the mean over the
            // window_months whole months that end `compare_months` (default 12) months earlier;
            // unknown if P is 0 or lacks dates
  kSlope,   // least-squares slope of value over time, per month (30.4375 days)
  kMonthsSince,  // whole months from the latest date with a value above `above` (default 0) to d;
                 // window_months + 1 if the window has at_least usable dates and none is above
  kLongestZeroRun,  // longest run of usable dates whose value is 0 or less, in dates
  kShare,           // sum of `of` / sum of `total` over the usable dates; unknown if total is 0
  kCount,           // number of usable dates
  kLogMean,    // sum of w ln(max(v, floor)) / sum of w, with the weight w = 2^(-age / half-life)
               // and the age in months of 30.4375 days; w = 1 where there is no half-life
  kLogSpread,  // sqrt(sum of w (ln(max(v, floor)) - kLogMean)^2 / sum of w); needs two dates
  kFormula,    // `formula` over constants and features declared above it
};

struct Constant {
  std::string name;
  double value = 0;
  std::string unit;
  std::string title_zh;
  std::string title_en;
  std::string citation;
};

struct Feature {
  std::string name;
  std::string title_zh;
  std::string title_en;
  std::string unit;
  FeatureKind kind = FeatureKind::kLast;
  std::vector<IndicatorId> of;
  std::vector<IndicatorId> minus;
  std::vector<IndicatorId> total;  // kShare
  std::optional<IndicatorId> per;  // divide by its latest value in the 24 months to d; unknown
                                   // if there is none or it is 0 or less
  int window_months = 12;          // 1 to kMaxWindowMonths
  int compare_months = 12;         // kChange
  int at_least = 1;                // usable dates
  bool missing_is_zero = false;
  double above = 0;  // kMonthsSince
  // kLogMean, kLogSpread.
  std::optional<int> half_life_months;
  double floor = 1;     // above 0; in the indicators' unit
  std::string formula;  // kFormula
};

struct Rule {
  RuleId id = 0;
  std::string name;
  std::string title_zh;
  std::string title_en;
  RiskKind kind = RiskKind::kIncome;
  Severity severity = Severity::kYellow;
  SubjectKind applies_to = SubjectKind::kHousehold;
  std::string when;
  // Default: not (when).
  std::string clear_when;
  // Months over which clear_when must hold without a break, in reporting time; 0: clears at once.
  int hold_months = 0;
  std::string measure_zh;
  std::string measure_en;
  std::string citation;
};

// What a year's income is projected from; projection.h has the formula.
struct ProjectionPolicy {
  std::vector<IndicatorId> of;
  std::vector<IndicatorId> minus;
  IndicatorId per = 0;  // persons of the household
  std::string line;     // a constant, per person and year
  int years = 3;        // how many earlier years are read, 1 to 5
  int half_life_months = 12;
  int at_least = 6;       // months that have one a year before them, 2 to 60
  double floor = 1;       // of a month's income where logarithms are taken, above 0
  double confidence = 0;  // of the intervals, between 0 and 1
};

// How the open warnings of a household combine into one rank; rank.h has the formula.
struct WorklistPolicy {
  // What each sign is worth.
  double yellow = 0;  // the worst open warning, by its severity
  double orange = 0;
  double red = 0;
  double dimension = 0;   // each further kind of risk
  double month_open = 0;  // each month since the oldest of them opened,
  int months_at_most = 0;
  double trend = 0;           // a fall by all of it
  double below_line = 0;      // certainty of an income below the line by the end of the year
  double unknown_share = 0;   // of the last two, where they can't be told; 0 to 1
  std::string trend_feature;  // a change
  // The probability where the history is too short to project; empty: none.
  std::string vulnerability_feature;
  ProjectionPolicy projection;
};

inline constexpr int kMaxWindowMonths = 60;
inline constexpr int kMaxProjectionYears = 5;
// How far back `per` looks.
inline constexpr int kPerWindowMonths = 24;

struct Policy {
  uint32_t version = 0;
  Date effective_from;
  std::string title_zh;
  std::string title_en;
  std::vector<Constant> constants;
  std::vector<Feature> features;
  std::vector<Rule> rules;  // by id
  // nullopt: no cases are kept while the policy is in force.
  std::optional<CasePolicy> cases;
  std::vector<CalendarDay> calendar;
  std::optional<WorklistPolicy> worklist;
  // nullopt: nothing is looked for while the policy is in force.
  std::optional<IncidentPolicy> incidents;
  std::optional<ScreeningPolicy> screening;
  // nullopt: nobody is expected to report by any day, so nobody is silent.
  std::optional<ReportingPolicy> reporting;
  // Of the file's bytes.
  uint64_t fingerprint = 0;

  const Rule* FindRule(RuleId id) const;
  const Rule* FindRule(std::string_view name) const;
  const Feature* FindFeature(std::string_view name) const;
  const Constant* FindConstant(std::string_view name) const;
};

// The policies of a store, by effective_from. A date is judged by the one then in force; dates
// before the first are judged by the first.
class PolicySet {
 public:
  PolicySet() = default;
  // Reads and checks every file against the catalogue: unknown keys, unknown indicators, unknown
  // names in expressions, cycles, ids and names given twice, the same rule id under two names,
  // windows out of bounds, two policies of one effective_from. Faults go to `problems`.
  static PolicySet Load(const std::vector<std::string>& paths, const Catalogue& catalogue,
                        Problems* problems);

  // This set as it would be with the policy of `text`, which takes the place of those that have its
  // version or its effective_from; all others stay. Faults are those of Load, and call the text
  // `name`; a rule keeps its id and name also where its policy is replaced. Of faults the result
  // must not be used.
  PolicySet With(const std::string& name, const std::string& text, const Catalogue& catalogue,
                 Problems* problems) const;

  const Policy& InForce(Date date) const;
  const std::vector<Policy>& All() const { return policies_; }
  // Of all policies and of the catalogue's decimals: the same value means the same warnings.
  uint64_t fingerprint() const { return fingerprint_; }
  // How many months of history an evaluation at d may read.
  int LongestLookbackMonths() const { return lookback_months_; }
  // What features of any policy are computed from, ascending.
  std::vector<IndicatorId> IndicatorsRead() const;
  // By any policy, the latest first; empty where no policy has it.
  std::string RuleName(RuleId id) const;

 private:
  // `policies` in any order.
  PolicySet(std::vector<Policy> policies, const Catalogue& catalogue);

  std::vector<Policy> policies_;
  uint64_t fingerprint_ = 0;
  int lookback_months_ = 0;
};

}  // namespace shouwang::risk
