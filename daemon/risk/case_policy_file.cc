#include "daemon/risk/case_policy_file.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <set>
#include <tuple>
#include <utility>

#include "daemon/risk/expression.h"
#include "daemon/risk/follow_up_file.h"
#include "daemon/risk/policy_file.h"
#include "daemon/risk/syntax.h"
#include "daemon/risk/yaml_words.h"

namespace shouwang::risk {
namespace {

std::string NamesOf(std::span<const CaseState> states) {
  std::vector<std::string_view> names;
  for (const CaseState state : states) names.push_back(CaseStateName(state));
  return fmt::format("{}", fmt::join(names, ", "));
}

class CaseReader {
 public:
  CaseReader(const KnownNames& known, Policy* policy) : known_(known), policy_(policy) {}

  void ReadCases(YamlMap* map);
  void ReadExit(YamlMap* map);
  void ReadMeasure(YamlMap* map);
  void ReadCalendar(YamlMap* map);
  // What needs all of it.
  void CheckWhole(YamlMap* root);

 private:
  CasePolicy& cases() { return *policy_->cases; }
  void ReadState(YamlMap* map);
  void ReadMove(YamlMap* map);
  void CheckCondition(YamlMap* map, const ExitCondition& condition);

  const KnownNames& known_;
  Policy* const policy_;
  std::set<Date> days_;
};

void CaseReader::ReadCases(YamlMap* map) {
  if (map->Has("from_severity")) {
    if (const auto severity = TakeWord(map, "from_severity", ParseSeverity)) {
      cases().from_severity = *severity;
    }
  }
  cases().decide_within = TakeTerm(map, "decide_within");
  cases().citation = map->Text("citation");
  for (YamlMap& state : map->Maps("states")) ReadState(&state);
  for (YamlMap& move : map->Maps("moves")) ReadMove(&move);
  for (const CaseState state : AllCaseStates()) {
    if (!IsUnderWay(state)) continue;
    if (std::ranges::any_of(cases().moves, [&](const CaseMove& m) { return m.from == state; })) {
      continue;
    }
    map->Fault(fmt::format("nobody may take a case on from state {}: 'moves' needs one from it "
                           "(to {})",
                           CaseStateName(state), NamesOf(StatesAfter(state))),
               "moves");
  }
  ReadFollowUp(map, &cases());
  map->Done();
}

void CaseReader::ReadState(YamlMap* map) {
  StateTerms terms;
  if (const auto state = TakeWord(map, "state", ParseCaseState)) {
    terms.state = *state;
    if (!IsUnderWay(*state)) {
      map->Fault(fmt::format("nothing runs in state {}: no deadline can", CaseStateName(*state)),
                 "state");
    } else if (cases().TermsOf(*state) != nullptr) {
      map->Fault(fmt::format("state {} is given twice", CaseStateName(*state)), "state");
    }
  }
  terms.within = TakeTerm(map, "within");
  terms.at_least_days =
      static_cast<int>(map->Integer("at_least_days", 0, kMaxTermDays).value_or(0));
  if (terms.within && !terms.within->working && terms.within->days < terms.at_least_days) {
    map->Fault(fmt::format("a case must stay for {} days and be gone within {}",
                           terms.at_least_days, terms.within->days),
               "at_least_days");
  }
  if (!terms.within && terms.at_least_days == 0) {
    map->Fault("says nothing: 'within_days', 'within_working_days' or 'at_least_days' is expected");
  }
  terms.citation = map->Text("citation");
  map->Done();
  cases().states.push_back(std::move(terms));
}

void CaseReader::ReadMove(YamlMap* map) {
  CaseMove move;
  const auto from = TakeWord(map, "from", ParseCaseState);
  const auto to = TakeWord(map, "to", ParseCaseState);
  if (from && to) {
    move.from = *from;
    move.to = *to;
    if (!MayFollow(*from, *to)) {
      map->Fault(fmt::format("a case cannot go from {} to {}; from {} it can go to {}",
                             CaseStateName(*from), CaseStateName(*to), CaseStateName(*from),
                             NamesOf(StatesAfter(*from))),
                 "to");
    } else if (!cases().RolesOf(*from, *to).empty()) {
      map->Fault(fmt::format("the move from {} to {} is given twice", CaseStateName(*from),
                             CaseStateName(*to)));
    }
  }
  for (const std::string& word : map->Texts("roles")) {
    if (const auto role = ParseRole(word); role.ok()) {
      move.roles.push_back(*role);
    } else {
      map->Fault(fmt::format("'roles': {}", std::string(role.status().message())), "roles");
    }
  }
  if (!map->Has("roles")) map->Fault("'roles' is missing");
  map->Done();
  if (from && to) cases().moves.push_back(std::move(move));
}

void CaseReader::CheckCondition(YamlMap* map, const ExitCondition& condition) {
  if (condition.when.empty()) return;
  if (condition.when.size() > kMaxConditionCharacters) {
    map->Fault(fmt::format("'when' of condition '{}' has {} characters; {} at most", condition.name,
                           condition.when.size(), kMaxConditionCharacters),
               "when");
    return;
  }
  std::vector<std::string> names = known_.names;
  names.insert(names.end(), kCaseFigures.begin(), kCaseFigures.end());
  if (const absl::Status status = CheckExpression(condition.when, names, ExpressionType::kTruth);
      !status.ok()) {
    map->Fault(
        fmt::format("'when' of condition '{}': {}", condition.name, std::string(status.message())),
        "when");
    return;
  }
  bool depends = false;
  for (const std::string& name : NamesIn(condition.when)) {
    depends |= std::ranges::find(kCaseFigures, name) != kCaseFigures.end();
    const auto feature = known_.subject_of.find(name);
    if (feature == known_.subject_of.end()) continue;
    depends = true;
    if (feature->second != SubjectKind::kHousehold) {
      map->Fault(fmt::format("'when' of condition '{}': feature '{}' is of a {}; cases are of "
                             "households",
                             condition.name, name, KindName(feature->second)),
                 "when");
    }
  }
  if (!depends) {
    map->Fault(fmt::format("'when' of condition '{}' uses no feature and no figure of the case: it "
                           "would hold for all or for none",
                           condition.name),
               "when");
  }
}

void CaseReader::ReadExit(YamlMap* map) {
  ExitCondition condition;
  condition.name = map->Text("name");
  if (!condition.name.empty() && !IsPlainName(condition.name)) {
    map->Fault(fmt::format("name '{}' must be lower-case letters, digits and '_' and begin with a "
                           "letter",
                           condition.name),
               "name");
  }
  for (const ExitCondition& other : cases().exit) {
    if (!condition.name.empty() && other.name == condition.name) {
      map->Fault(fmt::format("condition '{}' is given twice", condition.name), "name");
    }
  }
  condition.title_zh = map->Text("title_zh");
  condition.title_en = map->Text("title_en");
  condition.when = map->Text("when");
  CheckCondition(map, condition);
  condition.hold_months =
      static_cast<int>(map->Integer("hold_months", 0, kMaxWindowMonths).value_or(0));
  condition.citation = map->Text("citation");
  map->Done();
  cases().exit.push_back(std::move(condition));
}

void CaseReader::ReadMeasure(YamlMap* map) {
  Measure measure;
  measure.name = map->Text("name");
  if (!measure.name.empty() &&
      (!IsPlainName(measure.name) || measure.name.size() > kMaxMeasureNameCharacters)) {
    map->Fault(fmt::format("name '{}' must be at most {} lower-case letters, digits and '_' and "
                           "begin with a letter",
                           measure.name, kMaxMeasureNameCharacters),
               "name");
  } else if (!measure.name.empty() && cases().FindMeasure(measure.name) != nullptr) {
    map->Fault(fmt::format("measure '{}' is given twice", measure.name), "name");
  }
  measure.title_zh = map->Text("title_zh");
  measure.title_en = map->Text("title_en");
  for (const std::string& word : map->Texts("fits")) {
    if (const auto kind = ParseRiskKind(word); kind.ok()) {
      measure.fits.push_back(*kind);
    } else {
      map->Fault(fmt::format("'fits': {}", std::string(kind.status().message())), "fits");
    }
  }
  if (!map->Has("fits")) map->Fault("'fits' is missing: which risk kinds the measure is for");
  measure.citation = map->Text("citation");
  map->Done();
  cases().measures.push_back(std::move(measure));
}

void CaseReader::ReadCalendar(YamlMap* map) {
  const std::string kind = map->Text("kind");
  if (!kind.empty() && kind != "holiday" && kind != "working_day") {
    map->Fault(fmt::format("'kind' is '{}'; holiday or working_day is expected", kind), "kind");
  }
  const auto from = TakeWord(map, "from", Date::Parse);
  const auto to = map->Has("to") ? TakeWord(map, "to", Date::Parse) : from;
  (void)map->Text("title_zh");
  (void)map->Text("title_en");
  (void)map->Text("citation");
  map->Done();
  if (!from || !to) return;
  const int days = to->days() - from->days() + 1;
  if (days < 1 || days > kMaxHolidayDays) {
    map->Fault(fmt::format("from {} to {} is {} days; 1 to {} are allowed", from->ToString(),
                           to->ToString(), days, kMaxHolidayDays),
               "to");
    return;
  }
  for (Date day = *from; day <= *to; day = day + 1) {
    if (!days_.insert(day).second) {
      map->Fault(fmt::format("{} is given twice", day.ToString()), "from");
    }
    // 1970-01-01 was a Thursday, so that day 2 was a Saturday.
    const int since_saturday = ((day.days() - 2) % 7 + 7) % 7;
    if (kind == "working_day" && since_saturday > 1) {
      map->Fault(fmt::format("{} is no day of a weekend: it is worked anyway", day.ToString()),
                 "from");
    }
    policy_->calendar.push_back({day, kind == "working_day"});
  }
}

void CaseReader::CheckWhole(YamlMap* root) {
  if (cases().exit.empty()) {
    root->Fault(
        "'cases' needs conditions under 'exit': without any, nobody could say when a "
        "household is out of risk",
        "cases");
  }
  std::set<RiskKind> told;
  for (const Rule& rule : policy_->rules) {
    if (rule.applies_to != SubjectKind::kHousehold || !told.insert(rule.kind).second) continue;
    const auto fits = [&](const Measure& measure) { return measure.Fits(rule.kind); };
    if (std::ranges::any_of(cases().measures, fits)) continue;
    root->Fault(fmt::format("no measure under 'measures' fits risk kind {}, which rule '{}' has",
                            RiskKindName(rule.kind), rule.name),
                "cases");
  }
  for (const std::string_view figure : kCaseFigures) {
    if (std::ranges::find(known_.names, figure) == known_.names.end()) continue;
    root->Fault(fmt::format("name '{}' belongs to a figure of the case", figure), "cases");
  }
}

}  // namespace

void ReadCaseSections(YamlMap* root, const KnownNames& known, Policy* policy) {
  std::optional<YamlMap> cases = root->Map("cases");
  CaseReader reader(known, policy);
  const auto read_all = [&](std::string_view key, size_t most, auto&& read) {
    std::vector<YamlMap> maps = root->Maps(key);
    if (maps.size() > most) {
      root->Fault(fmt::format("{} entries of {}; {} at most", maps.size(), key, most), key);
      maps.resize(most, *root);
    }
    if (!cases && key != "calendar") {
      if (!maps.empty()) root->Fault(fmt::format("'{}' means nothing without 'cases'", key), key);
      return;
    }
    for (YamlMap& map : maps) read(&map);
  };
  if (cases) {
    policy->cases.emplace();
    reader.ReadCases(&*cases);
  }
  read_all("exit", kMaxExitConditions, [&](YamlMap* map) { reader.ReadExit(map); });
  read_all("measures", kMaxMeasures, [&](YamlMap* map) { reader.ReadMeasure(map); });
  read_all("calendar", kMaxCalendarEntries, [&](YamlMap* map) { reader.ReadCalendar(map); });
  if (cases) reader.CheckWhole(root);
}

}  // namespace shouwang::risk
