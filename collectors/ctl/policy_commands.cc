#include <fmt/format.h>

#include <filesystem>
#include <utility>

#include "collectors/ctl/commands.h"
#include "daemon/risk/rule_case.h"
#include "storage/register/register.h"

namespace shouwang::ctl {
namespace {

namespace fs = std::filesystem;

void FailOn(const Problems& problems) {
  if (!problems.empty()) throw Failure{std::string(problems.ToStatus().message())};
}

// The policies that a file of cases names, from the folder asked for, else its own.
risk::PolicySet LoadPolicies(const risk::RuleCaseFile& file, const std::string& folder,
                             const Catalogue& catalogue) {
  const fs::path from = folder.empty() ? fs::path(file.path).parent_path() : fs::path(folder);
  std::vector<std::string> paths;
  for (const std::string& name : file.policies) paths.push_back((from / name).string());
  Problems problems;
  risk::PolicySet policies = risk::PolicySet::Load(paths, catalogue, &problems);
  FailOn(problems);
  return policies;
}

Json DifferenceJson(const risk::RuleDifference& difference) {
  return {{"rule", difference.rule},
          {"expected", difference.expected},
          {"found", difference.found},
          {"text_zh", difference.text_zh},
          {"text_en", difference.text_en}};
}

// Tells each failed case, and counts.
class Report {
 public:
  explicit Report(const Session& session) : session_(session) {}

  void Add(const risk::RuleCaseFile& file, const risk::RuleCase& rule_case,
           const std::vector<risk::RuleDifference>& differences) {
    ++(differences.empty() ? passed_ : failed_);
    if (session_.output() != Output::kTable) {
      Json object = {{"file", file.path},
                     {"line", rule_case.line},
                     {"test", rule_case.name},
                     {"passed", differences.empty()},
                     {"differences", Json::array()}};
      for (const auto& difference : differences) {
        object["differences"].push_back(DifferenceJson(difference));
      }
      if (session_.output() == Output::kJsonLines) {
        session_.Print(object);
      } else {
        objects_.push_back(std::move(object));
      }
      return;
    }
    if (differences.empty()) return;
    session_.out() << fmt::format("FAILED {}:{} {}\n", file.path, rule_case.line, rule_case.name);
    for (const auto& difference : differences) {
      session_.out() << fmt::format("  {}\n    expected  {}\n    found     {}\n", difference.rule,
                                    difference.expected, difference.found);
      const std::string& why = session_.Title(difference.text_zh, difference.text_en);
      if (!why.empty()) session_.out() << fmt::format("    {}\n", why);
    }
  }

  // Throws Failure where a case failed.
  void Close() const {
    if (session_.output() == Output::kJson) session_.Print(objects_);
    const std::string counts = fmt::format("{} passed, {} failed", passed_, failed_);
    if (session_.output() == Output::kTable) session_.out() << counts << "\n";
    if (failed_ > 0) throw Failure{fmt::format("policy test: {}", counts)};
  }

 private:
  const Session& session_;
  Json objects_ = Json::array();
  size_t passed_ = 0;
  size_t failed_ = 0;
};

}  // namespace

void PolicyTest(const Session& session, const PolicyTestArguments& arguments) {
  Problems problems;
  const Catalogue catalogue = LoadCatalogue(arguments.catalogue, &problems);
  FailOn(problems);
  std::vector<risk::RuleCaseFile> files;
  for (const std::string& path : arguments.files) {
    files.push_back(risk::ReadRuleCases(path, catalogue, &problems));
  }
  FailOn(problems);
  Report report(session);
  for (const risk::RuleCaseFile& file : files) {
    const risk::PolicySet policies = LoadPolicies(file, arguments.policies, catalogue);
    risk::Evaluator evaluator(policies, catalogue);
    for (const risk::RuleCase& rule_case : file.cases) {
      report.Add(file, rule_case, risk::RunCase(rule_case, policies, &evaluator));
    }
  }
  report.Close();
}

}  // namespace shouwang::ctl
