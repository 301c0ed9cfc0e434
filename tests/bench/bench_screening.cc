// How often screening finds what is made up, and suspects who is honest, on simulated counties.
// Prints one JSON object for each kind and share of fabrication; tests/bench/screening_quality
// makes a table of them.
#include <fmt/format.h>

#include <cstdio>
#include <string>
#include <vector>

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include "daemon/risk/policy_file.h"
#include "storage/register/register.h"
#include "tests/bench/locks.h"
#include "tests/daemon/screening/simulated_county.h"

namespace shouwang::screening {
namespace {

using simulator::FabricationKind;

constexpr std::array<const char*, kScreenCount> kScreenNames = {
    "copied_values", "copied_reports", "round_amounts", "last_digits", "above_line", "entry_speed"};

struct Kind {
  const char* name;
  FabricationKind kind;
  Screen screen;  // that is to find it
};
constexpr std::array<Kind, 4> kKinds = {{
    {"copied", FabricationKind::kCopied, Screen::kCopiedValues},
    {"round", FabricationKind::kRound, Screen::kRoundAmounts},
    {"above_line", FabricationKind::kAboveLine, Screen::kAboveLine},
    {"rushed", FabricationKind::kRushed, Screen::kEntrySpeed},
}};

struct Options {
  std::string catalogue;
  std::string policy;
  int visits_per_day = 0;
  int seeds = 20;         // of honest counties
  int made_up_seeds = 5;  // of each kind and share
  int made_up = 3;        // townships of a county
  std::vector<double> shares = {0.05, 0.1, 0.2, 0.3};
  SimulatedCounty county;
};

struct Count {
  int screenings = 0;
  int reporters_made_up = 0;
  int found = 0;  // of them, by the screen that is to
  int findings = 0;
  int wrong = 0;  // of the findings, of reporters that are honest
  int screenings_with_wrong = 0;
  size_t tests = 0;
};

bool IsMadeUp(const SimulatedCounty& county, const Division& township) {
  for (const simulator::Fabrication& fabrication : county.fabrications) {
    if (fabrication.township == township) return true;
  }
  return false;
}

void Add(const SimulatedCounty& county, const Comparison& comparison, Screen screen, Count* count) {
  ++count->screenings;
  count->reporters_made_up += static_cast<int>(county.fabrications.size());
  count->tests += comparison.tests;
  int wrong = 0;
  for (const ScreenedReporter& reporter : comparison.reporters) {
    const bool made_up = IsMadeUp(county, reporter.reporter.township);
    for (const Outcome& outcome : reporter.outcomes) {
      if (outcome.state != State::kFinding) continue;
      ++count->findings;
      if (!made_up) ++wrong;
      if (made_up && outcome.screen == screen) ++count->found;
      if (!made_up) {
        fmt::print(stderr, "seed {}: {} of honest {}: {:.3f} among {:.3f}, q {:.4f}\n", county.seed,
                   kScreenNames[static_cast<size_t>(outcome.screen)],
                   reporter.reporter.township.ToString(), outcome.measure,
                   outcome.peers_median.value_or(0), outcome.q.value_or(1));
      }
    }
  }
  count->wrong += wrong;
  count->screenings_with_wrong += wrong > 0 ? 1 : 0;
}

void Print(const std::string& kind, double share, const Count& count) {
  const nlohmann::ordered_json row = {{"kind", kind},
                                      {"share", share},
                                      {"screenings", count.screenings},
                                      {"tests", count.tests},
                                      {"made_up", count.reporters_made_up},
                                      {"found", count.found},
                                      {"findings", count.findings},
                                      {"wrong", count.wrong},
                                      {"screenings_with_wrong", count.screenings_with_wrong}};
  fmt::print("{}\n", row.dump());
  std::fflush(stdout);
}

int Run(const Options& options) {
  Problems problems;
  const Catalogue catalogue = LoadCatalogue(options.catalogue, &problems);
  risk::Policy policy = risk::ReadPolicy(options.policy, catalogue, &problems);
  if (problems.empty() && !policy.screening) problems.Add(options.policy, 0, "has no 'screening'");
  if (!problems.empty()) {
    fmt::print(stderr, "{}\n", std::string(problems.ToStatus().message()));
    return 1;
  }
  if (options.visits_per_day > 0) policy.screening->visits_per_day = options.visits_per_day;
  SimulatedCounty county = options.county;
  Count honest;
  for (int seed = 1; seed <= options.seeds; ++seed) {
    county.seed = static_cast<uint64_t>(seed);
    Add(county, ScreenCounty(county, policy, catalogue), Screen::kCopiedValues, &honest);
  }
  Print("honest", 0, honest);
  for (const Kind& kind : kKinds) {
    for (const double share : options.shares) {
      Count count;
      for (int seed = 1; seed <= options.made_up_seeds; ++seed) {
        county.seed = static_cast<uint64_t>(seed);
        county.fabrications.clear();
        for (int i = 0; i < options.made_up; ++i) {
          county.fabrications.push_back({kind.kind, TownshipOf(2 + 5 * i), share});
        }
        Add(county, ScreenCounty(county, policy, catalogue), kind.screen, &count);
      }
      Print(kind.name, share, count);
    }
  }
  return 0;
}

}  // namespace
}  // namespace shouwang::screening

int main(int argc, char** argv) {
  CLI::App app("Recall and wrong findings of screening on simulated counties");
  shouwang::screening::Options options;
  app.add_option("--catalogue", options.catalogue)->required();
  app.add_option("--policy", options.policy)->required();
  app.add_option("--visits-per-day", options.visits_per_day, "instead of the policy's");
  app.add_option("--seeds", options.seeds)->capture_default_str();
  app.add_option("--made-up-seeds", options.made_up_seeds)->capture_default_str();
  app.add_option("--townships", options.county.townships)
      ->check(CLI::Range(13, 500))
      ->capture_default_str();
  app.add_option("--households", options.county.households)->capture_default_str();
  CLI11_PARSE(app, argc, argv);
  shouwang::bench::DoNotLookForCircles();
  return shouwang::screening::Run(options);
}
