#include "storage/vocabulary/warning.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <array>

namespace shouwang {
namespace {

struct KindWord {
  RiskKind kind;
  std::string_view name;
  std::string_view title_zh;
};
constexpr std::array<KindWord, kRiskKinds> kKinds = {{
    {RiskKind::kIncome, "income", "收入"},
    {RiskKind::kIllness, "illness", "因病"},
    {RiskKind::kDisability, "disability", "因残"},
    {RiskKind::kEducation, "education", "因学"},
    {RiskKind::kDisaster, "disaster", "因灾"},
    {RiskKind::kAccident, "accident", "因意外"},
    {RiskKind::kLabour, "labour", "缺劳力"},
    {RiskKind::kEmployment, "employment", "就业不稳"},
    {RiskKind::kIndustry, "industry", "产业失败"},
    {RiskKind::kHousing, "housing", "住房"},
    {RiskKind::kWater, "water", "饮水"},
    {RiskKind::kServices, "services", "公共服务"},
    {RiskKind::kCare, "care", "特殊群体服务"},
    {RiskKind::kLivelihood, "livelihood", "生计缓冲"},
}};

}  // namespace

std::string_view SeverityName(Severity severity) {
  switch (severity) {
    case Severity::kYellow:
      return "yellow";
    case Severity::kOrange:
      return "orange";
    case Severity::kRed:
      return "red";
  }
  return "unknown";
}

absl::StatusOr<Severity> ParseSeverity(std::string_view name) {
  for (Severity severity : {Severity::kYellow, Severity::kOrange, Severity::kRed}) {
    if (SeverityName(severity) == name) return severity;
  }
  return absl::InvalidArgumentError(
      fmt::format("'{}' is not a severity (yellow, orange, red)", name));
}

std::string_view RiskKindName(RiskKind kind) {
  for (const KindWord& word : kKinds) {
    if (word.kind == kind) return word.name;
  }
  return "unknown";
}

std::string_view RiskKindTitleZh(RiskKind kind) {
  for (const KindWord& word : kKinds) {
    if (word.kind == kind) return word.title_zh;
  }
  return "未知";
}

absl::StatusOr<RiskKind> ParseRiskKind(std::string_view name) {
  std::vector<std::string_view> names;
  for (const KindWord& word : kKinds) {
    if (word.name == name) return word.kind;
    names.push_back(word.name);
  }
  return absl::InvalidArgumentError(
      fmt::format("'{}' is not a risk kind ({})", name, fmt::join(names, ", ")));
}

const std::array<RiskKind, kRiskKinds>& AllRiskKinds() {
  static constexpr std::array<RiskKind, kRiskKinds> kAll = [] {
    std::array<RiskKind, kRiskKinds> all{};
    for (size_t i = 0; i < all.size(); ++i) all[i] = kKinds[i].kind;
    return all;
  }();
  return kAll;
}

}  // namespace shouwang
