// Explanations in words, for officials, in Chinese and English: numbers with their units, what is
// lacking, and the paragraph about one rule (with what rule_words.h has of it).
//
// Pure functions; safe on any thread.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "daemon/risk/evaluator.h"
#include "daemon/risk/rule_words.h"

namespace shouwang::risk {

// Why a feature is unknown.
struct Lack {
  enum class Reason : uint8_t {
    kNone,          // it is known
    kDates,         // `usable` dates, `needed` needed, in the window
    kCompareDates,  // the same in the window before
    kDivisor,       // no value above 0 of `per` in its window
    kZeroBase,      // the mean before, or the total, is 0
    kOneDate,       // a trend or spread needs two dates
    kInputs,        // a formula's input is unknown, or it divides by 0
  };
  Reason reason = Reason::kNone;
  size_t usable = 0;
  size_t needed = 0;
  int months = 0;
  // Indicators without any point in the window, or the divisor; by name and by title.
  std::vector<const Indicator*> missing;
};

// "3 usable dates in 12 months, 9 needed; none of wage_income"
std::string LackText(const Lack& lack, Language language);

// "8,800 yuan", "8,800元", "45%", "no", "否"; rounded to two decimals.
std::string ValueText(double value, std::string_view unit, Language language);

struct Standing {
  // Where the clearing condition holds already, since when.
  std::optional<Date> clearing_since;
  // One for each of Explanation::features.
  std::vector<Lack> lacks;
};

// All of `explanation` but its texts must be filled; `words` are its rule's.
std::string Paragraph(const Explanation& explanation, const RuleWords& words,
                      const Standing& standing, Language language);

}  // namespace shouwang::risk
