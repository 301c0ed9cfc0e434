// The divisions that exist, with their names. Immutable once built; safe on any thread.
//
// Held level by level, sorted by code: finding one is a binary search, and those of a region stand
// next to each other. The nation's 665,000 divisions take about 60 MB.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "storage/vocabulary/division.h"

namespace shouwang {

class DivisionTree {
 public:
  // nullptr where the division is not in the tree. Holds until the next Add.
  const std::string* NameOf(const Division& division) const;
  bool Has(const Division& division) const { return NameOf(division) != nullptr; }
  // "贵州省 / 毕节市 / 七星关区"; codes where a name is missing.
  std::string PathOf(const Division& division) const;
  // Those one level below, in code order.
  std::vector<Division> ChildrenOf(const Division& parent) const;
  // Those of `level` inside `region`, in code order.
  std::vector<Division> Within(const Division& region, DivisionLevel level) const;
  // How many Within would give.
  size_t CountWithin(const Division& region, DivisionLevel level) const;
  size_t size() const;

  // InvalidArgument for the nation, if the division stands there under another name, or if its
  // parent is missing. Cheap where the divisions of a level come in code order; else each moves all
  // that follow it.
  absl::Status Add(const Division& division, std::string name);

 private:
  struct Level {
    std::vector<uint64_t> codes;     // ascending, each once
    std::vector<std::string> names;  // of the code at the same position
  };
  const Level& LevelOf(DivisionLevel level) const;
  // Positions in LevelOf(level) of the divisions inside `region`.
  std::pair<size_t, size_t> RangeOf(const Division& region, DivisionLevel level) const;

  std::array<Level, 5> levels_;  // province to village
};

}  // namespace shouwang
