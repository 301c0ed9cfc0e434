#include "daemon/rulebook/rulebook.h"

#include <fstream>
#include <iterator>
#include <utility>

#include "storage/audit/audit_chain.h"

namespace shouwang {
namespace {

// A file that cannot be read is a problem that its reader tells of.
void AddFile(std::string part, const std::string& path, Rulebook* rulebook) {
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
