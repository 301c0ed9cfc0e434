#include "daemon/screening/comparison.h"

#include <algorithm>
#include <numeric>
#include <span>
#include <string_view>
#include <utility>

namespace shouwang::screening {
namespace {

// A peer needs this fraction of what the one compared needs: many of few tell more than few of
// many.
constexpr uint64_t kPeerFraction = 4;

// FNV-1a: the same in every run.
uint64_t HashOf(const Reporter& reporter) {
  uint64_t hash = 14695981039346656037ULL;
  const auto mix = [&](std::string_view bytes) {
    for (const char c : bytes) hash = (hash ^ static_cast<unsigned char>(c)) * 1099511628211ULL;
  };
  mix(reporter.township.ToString());
  mix(reporter.collector);
  return hash;
}

uint64_t Total(const Digits& digits) {
  return std::accumulate(digits.begin(), digits.end(), uint64_t{0});
}

// The reporters of one county and source, by reporter.
class Group {
 public:
  Group(std::span<const ReporterTally* const> tallies, const risk::ScreeningPolicy& screening,
        std::span<ScreenedReporter* const> out)
      : tallies_(tallies), screening_(screening), out_(out) {
    FindConstantAmounts();
  }

  void CompareAll() {
    for (const Screen screen : kScreens) {
      std::vector<size_t> peers;
      for (size_t i = 0; i < tallies_.size(); ++i) {
        Outcome& outcome = OutcomeOf(i, screen);
        outcome.screen = screen;
        outcome.share = ShareOf(*tallies_[i], screen);
        outcome.measure = outcome.share.values == 0 ? 0 : outcome.share.share();
        if (outcome.share.values * kPeerFraction >= AtLeast(screen)) peers.push_back(i);
      }
      for (size_t i = 0; i < tallies_.size(); ++i) {
        if (OutcomeOf(i, screen).share.values >= AtLeast(screen)) CompareOne(screen, peers, i);
      }
    }
  }

  // Of what the outcome was counted of.
  std::vector<Example> ExamplesOf(size_t i, Screen screen) const {
    const ReporterTally& tally = *tallies_[i];
    switch (screen) {
      case Screen::kCopiedValues: {
        ExampleSample sample;
        for (size_t amount = 0; amount < tally.pairs.size(); ++amount) {
          if (!constant_[amount]) sample.Merge(tally.pairs[amount].examples);
        }
        return sample.Sorted();
      }
      case Screen::kCopiedReports:
        return tally.report_examples.Sorted();
      case Screen::kRoundAmounts:
        return tally.round_examples.Sorted();
      case Screen::kLastDigits:
        return {};
      case Screen::kAboveLine:
        return tally.income_examples.Sorted();
      case Screen::kEntrySpeed:
        return tally.speed_examples;
    }
    return {};
  }

 private:
  Outcome& OutcomeOf(size_t i, Screen screen) {
    return out_[i]->outcomes[static_cast<size_t>(screen)];
  }

  uint64_t AtLeast(Screen screen) const {
    switch (screen) {
      case Screen::kCopiedValues:
      case Screen::kCopiedReports:
        return static_cast<uint64_t>(screening_.copied_at_least);
      case Screen::kRoundAmounts:
      case Screen::kLastDigits:
        return static_cast<uint64_t>(screening_.heaping_at_least);
      case Screen::kAboveLine:
        return static_cast<uint64_t>(screening_.bunching_at_least);
      case Screen::kEntrySpeed:
        return static_cast<uint64_t>(screening_.speed_at_least);
    }
    return 0;
  }

  // An amount that the median reporter repeats from month to month is constant by nature: a
  // pension, a rent.
  void FindConstantAmounts() {
    constant_.resize(screening_.amounts.size());
    for (size_t amount = 0; amount < constant_.size(); ++amount) {
      std::vector<double> shares;
      for (const ReporterTally* tally : tallies_) {
        const Share& share = tally->pairs[amount].share;
        if (share.values > 0) shares.push_back(share.share());
      }
      constant_[amount] = shares.empty() || Median(std::move(shares)) > screening_.constant_share;
    }
  }

  Share ShareOf(const ReporterTally& tally, Screen screen) const {
    switch (screen) {
      case Screen::kCopiedValues: {
        Share share;
        for (size_t amount = 0; amount < tally.pairs.size(); ++amount) {
          if (constant_[amount]) continue;
          share.hits += tally.pairs[amount].share.hits;
          share.values += tally.pairs[amount].share.values;
        }
        return share;
      }
      case Screen::kCopiedReports:
        return tally.reports_again;
      case Screen::kRoundAmounts:
        return tally.round;
      case Screen::kLastDigits:
        return {0, Total(tally.digits)};
      case Screen::kAboveLine:
        return tally.above_line;
      case Screen::kEntrySpeed:
        return tally.visits;
    }
    return {};
  }

  void CompareOne(Screen screen, std::span<const size_t> of, size_t own) {
    std::vector<size_t> peers;
    for (const size_t i : of) {
      if (i != own) peers.push_back(i);
    }
    if (peers.size() > kMaxPeers) {
      std::ranges::nth_element(peers, peers.begin() + kMaxPeers, {}, [&](size_t i) {
        return std::pair(HashOf(tallies_[i]->reporter), i);
      });
      peers.resize(kMaxPeers);
    }
    Outcome& outcome = OutcomeOf(own, screen);
    outcome.peers = peers.size();
    outcome.state = State::kTooFewPeers;
    if (peers.size() < static_cast<size_t>(screening_.peers_at_least)) return;
    outcome.state = State::kUnremarkable;
    if (screen == Screen::kLastDigits) {
      CompareDigitsOf(own, peers, &outcome);
      return;
    }
    std::vector<Share> shares;
    std::vector<double> measures;
    for (const size_t i : peers) {
      shares.push_back(ShareOf(*tallies_[i], screen));
      measures.push_back(shares.back().share());
    }
    outcome.peers_median = Median(std::move(measures));
    outcome.p = TailAmongPeers(outcome.share, shares);
  }

  void CompareDigitsOf(size_t own, std::span<const size_t> peers, Outcome* outcome) {
    std::vector<Digits> of_peers;
    for (const size_t i : peers) of_peers.push_back(tallies_[i]->digits);
    const DigitsAmongPeers compared = CompareDigits(tallies_[own]->digits, of_peers);
    outcome->measure = compared.dissimilarity;
    outcome->peers_median = compared.peers_median;
    outcome->p = compared.p;
    outcome->digits = tallies_[own]->digits;
    outcome->digits_expected = compared.expected;
  }

  const std::span<const ReporterTally* const> tallies_;
  const risk::ScreeningPolicy& screening_;
  const std::span<ScreenedReporter* const> out_;
  std::vector<bool> constant_;  // as screening_.amounts
};

// q over all tests, and which of them are findings.
size_t Decide(const risk::ScreeningPolicy& screening, std::vector<ScreenedReporter>* reporters) {
  std::vector<Outcome*> tested;
  std::vector<double> p;
  for (ScreenedReporter& reporter : *reporters) {
    for (Outcome& outcome : reporter.outcomes) {
      if (!outcome.p) continue;
      tested.push_back(&outcome);
      p.push_back(*outcome.p);
    }
  }
  const std::vector<double> q = BenjaminiHochberg(p);
  for (size_t i = 0; i < tested.size(); ++i) {
    Outcome& outcome = *tested[i];
    outcome.q = q[i];
    const bool apart = outcome.measure >= *outcome.peers_median + screening.least_excess;
    if (apart && q[i] <= screening.false_discovery_rate) outcome.state = State::kFinding;
  }
  return tested.size();
}

}  // namespace

Comparison Compare(const std::vector<ReporterTally>& tallies,
                   const risk::ScreeningPolicy& screening) {
  std::vector<const ReporterTally*> sorted;
  sorted.reserve(tallies.size());
  for (const ReporterTally& tally : tallies) sorted.push_back(&tally);
  const auto group_of = [](const ReporterTally* tally) {
    return std::pair(tally->reporter.township.At(DivisionLevel::kCounty), tally->reporter.source);
  };
  std::ranges::sort(sorted, [&](const ReporterTally* a, const ReporterTally* b) {
    if (group_of(a) != group_of(b)) return group_of(a) < group_of(b);
    return a->reporter < b->reporter;
  });
  Comparison comparison;
  comparison.reporters.resize(sorted.size());
  std::vector<ScreenedReporter*> out;
  for (size_t i = 0; i < sorted.size(); ++i) {
    ScreenedReporter& reporter = comparison.reporters[i];
    reporter.reporter = sorted[i]->reporter;
    reporter.households = sorted[i]->households;
    reporter.reports = sorted[i]->reports;
    out.push_back(&reporter);
  }
  std::vector<std::pair<size_t, Group>> groups;  // by the first of each
  for (size_t begin = 0, end = 0; begin < sorted.size(); begin = end) {
    while (end < sorted.size() && group_of(sorted[end]) == group_of(sorted[begin])) ++end;
    groups.emplace_back(begin, Group(std::span(sorted).subspan(begin, end - begin), screening,
                                     std::span(out).subspan(begin, end - begin)));
    groups.back().second.CompareAll();
  }
  comparison.tests = Decide(screening, &comparison.reporters);
  for (size_t g = 0; g < groups.size(); ++g) {
    const size_t end = g + 1 < groups.size() ? groups[g + 1].first : sorted.size();
    for (size_t i = groups[g].first; i < end; ++i) {
      for (Outcome& outcome : out[i]->outcomes) {
        if (outcome.state != State::kFinding) {
          outcome.digits.reset();
          continue;
        }
        outcome.examples = groups[g].second.ExamplesOf(i - groups[g].first, outcome.screen);
      }
    }
  }
  std::ranges::sort(comparison.reporters, {}, &ScreenedReporter::reporter);
  return comparison;
}

}  // namespace shouwang::screening
