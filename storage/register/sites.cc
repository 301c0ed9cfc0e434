#include <fmt/format.h>

#include <limits>
#include <optional>
#include <string>
#include <utility>

#include "storage/register/register.h"

namespace shouwang {
namespace {

// A township or village that exists; a problem and nullopt otherwise.
std::optional<Division> Place(const YamlMap& map, std::string_view key, const std::string& code,
                              const DivisionTree& divisions) {
  const absl::StatusOr<Division> division = Division::Parse(code);
  if (!division.ok()) {
    map.Fault(fmt::format("'{}': {}", key, std::string(division.status().message())), key);
    return std::nullopt;
  }
  if (division->level() != DivisionLevel::kTownship &&
      division->level() != DivisionLevel::kVillage) {
    map.Fault(fmt::format("'{}': {} is a {}; a township (9 digits) or a village (12) is expected",
                          key, code.empty() ? "''" : code, LevelName(division->level())),
              key);
    return std::nullopt;
  }
  if (!divisions.Has(*division)) {
    map.Fault(fmt::format("'{}': {} is not a registered division", key, code), key);
    return std::nullopt;
  }
  return *division;
}

void ReadSite(YamlMap& map, const DivisionTree& divisions, Problems* problems,
              SiteRegister* sites) {
  const size_t faults_before = problems->size();
  Site site;
  const std::string code = map.Text("settlement");
  std::optional<Division> settlement;
  if (!code.empty()) settlement = Place(map, "settlement", code, divisions);
  const auto number = map.Integer("number", 1, std::numeric_limits<uint32_t>::max());
  if (!number && !map.Has("number")) map.Fault("'number' is missing");
  site.name_zh = map.Text("name_zh");
  site.name_en = map.Text("name_en");
  for (const std::string& origin : map.Texts("origins")) {
    if (auto place = Place(map, "origins", origin, divisions)) site.origins.push_back(*place);
  }
  map.Done();
  if (problems->size() > faults_before) return;
  const absl::StatusOr<Subject> subject =
      Subject::Site(*settlement, static_cast<uint32_t>(*number));
  if (!subject.ok()) return map.Fault(std::string(subject.status().message()));
  site.subject = *subject;
  if (absl::Status added = sites->Add(std::move(site)); !added.ok()) {
    map.Fault(std::string(added.message()));
  }
}

}  // namespace

SiteRegister LoadSites(const std::string& path, const DivisionTree& divisions, Problems* problems) {
  SiteRegister sites;
  const size_t faults_before = problems->size();
  const YamlFile file = YamlFile::Read(path, problems);
  if (problems->size() > faults_before) return sites;
  YamlMap root = file.Root();
  std::vector<YamlMap> maps = root.Maps("sites");
  if (!root.Has("sites")) root.Fault("'sites' is missing; write 'sites: []' where there are none");
  for (YamlMap& map : maps) ReadSite(map, divisions, problems, &sites);
  root.Done();
  return sites;
}

}  // namespace shouwang
