#include "daemon/risk/rule_case.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <map>
#include <optional>
#include <set>
#include <sstream>

#include "absl/status/status.h"
#include "storage/vocabulary/decimal.h"

namespace shouwang::risk {
namespace {

constexpr char kNeverOpen[] = "quiet or unknown";

// Where the households and sites of all cases live; any place would do.
const Division& Village() {
  static const Division kVillage = *Division::Parse("520502001001");
  return kVillage;
}

// One word of a series: a value, or nullopt for "_", so many times.
struct Repeated {
  std::optional<int64_t> value;
  int times = 1;
};

absl::StatusOr<Repeated> ParseRepeated(const std::string& word, const Indicator& indicator) {
  Repeated run;
  const size_t times_at = word.find('x');
  if (times_at != std::string::npos) {
    const char* end = word.data() + word.size();
    const auto parsed = std::from_chars(word.data() + times_at + 1, end, run.times);
    if (parsed.ec != std::errc() || parsed.ptr != end || run.times < 1 ||
        run.times > kMaxSeriesMonths) {
      return absl::InvalidArgumentError(fmt::format(
          "'{}': after x a number of months is expected, 1 to {}", word, kMaxSeriesMonths));
    }
  }
  const std::string value = word.substr(0, times_at);
  if (value == "_") return run;
  const auto scaled = ParseDecimal(value, indicator.decimals);
  if (!scaled.ok()) {
    return absl::InvalidArgumentError(
        fmt::format("'{}': {}", word, std::string(scaled.status().message())));
  }
  if (*scaled < indicator.min || *scaled > indicator.max) {
    return absl::InvalidArgumentError(
        fmt::format("'{}' is out of the range of {}, {} to {}", word, indicator.name,
                    FormatDecimal(indicator.min, indicator.decimals),
                    FormatDecimal(indicator.max, indicator.decimals)));
  }
  run.value = *scaled;
  return run;
}

absl::Status PutSeries(const Indicator& indicator, const std::string& text, Month month,
                       History* history) {
  std::istringstream words(text);
  int months = 0;
  for (std::string word; words >> word;) {
    const absl::StatusOr<Repeated> run = ParseRepeated(word, indicator);
    if (!run.ok()) return run.status();
    months += run->times;
    if (months > kMaxSeriesMonths) {
      return absl::InvalidArgumentError(
          fmt::format("{} months of {}; {} at most", months, indicator.name, kMaxSeriesMonths));
    }
    for (int i = 0; i < run->times; ++i, month = month + 1) {
      if (run->value) history->Put(indicator.id, Date::LastOf(month), *run->value, Arrival{});
    }
  }
  return absl::OkStatus();
}

bool AreDates(std::string_view text, size_t count) {
  constexpr size_t kDateCharacters = 10;
  if (text.size() != count * (kDateCharacters + 1) - 1) return false;
  for (size_t i = 0; i < count; ++i) {
    const size_t at = i * (kDateCharacters + 1);
    if (i > 0 && text[at - 1] != ' ') return false;
    if (!Date::Parse(text.substr(at, kDateCharacters)).ok()) return false;
  }
  return true;
}

// "cleared D D, cleared D D, open D".
bool IsStanding(std::string_view text) {
  constexpr std::string_view kCleared = "cleared ";
  constexpr std::string_view kOpen = "open ";
  if (text == "quiet" || text == "unknown") return true;
  while (true) {
    const size_t comma = text.find(", ");
    const std::string_view part = text.substr(0, comma);
    const bool last = comma == std::string_view::npos;
    if (part.starts_with(kCleared)) {
      if (!AreDates(part.substr(kCleared.size()), 2)) return false;
    } else if (part.starts_with(kOpen)) {
      if (!last || !AreDates(part.substr(kOpen.size()), 1)) return false;
    } else {
      return last && part == "unknown";
    }
    if (last) return true;
    text.remove_prefix(comma + 2);
  }
}

// How a rule stands, in the words of the files.
std::string StandingOf(const SubjectRisk& risk, RuleId rule) {
  std::string text;
  const auto add = [&](const std::string& part) { text += (text.empty() ? "" : ", ") + part; };
  for (const Episode& episode : risk.episodes) {
    if (episode.rule != rule) continue;
    add(fmt::format("cleared {} {}", episode.opened_on.ToString(), episode.cleared_on.ToString()));
  }
  for (const RuleState& state : risk.states) {
    if (state.rule != rule) continue;
    add(state.opened_on ? "open " + state.opened_on->ToString() : std::string("unknown"));
  }
  return text.empty() ? "quiet" : text;
}

class Reader {
 public:
  Reader(const Catalogue& catalogue, RuleCaseFile* file) : catalogue_(catalogue), file_(file) {}

  void ReadHead(YamlMap* root);
  void ReadCase(YamlMap* map);

 private:
  using Series = std::map<std::string, YamlMap::Entry>;  // by indicator

  static void Take(std::optional<YamlMap> map, Series* series);
  void PutAll(const YamlMap& map, const Series& series, RuleCase* made);

  const Catalogue& catalogue_;
  RuleCaseFile* file_;
  SubjectKind kind_ = SubjectKind::kHousehold;
  Month first_month_;
  Series base_;
  std::set<std::string> names_;
};

void Reader::Take(std::optional<YamlMap> map, Series* series) {
  if (!map) return;
  for (YamlMap::Entry& entry : map->Entries()) (*series)[entry.key] = entry;
}

void Reader::ReadHead(YamlMap* root) {
  file_->policies = root->Texts("policies");
  if (file_->policies.empty()) root->Fault("'policies' is missing: the files to test");
  const std::string subject = root->OptionalText("subject").value_or("household");
  if (subject != "household" && subject != "site") {
    root->Fault(fmt::format("'subject' is '{}'; household or site is expected", subject),
                "subject");
  }
  kind_ = subject == "site" ? SubjectKind::kSite : SubjectKind::kHousehold;
  const std::string month = root->Text("first_month");
  if (const auto parsed = Month::Parse(month); parsed.ok()) {
    first_month_ = *parsed;
  } else if (!month.empty()) {
    root->Fault(std::string(parsed.status().message()), "first_month");
  }
  Take(root->Map("base"), &base_);
}

void Reader::PutAll(const YamlMap& map, const Series& series, RuleCase* made) {
  for (const auto& [name, entry] : series) {
    const Indicator* indicator = catalogue_.Find(name);
    if (indicator == nullptr) {
      map.Fault(fmt::format("test '{}': unknown indicator '{}'", made->name, name));
      continue;
    }
    if (indicator->applies_to != kind_) {
      map.Fault(fmt::format("test '{}': '{}' is of a {}", made->name, name,
                            KindName(indicator->applies_to)));
      continue;
    }
    const absl::Status status = PutSeries(*indicator, entry.value, first_month_, &made->history);
    if (!status.ok()) {
      map.Fault(fmt::format("test '{}': {}: {}", made->name, name, std::string(status.message())));
    }
  }
}

void Reader::ReadCase(YamlMap* map) {
  RuleCase made;
  made.name = map->Text("name");
  made.line = map->line();
  if (!made.name.empty() && !names_.insert(made.name).second) {
    map->Fault(fmt::format("test '{}' is given twice", made.name), "name");
  }
  made.history = History(kind_ == SubjectKind::kSite ? *Subject::Site(Village(), 1)
                                                     : *Subject::Household(Village(), 1));
  Series series = base_;
  Take(map->Map("series"), &series);
  PutAll(*map, series, &made);
  std::optional<YamlMap> expect = map->Map("expect");
  if (!expect) map->Fault(fmt::format("test '{}': 'expect' is missing", made.name));
  std::map<std::string, std::string> by_rule;
  for (const YamlMap::Entry& entry : expect ? expect->Entries() : std::vector<YamlMap::Entry>{}) {
    if (!IsStanding(entry.value)) {
      map->Fault(
          fmt::format("test '{}': '{}: {}' is no standing (quiet, unknown, open DATE, "
                      "cleared OPENED CLEARED; joined by ', ')",
                      made.name, entry.key, entry.value));
    }
    by_rule[entry.key] = entry.value;
  }
  for (auto& [rule, standing] : by_rule) made.expect.push_back({rule, standing});
  map->Done();
  file_->cases.push_back(std::move(made));
}

}  // namespace

RuleCaseFile ReadRuleCases(const std::string& path, const Catalogue& catalogue,
                           Problems* problems) {
  RuleCaseFile result;
  result.path = path;
  const size_t problems_before = problems->size();
  const YamlFile file = YamlFile::Read(path, problems);
  if (problems->size() != problems_before) return result;
  YamlMap root = file.Root();
  Reader reader(catalogue, &result);
  reader.ReadHead(&root);
  std::vector<YamlMap> tests = root.Maps("tests");
  if (tests.empty()) root.Fault("no test under 'tests'");
  for (YamlMap& test : tests) reader.ReadCase(&test);
  root.Done();
  return result;
}

std::vector<RuleDifference> RunCase(const RuleCase& rule_case, const PolicySet& policies,
                                    Evaluator* evaluator) {
  const SubjectRisk risk = evaluator->Replay(rule_case.history);
  const Policy& policy = policies.InForce(risk.evaluated_through);
  std::vector<RuleDifference> differences;
  const auto add = [&](const Rule& rule, const std::string& expected, const std::string& found) {
    RuleDifference difference{rule.name, expected, found, "", ""};
    const auto explained =
        evaluator->Explain(rule_case.history, risk, risk.evaluated_through, rule.id);
    if (explained.ok()) {
      difference.text_zh = explained->front().text_zh;
      difference.text_en = explained->front().text_en;
    }
    differences.push_back(std::move(difference));
  };
  std::set<RuleId> named;
  for (const RuleCase::Expectation& expectation : rule_case.expect) {
    const Rule* rule = policy.FindRule(expectation.rule);
    if (rule == nullptr) {
      differences.push_back({expectation.rule, expectation.standing,
                             fmt::format("policy {} has no such rule", policy.version), "", ""});
      continue;
    }
    named.insert(rule->id);
    const std::string found = StandingOf(risk, rule->id);
    if (found != expectation.standing) add(*rule, expectation.standing, found);
  }
  for (const Rule& rule : policy.rules) {
    if (named.contains(rule.id)) continue;
    const std::string found = StandingOf(risk, rule.id);
    if (found != "quiet" && found != "unknown") add(rule, kNeverOpen, found);
  }
  return differences;
}

}  // namespace shouwang::risk
