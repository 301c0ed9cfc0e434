#include "collectors/ctl/words.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "daemon/wire/convert.h"
#include "storage/vocabulary/date.h"
#include "storage/vocabulary/decimal.h"
#include "storage/vocabulary/division.h"
#include "storage/vocabulary/indicator.h"
#include "storage/vocabulary/subject.h"
#include "storage/vocabulary/warning.h"

namespace shouwang::ctl {

std::string Word(v1::Severity severity) {
  const auto value = wire::FromProto(severity);
  return value.ok() ? std::string(SeverityName(*value)) : "";
}

std::string Word(v1::SubjectKind kind) {
  const auto value = wire::FromProto(kind);
  return value.ok() ? std::string(KindName(*value)) : "";
}

std::string Word(v1::Source source) {
  const auto value = wire::FromProto(source);
  return value.ok() ? std::string(SourceName(*value)) : "";
}

std::string Word(v1::Cadence cadence) {
  const auto value = wire::FromProto(cadence);
  return value.ok() ? std::string(CadenceName(*value)) : "";
}

std::string Word(v1::DivisionLevel level) {
  const auto value = wire::FromProto(level);
  return value.ok() ? std::string(LevelName(*value)) : "";
}

std::string Word(v1::Truth truth) {
  switch (truth) {
    case v1::TRUTH_TRUE:
      return "true";
    case v1::TRUTH_FALSE:
      return "false";
    case v1::TRUTH_UNKNOWN:
      return "unknown";
    default:
      return "";
  }
}

std::string Shown(v1::Severity severity, Language language) {
  if (language == Language::kEnglish) return Word(severity);
  switch (severity) {
    case v1::SEVERITY_RED:
      return "红";
    case v1::SEVERITY_ORANGE:
      return "橙";
    case v1::SEVERITY_YELLOW:
      return "黄";
    default:
      return "";
  }
}

std::string Shown(v1::Source source, Language language) {
  if (language == Language::kEnglish) {
    std::string word = Word(source);
    std::ranges::replace(word, '_', ' ');
    return word;
  }
  switch (source) {
    case v1::SOURCE_SELF_DECLARATION:
      return "自主申报";
    case v1::SOURCE_CADRE_VISIT:
      return "走访";
    case v1::SOURCE_DEPARTMENT_SCREENING:
      return "部门筛查";
    default:
      return "";
  }
}

std::string Shown(v1::Truth truth, Language language) {
  if (language == Language::kEnglish) return Word(truth);
  switch (truth) {
    case v1::TRUTH_TRUE:
      return "成立";
    case v1::TRUTH_FALSE:
      return "不成立";
    case v1::TRUTH_UNKNOWN:
      return "未知";
    default:
      return "";
  }
}

std::string ShownRiskKind(const std::string& word, Language language) {
  const auto kind = ParseRiskKind(word);
  if (language == Language::kEnglish || !kind.ok()) return word;
  return std::string(RiskKindTitleZh(*kind));
}

std::string DateText(int32_t days) {
  const Date date = Date::OfDays(days);
  return date < Date::Min() || date > Date::Max() ? "" : date.ToString();
}

std::string MonthText(int32_t month) {
  return month < -840 || month > 2759 ? "" : Month::OfIndex(month).ToString();
}

std::string InstantText(int64_t ms) {
  const auto instant = wire::InstantFromMs(ms);
  return instant.ok() ? ToString(*instant) : "";
}

std::string DecimalText(int64_t scaled, uint32_t decimals) {
  return FormatDecimal(scaled, static_cast<int>(std::min<uint32_t>(decimals, kMaxDecimals)));
}

std::string NumberText(double number) {
  if (!std::isfinite(number)) return "";
  std::string text = fmt::format("{:.6f}", number);
  text.erase(text.find_last_not_of('0') + 1);
  if (text.ends_with('.')) text.pop_back();
  return text == "-0" ? "0" : text;
}

absl::StatusOr<v1::DivisionLevel> LevelFromWord(std::string_view word) {
  const auto level = ParseLevel(word);
  if (!level.ok() || *level == DivisionLevel::kNation) {
    return absl::InvalidArgumentError(fmt::format(
        "level '{}': province, prefecture, county, township or village is expected", word));
  }
  return wire::ToProto(*level);
}

}  // namespace shouwang::ctl
