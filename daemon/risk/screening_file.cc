#include "daemon/risk/screening_file.h"

#include <fmt/format.h>

#include <algorithm>
#include <functional>

#include "daemon/risk/program.h"

namespace shouwang::risk {
namespace {

constexpr int kMostAtLeast = 1'000'000;
constexpr int kMostPeers = 200;
constexpr int kMostVisits = 100'000;
constexpr int64_t kMostYuan = 1'000'000;

double Share(YamlMap* map, std::string_view key, double least, double most) {
  if (!map->Has(key)) map->Fault(fmt::format("'{}' is missing", key));
  const std::optional<double> value = map->Number(key);
  if (value && !(*value >= least && *value <= most)) {
    map->Fault(fmt::format("'{}' is {}; {} to {} is expected", key, *value, least, most), key);
  }
  return value.value_or(least);
}

int Count(YamlMap* map, std::string_view key, int least, int most) {
  if (!map->Has(key)) map->Fault(fmt::format("'{}' is missing", key));
  return static_cast<int>(map->Integer(key, least, most).value_or(least));
}

std::vector<IndicatorId> ReadAmounts(YamlMap* map, const Catalogue& catalogue) {
  std::vector<IndicatorId> ids;
  if (!map->Has("amounts")) map->Fault("'amounts' is missing");
  for (const std::string& name : map->Texts("amounts")) {
    const Indicator* found = catalogue.Find(name);
    if (found == nullptr) {
      map->Fault(fmt::format("'amounts': unknown indicator '{}'", name), "amounts");
    } else if (found->applies_to != SubjectKind::kHousehold || found->unit != "yuan") {
      map->Fault(
          fmt::format("'amounts': '{}' is no amount of a household in yuan (unit {}, of a {})",
                      name, found->unit, KindName(found->applies_to)),
          "amounts");
    } else if (std::ranges::find(ids, found->id) != ids.end()) {
      map->Fault(fmt::format("'amounts': '{}' is named twice", name), "amounts");
    } else {
      ids.push_back(found->id);
    }
  }
  if (ids.size() > kMaxScreenedAmounts) {
    map->Fault(
        fmt::format("'amounts' has {} indicators; {} at most", ids.size(), kMaxScreenedAmounts),
        "amounts");
  }
  std::ranges::sort(ids);
  return ids;
}

void ReadCopied(YamlMap* map, ScreeningPolicy* screening) {
  screening->copied_at_least = Count(map, "at_least", 1, kMostAtLeast);
  screening->constant_share = Share(map, "constant_share", 0, 1);
  screening->report_values = Count(map, "report_values", 2, static_cast<int>(kMaxScreenedAmounts));
  map->Done();
}

void ReadHeaping(YamlMap* map, ScreeningPolicy* screening) {
  screening->heaping_at_least = Count(map, "at_least", 1, kMostAtLeast);
  if (!map->Has("round")) map->Fault("'round' is missing");
  for (YamlMap& entry : map->Maps("round")) {
    RoundAmount round;
    for (const auto& [key, value] :
         {std::pair{"from", &round.from}, {"multiple", &round.multiple}}) {
      if (!entry.Has(key)) entry.Fault(fmt::format("'{}' is missing", key));
      *value = entry.Integer(key, 1, kMostYuan).value_or(1);
    }
    if (!screening->round.empty() && round.from <= screening->round.back().from) {
      entry.Fault(fmt::format("'from' is {}; it must be above the one before, {}", round.from,
                              screening->round.back().from),
                  "from");
    }
    screening->round.push_back(round);
    entry.Done();
  }
  if (screening->round.size() > kMaxRoundAmounts) {
    map->Fault(fmt::format("'round' has {} entries; {} at most", screening->round.size(),
                           kMaxRoundAmounts),
               "round");
  }
  map->Done();
}

void ReadBunching(YamlMap* map, const Policy& policy, const Catalogue& catalogue,
                  ScreeningPolicy* screening) {
  screening->bunching_feature = map->Text("feature");
  screening->bunching_line = map->Text("line");
  screening->bunching_width = Share(map, "width", 0.01, 0.5);
  screening->bunching_at_least = Count(map, "at_least", 1, kMostAtLeast);
  const std::string& feature = screening->bunching_feature;
  if (!feature.empty() && policy.FindFeature(feature) == nullptr) {
    map->Fault(fmt::format("'feature': no feature '{}'", feature), "feature");
  } else if (!feature.empty()) {
    const auto of_site = [&](IndicatorId id) {
      return catalogue.Get(id)->applies_to == SubjectKind::kSite;
    };
    for (const Feature* behind : FeaturesBehind(policy, feature)) {
      if (!std::ranges::any_of(behind->of, of_site)) continue;
      map->Fault(fmt::format("'feature': '{}' is of a site, a screening of households", feature),
                 "feature");
      break;
    }
  }
  const std::string& line = screening->bunching_line;
  const Constant* constant = policy.FindConstant(line);
  if (!line.empty() && constant == nullptr) {
    map->Fault(fmt::format("'line': no constant '{}'", line), "line");
  } else if (constant != nullptr && !(constant->value > 0)) {
    map->Fault(
        fmt::format("'line': constant '{}' is {}; it must be above 0", line, constant->value),
        "line");
  }
  map->Done();
}

void ReadSpeed(YamlMap* map, ScreeningPolicy* screening) {
  screening->speed_at_least = Count(map, "at_least", 1, kMostAtLeast);
  screening->visits_per_day = Count(map, "visits_per_day", 1, kMostVisits);
  screening->visits_per_hour = Count(map, "visits_per_hour", 1, kMostVisits);
  screening->sheet_households = Count(map, "sheet_households", 1, kMostVisits);
  screening->night_from_hour = Count(map, "night_from_hour", 0, 23);
  screening->night_before_hour = Count(map, "night_before_hour", 0, 23);
  map->Done();
}

}  // namespace

ScreeningPolicy ReadScreening(YamlMap* map, const Policy& policy, const Catalogue& catalogue) {
  ScreeningPolicy screening;
  screening.false_discovery_rate = Share(map, "false_discovery_rate", 0.001, 0.5);
  screening.peers_at_least = Count(map, "peers_at_least", 3, kMostPeers);
  screening.least_excess = Share(map, "least_excess", 0, 1);
  screening.amounts = ReadAmounts(map, catalogue);
  const auto part = [&](std::string_view key, const auto& read) {
    if (auto found = map->Map(key)) {
      read(&*found);
    } else {
      map->Fault(fmt::format("'{}' is missing", key));
    }
  };
  part("copied", [&](YamlMap* found) { ReadCopied(found, &screening); });
  part("heaping", [&](YamlMap* found) { ReadHeaping(found, &screening); });
  part("bunching", [&](YamlMap* found) { ReadBunching(found, policy, catalogue, &screening); });
  part("speed", [&](YamlMap* found) { ReadSpeed(found, &screening); });
  map->Done();
  return screening;
}

}  // namespace shouwang::risk
