#include <fmt/format.h>

#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "storage/register/register.h"
#include "storage/vocabulary/decimal.h"
#include "storage/vocabulary/reporting.h"

namespace shouwang {
namespace {

// A required word of a fixed list; a problem that lists the choices where it is none of them.
template <typename T, typename Parse>
std::optional<T> Word(YamlMap& map, std::string_view key, Parse parse) {
  const std::string text = map.Text(key);
  if (text.empty()) return std::nullopt;
  absl::StatusOr<T> value = parse(text);
  if (value.ok()) return *value;
  map.Fault(std::string(value.status().message()), key);
  return std::nullopt;
}

absl::StatusOr<SubjectKind> ParseKind(std::string_view name) {
  for (SubjectKind kind : {SubjectKind::kHousehold, SubjectKind::kSite}) {
    if (KindName(kind) == name) return kind;
  }
  return absl::InvalidArgumentError(fmt::format("'{}' is not a subject (household, site)", name));
}

std::optional<int64_t> RequiredInteger(YamlMap& map, std::string_view key, int64_t min,
                                       int64_t max) {
  const std::optional<int64_t> number = map.Integer(key, min, max);
  if (!number && !map.Has(key)) map.Fault(fmt::format("'{}' is missing", key));
  return number;
}

// A bound of the valid range, as an amount in the indicator's unit.
std::optional<int64_t> Bound(YamlMap& map, std::string_view key, std::optional<int64_t> decimals) {
  const std::string text = map.Text(key);
  if (text.empty() || !decimals) return std::nullopt;
  const absl::StatusOr<int64_t> scaled = ParseDecimal(text, static_cast<int>(*decimals));
  if (scaled.ok()) return *scaled;
  map.Fault(fmt::format("'{}': {}", key, std::string(scaled.status().message())), key);
  return std::nullopt;
}

// Ids and names met so far, with the line that they stand in.
struct Taken {
  std::map<int64_t, int> ids;
  std::map<std::string, int> names;
};

void CheckTwice(const YamlMap& map, std::optional<int64_t> id, const std::string& name,
                Taken* taken) {
  if (id) {
    const auto [it, first] = taken->ids.emplace(*id, map.line());
    if (!first) map.Fault(fmt::format("id {} is given in line {} already", *id, it->second), "id");
  }
  if (!name.empty()) {
    const auto [it, first] = taken->names.emplace(name, map.line());
    if (!first) {
      map.Fault(fmt::format("indicator '{}' is given in line {} already", name, it->second),
                "name");
    }
  }
}

// nullopt where anything is at fault.
std::optional<Indicator> ReadIndicator(YamlMap& map, Taken* taken, const Problems& problems) {
  const size_t faults_before = problems.size();
  Indicator indicator;
  const auto id = RequiredInteger(map, "id", 1, kLastCatalogued);
  indicator.name = map.Text("name");
  CheckTwice(map, id, indicator.name, taken);
  indicator.title_zh = map.Text("title_zh");
  indicator.title_en = map.Text("title_en");
  indicator.unit = map.Text("unit");
  const auto decimals = RequiredInteger(map, "decimals", 0, kMaxDecimals);
  const auto min = Bound(map, "min", decimals);
  const auto max = Bound(map, "max", decimals);
  const auto cadence = Word<Cadence>(map, "cadence", ParseCadence);
  const auto applies_to = Word<SubjectKind>(map, "applies_to", ParseKind);
  const auto supplied_by = Word<Source>(map, "supplied_by", ParseSource);
  map.Done();
  if (problems.size() > faults_before) return std::nullopt;
  indicator.id = static_cast<IndicatorId>(*id);
  indicator.decimals = static_cast<int>(*decimals);
  indicator.min = *min;
  indicator.max = *max;
  indicator.cadence = *cadence;
  indicator.applies_to = *applies_to;
  indicator.supplied_by = *supplied_by;
  // The catalogue knows what else makes an indicator sound; asked one by one, so that each fault
  // has its line.
  if (const auto sound = Catalogue::Of({indicator}); !sound.ok()) {
    map.Fault(std::string(sound.status().message()));
    return std::nullopt;
  }
  return indicator;
}

}  // namespace

Catalogue LoadCatalogue(const std::string& path, Problems* problems) {
  const size_t faults_before = problems->size();
  const YamlFile file = YamlFile::Read(path, problems);
  if (problems->size() > faults_before) return Catalogue();
  YamlMap root = file.Root();
  std::vector<Indicator> indicators;
  Taken taken;
  std::vector<YamlMap> maps = root.Maps("indicators");
  if (maps.empty() && problems->size() == faults_before) {
    root.Fault("'indicators' is missing or empty; without indicators nothing can be reported");
  }
  for (YamlMap& map : maps) {
    if (auto indicator = ReadIndicator(map, &taken, *problems)) {
      indicators.push_back(*std::move(indicator));
    }
  }
  root.Done();
  absl::StatusOr<Catalogue> catalogue = Catalogue::Of(std::move(indicators));
  if (catalogue.ok()) return *std::move(catalogue);
  problems->Add(path, 0, std::string(catalogue.status().message()));
  return Catalogue();
}

}  // namespace shouwang
