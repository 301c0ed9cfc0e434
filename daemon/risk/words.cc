#include "daemon/risk/words.h"

#include <fmt/compile.h>
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <cmath>

namespace shouwang::risk {
namespace {

struct UnitWord {
  std::string_view unit;
  std::string_view zh;
  std::string_view en;
};
constexpr std::array<UnitWord, 10> kUnits = {{{"yuan", "元", " yuan"},
                                              {"persons", "人", " persons"},
                                              {"households", "户", " households"},
                                              {"months", "个月", " months"},
                                              {"dates", "次", " dates"},
                                              {"jobs", "个岗位", " jobs"},
                                              {"seats", "个学位", " seats"},
                                              {"persons_per_1000", "人/千人", " persons per 1,000"},
                                              {"yuan_per_month", "元/月", " yuan a month"},
                                              {"", "", ""}}};

// "1,234,567.5"
std::string NumberText(double value) {
  std::string text = fmt::format(FMT_COMPILE("{:.2f}"), std::abs(value));
  while (text.back() == '0') text.pop_back();
  if (text.back() == '.') text.pop_back();
  const size_t point = std::min(text.find('.'), text.size());
  for (size_t i = point; i > 3; i -= 3) text.insert(i - 3, ",");
  return (value < 0 && text != "0" ? "-" : "") + text;
}

std::string KnownComparison(const Comparison& comparison, const ComparisonWords& words,
                            Language language) {
  const std::string& unit = words.left.unit.empty() ? words.right.unit : words.left.unit;
  const std::string& left = words.left.title.in(language);
  const std::string& right = words.right.title.in(language);
  const std::string left_value = ValueText(*comparison.left, unit, language);
  if (unit == "yes_no") {
    return fmt::format(FMT_COMPILE("{}{}{}"), left, Pick(language, "：", ": "), left_value);
  }
  const std::string right_value = ValueText(*comparison.right, unit, language);
  const std::string_view relation =
      RelationText(comparison.op, comparison.truth == Truth::kTrue, language);
  const double distance = std::abs(*comparison.left - *comparison.right);
  if (language == Language::kZh) {
    const std::string by =
        distance > 0 ? fmt::format(FMT_COMPILE("，相差{}"), ValueText(distance, unit, language))
                     : std::string();
    return fmt::format(FMT_COMPILE("{}{}{}，{}{}{}{}"), left, left.empty() ? "" : "为", left_value,
                       relation, right, right_value, by);
  }
  const std::string by =
      distance > 0 ? fmt::format(FMT_COMPILE(" (by {})"), ValueText(distance, unit, language))
                   : std::string();
  return fmt::format(FMT_COMPILE("{}{}{}, {} {}{}{}{}"), left, left.empty() ? "" : " is ",
                     left_value, relation, right, right.empty() ? "" : " ", right_value, by);
}

std::string UnknownComparison(const ComparisonWords& words, const Explanation& explanation,
                              const Standing& standing, Language language) {
  std::vector<std::string> reasons;
  for (const Feature* feature : words.features) {
    for (size_t i = 0; i < explanation.features.size(); ++i) {
      if (explanation.features[i].feature != feature || explanation.features[i].value) continue;
      const std::string reason = LackText(standing.lacks[i], language);
      reasons.push_back(
          language == Language::kZh
              ? fmt::format("{}未知（{}）", feature->title_zh, reason)
              : fmt::format("{} is unknown ({})", MidSentence(feature->title_en), reason));
    }
  }
  const std::string& condition = words.condition.in(language);
  if (reasons.empty()) reasons.emplace_back(Pick(language, "除数为零", "it divides by 0"));
  return language == Language::kZh
             ? fmt::format("无法判断是否“{}”：{}", condition, fmt::join(reasons, "；"))
             : fmt::format("whether {} can't be told: {}", condition, fmt::join(reasons, "; "));
}

std::string ClearingSentence(const Explanation& e, const RuleWords& words, const Standing& standing,
                             Language language) {
  const Rule& rule = *e.rule;
  if (standing.clearing_since && rule.hold_months > 0) {
    const std::string since = standing.clearing_since->ToString();
    const std::string until = standing.clearing_since->PlusMonths(rule.hold_months).ToString();
    return language == Language::kZh
               ? fmt::format(FMT_COMPILE("自{}起已满足解除条件，须持续至{}。"), since, until)
               : fmt::format(
                     FMT_COMPILE(" The clearing condition holds since {} and must hold until {}."),
                     since, until);
  }
  const std::string& condition = words.clears_when.in(language);
  const std::string hold =
      rule.hold_months == 0 ? std::string()
      : language == Language::kZh
          ? fmt::format(FMT_COMPILE("并持续{}个月"), rule.hold_months)
          : fmt::format(FMT_COMPILE(", for {} months without a break"), rule.hold_months);
  return language == Language::kZh
             ? fmt::format(FMT_COMPILE("解除条件：{}{}。"), condition, hold)
             : fmt::format(FMT_COMPILE(" It clears when {}{}."), condition, hold);
}

// What is changed, as a sentence names it.
struct Changed {
  std::string title;
  std::string unit;
};

Changed ChangedOf(const ClearingChange& change, Language language) {
  const bool zh = language == Language::kZh;
  if (change.feature != nullptr) {
    const Feature& feature = *change.feature;
    return {zh ? feature.title_zh : MidSentence(feature.title_en), feature.unit};
  }
  const Indicator& indicator = *change.indicator;
  const std::string date = change.date.ToString();
  return {
      zh ? fmt::format(FMT_COMPILE("{}上报的{}"), date, indicator.title_zh)
         : fmt::format(FMT_COMPILE("{} as reported on {}"), MidSentence(indicator.title_en), date),
      indicator.unit};
}

// "rose by 1,400 yuan (to 8,800 yuan or more)"
std::string ChangeText(const ClearingChange& change, std::string_view unit, Language language) {
  const bool zh = language == Language::kZh;
  const bool up = change.to > change.from;
  const std::string to = ValueText(change.to, unit, language);
  if (unit == "yes_no") return zh ? "变为“" + to + "”" : "became " + to;
  const std::string by = ValueText(std::abs(change.to - change.from), unit, language);
  if (zh) {
    return fmt::format(FMT_COMPILE("{}{}（至{}{}）"), up ? "增加" : "减少", by, to,
                       !change.beyond ? ""
                       : up           ? "以上"
                                      : "以下");
  }
  return fmt::format(FMT_COMPILE("{} by {} (to {}{})"), up ? "rose" : "fell", by, to,
                     !change.beyond ? ""
                     : up           ? " or more"
                                    : " or less");
}

std::string ChangeSentence(const Explanation& e, Language language) {
  const bool zh = language == Language::kZh;
  if (e.clears == Truth::kTrue) return "";
  if (e.clearing_changes.empty()) {
    return std::string(zh ? "任何单项变化都不足以解除。"
                          : " No change of a single input would clear it.");
  }
  const ClearingChange& change = e.clearing_changes.front();
  const Changed changed = ChangedOf(change, language);
  const std::string how = ChangeText(change, changed.unit, language);
  const int hold = e.rule->hold_months;
  if (zh) {
    return fmt::format(FMT_COMPILE("若{}{}，即可解除{}。"), changed.title, how,
                       hold == 0 ? "" : fmt::format(FMT_COMPILE("（需持续{}个月）"), hold));
  }
  return fmt::format(FMT_COMPILE(" If {} {}, it would clear{}."), changed.title, how,
                     hold == 0 ? "" : fmt::format(FMT_COMPILE(" (after {} months of that)"), hold));
}

std::string StandingSentences(const Explanation& e, const RuleWords& words,
                              const Standing& standing, Language language) {
  const bool zh = language == Language::kZh;
  std::string text;
  if (e.opened_on) {
    const std::string since = e.opened_on->ToString();
    text = zh ? fmt::format(FMT_COMPILE("自{}起预警。"), since)
              : fmt::format(FMT_COMPILE(" The warning is open since {}."), since);
    text += ClearingSentence(e, words, standing, language) + ChangeSentence(e, language);
  } else if (e.truth == Truth::kTrue) {
    text = Pick(language, "条件成立，尚未预警。", " The condition holds; no warning is open yet.");
  } else if (e.truth == Truth::kFalse) {
    text = Pick(language, "未预警。", " No warning is open.");
  }
  if (e.truth == Truth::kUnknown) {
    text += Pick(language, "未知不等于安全，请补报缺失数据。",
                 " Unknown is not safe: the missing values should be reported.");
  }
  if (e.opened_on || e.truth == Truth::kTrue) text += words.measure.in(language);
  return text + words.citation.in(language);
}

}  // namespace

std::string ValueText(double value, std::string_view unit, Language language) {
  if (unit == "ratio") return NumberText(value * 100) + "%";
  if (unit == "yes_no") {
    return std::string(YesNoText(value != 0, language));
  }
  const auto it = std::ranges::find(kUnits, unit, &UnitWord::unit);
  if (it == kUnits.end()) return fmt::format(FMT_COMPILE("{} {}"), NumberText(value), unit);
  return NumberText(value) + std::string(Pick(language, it->zh, it->en));
}

std::string LackText(const Lack& lack, Language language) {
  const bool zh = language == Language::kZh;
  std::vector<std::string> names;
  for (const Indicator* i : lack.missing) names.push_back(zh ? i->title_zh : i->name);
  const std::string list = fmt::format("{}", fmt::join(names, zh ? "、" : ", "));
  switch (lack.reason) {
    case Lack::Reason::kNone:
      return "";
    case Lack::Reason::kDates:
    case Lack::Reason::kCompareDates: {
      const bool before = lack.reason == Lack::Reason::kCompareDates;
      std::string text = zh ? fmt::format("{}{}个月内可用{}次，需要{}次", before ? "对比期" : "",
                                          lack.months, lack.usable, lack.needed)
                            : fmt::format("{} usable dates in {}{} months, {} needed", lack.usable,
                                          before ? "the earlier " : "", lack.months, lack.needed);
      if (!list.empty()) text += zh ? "；缺" + list : "; none of " + list;
      return text;
    }
    case Lack::Reason::kDivisor:
      return zh ? fmt::format("{}个月内没有大于零的{}", lack.months, list)
                : fmt::format("no {} above 0 in {} months", list, lack.months);
    case Lack::Reason::kZeroBase:
      return std::string(Pick(language, "对比基数为零", "what it is compared with is 0"));
    case Lack::Reason::kOneDate:
      return std::string(
          Pick(language, "趋势和波动至少需要两次", "a trend or spread needs two dates"));
    case Lack::Reason::kInputs:
      return std::string(
          Pick(language, "公式的输入未知或除数为零", "an input of the formula is unknown or 0"));
  }
  return "";
}

std::string Paragraph(const Explanation& e, const RuleWords& words, const Standing& standing,
                      Language language) {
  const bool zh = language == Language::kZh;
  std::string text = words.head.in(language);
  for (size_t i = 0; i < e.comparisons.size(); ++i) {
    if (i > 0) text += zh ? "；" : "; ";
    text += e.comparisons[i].truth == Truth::kUnknown
                ? UnknownComparison(words.comparisons[i], e, standing, language)
                : KnownComparison(e.comparisons[i], words.comparisons[i], language);
  }
  text += zh ? "。" : ".";
  return text + StandingSentences(e, words, standing, language);
}

}  // namespace shouwang::risk
