#include "daemon/app/check_config.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>

namespace shouwang::app {

std::string DescribeLoaded(const Config& config, const Rulebook& rulebook) {
  std::string text;
  const auto out = std::back_inserter(text);
  const auto indicators = rulebook.reg.catalogue.All();
  const auto of_sites = std::ranges::count_if(indicators, [](const Indicator& indicator) {
    return indicator.applies_to == SubjectKind::kSite;
  });
  const auto size = static_cast<std::ptrdiff_t>(indicators.size());
  fmt::format_to(out, "indicators  {} ({} of households, {} of sites)\n", size, size - of_sites,
                 of_sites);
  const DivisionTree& tree = rulebook.reg.divisions;
  fmt::format_to(out, "divisions   {} ({} counties, {} townships, {} villages)\n", tree.size(),
                 tree.Within(Division(), DivisionLevel::kCounty).size(),
                 tree.Within(Division(), DivisionLevel::kTownship).size(),
                 tree.Within(Division(), DivisionLevel::kVillage).size());
  fmt::format_to(out, "sites       {}\n", rulebook.reg.sites.All().size());
  for (const risk::Policy& policy : rulebook.policies.All()) {
    fmt::format_to(out, "policy      {} from {}: {} rules, {} features, {} constants  {} {}\n",
                   policy.version, policy.effective_from.ToString(), policy.rules.size(),
                   policy.features.size(), policy.constants.size(), policy.title_zh,
                   policy.title_en);
    for (const risk::Rule& rule : policy.rules) {
      fmt::format_to(out, "  rule      {:5} {} ({}, {}, {})\n", rule.id, rule.name,
                     KindName(rule.applies_to), RiskKindName(rule.kind),
                     SeverityName(rule.severity));
    }
  }
  fmt::format_to(out, "data_dir    {}\nlisten      {}\nmetrics     {}\nok\n", config.data_dir,
                 config.listen, config.metrics_listen);
  return text;
}

std::string DescribeProblems(const Problems& problems) {
  std::string text;
  for (const std::string& message : problems.messages()) text += message + "\n";
  return text + fmt::format("{} problem{}\n", problems.size(), problems.size() == 1 ? "" : "s");
}

}  // namespace shouwang::app
