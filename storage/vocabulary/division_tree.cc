#include "storage/vocabulary/division_tree.h"

#include <fmt/format.h>

namespace shouwang {

const std::string* DivisionTree::NameOf(const Division& division) const {
  const auto it = names_.find(division);
  return it == names_.end() ? nullptr : &it->second;
}

std::string DivisionTree::PathOf(const Division& division) const {
  if (division.level() == DivisionLevel::kNation) return "";
  const std::string above = PathOf(division.Parent());
  const std::string* name = NameOf(division);
  const std::string own = name == nullptr ? division.ToString() : *name;
  return above.empty() ? own : above + " / " + own;
}

std::vector<Division> DivisionTree::ChildrenOf(const Division& parent) const {
  std::vector<Division> children;
  for (auto it = names_.lower_bound(parent); it != names_.end(); ++it) {
    if (!parent.Contains(it->first)) break;
    if (it->first != parent && it->first.Parent() == parent) children.push_back(it->first);
  }
  return children;
}

std::vector<Division> DivisionTree::Within(const Division& region, DivisionLevel level) const {
  std::vector<Division> found;
  for (auto it = names_.lower_bound(region); it != names_.end(); ++it) {
    if (!region.Contains(it->first)) break;
    if (it->first.level() == level) found.push_back(it->first);
  }
  return found;
}

absl::Status DivisionTree::Add(const Division& division, std::string name) {
  const Division parent = division.Parent();
  if (parent.level() != DivisionLevel::kNation && !Has(parent)) {
    return absl::InvalidArgumentError(fmt::format("division {} '{}': its {} {} is missing",
                                                  division.ToString(), name,
                                                  LevelName(parent.level()), parent.ToString()));
  }
  const auto [it, added] = names_.try_emplace(division, name);
  if (!added && it->second != name) {
    return absl::InvalidArgumentError(fmt::format("division {} is named both '{}' and '{}'",
                                                  division.ToString(), it->second, name));
  }
  return absl::OkStatus();
}

}  // namespace shouwang
