#include "storage/vocabulary/case.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>

namespace shouwang {
namespace {

struct StateWord {
  CaseState state;
  std::string_view name;
  std::string_view title_zh;
};
constexpr std::array<StateWord, 9> kStates = {{
    {CaseState::kNone, "none", "无"},
    {CaseState::kClue, "clue", "线索"},
    {CaseState::kVerifying, "verifying", "入户核实"},
    {CaseState::kReviewed, "reviewed", "民主评议"},
    {CaseState::kNoticed, "noticed", "公示"},
    {CaseState::kRegistered, "registered", "纳入监测"},
    {CaseState::kSupported, "supported", "落实帮扶"},
    {CaseState::kCleared, "cleared", "风险消除"},
    {CaseState::kDismissed, "dismissed", "不予纳入"},
}};
constexpr std::array<CaseState, 8> kAllStates = {
    CaseState::kClue,       CaseState::kVerifying, CaseState::kReviewed, CaseState::kNoticed,
    CaseState::kRegistered, CaseState::kSupported, CaseState::kCleared,  CaseState::kDismissed};

constexpr std::array<CaseState, 1> kToClue = {CaseState::kClue};
constexpr std::array<CaseState, 2> kFromClue = {CaseState::kVerifying, CaseState::kDismissed};
constexpr std::array<CaseState, 2> kFromVerifying = {CaseState::kReviewed, CaseState::kDismissed};
constexpr std::array<CaseState, 3> kFromReviewed = {CaseState::kNoticed, CaseState::kVerifying,
                                                    CaseState::kDismissed};
constexpr std::array<CaseState, 3> kFromNoticed = {CaseState::kRegistered, CaseState::kVerifying,
                                                   CaseState::kDismissed};
constexpr std::array<CaseState, 1> kFromRegistered = {CaseState::kSupported};
constexpr std::array<CaseState, 1> kFromSupported = {CaseState::kCleared};

struct RoleWord {
  Role role;
  std::string_view name;
  std::string_view title_zh;
};
constexpr std::array<RoleWord, 4> kRoles = {{{Role::kVillage, "village", "村"},
                                             {Role::kTownship, "township", "乡镇"},
                                             {Role::kCounty, "county", "县"},
                                             {Role::kPrefecture, "prefecture", "市州"}}};
constexpr std::array<Role, 4> kAllRoles = {Role::kVillage, Role::kTownship, Role::kCounty,
                                           Role::kPrefecture};

struct CauseWord {
  DismissalCause cause;
  std::string_view name;
  std::string_view title_zh;
};
constexpr std::array<CauseWord, 3> kCauses = {{
    {DismissalCause::kDataError, "data_error", "数据有误"},
    {DismissalCause::kCoping, "coping", "自身可应对"},
    {DismissalCause::kOther, "other", "其他"},
}};
constexpr std::array<DismissalCause, 3> kAllCauses = {
    DismissalCause::kDataError, DismissalCause::kCoping, DismissalCause::kOther};

struct CategoryWord {
  HouseholdCategory category;
  std::string_view name;
  std::string_view title_zh;
};
constexpr std::array<CategoryWord, 3> kCategories = {{
    {HouseholdCategory::kUnstable, "unstable", "脱贫不稳定户"},
    {HouseholdCategory::kMarginal, "marginal", "边缘易致贫户"},
    {HouseholdCategory::kSuddenHardship, "sudden_hardship", "突发严重困难户"},
}};

}  // namespace

std::span<const CaseState> AllCaseStates() { return kAllStates; }

std::string_view CaseStateName(CaseState state) {
  for (const StateWord& word : kStates) {
    if (word.state == state) return word.name;
  }
  return "unknown";
}

std::string_view CaseStateTitleZh(CaseState state) {
  for (const StateWord& word : kStates) {
    if (word.state == state) return word.title_zh;
  }
  return "未知";
}

absl::StatusOr<CaseState> ParseCaseState(std::string_view name) {
  std::vector<std::string_view> names;
  for (const StateWord& word : kStates) {
    if (word.name == name) return word.state;
    names.push_back(word.name);
  }
  return absl::InvalidArgumentError(
      fmt::format("'{}' is not a state of a case ({})", name, fmt::join(names, ", ")));
}

std::span<const CaseState> StatesAfter(CaseState from) {
  switch (from) {
    case CaseState::kNone:
    case CaseState::kCleared:
    case CaseState::kDismissed:
      return kToClue;
    case CaseState::kClue:
      return kFromClue;
    case CaseState::kVerifying:
      return kFromVerifying;
    case CaseState::kReviewed:
      return kFromReviewed;
    case CaseState::kNoticed:
      return kFromNoticed;
    case CaseState::kRegistered:
      return kFromRegistered;
    case CaseState::kSupported:
      return kFromSupported;
  }
  return {};
}

bool MayFollow(CaseState from, CaseState to) {
  return std::ranges::find(StatesAfter(from), to) != StatesAfter(from).end();
}

bool IsUnderWay(CaseState state) {
  return CaseState::kClue <= state && state <= CaseState::kSupported;
}

bool IsUndecided(CaseState state) {
  return CaseState::kClue <= state && state <= CaseState::kNoticed;
}

std::span<const Role> AllRoles() { return kAllRoles; }

std::string_view RoleName(Role role) {
  for (const RoleWord& word : kRoles) {
    if (word.role == role) return word.name;
  }
  return "unknown";
}

std::string_view RoleTitleZh(Role role) {
  for (const RoleWord& word : kRoles) {
    if (word.role == role) return word.title_zh;
  }
  return "未知";
}

absl::StatusOr<Role> ParseRole(std::string_view name) {
  for (const RoleWord& word : kRoles) {
    if (word.name == name) return word.role;
  }
  return absl::InvalidArgumentError(
      fmt::format("'{}' is not a role (village, township, county, prefecture)", name));
}

std::span<const DismissalCause> AllDismissalCauses() { return kAllCauses; }

std::string_view CauseName(DismissalCause cause) {
  for (const CauseWord& word : kCauses) {
    if (word.cause == cause) return word.name;
  }
  return "unknown";
}

std::string_view CauseTitleZh(DismissalCause cause) {
  for (const CauseWord& word : kCauses) {
    if (word.cause == cause) return word.title_zh;
  }
  return "未知";
}

absl::StatusOr<DismissalCause> ParseCause(std::string_view name) {
  for (const CauseWord& word : kCauses) {
    if (word.name == name) return word.cause;
  }
  return absl::InvalidArgumentError(
      fmt::format("'{}' is not a cause of a dismissal (data_error, coping, other)", name));
}

std::string_view CategoryName(HouseholdCategory category) {
  for (const CategoryWord& word : kCategories) {
    if (word.category == category) return word.name;
  }
  return "unknown";
}

std::string_view CategoryTitleZh(HouseholdCategory category) {
  for (const CategoryWord& word : kCategories) {
    if (word.category == category) return word.title_zh;
  }
  return "未知";
}

absl::StatusOr<HouseholdCategory> ParseCategory(std::string_view name) {
  std::vector<std::string_view> names;
  for (const CategoryWord& word : kCategories) {
    if (word.name == name) return word.category;
    names.push_back(word.name);
  }
  return absl::InvalidArgumentError(
      fmt::format("'{}' is not a category of households ({})", name, fmt::join(names, ", ")));
}

bool MayStandBehind(CaseState before, const CaseEvent& event) {
  switch (event.kind) {
    case CaseEventKind::kOpened:
      return event.state == CaseState::kClue && MayFollow(before, event.state);
    case CaseEventKind::kMoved:
      // To clue leads an opening only.
      return event.state != CaseState::kClue && MayFollow(before, event.state);
    case CaseEventKind::kMeasure:
      return before != CaseState::kNone && event.state == before;
  }
  return false;
}

}  // namespace shouwang
