#include "storage/vocabulary/site.h"

#include <fmt/format.h>

#include <utility>

namespace shouwang {

const Site* SiteRegister::Find(const Subject& subject) const {
  const auto it = sites_.find(subject);
  return it == sites_.end() ? nullptr : &it->second;
}

absl::Status SiteRegister::Add(Site site) {
  const std::string name = site.subject.ToString();
  if (site.subject.kind != SubjectKind::kSite) {
    return absl::InvalidArgumentError(fmt::format("{} is not a site", name));
  }
  if (site.origins.empty()) {
    return absl::InvalidArgumentError(fmt::format("site {} has no origin divisions", name));
  }
  if (!sites_.emplace(site.subject, std::move(site)).second) {
    return absl::InvalidArgumentError(fmt::format("site {} is given twice", name));
  }
  return absl::OkStatus();
}

}  // namespace shouwang
