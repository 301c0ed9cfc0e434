// shouwang_bench_incidents: whether shocks hidden in quiet simulated provinces are found, how late,
// and what is told that is none. Prints one JSON object; tests/bench/incident_quality runs it.
#include <fmt/format.h>

#include <chrono>
#include <iostream>
#include <set>

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include "storage/register/register.h"
#include "tests/bench/incidents/hidden_shocks.h"

namespace shouwang::bench {
namespace {

using Json = nlohmann::ordered_json;

Json JsonOf(const Score& score, int province_months) {
  Json json;
  json["province_months"] = province_months;
  json["shocks"] = score.shocks;
  json["found"] = score.found;
  json["mean_delay_months"] =
      score.found == 0 ? Json(nullptr) : Json(static_cast<double>(score.months_late) / score.found);
  json["incidents"] = score.incidents;
  json["at_shocks_or_weather"] = score.at_shocks;
  json["false_incidents"] = score.false_incidents;
  json["false_share"] =
      score.incidents == 0 ? 0.0 : static_cast<double>(score.false_incidents) / score.incidents;
  json["missed"] = score.missed;
  json["wrong"] = score.wrong;
  return json;
}

int Main(int argc, char** argv) {
  CLI::App app("Hides shocks in simulated provinces and looks for them");
  std::string catalogue_path;
  std::string policy_path;
  int seeds = 5;
  QuietProvince shape;
  app.add_option("--catalogue", catalogue_path)->required();
  app.add_option("--policy", policy_path)->required();
  app.add_option("--seeds", seeds, "provinces of each sort")->check(CLI::Range(1, 1'000));
  app.add_option("--counties", shape.counties)->check(CLI::Range(1, 99));
  app.add_option("--townships", shape.townships)->check(CLI::Range(2, 999));
  app.add_option("--villages", shape.villages)->check(CLI::Range(2, 999));
  app.add_option("--households", shape.households)->check(CLI::Range(5, 10'000));
  CLI11_PARSE(app, argc, argv);
  Problems problems;
  const Catalogue catalogue = LoadCatalogue(catalogue_path, &problems);
  const risk::PolicySet policies = risk::PolicySet::Load({policy_path}, catalogue, &problems);
  if (!problems.empty()) {
    std::cerr << problems.ToStatus().message() << "\n";
    return 1;
  }
  if (!policies.All().back().incidents) {
    std::cerr << policy_path << ": has no section 'incidents'\n";
    return 1;
  }
  shape.last = Month::Parse("2026-10").value();
  const risk::IncidentPolicy& policy = *policies.All().back().incidents;
  Json json;
  json["false_discovery_rate"] = policy.false_discovery_rate;
  json["households_of_a_province"] =
      shape.counties * shape.townships * shape.villages * shape.households;
  for (const std::string sort : {"hidden_shocks", "no_shock", "shared_seasons"}) {
    Score total;
    const auto started = std::chrono::steady_clock::now();
    for (int seed = 1; seed <= seeds; ++seed) {
      QuietProvince province = shape;
      province.seed = static_cast<uint64_t>(seed);
      if (sort == "hidden_shocks") province.shocks = HiddenShocks(province);
      if (sort == "shared_seasons") province.seasons = SharedSeasons(province);
      Add(ScoreOf(province, Search(province, catalogue, policies)), &total);
      std::cerr << fmt::format("{} {} of {}\n", sort, seed, seeds);
    }
    json[sort] = JsonOf(total, seeds * policy.kept_months);
    const std::chrono::duration<double> took = std::chrono::steady_clock::now() - started;
    json[sort]["seconds"] = took.count();
  }
  std::cout << json.dump(1) << "\n";
  return std::cout.good() ? 0 : 1;
}

}  // namespace
}  // namespace shouwang::bench

int main(int argc, char** argv) { return shouwang::bench::Main(argc, argv); }
