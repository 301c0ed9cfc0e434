#include "daemon/risk/incident_policy_file.h"

#include <fmt/format.h>

#include <optional>
#include <string_view>

namespace shouwang::risk {
namespace {

int Count(YamlMap* map, std::string_view key, int least, int most) {
  if (!map->Has(key)) map->Fault(fmt::format("'{}' is missing", key));
  return static_cast<int>(map->Integer(key, least, most).value_or(least));
}

double Number(YamlMap* map, std::string_view key, double least, double most) {
  if (!map->Has(key)) map->Fault(fmt::format("'{}' is missing", key));
  const std::optional<double> value = map->Number(key);
  if (value && !(*value >= least && *value <= most)) {
    map->Fault(fmt::format("'{}' is {}; {} to {} is expected", key, *value, least, most), key);
  }
  return value.value_or(least);
}

}  // namespace

IncidentPolicy ReadIncidents(YamlMap* map) {
  IncidentPolicy incidents;
  incidents.settle_months = Count(map, "settle_months", 0, 36);
  incidents.half_life_months = Count(map, "half_life_months", 3, 60);
  incidents.least_past_months = Count(map, "least_past_months", 3, 36);
  incidents.kept_months = Count(map, "kept_months", 1, 60);
  incidents.false_discovery_rate = Number(map, "false_discovery_rate", 0.0001, 0.5);
  incidents.min_members = Count(map, "min_members", 2, 1'000);
  incidents.min_ratio = Number(map, "min_ratio", 1, 100);
  incidents.shared_by = Number(map, "shared_by", 0.05, 1);
  incidents.hold_months = Count(map, "hold_months", 1, 12);
  incidents.citation = map->Text("citation");
  map->Done();
  return incidents;
}

}  // namespace shouwang::risk
