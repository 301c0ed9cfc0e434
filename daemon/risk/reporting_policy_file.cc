#include "daemon/risk/reporting_policy_file.h"

#include <fmt/format.h>

#include <string>

namespace shouwang::risk {
namespace {

int Required(YamlMap* map, std::string_view key, int least, int most) {
  if (!map->Has(key)) map->Fault(fmt::format("'{}' is missing", key));
  return static_cast<int>(map->Integer(key, least, most).value_or(least));
}

Expectation ReadExpectation(YamlMap* map) {
  Expectation expectation;
  expectation.cadence_months = Required(map, "cadence_months", 1, kMaxReportingCadenceMonths);
  expectation.due_day = Required(map, "due_day", 1, kMaxDueDay);
  expectation.grace_days = Required(map, "grace_days", 0, kMaxGraceDays);
  expectation.given_up_months = Required(map, "given_up_months", 2, kMaxGivenUpMonths);
  if (expectation.given_up_months <= expectation.cadence_months) {
    map->Fault(fmt::format("'given_up_months' is {}; it must be more than 'cadence_months', {}",
                           expectation.given_up_months, expectation.cadence_months),
               "given_up_months");
  }
  expectation.citation = map->Text("citation");
  return expectation;
}

std::vector<Division> ReadDivisions(YamlMap* map) {
  std::vector<Division> divisions;
  const std::vector<std::string> codes = map->Texts("expected_from");
  if (codes.size() > kMaxExpectedDivisions) {
    map->Fault(fmt::format("'expected_from' has {} divisions; {} at most", codes.size(),
                           kMaxExpectedDivisions),
               "expected_from");
    return divisions;
  }
  for (const std::string& code : codes) {
    const absl::StatusOr<Division> division = Division::Parse(code);
    if (!division.ok()) {
      map->Fault(fmt::format("'expected_from': {}", std::string(division.status().message())),
                 "expected_from");
    } else if (division->level() > DivisionLevel::kTownship) {
      map->Fault(fmt::format("'expected_from': {} is a village; townships send", code),
                 "expected_from");
    } else {
      divisions.push_back(*division);
    }
  }
  return divisions;
}

}  // namespace

ReportingPolicy ReadReporting(YamlMap* map) {
  ReportingPolicy reporting;
  if (auto households = map->Map("households")) {
    reporting.households = ReadExpectation(&*households);
    households->Done();
  } else {
    map->Fault("'households' is missing");
  }
  for (YamlMap& entry : map->Maps("sources")) {
    SourceExpectation expected;
    const std::string word = entry.Text("source");
    const absl::StatusOr<Source> source = ParseSource(word);
    if (source.ok()) {
      expected.source = *source;
      if (reporting.Find(*source) != nullptr) {
        entry.Fault(fmt::format("source '{}' is given twice", word), "source");
      }
    } else if (!word.empty()) {
      entry.Fault(std::string(source.status().message()), "source");
    }
    expected.expectation = ReadExpectation(&entry);
    if (entry.Has("expected_from")) expected.expected_from = ReadDivisions(&entry);
    entry.Done();
    reporting.sources.push_back(std::move(expected));
  }
  map->Done();
  return reporting;
}

}  // namespace shouwang::risk
