#include "collectors/mapping/mapping.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <map>
#include <set>
#include <utility>

#include "collectors/mapping/expression.h"
#include "collectors/mapping/plan.h"
#include "storage/files/yaml.h"

namespace shouwang {
namespace {

constexpr size_t kMaxIndicators = 1000;

// Reads one mapping file into a plan, in the order in which names may build on each other.
class PlanReader {
 public:
  PlanReader(std::string file, MappingPlan* plan, Problems* problems)
      : plan_(plan), problems_(problems) {
    plan_->file = std::move(file);
  }

  void Read(YamlMap root) {
    ReadKinds(&root);
    std::optional<YamlMap> columns = root.Map("columns");
    std::vector<YamlMap> splits = root.Maps("split");
    std::optional<YamlMap> compute = root.Map("compute");
    std::vector<YamlMap::Entry> computed;
    if (compute) computed = compute->Entries();
    std::vector<std::vector<std::string>> pieces;
    pieces.reserve(splits.size());
    for (YamlMap& split : splits) pieces.push_back(split.Texts("into"));
    for (const auto& names : pieces) later_.insert(names.begin(), names.end());
    for (const auto& entry : computed) later_.insert(entry.key);

    if (columns) ReadColumns(&*columns);
    for (size_t i = 0; i < splits.size(); ++i) ReadSplit(&splits[i], pieces[i]);
    for (const YamlMap::Entry& entry : computed) ReadComputed(entry);
    if (compute) compute->Done();
    ReadSubject(&root);
    ReadPeriod(&root);
    ReadResidence(&root);
    ReadIndicators(&root);
    plan_->missing = root.Texts("missing");
    root.Done();
  }

 private:
  void ReadKinds(YamlMap* root) {
    if (const std::string source = root->Text("source"); !source.empty()) {
      if (const auto parsed = ParseSource(source); parsed.ok()) {
        plan_->source = *parsed;
      } else {
        root->Fault(std::string(parsed.status().message()), "source");
      }
    }
    const std::string kind = root->Text("kind");
    if (kind == "site") {
      plan_->kind = SubjectKind::kSite;
    } else if (kind != "household" && !kind.empty()) {
      root->Fault(fmt::format("kind '{}': household or site is expected", kind), "kind");
    }
  }

  void ReadColumns(YamlMap* columns) {
    for (const YamlMap::Entry& entry : columns->Entries()) {
      Define(entry.value, Column(entry.key, entry.line), entry.line);
    }
    columns->Done();
  }

  void ReadSplit(YamlMap* map, const std::vector<std::string>& into) {
    MappingPlan::Split split;
    const std::string cell = map->Text("cell");
    split.at = map->Text("at");
    split.into = into;
    if (into.size() < 2) map->Fault("'into' must list at least two names");
    map->Done();
    if (cell.empty()) return;
    split.cell = Resolve(cell, map->line());
    const size_t index = plan_->splits.size();
    plan_->splits.push_back(std::move(split));
    for (size_t piece = 0; piece < into.size(); ++piece) {
      Define(into[piece], {NameRef::Kind::kPiece, index, piece}, map->line());
    }
  }

  void ReadComputed(const YamlMap::Entry& entry) {
    if (const auto ref = Compute(entry.key, entry.value, entry.line)) {
      Define(entry.key, *ref, entry.line);
    }
  }

  void ReadSubject(YamlMap* root) {
    plan_->place = ReadTemplate(root, "place");
    plan_->number = ReadTemplate(root, "number");
  }

  void ReadPeriod(YamlMap* root) {
    std::optional<YamlMap> period = root->Map("period");
    if (!period) {
      root->Fault("'period' is missing");
      return;
    }
    const std::optional<std::string> cell = period->OptionalText("cell");
    if (cell && period->Has("text")) period->Fault("give either 'cell' or 'text'", "text");
    if (cell && !cell->empty()) {
      period->OptionalText("text");
      TextTemplate::Part part;
      part.name = *cell;
      part.ref = Resolve(*cell, period->line());
      plan_->period.parts = {part};
    } else {
      plan_->period = ReadTemplate(&*period, "text");
    }
    if (const std::string format = period->Text("format"); !format.empty()) {
      if (const auto parsed = ParsePeriodFormat(format); parsed.ok()) {
        plan_->period_format = *parsed;
      } else {
        period->Fault(std::string(parsed.status().message()), "format");
      }
    }
    period->Done();
  }

  void ReadResidence(YamlMap* root) {
    std::optional<YamlMap> residence = root->Map("residence");
    if (!residence) return;
    if (plan_->kind == SubjectKind::kSite) root->Fault("only households have one", "residence");
    MappingPlan::ResidenceRule rule;
    rule.site = ReadTemplate(&*residence, "site");
    rule.origin = ReadTemplate(&*residence, "origin");
    rule.since = ReadTemplate(&*residence, "since");
    residence->Done();
    plan_->residence = std::move(rule);
  }

  void ReadIndicators(YamlMap* root) {
    std::optional<YamlMap> indicators = root->Map("indicators");
    if (!indicators) {
      root->Fault("'indicators' is missing");
      return;
    }
    for (const YamlMap::Entry& entry : indicators->Entries()) {
      const bool computed = entry.value.starts_with('=');
      const std::string text = computed ? entry.value.substr(1) : entry.value;
      std::optional<NameRef> ref;
      if (computed) {
        ref = Compute(entry.key, text, entry.line);
      } else if (text.empty()) {
        problems_->Add(plan_->file, entry.line, fmt::format("'{}' is empty", entry.key));
      } else {
        ref = Resolve(text, entry.line);
      }
      if (!ref) continue;
      plan_->indicators.push_back(entry.key);
      plan_->indicator_texts.push_back(text);
      plan_->indicator_refs.push_back(*ref);
      plan_->indicator_lines.push_back(entry.line);
    }
    indicators->Done();
    if (plan_->indicators.size() > kMaxIndicators) {
      root->Fault(
          fmt::format("{} indicators; at most {}", plan_->indicators.size(), kMaxIndicators),
          "indicators");
    }
  }

  TextTemplate ReadTemplate(YamlMap* map, std::string_view key) {
    const std::string text = map->Text(key);
    absl::StatusOr<TextTemplate> parsed = TextTemplate::Parse(text);
    if (!parsed.ok()) {
      map->Fault(std::string(parsed.status().message()), key);
      return {};
    }
    for (TextTemplate::Part& part : parsed->parts) {
      if (!part.name.empty()) part.ref = Resolve(part.name, map->LineOf(key));
    }
    return *std::move(parsed);
  }

  std::optional<NameRef> Compute(const std::string& name, const std::string& text, int line) {
    const absl::StatusOr<Expression> expression = Expression::Compile(text);
    if (!expression.ok()) {
      problems_->Add(plan_->file, line, std::string(expression.status().message()));
      return std::nullopt;
    }
    MappingPlan::Computed computed{name, text, {}};
    for (const std::string& operand : expression->names()) {
      computed.operands.push_back(Resolve(operand, line));
    }
    plan_->computed.push_back(std::move(computed));
    return NameRef{NameRef::Kind::kComputed, plan_->computed.size() - 1, 0};
  }

  void Define(const std::string& name, const NameRef& ref, int line) {
    if (name.empty() || name.find_first_of("{}") != std::string::npos) {
      problems_->Add(plan_->file, line, fmt::format("'{}' can't be a name", name));
    } else if (!names_.emplace(name, ref).second) {
      problems_->Add(plan_->file, line, fmt::format("the name '{}' is defined twice", name));
    }
  }

  // What is not defined is a heading; whether the sheet has it shows in Check.
  NameRef Resolve(const std::string& name, int line) {
    if (const auto it = names_.find(name); it != names_.end()) return it->second;
    if (later_.contains(name)) {
      problems_->Add(plan_->file, line, fmt::format("'{}' is used before it is defined", name));
    }
    return Column(name, line);
  }

  NameRef Column(const std::string& heading, int line) {
    const auto [it, added] = columns_.emplace(heading, plan_->columns.size());
    if (added) plan_->columns.push_back({heading, line});
    return {NameRef::Kind::kColumn, it->second, 0};
  }

  MappingPlan* plan_;
  Problems* problems_;
  std::map<std::string, NameRef, std::less<>> names_;
  std::map<std::string, size_t, std::less<>> columns_;
  std::set<std::string, std::less<>> later_;
};

absl::StatusOr<std::unique_ptr<MappingPlan>> ReadPlan(const std::string& name, YamlMap root,
                                                      Problems* problems) {
  auto plan = std::make_unique<MappingPlan>();
  if (problems->empty()) PlanReader(name, plan.get(), problems).Read(std::move(root));
  if (!problems->empty()) return problems->ToStatus();
  return plan;
}

}  // namespace

absl::StatusOr<Mapping> Mapping::Load(const std::string& path) {
  Problems problems;
  const YamlFile file = YamlFile::Read(path, &problems);
  auto plan = ReadPlan(path, file.Root(), &problems);
  if (!plan.ok()) return plan.status();
  return Mapping(*std::move(plan));
}

absl::StatusOr<Mapping> Mapping::Parse(const std::string& name, const std::string& text) {
  Problems problems;
  const YamlFile file = YamlFile::Parse(name, text, &problems);
  auto plan = ReadPlan(name, file.Root(), &problems);
  if (!plan.ok()) return plan.status();
  return Mapping(*std::move(plan));
}

Mapping::Mapping(std::unique_ptr<MappingPlan> plan) : plan_(std::move(plan)) {}
Mapping::Mapping(Mapping&&) noexcept = default;
Mapping& Mapping::operator=(Mapping&&) noexcept = default;
Mapping::~Mapping() = default;

Source Mapping::source() const { return plan_->source; }
SubjectKind Mapping::kind() const { return plan_->kind; }
const std::vector<std::string>& Mapping::indicators() const { return plan_->indicators; }
const std::string& Mapping::ColumnOf(size_t indicator) const {
  return plan_->indicator_texts[indicator];
}

absl::Status Mapping::Check(const std::vector<std::string>& heading) const {
  Problems problems;
  for (const MappingPlan::Column& column : plan_->columns) {
    const auto count = std::count(heading.begin(), heading.end(), column.heading);
    if (count == 0) {
      problems.Add(plan_->file, column.line,
                   fmt::format("the sheet has no column '{}' (it has: {})", column.heading,
                               fmt::join(heading, ", ")));
    } else if (count > 1) {
      problems.Add(plan_->file, column.line,
                   fmt::format("the sheet has {} columns '{}'", count, column.heading));
    }
  }
  return problems.ToStatus();
}

absl::Status Mapping::Check(const Catalogue& catalogue) const {
  Problems problems;
  for (size_t i = 0; i < plan_->indicators.size(); ++i) {
    const Indicator* indicator = catalogue.Find(plan_->indicators[i]);
    if (indicator == nullptr) {
      problems.Add(plan_->file, plan_->indicator_lines[i],
                   fmt::format("the catalogue has no indicator '{}'", plan_->indicators[i]));
    } else if (indicator->applies_to != plan_->kind) {
      problems.Add(plan_->file, plan_->indicator_lines[i],
                   fmt::format("indicator '{}' is one of a {}, this mapping is of a {}",
                               plan_->indicators[i], KindName(indicator->applies_to),
                               KindName(plan_->kind)));
    }
  }
  return problems.ToStatus();
}

}  // namespace shouwang
