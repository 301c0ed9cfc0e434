#include "daemon/risk/rule_words.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <iterator>
#include <optional>
#include <utility>

#include "daemon/risk/policy_file.h"

namespace shouwang::risk {
namespace {

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

const RelationWord& Relation(std::string_view op) {
  const auto it = std::ranges::find(kRelations, op, &RelationWord::op);
  return it == kRelations.end() ? kRelations.front() : *it;
}

// Without the mark that a sentence would put behind it again.
std::string_view Bare(std::string_view sentence) {
  for (std::string_view mark : {"。", ".", " "}) {
    while (sentence.ends_with(mark)) sentence.remove_suffix(mark.size());
  }
  return sentence;
}

using Side = ComparisonWords::Side;

std::optional<Side> TitleOf(const Policy& policy, std::string_view name) {
  const auto titled = [](const auto& item) {
    return Side{{item.title_zh, MidSentence(item.title_en)}, item.unit};
  };
  if (const Feature* feature = policy.FindFeature(name)) return titled(*feature);
  if (const Constant* constant = policy.FindConstant(name)) return titled(*constant);
  return std::nullopt;
}

std::string WordOf(const Token& token, const Policy& policy, Language language) {
  if (token.kind == TokenKind::kName) {
    const auto titled = TitleOf(policy, token.text);
    return titled ? titled->title.in(language) : std::string(token.text);
  }
  if (token.kind != TokenKind::kOperator) return std::string(token.text);
  if (IsComparison(token.text)) {
    return fmt::format("{}{}", Pick(language, "", "is "), RelationText(token.text, true, language));
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
  const auto titled = TitleOf(policy, tokens[i].text);
  const std::string_view answer = tokens[i + 2].text;
  if (!titled || titled->unit != "yes_no" || (answer != "0" && answer != "1")) return std::nullopt;
  return fmt::format("{}{}{}", titled->title.in(language), Pick(language, "：", ": "),
                     YesNoText(answer == "1", language));
}

// "wage_income + transfer_income - operating_cost"
std::string NetText(const Feature& feature, const Catalogue& catalogue) {
  std::string text;
  for (IndicatorId id : feature.of) text += (text.empty() ? "" : " + ") + catalogue.Get(id)->name;
  for (IndicatorId id : feature.minus) text += " - " + catalogue.Get(id)->name;
  return text;
}

// "mean of ln(max(income, 1)) over 24 months, half-life 6 months"
std::string LogarithmText(const Feature& feature, std::string_view net) {
  std::string text =
      fmt::format("{} of ln(max({}, {})) over {} months",
                  feature.kind == FeatureKind::kLogMean ? "mean" : "standard deviation", net,
                  feature.floor, feature.window_months);
  if (feature.half_life_months) {
    text += fmt::format(", half-life {} months", *feature.half_life_months);
  }
  return text;
}

std::string FormulaText(const Feature& feature, const Catalogue& catalogue) {
  const std::string net = NetText(feature, catalogue);
  const std::string kind(FeatureKindName(feature.kind));
  const int months = feature.window_months;
  std::string text;
  switch (feature.kind) {
    case FeatureKind::kFormula:
      return feature.formula;
    case FeatureKind::kLast:
      text = fmt::format("last({}) within {} months", net, months);
      break;
    case FeatureKind::kChange:
      text = fmt::format("change of mean({}) over {} months against {} months before", net, months,
                         feature.compare_months);
      break;
    case FeatureKind::kSlope:
      text = fmt::format("slope({}) per month over {} months", net, months);
      break;
    case FeatureKind::kMonthsSince:
      text = fmt::format("months since ({}) > {} within {} months", net, feature.above, months);
      break;
    case FeatureKind::kLongestZeroRun:
      text = fmt::format("longest run of dates with ({}) <= 0 over {} months", net, months);
      break;
    case FeatureKind::kShare: {
      Feature total;
      total.of = feature.total;
      text =
          fmt::format("sum({}) / sum({}) over {} months", net, NetText(total, catalogue), months);
      break;
    }
    case FeatureKind::kCount:
      text = fmt::format("number of dates with ({}) over {} months", net, months);
      break;
    case FeatureKind::kLogMean:
    case FeatureKind::kLogSpread:
      text = LogarithmText(feature, net);
      break;
    case FeatureKind::kSum:
    case FeatureKind::kMean:
    case FeatureKind::kMin:
    case FeatureKind::kMax:
      text = fmt::format("{}({}) over {} months", kind, net, months);
      break;
  }
  if (feature.per) text += " / " + catalogue.Get(*feature.per)->name;
  return text;
}

std::vector<IndicatorId> IndicatorsOf(const Feature& feature) {
  std::vector<IndicatorId> ids = feature.of;
  ids.insert(ids.end(), feature.minus.begin(), feature.minus.end());
  for (IndicatorId id : feature.total) {
    if (std::ranges::find(ids, id) == ids.end()) ids.push_back(id);
  }
  return ids;
}

Words InBoth(std::string_view condition, const Policy& policy) {
  return {ConditionText(condition, policy, Language::kZh),
          ConditionText(condition, policy, Language::kEn)};
}

Side SideOf(std::string_view text, const Policy& policy) {
  if (auto titled = TitleOf(policy, text)) return *std::move(titled);
  const auto tokens = Tokenize(text);
  if (tokens.ok() && tokens->size() == 1) return {};
  return {InBoth(text, policy), ""};
}

FeatureWords WordsOf(const Feature& feature, const Catalogue& catalogue) {
  FeatureWords words;
  words.formula = FormulaText(feature, catalogue);
  words.indicators = IndicatorsOf(feature);
  for (const IndicatorId id : words.indicators) {
    words.period_months =
        std::max(words.period_months, static_cast<int>(catalogue.Get(id)->cadence));
  }
  return words;
}

ComparisonWords WordsOf(ComparisonText text, const Policy& policy) {
  ComparisonWords words;
  words.left = SideOf(text.left, policy);
  words.right = SideOf(text.right, policy);
  words.condition = InBoth(text.whole, policy);
  for (const Feature* feature : FeaturesBehind(policy, text.whole)) {
    if (feature->kind != FeatureKind::kFormula) words.features.push_back(feature);
  }
  words.text = std::move(text);
  return words;
}

// Ascending, as both lie in the order of the policy.
std::vector<size_t> PositionsOf(const std::vector<const Feature*>& features,
                                const Program& program) {
  std::vector<size_t> positions;
  for (size_t i = 0; i < program.features().size(); ++i) {
    if (std::ranges::find(features, program.features()[i].feature) != features.end()) {
      positions.push_back(i);
    }
  }
  return positions;
}

RuleWords WordsOf(const Rule& rule, const Program& program) {
  const Policy& policy = program.policy();
  RuleWords words;
  for (ComparisonText& text : ComparisonsIn(rule.when)) {
    words.comparisons.push_back(WordsOf(std::move(text), policy));
  }
  words.head = {fmt::format("【{}·{}】{}：", SeverityTitleZh(rule.severity),
                            RiskKindTitleZh(rule.kind), rule.title_zh),
                fmt::format("{} ({}, {}): ", rule.title_en, SeverityName(rule.severity),
                            RiskKindName(rule.kind))};
  words.clears_when = rule.clear_when.empty() ? Words{"上述条件不再成立", "this no longer holds"}
                                              : InBoth(rule.clear_when, policy);
  words.measure = {fmt::format("建议措施：{}。", Bare(rule.measure_zh)),
                   fmt::format(" Fitting measure: {}.", Bare(rule.measure_en))};
  words.citation = {fmt::format("阈值依据：{}。", Bare(rule.citation)),
                    fmt::format(" Threshold from: {}.", Bare(rule.citation))};
  std::vector<const Feature*> features = FeaturesBehind(policy, rule.when);
  words.features = PositionsOf(features, program);
  std::ranges::copy(FeaturesBehind(policy, rule.clear_when), std::back_inserter(features));
  words.features_of_both = PositionsOf(features, program);
  return words;
}

}  // namespace

ProgramWords::ProgramWords(const Program& program, const Catalogue& catalogue) {
  for (const CompiledFeature& compiled : program.features()) {
    features.push_back(WordsOf(*compiled.feature, catalogue));
  }
  for (const CompiledRule& compiled : program.rules()) {
    rules.push_back(WordsOf(*compiled.rule, program));
  }
}

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

std::string_view YesNoText(bool yes, Language language) {
  return yes ? Pick(language, "是", "yes") : Pick(language, "否", "no");
}

std::string_view RelationText(std::string_view op, bool holds, Language language) {
  const RelationWord& relation = holds ? Relation(op) : Relation(Relation(op).negated);
  return Pick(language, relation.zh, relation.en);
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

}  // namespace shouwang::risk
