// Whether shocks hidden in a quiet simulated province are found: the simulator's households, judged
// by the shipped policy and evaluator, and searched for incidents as the daemon does, without a
// daemon between. Deterministic; by one thread; memory is the table and one household.
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "collectors/simulator/shock.h"
#include "daemon/incidents/detection.h"
#include "daemon/risk/policy.h"
#include "storage/vocabulary/indicator.h"

namespace shouwang::bench {

struct QuietProvince {
  uint64_t seed = 1;
  int counties = 3;
  int townships = 6;    // of a county; every other one has a site
  int villages = 8;     // of a township; the first one of a township with a site is its community
  int households = 50;  // of a village
  int months = 60;
  Month last;
  std::vector<simulator::Shock> shocks;
  // Struck as the shocks are, but everybody at once: nothing to find.
  std::vector<simulator::Shock> seasons;

  Division Township(int county, int township) const;
  Division Village(int county, int township, int village) const;
};

struct Searched {
  incidents::Findings findings;
  // What the simulator's own weather struck: a village and a month.
  std::vector<std::pair<Division, Month>> weather;
};

// `policies` have incidents in them.
Searched Search(const QuietProvince& province, const Catalogue& catalogue,
                const risk::PolicySet& policies);

struct Score {
  int shocks = 0;
  int found = 0;
  int months_late = 0;  // of those found, in all: from the shock's month to the incident's first
  int incidents = 0;    // told in all
  int at_shocks = 0;    // of them, what a shock or the weather did there within a year
  int false_incidents = 0;
  std::vector<std::string> missed;
  std::vector<std::string> wrong;
};

// A shock is found where an incident at its place, at a part of it or at what holds it begins
// within half a year of it. An incident is false where neither a shock nor the weather struck there
// in the year up to it; above a township the weather must have struck two villages within a month
// of it.
Score ScoreOf(const QuietProvince& province, const Searched& searched);
void Add(const Score& score, Score* total);

// Six shocks of four sizes at places and in months that follow from the seed.
std::vector<simulator::Shock> HiddenShocks(const QuietProvince& province);
// All households of the province, 4 in a hundred of them, in each February.
std::vector<simulator::Shock> SharedSeasons(const QuietProvince& province);

}  // namespace shouwang::bench
