#include "daemon/rulebook/rulebook.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

#include "storage/audit/audit_chain.h"

namespace shouwang {
namespace {

// More are not read for divisions, so their hashes say nothing.
constexpr size_t kMaxListsOfFolder = 16;

// A file that cannot be read is a problem that its reader tells of. A folder stands for the lists
// of divisions in it (storage/register).
void AddFile(std::string part, const std::string& path, Rulebook* rulebook) {
  std::error_code ignored;
  if (std::filesystem::is_directory(path, ignored)) {
    std::vector<std::string> lists;
    for (const auto& entry : std::filesystem::directory_iterator(path, ignored)) {
      const std::string name = entry.path().filename().string();
      const bool is_list = name.ends_with(".csv") || name.ends_with(".csv.gz");
      if (is_list && entry.is_regular_file(ignored)) lists.push_back(entry.path().string());
    }
    std::ranges::sort(lists);
    if (lists.size() > kMaxListsOfFolder) lists.resize(kMaxListsOfFolder);
    for (const std::string& list : lists) AddFile(part, list, rulebook);
    return;
  }
  std::ifstream in(path, std::ios::binary);
  const std::string bytes{std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
  rulebook->files.push_back({std::move(part), path, Sha256(bytes)});
}

}  // namespace

std::shared_ptr<const Rulebook> LoadRulebook(const RulebookPaths& paths, Problems* problems) {
  auto rulebook = std::make_shared<Rulebook>();
  rulebook->reg.catalogue = LoadCatalogue(paths.catalogue, problems);
  rulebook->reg.divisions = LoadDivisions(paths.divisions, paths.regions, problems);
  if (!paths.sites.empty()) {
    rulebook->reg.sites = LoadSites(paths.sites, rulebook->reg.divisions, problems);
  }
  rulebook->policies = risk::PolicySet::Load(paths.policies, rulebook->reg.catalogue, problems);
  AddFile("catalogue", paths.catalogue, rulebook.get());
  AddFile("divisions", paths.divisions, rulebook.get());
  if (!paths.sites.empty()) AddFile("sites", paths.sites, rulebook.get());
  for (const std::string& path : paths.policies) AddFile("policy", path, rulebook.get());
  return rulebook;
}

}  // namespace shouwang
