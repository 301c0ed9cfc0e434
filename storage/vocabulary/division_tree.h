// The divisions that exist, with their names. Immutable once built; safe on any thread.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "storage/vocabulary/division.h"

namespace shouwang {

class DivisionTree {
 public:
  // nullptr where the division is not in the tree.
  const std::string* NameOf(const Division& division) const;
  bool Has(const Division& division) const { return NameOf(division) != nullptr; }
  // "贵州省 / 毕节市 / 七星关区"; codes where a name is missing.
  std::string PathOf(const Division& division) const;
  // Those one level below, in code order.
  std::vector<Division> ChildrenOf(const Division& parent) const;
  // Those of `level` inside `region`, in code order.
  std::vector<Division> Within(const Division& region, DivisionLevel level) const;
  size_t size() const { return names_.size(); }

  // InvalidArgument if the division stands there under another name or its parent is missing.
  absl::Status Add(const Division& division, std::string name);

 private:
  std::map<Division, std::string> names_;
};

}  // namespace shouwang
