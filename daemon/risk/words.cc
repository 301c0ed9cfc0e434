#include "daemon/risk/words.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <utility>

#include "daemon/risk/expression.h"
#include "daemon/risk/program.h"
#include "daemon/risk/syntax.h"

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

struct RelationWord {
  std::string_view op;
  std::string_view negated;
  std::string_view zh;
  std::string_view en;
};
constexpr std::array<RelationWord, 6> kRelations = {{{"<", ">=", "低于", "below"},
                                                     {"<=", ">", "不高于", "at most"},
                                                     {">", "<=", "高于", "above"},
                                                     {">=", "<", "不低于", "at least"},
                                                     {"==", "!=", "等于", "equal to"},
                                                     {"!=", "==", "不等于", "other than"}}};

std::string_view Pick(Language language, std::string_view zh, std::string_view en) {
  return language == Language::kZh ? zh : en;
}

const RelationWord& Relation(std::string_view op) {
  const auto it = std::ranges::find(kRelations, op, &RelationWord::op);
  return it == kRelations.end() ? kRelations.front() : *it;
}

// "1,234,567.5"
std::string NumberText(double value) {
  std::string text = fmt::format("{:.2f}", std::abs(value));
  while (text.back() == '0') text.pop_back();
  if (text.back() == '.') text.pop_back();
  const size_t point = std::min(text.find('.'), text.size());
  for (size_t i = point; i > 3; i -= 3) text.insert(i - 3, ",");
  return (value < 0 && text != "0" ? "-" : "") + text;
}

// Without the mark that a sentence would put behind it again.
std::string_view Bare(std::string_view sentence) {
  for (std::string_view mark : {"。", ".", " "}) {
    while (sentence.ends_with(mark)) sentence.remove_suffix(mark.size());
  }
  return sentence;
}

struct Titled {
  std::string title;
  std::string unit;
};

std::optional<Titled> TitleOf(const Policy& policy, std::string_view name, Language language) {
  const auto titled = [&](const auto& item) {
    return Titled{language == Language::kZh ? item.title_zh : MidSentence(item.title_en),
                  item.unit};
  };
  if (const Feature* feature = policy.FindFeature(name)) return titled(*feature);
  if (const Constant* constant = policy.FindConstant(name)) return titled(*constant);
  return std::nullopt;
}

std::string WordOf(const Token& token, const Policy& policy, Language language) {
  if (token.kind == TokenKind::kName) {
    const auto titled = TitleOf(policy, token.text, language);
    return titled ? titled->title : std::string(token.text);
  }
  if (token.kind != TokenKind::kOperator) return std::string(token.text);
  if (IsComparison(token.text)) {
    const RelationWord& relation = Relation(token.text);
    return language == Language::kZh ? std::string(relation.zh) : fmt::format("is {}", relation.en);
  }
  if (language == Language::kZh && token.text == "and") return "且";
  if (language == Language::kZh && token.text == "or") return "或";
  if (language == Language::kZh && token.text == "not") return "非";
  return std::string(token.text);
}

// The words for `name == 0` and `name == 1` of a yes/no feature, where the tokens at `i` are that.
std::optional<std::string> YesNoAt(const std::vector<Token>& tokens, size_t i, const Policy& policy,
                                   Language language) {
  if (i + 2 >= tokens.size() || tokens[i].kind != TokenKind::kName || tokens[i + 1].text != "==") {
    return std::nullopt;
  }
  const auto titled = TitleOf(policy, tokens[i].text, language);
  const std::string_view answer = tokens[i + 2].text;
  if (!titled || titled->unit != "yes_no" || (answer != "0" && answer != "1")) return std::nullopt;
  return fmt::format("{}{}{}", titled->title, Pick(language, "：", ": "),
                     ValueText(answer == "1" ? 1 : 0, "yes_no", language));
}

// What stands on one side of a comparison.
struct Operand {
  std::string title;  // empty for a number as written
  std::string unit;
};

Operand OperandOf(std::string_view text, const Policy& policy, Language language) {
  if (auto titled = TitleOf(policy, text, language)) return {titled->title, titled->unit};
  const auto tokens = Tokenize(text);
  if (tokens.ok() && tokens->size() == 1) return {};
  return {ConditionText(text, policy, language), ""};
}

std::string KnownComparison(const Comparison& comparison, const Policy& policy, Language language) {
  const auto texts = ComparisonsIn(comparison.text);
  if (texts.empty()) return comparison.text;
  const Operand left = OperandOf(texts.back().left, policy, language);
  const Operand right = OperandOf(texts.back().right, policy, language);
  const std::string& unit = left.unit.empty() ? right.unit : left.unit;
  const std::string left_value = ValueText(*comparison.left, unit, language);
  if (unit == "yes_no") {
    return fmt::format("{}{}{}", left.title, Pick(language, "：", ": "), left_value);
  }
  const std::string right_value = ValueText(*comparison.right, unit, language);
  const bool held = comparison.truth == Truth::kTrue;
  const RelationWord& relation =
      Relation(held ? std::string_view(comparison.op) : Relation(comparison.op).negated);
  const double distance = std::abs(*comparison.left - *comparison.right);
  if (language == Language::kZh) {
    const std::string by =
        distance > 0 ? fmt::format("，相差{}", ValueText(distance, unit, language)) : std::string();
    return fmt::format("{}{}{}，{}{}{}{}", left.title, left.title.empty() ? "" : "为", left_value,
                       relation.zh, right.title, right_value, by);
  }
  const std::string by =
      distance > 0 ? fmt::format(" (by {})", ValueText(distance, unit, language)) : std::string();
  return fmt::format("{}{}{}, {} {}{}{}{}", left.title, left.title.empty() ? "" : " is ",
                     left_value, relation.en, right.title, right.title.empty() ? "" : " ",
                     right_value, by);
}

std::string UnknownComparison(const Comparison& comparison, const Explanation& explanation,
                              const Standing& standing, Language language) {
  const Policy& policy = *explanation.policy;
  std::vector<std::string> reasons;
  for (const Feature* feature : FeaturesBehind(policy, comparison.text)) {
    for (size_t i = 0; i < explanation.features.size(); ++i) {
      const bool leaf = feature->kind != FeatureKind::kFormula;
      if (explanation.features[i].feature != feature || explanation.features[i].value || !leaf) {
        continue;
      }
      const std::string reason = LackText(standing.lacks[i], language);
      reasons.push_back(
          language == Language::kZh
              ? fmt::format("{}未知（{}）", feature->title_zh, reason)
              : fmt::format("{} is unknown ({})", MidSentence(feature->title_en), reason));
    }
  }
  const std::string condition = ConditionText(comparison.text, policy, language);
  if (reasons.empty()) reasons.emplace_back(Pick(language, "除数为零", "it divides by 0"));
  return language == Language::kZh
             ? fmt::format("无法判断是否“{}”：{}", condition, fmt::join(reasons, "；"))
             : fmt::format("whether {} can't be told: {}", condition, fmt::join(reasons, "; "));
}

std::string ClearingSentence(const Explanation& e, const Standing& standing, Language language) {
  const Rule& rule = *e.rule;
  if (standing.clearing_since && rule.hold_months > 0) {
    const std::string since = standing.clearing_since->ToString();
    const std::string until = standing.clearing_since->PlusMonths(rule.hold_months).ToString();
    return language == Language::kZh
               ? fmt::format("自{}起已满足解除条件，须持续至{}。", since, until)
               : fmt::format(" The clearing condition holds since {} and must hold until {}.",
                             since, until);
  }
  const std::string condition =
      rule.clear_when.empty()
          ? std::string(Pick(language, "上述条件不再成立", "this no longer holds"))
          : ConditionText(rule.clear_when, *e.policy, language);
  const std::string hold = rule.hold_months == 0 ? std::string()
                           : language == Language::kZh
                               ? fmt::format("并持续{}个月", rule.hold_months)
                               : fmt::format(", for {} months without a break", rule.hold_months);
  return language == Language::kZh ? fmt::format("解除条件：{}{}。", condition, hold)
                                   : fmt::format(" It clears when {}{}.", condition, hold);
}

// What is changed, as a sentence names it.
Operand ChangedOf(const ClearingChange& change, Language language) {
  const bool zh = language == Language::kZh;
  if (change.feature != nullptr) {
    const Feature& feature = *change.feature;
    return {zh ? feature.title_zh : MidSentence(feature.title_en), feature.unit};
  }
  const Indicator& indicator = *change.indicator;
  const std::string date = change.date.ToString();
  return {zh ? fmt::format("{}上报的{}", date, indicator.title_zh)
             : fmt::format("{} as reported on {}", MidSentence(indicator.title_en), date),
          indicator.unit};
}

// "rose by 1,400 yuan (to 8,800 yuan or more)"
std::string ChangeText(const ClearingChange& change, std::string_view unit, Language language) {
  const bool zh = language == Language::kZh;
  const bool up = change.to > change.from;
  const std::string to = ValueText(change.to, unit, language);
  if (unit == "yes_no") return zh ? fmt::format("变为“{}”", to) : fmt::format("became {}", to);
  const std::string by = ValueText(std::abs(change.to - change.from), unit, language);
  if (zh) {
    return fmt::format("{}{}（至{}{}）", up ? "增加" : "减少", by, to,
                       !change.beyond ? ""
                       : up           ? "以上"
                                      : "以下");
  }
  return fmt::format("{} by {} (to {}{})", up ? "rose" : "fell", by, to,
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
  const Operand changed = ChangedOf(change, language);
  const std::string how = ChangeText(change, changed.unit, language);
  const int hold = e.rule->hold_months;
  if (zh) {
    return fmt::format("若{}{}，即可解除{}。", changed.title, how,
                       hold == 0 ? "" : fmt::format("（需持续{}个月）", hold));
  }
  return fmt::format(" If {} {}, it would clear{}.", changed.title, how,
                     hold == 0 ? "" : fmt::format(" (after {} months of that)", hold));
}

std::string StandingSentences(const Explanation& e, const Standing& standing, Language language) {
  const bool zh = language == Language::kZh;
  std::string text;
  if (e.opened_on) {
    text = fmt::format(fmt::runtime(zh ? "自{}起预警。" : " The warning is open since {}."),
                       e.opened_on->ToString());
    text += ClearingSentence(e, standing, language) + ChangeSentence(e, language);
  } else if (e.truth == Truth::kTrue) {
    text = Pick(language, "条件成立，尚未预警。", " The condition holds; no warning is open yet.");
  } else if (e.truth == Truth::kFalse) {
    text = Pick(language, "未预警。", " No warning is open.");
  }
  if (e.truth == Truth::kUnknown) {
    text += Pick(language, "未知不等于安全，请补报缺失数据。",
                 " Unknown is not safe: the missing values should be reported.");
  }
  if (e.opened_on || e.truth == Truth::kTrue) {
    text += fmt::format(fmt::runtime(zh ? "建议措施：{}。" : " Fitting measure: {}."),
                        Bare(zh ? e.rule->measure_zh : e.rule->measure_en));
  }
  text += fmt::format(fmt::runtime(zh ? "阈值依据：{}。" : " Threshold from: {}."),
                      Bare(e.rule->citation));
  return text;
}

}  // namespace

std::string MidSentence(std::string_view title) {
  std::string text(title);
  const bool word = text.size() > 1 && text[1] >= 'a' && text[1] <= 'z';
  if (word && text[0] >= 'A' && text[0] <= 'Z') text[0] = static_cast<char>(text[0] - 'A' + 'a');
  return text;
}

std::string_view SeverityTitleZh(Severity severity) {
  switch (severity) {
    case Severity::kYellow:
      return "黄色";
    case Severity::kOrange:
      return "橙色";
    case Severity::kRed:
      return "红色";
  }
  return "未知";
}

std::string ValueText(double value, std::string_view unit, Language language) {
  if (unit == "ratio") return NumberText(value * 100) + "%";
  if (unit == "yes_no") {
    return std::string(value != 0 ? Pick(language, "是", "yes") : Pick(language, "否", "no"));
  }
  const auto it = std::ranges::find(kUnits, unit, &UnitWord::unit);
  if (it == kUnits.end()) return fmt::format("{} {}", NumberText(value), unit);
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

std::string ConditionText(std::string_view condition, const Policy& policy, Language language) {
  const auto tokens = Tokenize(condition);
  if (!tokens.ok()) return std::string(condition);
  std::string text;
  bool blank = false;  // whether a blank belongs before the next word
  for (size_t i = 0; i < tokens->size(); ++i) {
    const Token& token = (*tokens)[i];
    std::string word;
    if (auto yes_no = YesNoAt(*tokens, i, policy, language)) {
      word = *std::move(yes_no);
      i += 2;
    } else {
      word = WordOf(token, policy, language);
    }
    const bool closes = token.kind == TokenKind::kClose || token.kind == TokenKind::kComma;
    if (blank && !closes && language == Language::kEn) text += ' ';
    text += word;
    blank = token.kind != TokenKind::kOpen && token.kind != TokenKind::kFunction;
  }
  return text;
}

std::string Paragraph(const Explanation& e, const Standing& standing, Language language) {
  const bool zh = language == Language::kZh;
  std::vector<std::string> comparisons;
  for (const Comparison& comparison : e.comparisons) {
    comparisons.push_back(comparison.truth == Truth::kUnknown
                              ? UnknownComparison(comparison, e, standing, language)
                              : KnownComparison(comparison, *e.policy, language));
  }
  const std::string facts = fmt::format("{}", fmt::join(comparisons, zh ? "；" : "; "));
  const std::string head =
      zh ? fmt::format("【{}·{}】{}：{}。", SeverityTitleZh(e.rule->severity),
                       RiskKindTitleZh(e.rule->kind), e.rule->title_zh, facts)
         : fmt::format("{} ({}, {}): {}.", e.rule->title_en, SeverityName(e.rule->severity),
                       RiskKindName(e.rule->kind), facts);
  return head + StandingSentences(e, standing, language);
}

}  // namespace shouwang::risk
