// A policy that keeps cases, in the small county, and words to write tests of them with. Days: the
// calendar of autumn 2026, 2026-10-01 a Thursday.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "daemon/cases/desk.h"
#include "storage/memory/memory_case_book.h"
#include "tests/daemon/watched_county.h"

namespace shouwang::cases {

using namespace county;

inline constexpr std::string_view kCaseSections = R"(
cases:
  from_severity: orange
  decide_within_days: 15
  citation: placeholder
  states:
    - {state: clue, within_days: 3, citation: placeholder}
    - {state: verifying, within_working_days: 5, citation: placeholder}
    - {state: noticed, at_least_days: 5, within_days: 7, citation: placeholder}
    - {state: registered, within_days: 10, citation: placeholder}
  moves:
    - {from: none, to: clue, roles: [village]}
    - {from: clue, to: verifying, roles: [village, township]}
    - {from: clue, to: dismissed, roles: [township]}
    - {from: verifying, to: reviewed, roles: [village]}
    - {from: verifying, to: dismissed, roles: [township, county]}
    - {from: reviewed, to: noticed, roles: [village]}
    - {from: noticed, to: registered, roles: [county]}
    - {from: noticed, to: verifying, roles: [township]}
    - {from: registered, to: supported, roles: [township]}
    - {from: supported, to: cleared, roles: [county]}
    - {from: dismissed, to: clue, roles: [county]}
    - {from: cleared, to: clue, roles: [county]}
  escalation:
    - {state: clue, to: township, overdue_days: 2, citation: placeholder}
    - {state: clue, to: county, overdue_days: 6, citation: placeholder}
    - {state: verifying, to: county, overdue_working_days: 2, citation: placeholder}
    - {state: noticed, to: prefecture, overdue_days: 5, citation: placeholder}
  draw: {per_township: 2, estimate_months: 3, citation: placeholder}
exit:
  - {name: wage_above_line, when: wage >= line, hold_months: 6, title_zh: 工资高于线,
     title_en: Wage above the line, citation: placeholder}
  - {name: medical_resolved, when: medical <= 1000, title_zh: 医疗支出化解,
     title_en: Medical costs resolved, citation: placeholder}
  - {name: measure_taken, when: case_targeted_measures >= 1, title_zh: 有针对性措施,
     title_en: A targeted measure, citation: placeholder}
measures:
  - {name: relief, fits: [income], title_zh: 救助, title_en: Relief, citation: placeholder}
  - {name: medical_assistance, fits: [illness], title_zh: 医疗救助,
     title_en: Medical assistance, citation: placeholder}
calendar:
  - {kind: holiday, from: 2026-10-01, to: 2026-10-07, title_zh: 国庆节, title_en: National Day,
     citation: placeholder}
  - {kind: working_day, from: 2026-10-10, title_zh: 调休, title_en: For National Day,
     citation: placeholder}
)";

inline std::shared_ptr<const Rulebook> RulebookWithCases() { return SmallRulebook(kCaseSections); }

// The sections of 2026's policy and those of 2027's, which is the same otherwise.
inline std::shared_ptr<const Rulebook> RulebookOfTwoYears(std::string_view first_year,
                                                          std::string_view second_year) {
  auto rulebook = std::make_shared<Rulebook>();
  rulebook->reg = SmallRegister();
  const std::string name = testing::UnitTest::GetInstance()->current_test_info()->name();
  std::vector<std::string> paths;
  for (const std::string_view sections : {first_year, second_year}) {
    std::string text = std::string(kPolicy) + std::string(sections);
    if (!paths.empty()) {
      text.replace(text.find("202601"), 6, "202701");
      text.replace(text.find("2026-01-01"), 10, "2027-01-01");
    }
    paths.push_back(testing::TempDir() + "/" + name + std::to_string(paths.size()) + ".yaml");
    std::ofstream(paths.back()) << text;
  }
  Problems problems;
  rulebook->policies = risk::PolicySet::Load(paths, rulebook->reg.catalogue, &problems);
  EXPECT_THAT(problems.messages(), testing::IsEmpty());
  return rulebook;
}

// The sections with other words in the place of some, and without the calendar, of which every
// policy's days count.
inline std::string SectionsWith(std::string_view words, std::string_view others) {
  std::string sections(kCaseSections);
  sections.replace(sections.find(words), words.size(), others);
  sections.erase(sections.find("calendar:"));
  return sections;
}

// 08:00 in China.
inline Instant MorningOf(std::string_view day) {
  return EndOf(Day(day)) - std::chrono::hours(16) + std::chrono::milliseconds(1);
}

inline CaseEvent OpenedOn(std::string_view day, std::vector<CaseWarning> warnings = {}) {
  CaseEvent event;
  event.at = MorningOf(day);
  event.warnings = std::move(warnings);
  return event;
}

inline CaseEvent MovedOn(std::string_view day, CaseState to) {
  CaseEvent event;
  event.kind = CaseEventKind::kMoved;
  event.state = to;
  event.at = MorningOf(day);
  event.role = Role::kTownship;
  event.actor = "t1";
  return event;
}

inline Warning WarningSince(std::string_view subject, RuleId rule, Severity severity, RiskKind kind,
                            std::string_view known_on) {
  Warning warning;
  warning.subject = Of(subject);
  warning.rule = rule;
  warning.severity = severity;
  warning.kind = kind;
  warning.opened_on = Day("2026-09-30");
  warning.policy_version = 202601;
  warning.known_at = MorningOf(known_on);
  return warning;
}

}  // namespace shouwang::cases
