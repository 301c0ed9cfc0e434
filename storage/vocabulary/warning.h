// Warnings (预警): rule R holds for subject S since date D. Opened and cleared by data alone: a
// subject's warnings are a pure function of its observations and the policy.
//
// These are the words that risk evaluation, storage and queries share; how a rule is decided is
// daemon/risk's business.
#pragma once

#include <array>
#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "storage/vocabulary/date.h"
#include "storage/vocabulary/subject.h"

namespace shouwang {

// Stable over the life of a store, like an IndicatorId. 1 to 65535.
using RuleId = uint16_t;

// The colours in use: yellow (watch), orange (verify), red (a guarantee fails).
enum class Severity : uint8_t { kYellow = 1, kOrange = 2, kRed = 3 };
std::string_view SeverityName(Severity severity);
absl::StatusOr<Severity> ParseSeverity(std::string_view name);

// 风险类型. The first block concerns households, the last sites.
enum class RiskKind : uint8_t {
  kIncome = 1,       // 收入
  kIllness = 2,      // 因病
  kDisability = 3,   // 因残
  kEducation = 4,    // 因学
  kDisaster = 5,     // 因灾
  kAccident = 6,     // 因意外
  kLabour = 7,       // 缺劳力
  kEmployment = 8,   // 就业不稳
  kIndustry = 9,     // 产业失败
  kHousing = 10,     // 住房
  kWater = 11,       // 饮水
  kServices = 20,    // 公共服务
  kCare = 21,        // 特殊群体服务
  kLivelihood = 22,  // 生计缓冲
};
std::string_view RiskKindName(RiskKind kind);     // "illness"
std::string_view RiskKindTitleZh(RiskKind kind);  // "因病"
absl::StatusOr<RiskKind> ParseRiskKind(std::string_view name);
inline constexpr size_t kRiskKinds = 14;
const std::array<RiskKind, kRiskKinds>& AllRiskKinds();

// A rule that is open for a subject, or unknown for want of data, at
// SubjectRisk::evaluated_through. A rule that is known not to hold has no state.
struct RuleState {
  RuleId rule = 0;
  // Since when the warning is open; nullopt: not open.
  std::optional<Date> opened_on;
  // The first date of the unbroken run over which `clear_when` has held; nullopt: it does not hold.
  std::optional<Date> clearing_since;
  // Whether the rule's condition is unknown at `evaluated_through`.
  bool unknown = false;
  Severity severity = Severity::kYellow;
  RiskKind kind = RiskKind::kIncome;
  // The version of the policy that opened the warning; 0 where not open.
  uint32_t policy_version = 0;
  friend bool operator==(const RuleState&, const RuleState&) = default;
};

// A warning that has been cleared.
struct Episode {
  RuleId rule = 0;
  Date opened_on;
  Date cleared_on;
  Severity severity = Severity::kYellow;
  RiskKind kind = RiskKind::kIncome;
  uint32_t policy_version = 0;
  friend bool operator==(const Episode&, const Episode&) = default;
};

// All that evaluation has concluded of one subject.
struct SubjectRisk {
  Subject subject;
  // Of the policy set that it was evaluated with; another one makes it stale.
  uint64_t policy_fingerprint = 0;
  // The last reporting date that was evaluated.
  Date evaluated_through = Date::Min();
  std::vector<RuleState> states;  // by rule
  std::vector<Episode> episodes;  // by (opened_on, rule)
  friend bool operator==(const SubjectRisk&, const SubjectRisk&) = default;
};

// An open or cleared warning as listings show it.
struct Warning {
  Subject subject;
  RuleId rule = 0;
  Severity severity = Severity::kYellow;
  RiskKind kind = RiskKind::kIncome;
  Date opened_on;
  std::optional<Date> cleared_on;
  uint32_t policy_version = 0;
  // When this store first knew that it is open. Not a function of the observations.
  Instant known_at;
  friend bool operator==(const Warning&, const Warning&) = default;
};

}  // namespace shouwang
