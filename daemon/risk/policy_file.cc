#include "daemon/risk/policy_file.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <map>
#include <set>
#include <utility>

#include "daemon/risk/case_policy_file.h"
#include "daemon/risk/expression.h"
#include "daemon/risk/feature.h"
#include "daemon/risk/incident_policy_file.h"
#include "daemon/risk/reporting_policy_file.h"
#include "daemon/risk/screening_file.h"
#include "daemon/risk/syntax.h"
#include "daemon/risk/worklist_file.h"

namespace shouwang::risk {
namespace {

constexpr std::array<std::pair<FeatureKind, std::string_view>, 14> kFeatureKinds = {
    {{FeatureKind::kLast, "last"},
     {FeatureKind::kSum, "sum"},
     {FeatureKind::kMean, "mean"},
     {FeatureKind::kMin, "min"},
     {FeatureKind::kMax, "max"},
     {FeatureKind::kChange, "change"},
     {FeatureKind::kSlope, "slope"},
     {FeatureKind::kMonthsSince, "months_since"},
     {FeatureKind::kLongestZeroRun, "longest_zero_run"},
     {FeatureKind::kShare, "share"},
     {FeatureKind::kCount, "count"},
     {FeatureKind::kLogMean, "log_mean"},
     {FeatureKind::kLogSpread, "log_spread"},
     {FeatureKind::kFormula, "formula"}}};

// Dates that a window can hold at most: a report on every day.
constexpr double kMaxDatesInWindow = kMaxWindowMonths * 31.0;
constexpr double kMaxExactSum = 9e18;

bool TakesPer(FeatureKind kind) {
  switch (kind) {
    case FeatureKind::kLast:
    case FeatureKind::kSum:
    case FeatureKind::kMean:
    case FeatureKind::kMin:
    case FeatureKind::kMax:
    case FeatureKind::kSlope:
      return true;
    default:
      return false;
  }
}

bool TakesLogarithms(FeatureKind kind) {
  return kind == FeatureKind::kLogMean || kind == FeatureKind::kLogSpread;
}

// Reads the parts of one file in the file's order, and remembers what later parts may refer to.
class Reader {
 public:
  Reader(const Catalogue& catalogue, Policy* policy) : catalogue_(catalogue), policy_(policy) {}

  void ReadHead(YamlMap* root);
  void ReadConstant(YamlMap* map);
  void ReadFeature(YamlMap* map);
  void ReadRule(YamlMap* map);
  KnownNames known() const { return {names_, subject_of_}; }

 private:
  void ReadWindow(YamlMap* map, Feature* feature);
  void ReadFormula(YamlMap* map, Feature* feature);
  void CheckKeysFitKind(const YamlMap& map, const Feature& feature);
  void CheckExactness(const YamlMap& map, const Feature& feature);
  std::vector<IndicatorId> Indicators(YamlMap* map, std::string_view key, const Feature& feature);
  void ReadCondition(YamlMap* map, std::string_view key, const Rule& rule, std::string* condition);
  // Takes the name for a constant or a feature.
  std::string NewName(YamlMap* map);
  void NoteSubject(const YamlMap& map, const std::string& feature, SubjectKind kind,
                   std::string_view because);

  const Catalogue& catalogue_;
  Policy* policy_;
  std::vector<std::string> names_;                 // of constants and features so far
  std::map<std::string, SubjectKind> subject_of_;  // of each feature that reads indicators
  std::set<std::string> rule_names_;
};

void Reader::ReadHead(YamlMap* root) {
  policy_->version = static_cast<uint32_t>(root->Integer("version", 1, 4'000'000'000).value_or(0));
  if (!root->Has("version")) root->Fault("'version' is missing");
  const std::string date = root->Text("effective_from");
  if (!date.empty()) {
    if (const auto parsed = Date::Parse(date); parsed.ok()) {
      policy_->effective_from = *parsed;
    } else {
      root->Fault(fmt::format("'effective_from': {}", std::string(parsed.status().message())),
                  "effective_from");
    }
  }
  policy_->title_zh = root->Text("title_zh");
  policy_->title_en = root->Text("title_en");
}

std::string Reader::NewName(YamlMap* map) {
  std::string name = map->Text("name");
  if (name.empty()) return name;
  if (!IsPlainName(name)) {
    map->Fault(fmt::format("name '{}' must be lower-case letters, digits and '_', begin with a "
                           "letter, and be no word of expressions",
                           name),
               "name");
  } else if (std::ranges::find(names_, name) != names_.end()) {
    map->Fault(fmt::format("name '{}' is given twice", name), "name");
  } else {
    names_.push_back(name);
  }
  return name;
}

void Reader::ReadConstant(YamlMap* map) {
  Constant constant;
  constant.name = NewName(map);
  const std::optional<double> value = map->Number("value");
  if (!map->Has("value")) map->Fault("'value' is missing");
  constant.value = value.value_or(0);
  if (!std::isfinite(constant.value)) map->Fault("'value' must be finite", "value");
  constant.unit = map->OptionalText("unit").value_or("");
  constant.title_zh = map->Text("title_zh");
  constant.title_en = map->Text("title_en");
  constant.citation = map->Text("citation");
  map->Done();
  policy_->constants.push_back(std::move(constant));
}

void Reader::NoteSubject(const YamlMap& map, const std::string& feature, SubjectKind kind,
                         std::string_view because) {
  const auto [it, added] = subject_of_.emplace(feature, kind);
  if (!added && it->second != kind) {
    map.Fault(fmt::format("feature '{}' mixes households and sites: '{}' is of a {}", feature,
                          because, KindName(kind)));
  }
}

std::vector<IndicatorId> Reader::Indicators(YamlMap* map, std::string_view key,
                                            const Feature& feature) {
  std::vector<IndicatorId> ids;
  for (const std::string& name : map->Texts(key)) {
    const Indicator* indicator = catalogue_.Find(name);
    if (indicator == nullptr) {
      map->Fault(fmt::format("'{}': unknown indicator '{}'", key, name), key);
      continue;
    }
    if (std::ranges::find(ids, indicator->id) != ids.end()) {
      map->Fault(fmt::format("'{}': indicator '{}' is given twice", key, name), key);
    }
    NoteSubject(*map, feature.name, indicator->applies_to, name);
    ids.push_back(indicator->id);
  }
  if (ids.size() > kMaxIndicatorsInList) {
    map->Fault(
        fmt::format("'{}' has {} indicators; {} at most", key, ids.size(), kMaxIndicatorsInList),
        key);
  }
  return ids;
}

void Reader::ReadWindow(YamlMap* map, Feature* feature) {
  feature->of = Indicators(map, "of", *feature);
  feature->minus = Indicators(map, "minus", *feature);
  feature->total = Indicators(map, "total", *feature);
  if (!map->Has("of")) map->Fault(fmt::format("feature '{}': 'of' is missing", feature->name));
  if (map->Has("per")) {
    const std::string per = map->Text("per");
    if (const Indicator* indicator = catalogue_.Find(per); indicator != nullptr) {
      feature->per = indicator->id;
      NoteSubject(*map, feature->name, indicator->applies_to, per);
    } else {
      map->Fault(fmt::format("'per': unknown indicator '{}'", per), "per");
    }
  }
  const auto months = [&](std::string_view key, int otherwise) {
    return static_cast<int>(map->Integer(key, 1, kMaxWindowMonths).value_or(otherwise));
  };
  feature->window_months = months("window_months", 12);
  feature->compare_months = months("compare_months", 12);
  const bool counts = feature->kind == FeatureKind::kCount;
  feature->at_least = static_cast<int>(
      map->Integer("at_least", counts ? 0 : 1, static_cast<int64_t>(kMaxDatesInWindow))
          .value_or(1));
  feature->missing_is_zero = map->Boolean("missing_is_zero").value_or(false);
  feature->above = map->Number("above").value_or(0);
  if (map->Has("half_life_months")) feature->half_life_months = months("half_life_months", 12);
  feature->floor = map->Number("floor").value_or(1);
  if (!(feature->floor > 0) || !std::isfinite(feature->floor)) {
    map->Fault(fmt::format("'floor' is {}; a number above 0 is expected", feature->floor), "floor");
  }
}

void Reader::ReadFormula(YamlMap* map, Feature* feature) {
  feature->formula = map->Text("formula");
  if (feature->formula.empty()) return;
  if (feature->formula.size() > kMaxConditionCharacters) {
    map->Fault(fmt::format("formula of '{}' has {} characters; {} at most", feature->name,
                           feature->formula.size(), kMaxConditionCharacters),
               "formula");
    return;
  }
  // The own name is taken already, but a formula sees only what stands above it: no cycle can be
  // written.
  std::vector<std::string> above = names_;
  std::erase(above, feature->name);
  const absl::Status status = CheckExpression(feature->formula, above, ExpressionType::kNumber);
  if (!status.ok()) {
    map->Fault(fmt::format("formula of '{}': {} (a formula sees the constants and the features "
                           "above it)",
                           feature->name, std::string(status.message())),
               "formula");
    return;
  }
  for (const std::string& name : NamesIn(feature->formula)) {
    const auto it = subject_of_.find(name);
    if (it != subject_of_.end()) NoteSubject(*map, feature->name, it->second, name);
  }
}

// A key that means nothing for the kind is a mistake of the author.
void Reader::CheckKeysFitKind(const YamlMap& map, const Feature& feature) {
  const auto only = [&](std::string_view key, bool fits) {
    if (map.Has(key) && !fits) {
      map.Fault(fmt::format("'{}' means nothing for a feature of kind {}", key,
                            FeatureKindName(feature.kind)),
                key);
    }
  };
  const FeatureKind kind = feature.kind;
  const bool windowed = kind != FeatureKind::kFormula;
  for (std::string_view key : {"of", "window_months", "at_least", "missing_is_zero"}) {
    only(key, windowed);
  }
  only("minus", windowed && kind != FeatureKind::kShare);
  only("per", TakesPer(kind));
  only("total", kind == FeatureKind::kShare);
  only("compare_months", kind == FeatureKind::kChange);
  only("above", kind == FeatureKind::kMonthsSince);
  only("half_life_months", TakesLogarithms(kind));
  only("floor", TakesLogarithms(kind));
  only("formula", kind == FeatureKind::kFormula);
  if (kind == FeatureKind::kShare && feature.total.empty() && !map.Has("total")) {
    map.Fault(fmt::format("feature '{}': 'total' is missing", feature.name));
  }
}

// Sums are kept in the smallest unit in 63 bits.
void Reader::CheckExactness(const YamlMap& map, const Feature& feature) {
  const FeatureShape shape = ShapeOf(feature, catalogue_);
  double largest = 0;
  for (const Series::Term& term : shape.shape.terms) {
    const Indicator& indicator = *catalogue_.Get(term.indicator);
    const auto bound = std::max(std::abs(static_cast<double>(indicator.min)),
                                std::abs(static_cast<double>(indicator.max)));
    largest += bound * std::abs(static_cast<double>(term.factor));
  }
  if (largest * kMaxDatesInWindow > kMaxExactSum) {
    map.Fault(fmt::format("feature '{}': sums of these indicators may reach {:.1e}, {:.0e} at most",
                          feature.name, largest * kMaxDatesInWindow, kMaxExactSum));
  }
}

void Reader::ReadFeature(YamlMap* map) {
  Feature feature;
  feature.name = NewName(map);
  feature.title_zh = map->Text("title_zh");
  feature.title_en = map->Text("title_en");
  feature.unit = map->OptionalText("unit").value_or("");
  const std::string kind = map->Text("kind");
  const std::optional<FeatureKind> parsed = ParseFeatureKind(kind);
  if (!parsed && !kind.empty()) {
    std::vector<std::string_view> known;
    known.reserve(kFeatureKinds.size());
    for (const auto& entry : kFeatureKinds) known.push_back(entry.second);
    map->Fault(fmt::format("'{}' is not a feature kind ({})", kind, fmt::join(known, ", ")),
               "kind");
  }
  feature.kind = parsed.value_or(FeatureKind::kLast);
  if (feature.kind == FeatureKind::kFormula) {
    ReadFormula(map, &feature);
    for (std::string_view key :
         {"of", "minus", "total", "per", "window_months", "compare_months", "at_least",
          "missing_is_zero", "above", "half_life_months", "floor"}) {
      (void)map->Texts(key);  // known keys, reported below where they stand
    }
  } else {
    ReadWindow(map, &feature);
    (void)map->OptionalText("formula");
    CheckExactness(*map, feature);
  }
  if (parsed) CheckKeysFitKind(*map, feature);
  map->Done();
  policy_->features.push_back(std::move(feature));
}

void Reader::ReadCondition(YamlMap* map, std::string_view key, const Rule& rule,
                           std::string* condition) {
  if (condition->empty()) return;
  if (condition->size() > kMaxConditionCharacters) {
    map->Fault(fmt::format("'{}' of rule '{}' has {} characters; {} at most", key, rule.name,
                           condition->size(), kMaxConditionCharacters),
               key);
    return;
  }
  const absl::Status status = CheckExpression(*condition, names_, ExpressionType::kTruth);
  if (!status.ok()) {
    map->Fault(fmt::format("'{}' of rule '{}': {}", key, rule.name, std::string(status.message())),
               key);
    return;
  }
  bool uses_feature = false;
  for (const std::string& name : NamesIn(*condition)) {
    const auto it = subject_of_.find(name);
    if (it == subject_of_.end()) continue;
    uses_feature = true;
    if (it->second != rule.applies_to) {
      map->Fault(fmt::format("'{}' of rule '{}': feature '{}' is of a {}, the rule of a {}", key,
                             rule.name, name, KindName(it->second), KindName(rule.applies_to)),
                 key);
    }
  }
  if (!uses_feature) {
    map->Fault(fmt::format("'{}' of rule '{}' uses no feature: it would hold for all or for none",
                           key, rule.name),
               key);
  }
}

void Reader::ReadRule(YamlMap* map) {
  Rule rule;
  rule.id = static_cast<RuleId>(map->Integer("id", 1, 65535).value_or(0));
  if (!map->Has("id")) map->Fault("'id' is missing");
  rule.name = map->Text("name");
  if (!rule.name.empty() && !IsPlainName(rule.name)) {
    map->Fault(fmt::format("rule name '{}' must be lower-case letters, digits and '_' and begin "
                           "with a letter",
                           rule.name),
               "name");
  }
  if (!rule.name.empty() && !rule_names_.insert(rule.name).second) {
    map->Fault(fmt::format("rule name '{}' is given twice", rule.name), "name");
  }
  if (const Rule* other = policy_->FindRule(rule.id); rule.id != 0 && other != nullptr) {
    map->Fault(fmt::format("rule id {} belongs to '{}' already", rule.id, other->name), "id");
  }
  rule.title_zh = map->Text("title_zh");
  rule.title_en = map->Text("title_en");
  const auto take = [&](std::string_view key, const auto& parse, auto* field) {
    const std::string word = map->Text(key);
    if (word.empty()) return;
    if (const auto value = parse(word); value.ok()) {
      *field = *value;
    } else {
      map->Fault(fmt::format("'{}': {}", key, std::string(value.status().message())), key);
    }
  };
  take("kind", ParseRiskKind, &rule.kind);
  take("severity", ParseSeverity, &rule.severity);
  const std::string applies = map->OptionalText("applies_to").value_or("household");
  if (applies != "household" && applies != "site") {
    map->Fault(fmt::format("'applies_to' is '{}'; household or site is expected", applies),
               "applies_to");
  }
  rule.applies_to = applies == "site" ? SubjectKind::kSite : SubjectKind::kHousehold;
  rule.when = map->Text("when");
  rule.clear_when = map->OptionalText("clear_when").value_or("");
  ReadCondition(map, "when", rule, &rule.when);
  ReadCondition(map, "clear_when", rule, &rule.clear_when);
  rule.hold_months = static_cast<int>(map->Integer("hold_months", 0, kMaxWindowMonths).value_or(0));
  rule.measure_zh = map->Text("measure_zh");
  rule.measure_en = map->Text("measure_en");
  rule.citation = map->Text("citation");
  map->Done();
  policy_->rules.push_back(std::move(rule));
}

}  // namespace

std::string_view FeatureKindName(FeatureKind kind) {
  for (const auto& [value, name] : kFeatureKinds) {
    if (value == kind) return name;
  }
  return "unknown";
}

std::optional<FeatureKind> ParseFeatureKind(std::string_view name) {
  for (const auto& [value, word] : kFeatureKinds) {
    if (word == name) return value;
  }
  return std::nullopt;
}

uint64_t Fingerprint(std::string_view bytes, uint64_t seed) {
  constexpr uint64_t kPrime = 1099511628211ULL;
  for (char c : bytes) seed = (seed ^ static_cast<unsigned char>(c)) * kPrime;
  return seed;
}

namespace {

Policy PolicyOf(const YamlFile& file, const std::string& name, const Catalogue& catalogue,
                Problems* problems, size_t problems_before) {
  Policy policy;
  policy.fingerprint = Fingerprint(file.text());
  if (file.text().empty()) {
    // What can't be read has been reported; a file without a byte has not.
    if (problems->size() == problems_before) problems->Add(name, 0, "is empty");
    return policy;
  }
  YamlMap root = file.Root();
  Reader reader(catalogue, &policy);
  reader.ReadHead(&root);
  const auto read_all = [&](std::string_view key, size_t most, auto&& read) {
    std::vector<YamlMap> maps = root.Maps(key);
    if (maps.size() > most) {
      root.Fault(fmt::format("{} {}; {} at most", maps.size(), key, most), key);
      maps.resize(most, root);
    }
    for (YamlMap& map : maps) read(&map);
  };
  read_all("constants", kMaxConstants, [&](YamlMap* map) { reader.ReadConstant(map); });
  read_all("features", kMaxFeatures, [&](YamlMap* map) { reader.ReadFeature(map); });
  read_all("rules", kMaxRules, [&](YamlMap* map) { reader.ReadRule(map); });
  if (auto worklist = root.Map("worklist")) {
    policy.worklist = ReadWorklist(&*worklist, policy, catalogue);
  }
  if (auto incidents = root.Map("incidents")) policy.incidents = ReadIncidents(&*incidents);
  if (auto screening = root.Map("screening")) {
    policy.screening = ReadScreening(&*screening, policy, catalogue);
  }
  if (auto reporting = root.Map("reporting")) policy.reporting = ReadReporting(&*reporting);
  if (policy.rules.empty()) root.Fault("a policy needs at least one rule under 'rules'");
  ReadCaseSections(&root, reader.known(), &policy);
  root.Done();
  std::ranges::sort(policy.rules, {}, &Rule::id);
  return policy;
}

}  // namespace

Policy ReadPolicy(const std::string& path, const Catalogue& catalogue, Problems* problems) {
  const size_t problems_before = problems->size();
  const YamlFile file = YamlFile::Read(path, problems);
  return PolicyOf(file, path, catalogue, problems, problems_before);
}

Policy ParsePolicy(const std::string& name, const std::string& text, const Catalogue& catalogue,
                   Problems* problems) {
  const size_t problems_before = problems->size();
  const YamlFile file = YamlFile::Parse(name, text, problems);
  return PolicyOf(file, name, catalogue, problems, problems_before);
}

}  // namespace shouwang::risk
