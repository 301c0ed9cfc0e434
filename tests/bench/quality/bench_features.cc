// shouwang_bench_features: what a policy's features say of every interview of a sheet, by the very
// mapping, catalogue and evaluator that ship, without a daemon. CSV on stdout: subject, date, and a
// column for each feature that the rule uses; empty where unknown.
#include <fmt/format.h>

#include <cstdio>
#include <iostream>
#include <map>

#include <CLI/CLI.hpp>

#include "collectors/mapping/mapping.h"
#include "daemon/risk/evaluator.h"
#include "storage/files/csv.h"
#include "storage/register/register.h"

namespace shouwang::bench {
namespace {

struct Paths {
  std::string catalogue;
  std::string mapping;
  std::string policy;
  std::string rule;
  std::string sheet;
};

using Histories = std::map<Subject, History>;

// The whole sheet; rows that can't be told are an error, as nothing may be missing silently.
absl::StatusOr<Histories> ReadSheet(const Paths& paths, const Catalogue& catalogue) {
  auto mapping = Mapping::Load(paths.mapping);
  if (!mapping.ok()) return mapping.status();
  auto csv = CsvReader::Open(paths.sheet);
  if (!csv.ok()) return csv.status();
  auto mapper = mapping->Bind(csv->heading(), catalogue);
  if (!mapper.ok()) return mapper.status();
  std::vector<IndicatorId> ids;
  for (const std::string& name : mapping->indicators()) ids.push_back(catalogue.Find(name)->id);
  Histories histories;
  std::vector<std::string> row;
  MappedRow mapped;
  while (true) {
    const absl::StatusOr<bool> more = csv->Next(&row);
    if (!more.ok()) return more.status();
    if (!*more) return histories;
    mapper->Map(row, &mapped);
    if (!mapped.usable) {
      return absl::InvalidArgumentError(
          fmt::format("{}:{}: no subject or day", paths.sheet, csv->line()));
    }
    History& history = histories.try_emplace(mapped.subject, History(mapped.subject)).first->second;
    for (const MappedValue& value : mapped.values) {
      history.Put(ids[value.indicator], mapped.date, value.value, Arrival{});
    }
  }
}

absl::Status Print(const Paths& paths) {
  Problems problems;
  const Catalogue catalogue = LoadCatalogue(paths.catalogue, &problems);
  if (!problems.empty()) return problems.ToStatus();
  const risk::PolicySet policies = risk::PolicySet::Load({paths.policy}, catalogue, &problems);
  if (!problems.empty()) return problems.ToStatus();
  const risk::Rule* rule = policies.All().front().FindRule(paths.rule);
  if (rule == nullptr) {
    return absl::NotFoundError(fmt::format("{} has no rule '{}'", paths.policy, paths.rule));
  }
  absl::StatusOr<Histories> histories = ReadSheet(paths, catalogue);
  if (!histories.ok()) return histories.status();
  risk::Evaluator evaluator(policies, catalogue);
  bool headed = false;
  std::string line;
  for (const auto& [subject, history] : *histories) {
    for (const Date date : history.dates()) {
      const auto explained = evaluator.Explain(history, SubjectRisk{}, date, rule->id);
      if (!explained.ok()) return explained.status();
      line = "subject,date";
      for (const auto& value : explained->front().features) line += "," + value.feature->name;
      if (!headed) std::cout << line << "\n";
      headed = true;
      line = subject.ToString() + "," + date.ToString();
      for (const auto& value : explained->front().features) {
        line += value.value ? fmt::format(",{}", *value.value) : ",";
      }
      std::cout << line << "\n";
    }
  }
  return absl::OkStatus();
}

int Main(int argc, char** argv) {
  CLI::App app("What a policy's features say of every interview of a sheet");
  Paths paths;
  app.add_option("--catalogue", paths.catalogue)->required();
  app.add_option("--mapping", paths.mapping)->required();
  app.add_option("--policy", paths.policy)->required();
  app.add_option("--rule", paths.rule, "whose features are told")->required();
  app.add_option("sheet", paths.sheet, "CSV, plain or .gz")->required();
  CLI11_PARSE(app, argc, argv);
  const absl::Status status = Print(paths);
  if (status.ok()) return 0;
  std::cerr << status.message() << "\n";
  return 1;
}

}  // namespace
}  // namespace shouwang::bench

int main(int argc, char** argv) { return shouwang::bench::Main(argc, argv); }
