// A small catalogue, policies written in a test, and histories of month ends.
#pragma once

#include <gtest/gtest.h>
#include <stdlib.h>

#include <algorithm>
#include <fstream>
#include <string>
#include <vector>

#include "daemon/risk/evaluator.h"
#include "storage/vocabulary/decimal.h"
#include "tests/temporary_directory.h"

namespace shouwang::risk {

inline Date Day(const std::string& text) { return *Date::Parse(text); }

// income 1, cost 2 (yuan, 2 decimals), size 3, employed 4 (persons), safe 5 (yes_no), ratio 6
// (3 decimals); site_jobs 201.
inline Catalogue SmallCatalogue() {
  const auto of = [](IndicatorId id, std::string name, std::string title_zh, std::string unit,
                     int decimals, SubjectKind kind) {
    Indicator indicator;
    indicator.id = id;
    indicator.title_zh = std::move(title_zh);
    indicator.title_en = "The " + name;
    indicator.name = std::move(name);
    indicator.unit = std::move(unit);
    indicator.decimals = decimals;
    indicator.min = -100'000'000;
    indicator.max = 100'000'000;
    indicator.applies_to = kind;
    return indicator;
  };
  constexpr auto kHousehold = SubjectKind::kHousehold;
  return *Catalogue::Of({of(1, "income", "收入", "yuan", 2, kHousehold),
                         of(2, "cost", "成本", "yuan", 2, kHousehold),
                         of(3, "size", "人口", "persons", 0, kHousehold),
                         of(4, "employed", "就业", "persons", 0, kHousehold),
                         of(5, "safe", "安全", "yes_no", 0, kHousehold),
                         of(6, "ratio", "比率", "ratio", 3, kHousehold),
                         of(201, "site_jobs", "岗位", "jobs", 0, SubjectKind::kSite)});
}

// Writes files into a folder of its own and loads them; faults name the files without the folder.
class PolicyFiles {
 public:
  std::string Write(const std::string& name, const std::string& text) {
    std::string path = folder_.path() + "/" + name;
    std::ofstream(path) << text;
    if (std::ranges::find(paths_, path) == paths_.end()) paths_.push_back(path);
    return path;
  }
  PolicySet Load(const Catalogue& catalogue) {
    Problems problems;
    PolicySet set = PolicySet::Load(paths_, catalogue, &problems);
    faults_.clear();
    for (std::string message : problems.messages()) {
      for (size_t at; (at = message.find(folder_.path() + "/")) != std::string::npos;) {
        message.erase(at, folder_.path().size() + 1);
      }
      faults_.push_back(message);
    }
    return set;
  }
  const std::vector<std::string>& faults() const { return faults_; }

 private:
  TemporaryDirectory folder_;
  std::vector<std::string> paths_;
  std::vector<std::string> faults_;
};

inline const std::string kHead =
    "version: 1\neffective_from: 2020-01-01\ntitle_zh: 政策\ntitle_en: Policy\n";
inline const std::string kTitles = "title_zh: 标题, title_en: Title";
inline const std::string kRuleRest =
    "title_zh: 规则, title_en: The rule, kind: income, severity: red, measure_zh: 做, "
    "measure_en: Do, citation: placeholder";

class RiskFixture : public testing::Test {
 protected:
  RiskFixture() : history_(*Subject::Parse("520502001001/7")) {}

  // Policies of the files written so far; they must be without fault.
  void Load() {
    policies_ = files_.Load(catalogue_);
    ASSERT_TRUE(files_.faults().empty()) << files_.faults().front();
  }
  // One policy of these features (flow maps without titles) and one rule, id 101.
  void LoadOne(const std::vector<std::string>& features, const std::string& rule) {
    std::string text = kHead + "features:\n";
    for (const std::string& feature : features) {
      text.append("  - {").append(kTitles).append(", ").append(feature).append("}\n");
    }
    text += "rules:\n  - {id: 101, name: rule_one, " + kRuleRest + ", " + rule + "}\n";
    files_.Write("policy.yaml", text);
    Load();
  }
  void Put(const std::string& indicator, const std::string& date, const std::string& value) {
    const Indicator& found = *catalogue_.Find(indicator);
    history_.Put(found.id, Day(date), *ParseDecimal(value, found.decimals), {});
  }
  // "10 20 _ 5" on the month ends from `first` ("2025-01") on; "_" leaves one out.
  void PutMonthly(const std::string& indicator, const std::string& first,
                  const std::vector<std::string>& values) {
    Month month = *Month::Parse(first);
    for (const std::string& value : values) {
      if (value != "_") Put(indicator, Date::LastOf(month).ToString(), value);
      month = month + 1;
    }
  }
  SubjectRisk Replay() { return Evaluator(policies_, catalogue_).Replay(history_); }

  Catalogue catalogue_ = SmallCatalogue();
  PolicyFiles files_;
  PolicySet policies_;
  History history_;
};

}  // namespace shouwang::risk
