#include "daemon/incidents/attribution.h"

#include <algorithm>
#include <cmath>
#include <set>

#include "daemon/incidents/tail.h"

namespace shouwang::incidents {
namespace {

// The part of `above` that `place` lies in: its child on the way down; -1 where it lies elsewhere.
int32_t PartOf(const OnsetTable& table, size_t place, size_t above) {
  auto child = static_cast<int32_t>(place);
  while (child >= 0) {
    const int32_t parent = table.places()[static_cast<size_t>(child)].parent;
    if (parent == static_cast<int32_t>(above)) return child;
    child = parent;
  }
  return -1;
}

// Whether most of what is newly warned in the village lives at the site.
bool IsMostlyOf(const MonthOfKind& what, size_t village, size_t site) {
  return 2 * what.table.Shared(village, site, what.kind, what.month) >= what.counts[village];
}

// A village and a site that share their members are told as one.
bool ToldAsAnother(const MonthOfKind& what, size_t place, std::span<const size_t> excess) {
  const auto& places = what.table.places();
  const bool is_site = places[place].place.IsSite();
  return std::ranges::any_of(excess, [&](size_t other) {
    if (places[other].place.IsSite() == is_site || places[other].parent != places[place].parent) {
      return false;
    }
    if (!is_site) return IsMostlyOf(what, place, other);
    return !IsMostlyOf(what, other, place) &&
           2 * what.table.Shared(other, place, what.kind, what.month) >= what.counts[place];
  });
}

int PartsWithExposure(const MonthOfKind& what, size_t place) {
  int parts = 0;
  const auto& places = what.table.places();
  for (size_t p = place + 1; p < places.size() && !places[p].place.IsSite(); ++p) {
    if (!places[place].place.division.Contains(places[p].place.division)) break;
    if (places[p].parent == static_cast<int32_t>(place) && what.table.exposure(p, what.month) > 0) {
      ++parts;
    }
  }
  return parts;
}

// Whether it is told itself, given what is told of its parts.
bool IsItsOwn(const MonthOfKind& what, size_t place, std::span<const size_t> below, double p_limit,
              const risk::IncidentPolicy& policy) {
  if (below.empty()) return true;
  int64_t left = what.counts[place];
  double mean = what.expected[place].mean;
  std::set<int32_t> parts;
  for (const size_t part : below) {
    left -= what.counts[part];
    mean -= what.expected[part].mean;
    parts.insert(PartOf(what.table, part, place));
  }
  mean = std::max(mean, 0.0);
  const bool still = left >= policy.min_members &&
                     static_cast<double>(left) >= policy.min_ratio * mean && mean > 0 &&
                     UpperTail(left, mean, what.expected[place].variation) <= p_limit;
  if (still) return true;
  const double share = policy.shared_by * PartsWithExposure(what, place);
  return parts.size() >= 2 && static_cast<double>(parts.size()) >= share;
}

}  // namespace

std::vector<size_t> Attribute(const MonthOfKind& what, std::span<const size_t> excess,
                              double p_limit, const risk::IncidentPolicy& policy) {
  std::set<size_t> told;
  // Sites stand last in the table, before any division as this loop goes: parts before what holds
  // them.
  for (size_t i = excess.size(); i > 0; --i) {
    const size_t place = excess[i - 1];
    if (ToldAsAnother(what, place, excess)) continue;
    std::vector<size_t> below;
    for (const size_t other : told) {
      if (PartOf(what.table, other, place) >= 0) below.push_back(other);
    }
    if (!IsItsOwn(what, place, below, p_limit, policy)) continue;
    for (const size_t part : below) told.erase(part);
    told.insert(place);
  }
  return {told.begin(), told.end()};
}

}  // namespace shouwang::incidents
