// Compares each reporter with its peers: the other reporters of its county and source. Who is an
// oddity among equals is a reason to look; of whoever has too few equals nothing is said. A
// reporter is compared where it has the policy's at_least of a screen, and is a peer with a quarter
// of that.
//
// Pure; any thread. Deterministic in the tallies, whatever their order.
#pragma once

#include <array>
#include <optional>
#include <vector>

#include "daemon/risk/screening_policy.h"
#include "daemon/screening/reporter_tally.h"
#include "daemon/screening/screens.h"

namespace shouwang::screening {

// A reporter is compared with so many peers at most, picked by a hash of who they are.
inline constexpr size_t kMaxPeers = 200;

enum class State : uint8_t { kUnremarkable, kFinding, kTooFewValues, kTooFewPeers };

struct Outcome {
  Screen screen = Screen::kCopiedValues;
  State state = State::kTooFewValues;
  Share share;                         // kLastDigits: hits are 0
  double measure = 0;                  // hits of values; kLastDigits: the dissimilarity; 0 of none
  std::optional<double> peers_median;  // of the peers' measures
  size_t peers = 0;
  std::optional<double> p;
  std::optional<double> q;
  // Of a finding, but of kLastDigits, which has its digits.
  std::vector<Example> examples;
  std::optional<Digits> digits;
  std::array<double, 9> digits_expected{};
};

struct ScreenedReporter {
  Reporter reporter;
  uint64_t households = 0;
  uint64_t reports = 0;
  std::array<Outcome, kScreenCount> outcomes;
};

struct Comparison {
  std::vector<ScreenedReporter> reporters;  // by reporter
  size_t tests = 0;                         // that have a p; q is over all of them
};

Comparison Compare(const std::vector<ReporterTally>& tallies,
                   const risk::ScreeningPolicy& screening);

}  // namespace shouwang::screening
