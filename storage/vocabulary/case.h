// Cases (工单): what people do about a household's warnings. A subject has one case for life, a
// list of events that only grows: opened, moved from state to state, a measure taken. A case that
// is opened again goes on where it ended, so it keeps its past; each opening begins a round.
//
// These are the words that policies, storage, cases and queries share, and the order of states that
// no policy can change: who may make which step, and within how many days, is a policy's business.
//
//   none -> clue -> verifying -> reviewed -> noticed -> registered -> supported -> cleared
//   clue, verifying, reviewed, noticed -> dismissed
//   reviewed, noticed -> verifying (an objection)
//   cleared, dismissed -> clue (opened again)
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "storage/vocabulary/date.h"
#include "storage/vocabulary/subject.h"
#include "storage/vocabulary/warning.h"

namespace shouwang {

enum class CaseState : uint8_t {
  kNone = 0,        // 无: never opened; kept in no store
  kClue = 1,        // 线索
  kVerifying = 2,   // 入户核实
  kReviewed = 3,    // 民主评议
  kNoticed = 4,     // 公示
  kRegistered = 5,  // 纳入监测
  kSupported = 6,   // 落实帮扶
  kCleared = 7,     // 风险消除
  kDismissed = 8,   // 不予纳入
};
// In the order above, without kNone.
std::span<const CaseState> AllCaseStates();
std::string_view CaseStateName(CaseState state);     // "clue"; "none"
std::string_view CaseStateTitleZh(CaseState state);  // "线索"
// InvalidArgument for any other word; "none" is one.
absl::StatusOr<CaseState> ParseCaseState(std::string_view name);
// Where a case may go from `from`, the way onwards first.
std::span<const CaseState> StatesAfter(CaseState from);
bool MayFollow(CaseState from, CaseState to);
// Somebody has to do something: clue to supported.
bool IsUnderWay(CaseState state);
// Before the decision: clue to noticed.
bool IsUndecided(CaseState state);

// Whose step it is, and whose a case is that nobody took on in time: a level of officials, the
// lowest first. Takes no account of where: that is the caller's division.
enum class Role : uint8_t { kVillage = 1, kTownship = 2, kCounty = 3, kPrefecture = 4 };
std::span<const Role> AllRoles();         // the lowest first
std::string_view RoleName(Role role);     // "village"
std::string_view RoleTitleZh(Role role);  // "村"
absl::StatusOr<Role> ParseRole(std::string_view name);

// Why a household was not registered, as far as it tells about the rules that had warned of it.
enum class DismissalCause : uint8_t {
  kDataError = 1,  // 数据有误: what was reported was wrong, and the warning with it
  kCoping = 2,     // 自身可应对: true, but the household copes by itself
  kOther = 3,      // 其他
};
std::span<const DismissalCause> AllDismissalCauses();
std::string_view CauseName(DismissalCause cause);  // "data_error"
std::string_view CauseTitleZh(DismissalCause cause);
absl::StatusOr<DismissalCause> ParseCause(std::string_view name);

// What a household is registered as (监测对象类别).
enum class HouseholdCategory : uint8_t {
  kUnstable = 1,        // 脱贫不稳定户: formerly registered poor, income within the line
  kMarginal = 2,        // 边缘易致贫户: an ordinary household, income within the line
  kSuddenHardship = 3,  // 突发严重困难户: above the line, but hit by a cost or a loss of income
};
std::string_view CategoryName(HouseholdCategory category);  // "unstable"
std::string_view CategoryTitleZh(HouseholdCategory category);
absl::StatusOr<HouseholdCategory> ParseCategory(std::string_view name);

// A warning that was open when something was done.
struct CaseWarning {
  RuleId rule = 0;
  RiskKind kind = RiskKind::kIncome;
  Severity severity = Severity::kYellow;
  Date opened_on;
  friend bool operator==(const CaseWarning&, const CaseWarning&) = default;
};

enum class CaseEventKind : uint8_t {
  kOpened = 1,   // a round begins, in state clue
  kMoved = 2,    // to `state`
  kMeasure = 3,  // `measure` was taken; the state stays
};

struct CaseEvent {
  CaseEventKind kind = CaseEventKind::kOpened;
  CaseState state = CaseState::kClue;  // the case's behind it
  // When it was done; of a round that warnings opened, when the first of them became known.
  Instant at;
  // nullopt: warnings opened the round, nobody did.
  std::optional<Role> role;
  // The account of who did it, never a name.
  std::string actor;
  std::string note;
  std::optional<HouseholdCategory> category;  // of a move to registered
  std::string reason;                         // of a move to dismissed
  // Of a move to dismissed; nullopt: nobody said.
  std::optional<DismissalCause> cause;
  std::string measure;                // kMeasure: its name in the policy
  Date measured_on;                   // kMeasure
  std::vector<CaseWarning> warnings;  // open then, by rule; not of a measure
  friend bool operator==(const CaseEvent&, const CaseEvent&) = default;
};

struct Case {
  Subject subject;
  std::vector<CaseEvent> events;
  // Events are only ever added, so their number tells one version from another.
  uint32_t revision() const { return static_cast<uint32_t>(events.size()); }
  CaseState state() const { return events.empty() ? CaseState::kNone : events.back().state; }
  friend bool operator==(const Case&, const Case&) = default;
};

// Whether `event` may stand behind state `before`: its state is one that may follow, or the same
// for a measure.
bool MayStandBehind(CaseState before, const CaseEvent& event);

}  // namespace shouwang
