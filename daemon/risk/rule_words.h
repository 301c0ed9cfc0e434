// What explanations say of a program's features and rules whoever the subject is: what conditions
// read, and how formulas, conditions and comparisons are told in Chinese and in English. Found once
// for a program, as it takes parsing.
//
// Values; safe to read on any thread.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "daemon/risk/policy.h"
#include "daemon/risk/program.h"
#include "daemon/risk/syntax.h"
#include "storage/vocabulary/indicator.h"

namespace shouwang::risk {

enum class Language : uint8_t { kZh, kEn };

inline std::string_view Pick(Language language, std::string_view zh, std::string_view en) {
  return language == Language::kZh ? zh : en;
}

// One thing in both languages.
struct Words {
  std::string zh;
  std::string en;
  const std::string& in(Language language) const { return language == Language::kZh ? zh : en; }
};

struct FeatureWords {
  std::string formula;  // "sum(wage_income + transfer_income - operating_cost) over 12 months
                        // / household_size"
  // Those of `of`, `minus` and `total`.
  std::vector<IndicatorId> indicators;
  // Their slowest cadence; 0 where they have none, and of a formula.
  int period_months = 0;
};

// One comparison of a rule's condition.
struct ComparisonWords {
  // What stands on one side of it.
  struct Side {
    Words title;  // empty for a number as written
    std::string unit;
  };
  ComparisonText text;
  Side left;
  Side right;
  Words condition;
  // What it is computed from; no formulas.
  std::vector<const Feature*> features;
};

struct RuleWords {
  std::vector<ComparisonWords> comparisons;
  // "【红色·收入】收入低于监测线：", "Income below the line (red, income): "
  Words head;
  // The condition that clears it.
  Words clears_when;
  // " Fitting measure: ...", " Threshold from: ..."
  Words measure;
  Words citation;
  // What `when` is computed from, as indices of Program::features(), and what either of it and
  // clear_when is. Ascending.
  std::vector<size_t> features;
  std::vector<size_t> features_of_both;
};

struct ProgramWords {
  ProgramWords(const Program& program, const Catalogue& catalogue);

  std::vector<FeatureWords> features;  // of Program::features()
  std::vector<RuleWords> rules;        // of Program::rules()
};

// "net income per person is below monitoring line and house is safe: no"
std::string ConditionText(std::string_view condition, const Policy& policy, Language language);

// A title in the middle of an English sentence; abbreviations keep their capitals.
std::string MidSentence(std::string_view title);
// "红色"
std::string_view SeverityTitleZh(Severity severity);
// "是", "no"
std::string_view YesNoText(bool yes, Language language);
// How a comparison is told, and how one that does not hold is: "低于", "at least".
std::string_view RelationText(std::string_view op, bool holds, Language language);

}  // namespace shouwang::risk
