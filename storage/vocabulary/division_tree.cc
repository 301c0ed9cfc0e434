#include "storage/vocabulary/division_tree.h"

#include <fmt/format.h>

#include <algorithm>

namespace shouwang {
namespace {

// Position of a level in the tree's array, and how many village codes a code of it spans.
size_t IndexOf(DivisionLevel level) {
  switch (level) {
    case DivisionLevel::kNation:
    case DivisionLevel::kProvince:
      return 0;
    case DivisionLevel::kPrefecture:
      return 1;
    case DivisionLevel::kCounty:
      return 2;
    case DivisionLevel::kTownship:
      return 3;
    case DivisionLevel::kVillage:
      break;
  }
  return 4;
}

constexpr std::array<uint64_t, 5> kSpan = {10'000'000'000, 100'000'000, 1'000'000, 1'000, 1};

}  // namespace

const DivisionTree::Level& DivisionTree::LevelOf(DivisionLevel level) const {
  return levels_[IndexOf(level)];
}

std::pair<size_t, size_t> DivisionTree::RangeOf(const Division& region, DivisionLevel level) const {
  if (level < region.level() || level == DivisionLevel::kNation) return {0, 0};
  const std::vector<uint64_t>& codes = LevelOf(level).codes;
  const uint64_t span = kSpan[IndexOf(level)];
  const auto first = std::ranges::lower_bound(codes, region.FirstVillageCode() / span);
  const auto last = std::lower_bound(first, codes.end(), region.EndVillageCode() / span);
  return {static_cast<size_t>(first - codes.begin()), static_cast<size_t>(last - codes.begin())};
}

const std::string* DivisionTree::NameOf(const Division& division) const {
  if (division.level() == DivisionLevel::kNation) return nullptr;
  const Level& level = LevelOf(division.level());
  const auto it = std::ranges::lower_bound(level.codes, division.code());
  if (it == level.codes.end() || *it != division.code()) return nullptr;
  return &level.names[static_cast<size_t>(it - level.codes.begin())];
}

std::string DivisionTree::PathOf(const Division& division) const {
  if (division.level() == DivisionLevel::kNation) return "";
  const std::string above = PathOf(division.Parent());
  const std::string* name = NameOf(division);
  const std::string own = name == nullptr ? division.ToString() : *name;
  return above.empty() ? own : above + " / " + own;
}

std::vector<Division> DivisionTree::ChildrenOf(const Division& parent) const {
  const std::optional<DivisionLevel> below = LevelBelow(parent.level());
  if (!below) return {};
  return Within(parent, *below);
}

std::vector<Division> DivisionTree::Within(const Division& region, DivisionLevel level) const {
  const auto [first, last] = RangeOf(region, level);
  std::vector<Division> found;
  found.reserve(last - first);
  for (size_t i = first; i < last; ++i) {
    found.push_back(
        Division::OfVillageCode(LevelOf(level).codes[i] * kSpan[IndexOf(level)], level));
  }
  return found;
}

size_t DivisionTree::CountWithin(const Division& region, DivisionLevel level) const {
  const auto [first, last] = RangeOf(region, level);
  return last - first;
}

size_t DivisionTree::size() const {
  size_t count = 0;
  for (const Level& level : levels_) count += level.codes.size();
  return count;
}

absl::Status DivisionTree::Add(const Division& division, std::string name) {
  if (division.level() == DivisionLevel::kNation) {
    return absl::InvalidArgumentError(
        fmt::format("division '' '{}': the nation itself is not listed", name));
  }
  const Division parent = division.Parent();
  if (parent.level() != DivisionLevel::kNation && !Has(parent)) {
    return absl::InvalidArgumentError(fmt::format("division {} '{}': its {} {} is missing",
                                                  division.ToString(), name,
                                                  LevelName(parent.level()), parent.ToString()));
  }
  Level& level = levels_[IndexOf(division.level())];
  const auto it = std::ranges::lower_bound(level.codes, division.code());
  const auto position = it - level.codes.begin();
  if (it != level.codes.end() && *it == division.code()) {
    const std::string& standing = level.names[static_cast<size_t>(position)];
    if (standing == name) return absl::OkStatus();
    return absl::InvalidArgumentError(fmt::format("division {} is named both '{}' and '{}'",
                                                  division.ToString(), standing, name));
  }
  level.codes.insert(it, division.code());
  level.names.insert(level.names.begin() + position, std::move(name));
  return absl::OkStatus();
}

}  // namespace shouwang
