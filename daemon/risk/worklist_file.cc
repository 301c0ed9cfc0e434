#include "daemon/risk/worklist_file.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "daemon/risk/policy_file.h"
#include "daemon/risk/program.h"

namespace shouwang::risk {
namespace {

// Reads one section; what several keys have in common is said once.
class Section {
 public:
  Section(YamlMap* map, const Policy& policy, const Catalogue& catalogue)
      : map_(map), policy_(policy), catalogue_(catalogue) {}

  double Required(std::string_view key, double least, double most) {
    const std::optional<double> value = map_->Number(key);
    if (!map_->Has(key)) map_->Fault(fmt::format("'{}' is missing", key));
    if (value && !(*value >= least && *value <= most)) {
      map_->Fault(fmt::format("'{}' is {}; {} to {} is expected", key, *value, least, most), key);
    }
    return value.value_or(least);
  }
  double Points(std::string_view key) { return Required(key, 0, kMostPoints); }
  int Count(std::string_view key, int least, int most) {
    if (!map_->Has(key)) map_->Fault(fmt::format("'{}' is missing", key));
    return static_cast<int>(map_->Integer(key, least, most).value_or(least));
  }
  // A feature that reads indicators of households only.
  std::string Feature(std::string_view key, std::string name) {
    if (name.empty()) return name;
    const auto site = [&](IndicatorId id) {
      return catalogue_.Get(id)->applies_to == SubjectKind::kSite;
    };
    if (policy_.FindFeature(name) == nullptr) {
      map_->Fault(fmt::format("'{}': no feature '{}'", key, name), key);
      return "";
    }
    for (const risk::Feature* behind : FeaturesBehind(policy_, name)) {
      if (std::ranges::any_of(behind->of, site)) {
        map_->Fault(
            fmt::format("'{}': feature '{}' is of a site, a worklist of households", key, name),
            key);
        return "";
      }
    }
    return name;
  }
  IndicatorId Indicator(std::string_view key, const std::string& name) {
    const shouwang::Indicator* found = catalogue_.Find(name);
    if (name.empty()) return 0;
    if (found == nullptr) {
      map_->Fault(fmt::format("'{}': unknown indicator '{}'", key, name), key);
      return 0;
    }
    if (found->applies_to != SubjectKind::kHousehold) {
      map_->Fault(fmt::format("'{}': '{}' is of a site, a worklist of households", key, name), key);
    }
    return found->id;
  }
  std::vector<IndicatorId> Indicators(std::string_view key) {
    std::vector<IndicatorId> ids;
    for (const std::string& name : map_->Texts(key)) ids.push_back(Indicator(key, name));
    if (ids.size() > kMaxIndicatorsInList) {
      map_->Fault(
          fmt::format("'{}' has {} indicators; {} at most", key, ids.size(), kMaxIndicatorsInList),
          key);
    }
    return ids;
  }
  static constexpr double kMostPoints = 1e6;

 private:
  YamlMap* const map_;
  const Policy& policy_;
  const Catalogue& catalogue_;
};

ProjectionPolicy ReadProjection(YamlMap* map, const Policy& policy, const Catalogue& catalogue) {
  Section section(map, policy, catalogue);
  ProjectionPolicy projection;
  projection.of = section.Indicators("of");
  if (!map->Has("of")) map->Fault("'of' is missing");
  projection.minus = section.Indicators("minus");
  projection.per = section.Indicator("per", map->Text("per"));
  projection.line = map->Text("line");
  if (!projection.line.empty() && policy.FindConstant(projection.line) == nullptr) {
    map->Fault(fmt::format("'line': no constant '{}'", projection.line), "line");
  }
  projection.years = section.Count("years", 1, kMaxProjectionYears);
  projection.half_life_months = section.Count("half_life_months", 1, kMaxWindowMonths);
  projection.at_least = section.Count("at_least", 2, kMaxWindowMonths);
  projection.floor = section.Required("floor", 0.01, Section::kMostPoints);
  projection.confidence = section.Required("confidence", 0.01, 0.99);
  map->Done();
  return projection;
}

}  // namespace

WorklistPolicy ReadWorklist(YamlMap* map, const Policy& policy, const Catalogue& catalogue) {
  Section section(map, policy, catalogue);
  WorklistPolicy worklist;
  worklist.trend_feature = section.Feature("trend_feature", map->Text("trend_feature"));
  worklist.vulnerability_feature = section.Feature(
      "vulnerability_feature", map->OptionalText("vulnerability_feature").value_or(""));
  worklist.unknown_share = section.Required("unknown_share", 0, 1);
  worklist.months_at_most = section.Count("months_at_most", 0, kMaxWindowMonths);
  if (auto points = map->Map("points")) {
    Section worth(&*points, policy, catalogue);
    worklist.yellow = worth.Points("yellow");
    worklist.orange = worth.Points("orange");
    worklist.red = worth.Points("red");
    worklist.dimension = worth.Points("dimension");
    worklist.month_open = worth.Points("month_open");
    worklist.trend = worth.Points("trend");
    worklist.below_line = worth.Points("below_line");
    points->Done();
  } else {
    map->Fault("'points' is missing");
  }
  if (auto projection = map->Map("projection")) {
    worklist.projection = ReadProjection(&*projection, policy, catalogue);
  } else {
    map->Fault("'projection' is missing");
  }
  map->Done();
  return worklist;
}

}  // namespace shouwang::risk
