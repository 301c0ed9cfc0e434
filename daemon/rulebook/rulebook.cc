#include "daemon/rulebook/rulebook.h"

namespace shouwang {

std::shared_ptr<const Rulebook> LoadRulebook(const RulebookPaths& paths, Problems* problems) {
  auto rulebook = std::make_shared<Rulebook>();
  rulebook->reg.catalogue = LoadCatalogue(paths.catalogue, problems);
  rulebook->reg.divisions = LoadDivisions(paths.divisions, paths.regions, problems);
  if (!paths.sites.empty()) {
    rulebook->reg.sites = LoadSites(paths.sites, rulebook->reg.divisions, problems);
  }
  rulebook->policies = risk::PolicySet::Load(paths.policies, rulebook->reg.catalogue, problems);
  return rulebook;
}

}  // namespace shouwang
